//! Certificates of hosts: that an authority, which `known_hosts` trusts, vouches for a host's key.
//!
//! libssh2 takes such certificates and proves that the host has the key in them, but looks at
//! nothing else; the rest is looked at here. Facts: OpenSSH's `PROTOCOL.certkeys`; RFC 4253, 5656
//! and 8709 for keys and signatures. Must not know where the authorities come from.

use crate::push::path::printable;
use openssl::{
    bn::BigNum,
    ec::{EcGroup, EcKey, EcPoint},
    ecdsa::EcdsaSig,
    error::ErrorStack,
    hash::MessageDigest,
    nid::Nid,
    pkey::{Id, PKey, Public},
    rsa::Rsa,
    sign::Verifier,
};

/// Ending of the kinds of key that are certificates.
const ENDING: &[u8] = b"-cert-v01@openssh.com";
/// A certificate for a host, not for a user.
const HOST: u32 = 2;

/// A certificate of a host.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Certificate<'a> {
    kind: u32,
    principals: &'a [u8],
    valid_after_s: u64,
    valid_before_s: u64,
    critical: &'a [u8],
    authority: &'a [u8],
    signed: &'a [u8],
    signature: &'a [u8],
}

/// Why a certificate is not good.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(super) enum Fault {
    #[error("it cannot be read")]
    Malformed,
    #[error("it is not for a host")]
    NotForHosts,
    #[error("no trusted authority signed it")]
    Stranger,
    #[error("its signature is wrong")]
    Signature,
    #[error("it is for {0}, not for this host")]
    OtherHost(String),
    #[error("it is not valid yet, or no more")]
    Time,
    #[error("it has a condition that is not understood")]
    Critical,
}

/// Whether a host's key is a certificate.
pub(super) fn is_certificate(key: &[u8]) -> bool {
    Fields(key).string().is_ok_and(|kind| kind.ends_with(ENDING))
}

impl<'a> Certificate<'a> {
    /// Reads a certificate.
    pub(super) fn parse(bytes: &'a [u8]) -> Result<Self, Fault> {
        let mut fields = Fields(bytes);
        let kind = fields.string()?;
        fields.string()?;
        // The key itself: how many parts it has follows from its kind.
        let parts = match kind {
            b"ssh-ed25519-cert-v01@openssh.com" => 1,
            b"ssh-dss-cert-v01@openssh.com" => 4,
            _ => 2,
        };
        for _ in 0..parts {
            fields.string()?;
        }
        fields.u64()?;
        let kind = fields.u32()?;
        fields.string()?;
        let principals = fields.string()?;
        let (valid_after_s, valid_before_s) = (fields.u64()?, fields.u64()?);
        let critical = fields.string()?;
        fields.string()?;
        fields.string()?;
        let authority = fields.string()?;
        let signed = &bytes[..bytes.len() - fields.0.len()];
        let signature = fields.string()?;
        if !fields.0.is_empty() {
            return Err(Fault::Malformed);
        }
        Ok(Self {
            kind,
            principals,
            valid_after_s,
            valid_before_s,
            critical,
            authority,
            signed,
            signature,
        })
    }

    /// The key of whoever signed it.
    pub(super) fn authority(&self) -> &'a [u8] {
        self.authority
    }

    /// Makes sure that one of the authorities vouches for the host now.
    pub(super) fn check(&self, host: &str, authorities: &[&[u8]], now_s: u64) -> Result<(), Fault> {
        if self.kind != HOST {
            return Err(Fault::NotForHosts);
        }
        if !authorities.contains(&self.authority) {
            return Err(Fault::Stranger);
        }
        let genuine = verify(self.authority, self.signed, self.signature);
        if !genuine.map_err(|_| Fault::Signature)? {
            return Err(Fault::Signature);
        }
        if now_s < self.valid_after_s || now_s >= self.valid_before_s {
            return Err(Fault::Time);
        }
        if !self.critical.is_empty() {
            return Err(Fault::Critical);
        }
        self.check_principals(host)
    }

    /// As OpenSSH: a certificate for nobody is for everybody; patterns are allowed for hosts.
    fn check_principals(&self, host: &str) -> Result<(), Fault> {
        let mut names = Vec::new();
        let mut fields = Fields(self.principals);
        while !fields.0.is_empty() {
            names.push(fields.string()?);
        }
        let host = host.to_ascii_lowercase();
        let matches = |name: &&[u8]| {
            super::known_hosts::matches_pattern(&name.to_ascii_lowercase(), host.as_bytes())
        };
        if names.is_empty() || names.iter().any(matches) {
            return Ok(());
        }
        let names = names.iter().map(|name| printable(&name[..name.len().min(100)]));
        Err(Fault::OtherHost(names.take(5).collect::<Vec<_>>().join(", ")))
    }
}

