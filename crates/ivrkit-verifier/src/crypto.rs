//! The operator's key at work: sealing what is stored, and keyed hashes of what is only compared.
//!
//! Two keys are derived from the operator's: one for XChaCha20-Poly1305 (states of calls, numbers),
//! one for HMAC-SHA-256 (codes, numbers to find a call by). Whoever has the database without the
//! key file learns neither codes nor numbers, not even by trying all of them.

use crate::number::PhoneNumber;
use chacha20poly1305::{
    XChaCha20Poly1305, XNonce,
    aead::{Aead as _, KeyInit as _, Payload},
};
use hmac::{Hmac, Mac as _};
use secrecy::{ExposeSecret as _, SecretBox, SecretString};
use sha2::Sha256;

/// Bytes of the random nonce before each sealed value.
const NONCE_BYTES: usize = 24;

/// A keyed hash.
pub(crate) type Tag = [u8; 32];

/// What is needed to seal, open and tag.
pub(crate) struct Keys {
    cipher: XChaCha20Poly1305,
    tagging: SecretBox<[u8; 32]>,
}

/// A sealed value that cannot be opened: another key, or the bytes were changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a stored value cannot be opened: it was changed, or sealed with another key")]
pub(crate) struct CannotOpen;

impl Keys {
    /// Derives the keys from the operator's secret.
    pub(crate) fn derive(operator: &SecretString) -> Self {
        let secret = operator.expose_secret().as_bytes();
        let sealing = SecretBox::new(Box::new(hash(secret, "ivrkit sealing key 1", &[])));
        let tagging = SecretBox::new(Box::new(hash(secret, "ivrkit tagging key 1", &[])));
        let cipher = XChaCha20Poly1305::new(sealing.expose_secret().into());
        Self { cipher, tagging }
    }

    /// Seals `plain`; it opens under the same `name` only.
    pub(crate) fn seal(&self, name: &str, plain: &[u8]) -> Vec<u8> {
        let mut sealed = random::<NONCE_BYTES>().to_vec();
        let nonce = XNonce::try_from(sealed.as_slice()).expect("24 bytes");
        let payload = Payload { msg: plain, aad: name.as_bytes() };
        let text = self.cipher.encrypt(&nonce, payload).expect("less than 256 GB are sealed");
        sealed.extend(text);
        sealed
    }

    /// Opens what was sealed under this `name`.
    pub(crate) fn open(&self, name: &str, sealed: &[u8]) -> Result<Vec<u8>, CannotOpen> {
        let (nonce, text) = sealed.split_at_checked(NONCE_BYTES).ok_or(CannotOpen)?;
        let nonce = XNonce::try_from(nonce).expect("24 bytes");
        let payload = Payload { msg: text, aad: name.as_bytes() };
        self.cipher.decrypt(&nonce, payload).map_err(|_| CannotOpen)
    }

    /// Says whether a store was made with this key.
    pub(crate) fn check(&self) -> Tag {
        self.tag("check", &[])
    }

    /// A number, to find its codes and calls by.
    pub(crate) fn callee(&self, number: &PhoneNumber) -> Tag {
        self.tag("callee", &[number.digits()])
    }

    /// A code of one callee for one verification of one scenario.
    pub(crate) fn code(
        &self,
        scenario: &str,
        verification: &str,
        number: &PhoneNumber,
        digits: &str,
    ) -> Tag {
        self.tag("code", &[scenario, verification, number.digits(), digits])
    }

    /// Anything else that is only compared.
    pub(crate) fn tag(&self, purpose: &str, fields: &[&str]) -> Tag {
        hash(self.tagging.expose_secret(), purpose, fields)
    }
}

/// Random bytes of the operating system.
pub(crate) fn random<const N: usize>() -> [u8; N] {
    let mut bytes = [0; N];
    getrandom::fill(&mut bytes).expect("the operating system gives random bytes");
    bytes
}

/// HMAC-SHA-256 over the fields, each with its length before it, so that no two lists are alike.
fn hash(key: &[u8], purpose: &str, fields: &[&str]) -> Tag {
    let mut mac = Hmac::<Sha256>::new_from_slice(key).expect("HMAC takes keys of any length");
    for field in std::iter::once(&purpose).chain(fields) {
        mac.update(&(field.len() as u64).to_be_bytes());
        mac.update(field.as_bytes());
    }
    mac.finalize().into_bytes().into()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn keys(secret: &str) -> Keys {
        Keys::derive(&SecretString::from(secret))
    }

    #[test]
    fn what_was_sealed_opens_with_its_key_and_name_only() {
        let sealed = keys("a").seal("call 1", b"482913");
        assert_eq!(keys("a").open("call 1", &sealed).unwrap(), b"482913");
        assert_eq!(keys("b").open("call 1", &sealed), Err(CannotOpen));
        assert_eq!(keys("a").open("call 2", &sealed), Err(CannotOpen));
        assert_eq!(keys("a").open("call 1", &sealed[..20]), Err(CannotOpen));
        assert!(!sealed.windows(6).any(|bytes| bytes == b"482913"));
        assert_ne!(sealed, keys("a").seal("call 1", b"482913"), "the nonce is never the same");
    }

    #[test]
    fn fields_cannot_be_moved_into_one_another() {
        let keys = keys("a");
        assert_ne!(keys.tag("x", &["ab", "c"]), keys.tag("x", &["a", "bc"]));
        let number = PhoneNumber::reported("13900001111");
        assert_ne!(keys.code("s", "v", &number, "1"), keys.code("s", "w", &number, "1"));
    }
}
