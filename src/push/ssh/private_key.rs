//! Whether a private key is encrypted, told from its file.
//!
//! libssh2 calls a wrong or missing passphrase an "unsupported format"; people need to know which.
//! Facts: RFC 7468 and RFC 1421 (PEM headers), OpenSSH's `PROTOCOL.key`. Must not keep the key.

/// What a file holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Protection {
    /// A private key that anybody can use who can read it.
    Open,
    /// A private key behind a passphrase.
    Encrypted,
    /// Something else: a public key, a text.
    NoKey,
}

/// What kind of key a file holds.
pub(super) fn protection(file: &[u8]) -> Protection {
    let text = String::from_utf8_lossy(file);
    let mut lines = text.lines().map(str::trim).skip_while(|line| !line.starts_with("-----BEGIN "));
    match lines.next() {
        Some("-----BEGIN ENCRYPTED PRIVATE KEY-----") => Protection::Encrypted,
        Some("-----BEGIN OPENSSH PRIVATE KEY-----") => {
            let body: String = lines.take_while(|line| !line.starts_with("-----END")).collect();
            openssh_protection(&openssl::base64::decode_block(&body).unwrap_or_default())
        }
        Some(line) if line.ends_with("PRIVATE KEY-----") => {
            let encrypted = lines.any(|line| line.starts_with("Proc-Type: 4,ENCRYPTED"));
            if encrypted { Protection::Encrypted } else { Protection::Open }
        }
        _ => Protection::NoKey,
    }
}

/// The name of the cipher stands behind a mark of 15 bytes.
fn openssh_protection(body: &[u8]) -> Protection {
    match body.strip_prefix(b"openssh-key-v1\0") {
        Some(rest) if rest.starts_with(b"\0\0\0\x04none") => Protection::Open,
        Some(_) => Protection::Encrypted,
        None => Protection::NoKey,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use openssl::{pkey::PKey, symm::Cipher};
    use std::{fs, process::Command};

    fn check(file: &[u8], expected: Protection) {
        assert_eq!(protection(file), expected, "{}", String::from_utf8_lossy(file));
    }

    #[test]
    fn keys_in_pem_tell_whether_they_are_encrypted() {
        let key = PKey::generate_ed25519().unwrap();
        check(&key.private_key_to_pem_pkcs8().unwrap(), Protection::Open);
        let cipher = Cipher::aes_128_cbc();
        let encrypted = key.private_key_to_pem_pkcs8_passphrase(cipher, b"secret").unwrap();
        check(&encrypted, Protection::Encrypted);
        let old = "-----BEGIN RSA PRIVATE KEY-----\nProc-Type: 4,ENCRYPTED\nDEK-Info: x\n";
        check(old.as_bytes(), Protection::Encrypted);
        check(b"ssh-ed25519 AAAA comment", Protection::NoKey);
        check(b"", Protection::NoKey);
    }

    #[test]
    fn keys_of_ssh_keygen_tell_whether_they_are_encrypted() {
        let folder = tempfile::tempdir().unwrap();
        for (passphrase, expected) in [("", Protection::Open), ("secret", Protection::Encrypted)] {
            let path = folder.path().join(format!("key{}", passphrase.len()));
            let made = Command::new("ssh-keygen")
                .args(["-q", "-t", "ed25519", "-N", passphrase, "-f"])
                .arg(&path)
                .status()
                .unwrap();
            assert!(made.success());
            check(&fs::read(&path).unwrap(), expected);
        }
    }
}
