//! The file of known host keys, as OpenSSH writes it.
//!
//! Read here and not by `ssh2`, which knows neither wildcards nor revoked keys, and cannot say which
//! kinds of key a host is known by; those must be asked for first, or a host that is known by its
//! RSA key looks like an impostor. Facts: sshd(8), "`SSH_KNOWN_HOSTS` FILE FORMAT". Must not decide
//! whether to go on.

use openssl::{hash::MessageDigest, pkey::PKey, sign::Signer};
use sha2::{Digest as _, Sha256};
use std::{
    fs,
    io::{self, Write as _},
    os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _},
    path::Path,
};

/// Most bytes of a file of known hosts that are read.
const MAX_BYTES: u64 = 16 * 1024 * 1024;
/// Port whose hosts stand in the file without brackets.
const SSH_PORT: u16 = 22;

/// Known host keys.
#[derive(Debug, Default)]
pub(super) struct KnownHosts {
    lines: Vec<Line>,
}

/// What the file says of a host's key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Verdict {
    /// It is the known one.
    Known,
    /// The file has no key of the host.
    Unknown,
    /// The file has other keys of the host: their kinds, fingerprints and lines.
    Changed(String),
    /// The line, from 1, that marks the key as revoked.
    Revoked(usize),
}

#[derive(Debug)]
struct Line {
    number: usize,
    revoked: bool,
    hosts: String,
    kind: String,
    key: Vec<u8>,
}

impl KnownHosts {
    /// Reads a file; one that is not there has no keys.
    pub(super) fn read(path: &Path) -> io::Result<Self> {
        match fs::metadata(path) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Self::default()),
            Err(error) => return Err(error),
            Ok(metadata) if metadata.len() > MAX_BYTES => {
                return Err(io::Error::other("it is far too large"));
            }
            Ok(_) => {}
        }
        let bytes = fs::read(path)?;
        Ok(Self::parse(&String::from_utf8_lossy(&bytes)))
    }

    fn parse(text: &str) -> Self {
        let lines = text.lines().enumerate();
        Self { lines: lines.filter_map(|(index, line)| Line::parse(index + 1, line)).collect() }
    }

    /// Kinds of the keys that a host is known by.
    pub(super) fn kinds(&self, host: &str, port: u16) -> Vec<&str> {
        let name = host_name(host, port);
        let of_host = self.lines.iter().filter(|line| !line.revoked && line.matches(&name));
        of_host.map(|line| line.kind.as_str()).collect()
    }

    /// What the file says of the key that a host shows.
    pub(super) fn judge(&self, host: &str, port: u16, key: &[u8]) -> Verdict {
        let name = host_name(host, port);
        let of_host = || self.lines.iter().filter(|line| line.matches(&name));
        if let Some(line) = of_host().find(|line| line.revoked && line.key == key) {
            return Verdict::Revoked(line.number);
        }
        let known: Vec<_> = of_host().filter(|line| !line.revoked).collect();
        if known.iter().any(|line| line.key == key) {
            return Verdict::Known;
        }
        if known.is_empty() {
            return Verdict::Unknown;
        }
        let known = known
            .iter()
            .map(|line| format!("{} {} (line {})", line.kind, fingerprint(&line.key), line.number));
        Verdict::Changed(known.collect::<Vec<_>>().join(", "))
    }
}

impl Line {
    fn parse(number: usize, line: &str) -> Option<Self> {
        let mut words = line.split_whitespace();
        let first = words.next().filter(|word| !word.starts_with('#'))?;
        let (revoked, hosts) = match first {
            "@revoked" => (true, words.next()?),
            // Certificates of hosts are not spoken by libssh2; the authority's own key is no host's.
            marker if marker.starts_with('@') => return None,
            hosts => (false, hosts),
        };
        let kind = words.next()?.to_owned();
        let key = openssl::base64::decode_block(words.next()?).ok()?;
        Some(Self { number, revoked, hosts: hosts.to_owned(), kind, key })
    }

    fn matches(&self, name: &str) -> bool {
        if let Some(hashed) = self.hosts.strip_prefix("|1|") {
            return matches_hash(hashed, name).unwrap_or(false);
        }
        let mut matched = false;
        for pattern in self.hosts.split(',') {
            match pattern.strip_prefix('!') {
                Some(not) if matches_pattern(not.as_bytes(), name.as_bytes()) => return false,
                Some(_) => {}
                None => matched |= matches_pattern(pattern.as_bytes(), name.as_bytes()),
            }
        }
        matched
    }
}

/// Adds the key of a host.
pub(super) fn add(path: &Path, host: &str, port: u16, kind: &str, key: &[u8]) -> io::Result<()> {
    if let Some(folder) = path.parent().filter(|folder| !folder.as_os_str().is_empty()) {
        fs::DirBuilder::new().recursive(true).mode(0o700).create(folder)?;
    }
    let mut line =
        format!("{} {kind} {}\n", host_name(host, port), openssl::base64::encode_block(key));
    if fs::read(path).is_ok_and(|old| !old.is_empty() && !old.ends_with(b"\n")) {
        line.insert(0, '\n');
    }
    let mut file = fs::OpenOptions::new().append(true).create(true).mode(0o600).open(path)?;
    file.write_all(line.as_bytes())
}

