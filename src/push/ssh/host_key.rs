//! The handshake, and whether the host is who it says.
//!
//! Nothing is sent to a host, not even a user name, before its key is known.

use super::{
    Error, Options,
    certificate::{self, Certificate},
    destination::Destination,
    known_hosts::{self, HostName, KnownHosts, Verdict, fingerprint},
    link::Link,
    said,
};
use crate::push::path::printable;
use ssh2::{MethodType, Session};
use std::{
    path::{Path, PathBuf},
    time::{SystemTime, UNIX_EPOCH},
};

/// Does the handshake over a link and checks the host's key.
pub(super) fn handshake(
    session: &mut Session,
    link: &Link,
    destination: &Destination,
    options: &Options,
) -> Result<(), Error> {
    let paths = destination.known_hosts(options);
    let mut known = KnownHosts::default();
    for path in &paths {
        known.read(path).map_err(|source| Error::ReadKnownHosts { path: path.clone(), source })?;
    }
    let name = destination.key_name();
    let failed = |reason| Error::Handshake { peer: destination.peer.clone(), reason };
    let vouched = !known.authorities(&name).is_empty();
    prefer(session, &known.kinds(&name), vouched).map_err(|error| failed(said(&error)))?;
    prefer_ciphers(session).map_err(|error| failed(said(&error)))?;
    session.set_tcp_stream(link.clone());
    session.handshake().map_err(|error| failed(said(&error)))?;
    let (key, _) = session.host_key().ok_or_else(|| failed("it shows no key".to_owned()))?;
    let check = Check { destination, options, path: &paths[0], known: &known, name };
    if certificate::is_certificate(key) { check.certificate(key) } else { check.key(key) }
}

/// Asks first for the kinds of key that the host is known by; for certificates only if somebody is
/// trusted to vouch for the host.
fn prefer(session: &Session, kinds: &[&str], vouched: bool) -> Result<(), ssh2::Error> {
    let is_known = |algorithm: &str| {
        let rsa = matches!(algorithm, "rsa-sha2-512" | "rsa-sha2-256");
        kinds.contains(&if rsa { "ssh-rsa" } else { algorithm })
    };
    let is_certificate = |algorithm: &str| algorithm.contains("-cert-");
    let mut algorithms = session.supported_algs(MethodType::HostKey)?;
    algorithms.retain(|algorithm| vouched || !is_certificate(algorithm));
    algorithms.sort_by_key(|algorithm| (!is_known(algorithm), !is_certificate(algorithm)));
    session.method_pref(MethodType::HostKey, &algorithms.join(","))
}

/// Asks first for the cipher that costs least: AES-GCM where the processor knows AES.
fn prefer_ciphers(session: &Session) -> Result<(), ssh2::Error> {
    if !processor_knows_aes() {
        return Ok(());
    }
    for direction in [MethodType::CryptCs, MethodType::CryptSc] {
        let mut ciphers = session.supported_algs(direction)?;
        ciphers.sort_by_key(|cipher| match *cipher {
            "aes128-gcm@openssh.com" => 0,
            "aes256-gcm@openssh.com" => 1,
            _ => 2,
        });
        session.method_pref(direction, &ciphers.join(","))?;
    }
    Ok(())
}

fn processor_knows_aes() -> bool {
    #[cfg(target_arch = "x86_64")]
    return std::arch::is_x86_feature_detected!("aes");
    #[cfg(target_arch = "aarch64")]
    return std::arch::is_aarch64_feature_detected!("aes");
    #[cfg(not(any(target_arch = "x86_64", target_arch = "aarch64")))]
    return false;
}

struct Check<'a> {
    destination: &'a Destination,
    options: &'a Options,
    /// The file that new keys are written to.
    path: &'a Path,
    known: &'a KnownHosts,
    name: HostName,
}

impl Check<'_> {
    fn key(&self, key: &[u8]) -> Result<(), Error> {
        let kind = kind_of(key);
        let (peer, known_hosts) = (self.destination.peer.clone(), self.path.to_owned());
        let shown = format!("{kind} {}", fingerprint(key));
        match self.known.judge(&self.name, key) {
            Verdict::Unknown if !self.options.accept_new_host_key => {
                Err(Error::UnknownHost { peer, shown, known_hosts })
            }
            Verdict::Unknown if self.options.record_host_key => {
                known_hosts::add(self.path, &self.name, &kind, key)
                    .map_err(|source| Error::WriteKnownHosts { path: known_hosts, source })
            }
            Verdict::Known | Verdict::Unknown => Ok(()),
            Verdict::Changed { known, path } => {
                Err(Error::ChangedHost { peer, shown, known, known_hosts: path })
            }
            Verdict::Revoked { line, path } => Err(self.revoked(shown, line, path)),
        }
    }

    /// The handshake proved that the host has the key in the certificate; here is looked who says
    /// that it is the host's.
    fn certificate(&self, bytes: &[u8]) -> Result<(), Error> {
        let refused =
            |reason: String| Error::Certificate { peer: self.destination.peer.clone(), reason };
        let certificate = Certificate::parse(bytes).map_err(|fault| refused(fault.to_string()))?;
        for key in [certificate.authority(), bytes] {
            if let Some(Verdict::Revoked { line, path }) = self.known.revoked(&self.name, key) {
                let shown = format!("{} {}", kind_of(key), fingerprint(key));
                return Err(self.revoked(shown, line, path));
            }
        }
        let now_s = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |time| time.as_secs());
        let authorities = self.known.authorities(&self.name);
        certificate
            .check(self.destination.principal(), &authorities, now_s)
            .map_err(|fault| refused(fault.to_string()))
    }

    fn revoked(&self, shown: String, line: usize, known_hosts: PathBuf) -> Error {
        Error::RevokedHost { peer: self.destination.peer.clone(), shown, line, known_hosts }
    }
}

/// A key begins with its kind: a length of four bytes and a name.
fn kind_of(key: &[u8]) -> String {
    let length = key.first_chunk().map_or(0, |length| u32::from_be_bytes(*length) as usize);
    key.get(4..4 + length.min(64)).map_or_else(|| "unknown".to_owned(), printable)
}