/// Whether `signature` of `data` is by `key`; both as SSH writes them.
fn verify(key: &[u8], data: &[u8], signature: &[u8]) -> Result<bool, Fault> {
    let mut fields = Fields(signature);
    let (algorithm, bytes) = (fields.string()?, fields.string()?);
    let mut key = Fields(key);
    let verified = match (key.string()?, algorithm) {
        (b"ssh-ed25519", b"ssh-ed25519") => {
            let public = key.string()?;
            PKey::public_key_from_raw_bytes(public, Id::ED25519)
                .and_then(|key| Verifier::new_without_digest(&key)?.verify_oneshot(bytes, data))
        }
        (b"ssh-rsa", b"rsa-sha2-512" | b"rsa-sha2-256") => {
            let (exponent, modulus) = (key.string()?, key.string()?);
            let long = algorithm == b"rsa-sha2-512";
            let digest = if long { MessageDigest::sha512() } else { MessageDigest::sha256() };
            rsa_key(exponent, modulus).and_then(|key| check_with(&key, digest, bytes, data))
        }
        (kind, algorithm) if kind == algorithm => {
            let (curve, digest) = curve(kind).ok_or(Fault::Signature)?;
            key.string()?;
            let point = key.string()?;
            let mut numbers = Fields(bytes);
            let (r, s) = (numbers.string()?, numbers.string()?);
            ec_key(curve, point).and_then(|key| check_with(&key, digest, &ecdsa(r, s)?, data))
        }
        _ => return Err(Fault::Signature),
    };
    verified.map_err(|_| Fault::Signature)
}

fn check_with(
    key: &PKey<Public>,
    digest: MessageDigest,
    signature: &[u8],
    data: &[u8],
) -> Result<bool, ErrorStack> {
    Verifier::new(digest, key)?.verify_oneshot(signature, data)
}

fn rsa_key(exponent: &[u8], modulus: &[u8]) -> Result<PKey<Public>, ErrorStack> {
    let modulus = BigNum::from_slice(modulus)?;
    PKey::from_rsa(Rsa::from_public_components(modulus, BigNum::from_slice(exponent)?)?)
}

fn curve(kind: &[u8]) -> Option<(Nid, MessageDigest)> {
    Some(match kind {
        b"ecdsa-sha2-nistp256" => (Nid::X9_62_PRIME256V1, MessageDigest::sha256()),
        b"ecdsa-sha2-nistp384" => (Nid::SECP384R1, MessageDigest::sha384()),
        b"ecdsa-sha2-nistp521" => (Nid::SECP521R1, MessageDigest::sha512()),
        _ => return None,
    })
}

fn ec_key(curve: Nid, point: &[u8]) -> Result<PKey<Public>, ErrorStack> {
    let group = EcGroup::from_curve_name(curve)?;
    let point = EcPoint::from_bytes(&group, point, &mut *openssl::bn::BigNumContext::new()?)?;
    PKey::from_ec_key(EcKey::from_public_key(&group, &point)?)
}

/// OpenSSL wants the two numbers in DER.
fn ecdsa(r: &[u8], s: &[u8]) -> Result<Vec<u8>, ErrorStack> {
    EcdsaSig::from_private_components(BigNum::from_slice(r)?, BigNum::from_slice(s)?)?.to_der()
}

/// Fields of a blob, read from the front.
struct Fields<'a>(&'a [u8]);

impl<'a> Fields<'a> {
    fn u32(&mut self) -> Result<u32, Fault> {
        let (number, rest) = self.0.split_first_chunk().ok_or(Fault::Malformed)?;
        self.0 = rest;
        Ok(u32::from_be_bytes(*number))
    }