/// The fingerprint of a key as OpenSSH shows it.
pub(super) fn fingerprint(key: &[u8]) -> String {
    let hash = openssl::base64::encode_block(&Sha256::digest(key));
    format!("SHA256:{}", hash.trim_end_matches('='))
}

fn host_name(host: &str, port: u16) -> String {
    let host = host.to_ascii_lowercase();
    if port == SSH_PORT { host } else { format!("[{host}]:{port}") }
}

/// `hashed` is a salt and an HMAC-SHA1 of the name, both in base 64.
fn matches_hash(hashed: &str, name: &str) -> Option<bool> {
    let (salt, expected) = hashed.split_once('|')?;
    let key = PKey::hmac(&openssl::base64::decode_block(salt).ok()?).ok()?;
    let mut signer = Signer::new(MessageDigest::sha1(), &key).ok()?;
    signer.update(name.as_bytes()).ok()?;
    Some(signer.sign_to_vec().ok()? == openssl::base64::decode_block(expected).ok()?)
}

/// `*` stands for any bytes, `?` for one; letters of either case are the same.
fn matches_pattern(pattern: &[u8], name: &[u8]) -> bool {
    let (mut at, mut seen) = (0, 0);
    let mut star = None;
    while seen < name.len() {
        match pattern.get(at) {
            Some(b'*') => {
                star = Some((at, seen));
                at += 1;
            }
            Some(byte) if *byte == b'?' || byte.eq_ignore_ascii_case(&name[seen]) => {
                at += 1;
                seen += 1;
            }
            _ => match &mut star {
                // The last star takes one byte more.
                Some((star_at, star_seen)) => {
                    *star_seen += 1;
                    at = *star_at + 1;
                    seen = *star_seen;
                }
                None => return false,
            },
        }
    }
    pattern[at..].iter().all(|byte| *byte == b'*')
}

#[cfg(test)]
mod tests {
    use super::*;

    const KEY: &str = "AAAAC3NzaC1lZDI1NTE5AAAAIGZm";

    fn check(file: &str, host: &str, port: u16, expected: &Verdict) {
        let key = openssl::base64::decode_block(KEY).unwrap();
        assert_eq!(&KnownHosts::parse(file).judge(host, port, &key), expected, "{file}");
    }

    #[test]
    fn hosts_are_found_as_openssh_finds_them() {
        let line = |hosts: &str| format!("# c\n\n{hosts} ssh-ed25519 {KEY} comment\n");
        check(&line("nas"), "nas", 22, &Verdict::Known);
        check(&line("nas"), "NAS", 22, &Verdict::Known);
        check(&line("other,nas"), "nas", 22, &Verdict::Known);
        check(&line("n*s"), "nas", 22, &Verdict::Known);
        check(&line("10.0.0.?"), "10.0.0.5", 22, &Verdict::Known);
        check(&line("n*,!nas"), "nas", 22, &Verdict::Unknown);
        check(&line("nas"), "nas", 2222, &Verdict::Unknown);
        check(&line("[nas]:2222"), "nas", 2222, &Verdict::Known);
        check(&line("[nas]:2222"), "nas", 22, &Verdict::Unknown);
        check(&line("nass"), "nas", 22, &Verdict::Unknown);
        check(&line("@cert-authority nas"), "nas", 22, &Verdict::Unknown);
        check(&line("@revoked nas"), "nas", 22, &Verdict::Revoked(3));
        check("nas ssh-ed25519 !!!\nnas\n|1|x ssh-rsa AAAA\n", "nas", 22, &Verdict::Unknown);
    }

    #[test]
    fn hashed_names_are_found() {
        // Written by `ssh-keygen -H` for the host `nas` and for `[nas]:2222`.
        let salt = openssl::base64::encode_block(&[7; 20]);
        let hash = |name: &str| {
            let key = PKey::hmac(&[7; 20]).unwrap();
            let mut signer = Signer::new(MessageDigest::sha1(), &key).unwrap();
            signer.update(name.as_bytes()).unwrap();
            openssl::base64::encode_block(&signer.sign_to_vec().unwrap())
        };
        let line = format!("|1|{salt}|{} ssh-ed25519 {KEY}", hash("[nas]:2222"));
        check(&line, "nas", 2222, &Verdict::Known);
        check(&line, "nas", 22, &Verdict::Unknown);
    }

    #[test]
    fn another_key_of_a_known_host_is_a_change() {
        let file = "nas ssh-rsa AAAAB3NzaC1yc2E=\n";
        let Verdict::Changed(known) = KnownHosts::parse(file).judge("nas", 22, b"key") else {
            panic!("expected a change");
        };
        assert!(known.starts_with("ssh-rsa SHA256:") && known.ends_with("(line 1)"), "{known}");
        assert_eq!(KnownHosts::parse(file).kinds("nas", 22), ["ssh-rsa"]);
    }

    #[test]
    fn a_key_is_added_on_a_line_of_its_own() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("ssh/known_hosts");
        add(&path, "nas", 2222, "ssh-ed25519", b"one").unwrap();
        let text = fs::read_to_string(&path).unwrap();
        fs::write(&path, text.trim_end()).unwrap();
        add(&path, "nas", 22, "ssh-ed25519", b"two").unwrap();
        let known = KnownHosts::read(&path).unwrap();
        assert_eq!(known.judge("nas", 2222, b"one"), Verdict::Known);
        assert_eq!(known.judge("nas", 22, b"two"), Verdict::Known);
    }
}
