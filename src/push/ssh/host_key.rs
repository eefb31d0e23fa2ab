//! The handshake, and whether the host is who it says.
//!
//! Nothing is sent to a host, not even a user name, before its key is known.

use super::{
    Error, Options,
    known_hosts::{self, KnownHosts, Verdict, fingerprint},
    said,
};
use crate::push::{location::SftpLocation, path::printable};
use ssh2::{MethodType, Session};
use std::{
    net::TcpStream,
    path::{Path, PathBuf},
};

/// Does the handshake and checks the host's key.
pub(super) fn handshake(
    session: &mut Session,
    stream: &TcpStream,
    place: &SftpLocation,
    peer: &str,
    options: &Options,
) -> Result<(), Error> {
    let path = known_hosts_path(options);
    let known = KnownHosts::read(&path)
        .map_err(|source| Error::ReadKnownHosts { path: path.clone(), source })?;
    let failed = |reason| Error::Handshake { peer: peer.to_owned(), reason };
    prefer(session, &known.kinds(&place.host, place.port)).map_err(|error| failed(said(&error)))?;
    prefer_ciphers(session).map_err(|error| failed(said(&error)))?;
    session.set_tcp_stream(stream.try_clone().map_err(|error| failed(error.to_string()))?);
    session.handshake().map_err(|error| failed(said(&error)))?;
    let (key, _) = session.host_key().ok_or_else(|| failed("it shows no key".to_owned()))?;
    check(place, peer, options, &path, &known, key)
}

fn known_hosts_path(options: &Options) -> PathBuf {
    let usual = || std::env::home_dir().unwrap_or_default().join(".ssh/known_hosts");
    options.known_hosts.clone().unwrap_or_else(usual)
}

/// Asks first for the kinds of key that the host is known by.
fn prefer(session: &Session, kinds: &[&str]) -> Result<(), ssh2::Error> {
    let is_known = |algorithm: &str| {
        let rsa = matches!(algorithm, "rsa-sha2-512" | "rsa-sha2-256");
        kinds.contains(&if rsa { "ssh-rsa" } else { algorithm })
    };
    let mut algorithms = session.supported_algs(MethodType::HostKey)?;
    // Certificates of hosts are not checked here, so they are not asked for.
    algorithms.retain(|algorithm| !algorithm.contains("-cert-"));
    algorithms.sort_by_key(|algorithm| !is_known(algorithm));
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

fn check(
    place: &SftpLocation,
    peer: &str,
    options: &Options,
    path: &Path,
    known: &KnownHosts,
    key: &[u8],
) -> Result<(), Error> {
    let kind = kind_of(key);
    let (peer, known_hosts) = (peer.to_owned(), path.to_owned());
    let shown = format!("{kind} {}", fingerprint(key));
    match known.judge(&place.host, place.port, key) {
        Verdict::Unknown if !options.accept_new_host_key => {
            Err(Error::UnknownHost { peer, shown, known_hosts })
        }
        Verdict::Unknown if options.record_host_key => {
            known_hosts::add(path, &place.host, place.port, &kind, key)
                .map_err(|source| Error::WriteKnownHosts { path: known_hosts, source })
        }
        Verdict::Known | Verdict::Unknown => Ok(()),
        Verdict::Changed(known) => Err(Error::ChangedHost { peer, shown, known, known_hosts }),
        Verdict::Revoked(line) => Err(Error::RevokedHost { peer, shown, line, known_hosts }),
    }
}

/// A key begins with its kind: a length of four bytes and a name.
fn kind_of(key: &[u8]) -> String {
    let length = key.first_chunk().map_or(0, |length| u32::from_be_bytes(*length) as usize);
    key.get(4..4 + length.min(64)).map_or_else(|| "unknown".to_owned(), printable)
}
