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
    path::{Path, PathBuf},
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

/// The name of a host in the file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct HostName(String);

/// What the file says of a host's key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Verdict {
    /// It is the known one.
    Known,
    /// The file has no key of the host.
    Unknown,
    /// The files have other keys of the host.
    Changed {
        /// Their kinds, fingerprints and lines.
        known: String,
        /// The file of the first.
        path: PathBuf,
    },
    /// The key is marked as revoked.
    Revoked {
        /// The line, from 1.
        line: usize,
        /// Its file.
        path: PathBuf,
    },
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Marker {
    None,
    Revoked,
    Authority,
}

#[derive(Debug)]
struct Line {
    path: PathBuf,
    number: usize,
    marker: Marker,
    hosts: String,
    kind: String,
    key: Vec<u8>,
}

impl KnownHosts {
    /// Adds the keys of a file; one that is not there has none.
    pub(super) fn read(&mut self, path: &Path) -> io::Result<()> {
        match fs::metadata(path) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
            Err(error) => return Err(error),
            Ok(metadata) if metadata.len() > MAX_BYTES => {
                return Err(io::Error::other("it is far too large"));
            }
            Ok(_) => {}
        }
        let bytes = fs::read(path)?;
        self.parse(path, &String::from_utf8_lossy(&bytes));
        Ok(())
    }

    fn parse(&mut self, path: &Path, text: &str) {
        let lines = text.lines().enumerate();
        self.lines.extend(lines.filter_map(|(index, line)| Line::parse(path, index + 1, line)));
    }

    /// Kinds of the keys that a host is known by.
    pub(super) fn kinds(&self, name: &HostName) -> Vec<&str> {
        self.of_host(name, Marker::None).map(|line| line.kind.as_str()).collect()
    }

    /// Keys of the authorities that may vouch for a host.
    pub(super) fn authorities(&self, name: &HostName) -> Vec<&[u8]> {
        self.of_host(name, Marker::Authority).map(|line| &line.key[..]).collect()
    }

    /// Where a key is marked as revoked.
    pub(super) fn revoked(&self, name: &HostName, key: &[u8]) -> Option<Verdict> {
        let line = self.of_host(name, Marker::Revoked).find(|line| line.key == key)?;
        Some(Verdict::Revoked { line: line.number, path: line.path.clone() })
    }

    /// What the files say of the key that a host shows.
    pub(super) fn judge(&self, name: &HostName, key: &[u8]) -> Verdict {
        if let Some(revoked) = self.revoked(name, key) {
            return revoked;
        }
        let known: Vec<_> = self.of_host(name, Marker::None).collect();
        if known.iter().any(|line| line.key == key) {
            return Verdict::Known;
        }
        let Some(first) = known.first() else { return Verdict::Unknown };
        let path = first.path.clone();
        let known = known
            .iter()
            .map(|line| format!("{} {} (line {})", line.kind, fingerprint(&line.key), line.number));
        Verdict::Changed { known: known.collect::<Vec<_>>().join(", "), path }
    }

    fn of_host(&self, name: &HostName, marker: Marker) -> impl Iterator<Item = &Line> {
        self.lines.iter().filter(move |line| line.marker == marker && line.matches(&name.0))
    }
}

impl HostName {
    /// The name of a host at a port: `host` or `[host]:port`.
    pub(super) fn new(host: &str, port: u16) -> Self {
        let host = host.to_ascii_lowercase();
        Self(if port == SSH_PORT { host } else { format!("[{host}]:{port}") })
    }

    /// A name that stands for a host whatever its address.
    pub(super) fn alias(name: &str) -> Self {
        Self(name.to_ascii_lowercase())
    }
}