    fn u64(&mut self) -> Result<u64, Fault> {
        let (number, rest) = self.0.split_first_chunk().ok_or(Fault::Malformed)?;
        self.0 = rest;
        Ok(u64::from_be_bytes(*number))
    }

    fn string(&mut self) -> Result<&'a [u8], Fault> {
        let length = self.u32()? as usize;
        let (string, rest) = self.0.split_at_checked(length).ok_or(Fault::Malformed)?;
        self.0 = rest;
        Ok(string)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::{fs, path::Path, process::Command};

    fn keygen(folder: &Path, arguments: &[&str]) {
        let mut command = Command::new("ssh-keygen");
        let made = command.arg("-q").args(arguments).current_dir(folder).output().unwrap();
        assert!(made.status.success(), "{made:?}");
    }

    fn blob(path: &Path) -> Vec<u8> {
        let text = fs::read_to_string(path).unwrap();
        openssl::base64::decode_block(text.split_whitespace().nth(1).unwrap()).unwrap()
    }

    /// A key of one kind signed by an authority of another, with more arguments for `ssh-keygen`.
    fn make(kind: &str, authority: &str, more: &[&str]) -> (Vec<u8>, Vec<u8>) {
        let folder = tempfile::tempdir().unwrap();
        keygen(folder.path(), &["-t", authority, "-N", "", "-f", "ca"]);
        keygen(folder.path(), &["-t", kind, "-N", "", "-f", "host"]);
        let sign = [&["-s", "ca", "-I", "id"], more, &["host.pub"]].concat();
        keygen(folder.path(), &sign);
        (blob(&folder.path().join("host-cert.pub")), blob(&folder.path().join("ca.pub")))
    }

    fn check(certificate: &[u8], authority: &[u8], host: &str, now_s: u64) -> Result<(), Fault> {
        Certificate::parse(certificate)?.check(host, &[b"other", authority], now_s)
    }

    const NOW_S: u64 = 1_800_000_000;

    #[test]
    fn every_kind_of_authority_vouches_for_every_kind_of_key() {
        for authority in ["ed25519", "ecdsa", "rsa"] {
            for kind in ["ed25519", "ecdsa", "rsa"] {
                let (certificate, key) = make(kind, authority, &["-h", "-n", "nas,*.lan"]);
                assert!(is_certificate(&certificate) && !is_certificate(&key));
                assert_eq!(check(&certificate, &key, "NAS", NOW_S), Ok(()), "{authority} {kind}");
                assert_eq!(check(&certificate, &key, "x.lan", NOW_S), Ok(()));
                let other = Err(Fault::OtherHost("nas, *.lan".to_owned()));
                assert_eq!(check(&certificate, &key, "pbx", NOW_S), other);
                assert_eq!(check(&certificate, b"stranger", "nas", NOW_S), Err(Fault::Stranger));
            }
        }
    }

    #[test]
    fn what_is_not_in_order_is_refused() {
        let validity = ["-h", "-n", "nas", "-V", "20200101:20300101"];
        let (certificate, key) = make("ed25519", "ed25519", &validity);
        assert_eq!(check(&certificate, &key, "nas", NOW_S), Ok(()));
        assert_eq!(check(&certificate, &key, "nas", 1_000_000_000), Err(Fault::Time));
        assert_eq!(check(&certificate, &key, "nas", 2_000_000_000), Err(Fault::Time));
        for at in 0..certificate.len() {
            let mut forged = certificate.clone();
            forged[at] ^= 1;
            assert!(check(&forged, &key, "nas", NOW_S).is_err(), "byte {at}");
            assert!(check(&certificate[..at], &key, "nas", NOW_S).is_err(), "length {at}");
        }
        let (user, key) = make("ed25519", "ed25519", &["-n", "nas"]);
        assert_eq!(check(&user, &key, "nas", NOW_S), Err(Fault::NotForHosts));
        let (anybody, key) = make("ed25519", "ed25519", &["-h"]);
        assert_eq!(check(&anybody, &key, "nas", NOW_S), Ok(()));
    }
}