impl Line {
    fn parse(path: &Path, number: usize, line: &str) -> Option<Self> {
        let mut words = line.split_whitespace();
        let first = words.next().filter(|word| !word.starts_with('#'))?;
        let (marker, hosts) = match first {
            "@revoked" => (Marker::Revoked, words.next()?),
            "@cert-authority" => (Marker::Authority, words.next()?),
            marker if marker.starts_with('@') => return None,
            hosts => (Marker::None, hosts),
        };
        let kind = words.next()?.to_owned();
        let key = openssl::base64::decode_block(words.next()?).ok()?;
        Some(Self { path: path.to_owned(), number, marker, hosts: hosts.to_owned(), kind, key })
    }

    fn matches(&self, name: &str) -> bool {
        if let Some(hashed) = self.hosts.strip_prefix("|1|") {
            return matches_hash(hashed, name).unwrap_or(false);
        }
        let mut matched = false;
        let hosts = self.hosts.to_ascii_lowercase();
        for pattern in hosts.split(',') {
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
pub(super) fn add(path: &Path, name: &HostName, kind: &str, key: &[u8]) -> io::Result<()> {
    if let Some(folder) = path.parent().filter(|folder| !folder.as_os_str().is_empty()) {
        fs::DirBuilder::new().recursive(true).mode(0o700).create(folder)?;
    }
    let mut line = format!("{} {kind} {}\n", name.0, openssl::base64::encode_block(key));
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

/// `hashed` is a salt and an HMAC-SHA1 of the name, both in base 64.
fn matches_hash(hashed: &str, name: &str) -> Option<bool> {
    let (salt, expected) = hashed.split_once('|')?;
    let key = PKey::hmac(&openssl::base64::decode_block(salt).ok()?).ok()?;
    let mut signer = Signer::new(MessageDigest::sha1(), &key).ok()?;
    signer.update(name.as_bytes()).ok()?;
    Some(signer.sign_to_vec().ok()? == openssl::base64::decode_block(expected).ok()?)
}

/// `*` stands for any bytes, `?` for one.
pub(super) fn matches_pattern(pattern: &[u8], name: &[u8]) -> bool {
    let (mut at, mut seen) = (0, 0);
    let mut star = None;
    while seen < name.len() {
        match pattern.get(at) {
            Some(b'*') => {
                star = Some((at, seen));
                at += 1;
            }
            Some(byte) if *byte == b'?' || *byte == name[seen] => {
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

    fn parsed(text: &str) -> KnownHosts {
        let mut known = KnownHosts::default();
        known.parse(Path::new("f"), text);
        known
    }

    fn check(file: &str, host: &str, port: u16, expected: &Verdict) {
        let key = openssl::base64::decode_block(KEY).unwrap();
        let name = HostName::new(host, port);
        assert_eq!(&parsed(file).judge(&name, &key), expected, "{file}");
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
        let revoked = Verdict::Revoked { line: 3, path: PathBuf::from("f") };
        check(&line("@revoked nas"), "nas", 22, &revoked);
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
        let name = HostName::new("nas", 22);
        let Verdict::Changed { known, .. } = parsed(file).judge(&name, b"key") else {
            panic!("expected a change");
        };
        assert!(known.starts_with("ssh-rsa SHA256:") && known.ends_with("(line 1)"), "{known}");
        assert_eq!(parsed(file).kinds(&name), ["ssh-rsa"]);
    }

    #[test]
    fn a_key_is_added_on_a_line_of_its_own() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("ssh/known_hosts");
        let [one, two] = [HostName::new("nas", 2222), HostName::new("nas", 22)];
        add(&path, &one, "ssh-ed25519", b"one").unwrap();
        let text = fs::read_to_string(&path).unwrap();
        fs::write(&path, text.trim_end()).unwrap();
        add(&path, &two, "ssh-ed25519", b"two").unwrap();
        let mut known = KnownHosts::default();
        known.read(&path).unwrap();
        assert_eq!(known.judge(&one, b"one"), Verdict::Known);
        assert_eq!(known.judge(&two, b"two"), Verdict::Known);
    }
}
