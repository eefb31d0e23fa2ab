//! Secrets: read from files or the environment, never from the configuration itself, never shown.

use md5::{Digest as _, Md5};
use secrecy::{ExposeSecret as _, SecretString};
use serde::{Deserialize, Deserializer, de};
use std::{env, fs, io, os::unix::fs::PermissionsExt as _, path::PathBuf};
use subtle::ConstantTimeEq as _;
use zeroize::Zeroizing;

/// Most bytes of a secret's file.
const MAX_BYTES: u64 = 64 * 1024;

/// Where a secret is kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Source {
    /// In a file of its own; a line end at its end does not count.
    File(PathBuf),
    /// In an environment variable.
    Environment(String),
}

/// A secret that cannot be had.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The file cannot be read.
    #[error("cannot read the {what} from {}: {source}{hint}", path.display())]
    File {
        /// What the secret is for.
        what: &'static str,
        /// The file.
        path: PathBuf,
        /// Why.
        source: io::Error,
        /// What makes such a secret, where anything can.
        hint: &'static str,
    },
    /// The variable is not there, or not UTF-8.
    #[error("cannot read the {what}: the environment variable `{name}` is not set")]
    Environment {
        /// What the secret is for.
        what: &'static str,
        /// The variable.
        name: String,
    },
    /// Fewer characters than are safe.
    #[error("the {what} from {place} has {length} characters, expected at least {least}; {advice}")]
    TooShort {
        /// What the secret is for.
        what: &'static str,
        /// Where it was read from.
        place: String,
        /// Its length.
        length: usize,
        /// Fewest characters.
        least: usize,
        /// How to make a good one.
        advice: &'static str,
    },
}

/// Stands where a secret must not stand: refuses whatever is there, with advice.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct NotHere;

impl Source {
    /// Reads the secret; `least` is the fewest characters it must have.
    ///
    /// # Errors
    /// When it is not there, cannot be read, or is too short.
    pub fn read(&self, what: &'static str, least: usize) -> Result<SecretString, Error> {
        let text = match self {
            Self::File(path) => {
                Zeroizing::new(read_file(path).map_err(|source| {
                    // Only a secret of our own, of which much is asked, can be made up.
                    let makeable = least > 1 && source.kind() == io::ErrorKind::NotFound;
                    let hint =
                        if makeable { "; `openssl rand -hex 32` makes a good one" } else { "" };
                    Error::File { what, path: path.clone(), source, hint }
                })?)
            }
            Self::Environment(name) => Zeroizing::new(
                env::var(name).map_err(|_| Error::Environment { what, name: name.clone() })?,
            ),
        };
        let secret = text.trim_end_matches(['\r', '\n']);
        if secret.chars().count() < least.max(1) {
            return Err(Error::TooShort {
                what,
                place: self.to_string(),
                length: secret.chars().count(),
                least: least.max(1),
                advice: "`openssl rand -hex 32` makes a good one",
            });
        }
        Ok(SecretString::from(secret))
    }

    /// What is wrong with the file's permissions, if others than its owner can read it.
    pub fn exposed(&self) -> Option<String> {
        let Self::File(path) = self else { return None };
        let mode = fs::metadata(path).ok()?.permissions().mode() & 0o777;
        (mode & 0o077 != 0).then(|| {
            format!(
                "{} can be read by others (mode {mode:03o}); `chmod 600` keeps it to its owner",
                path.display()
            )
        })
    }
}

impl std::fmt::Display for Source {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::File(path) => path.display().fmt(f),
            Self::Environment(name) => write!(f, "${name}"),
        }
    }
}

impl<'de> Deserialize<'de> for NotHere {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        de::IgnoredAny::deserialize(deserializer)?;
        Err(de::Error::custom(
            "a secret stands in the configuration; put it into a file of its own and name that \
             with `…_file`, or an environment variable with `…_env`",
        ))
    }
}

/// MD5 of a password as 32 lower-case hex digits, as the Yeastar API takes it: a secret as good as
/// the password itself.
pub(crate) fn md5_hex(password: &SecretString) -> SecretString {
    let digest = Md5::digest(password.expose_secret().as_bytes());
    SecretString::from(hex(&digest))
}

/// So many random digits, each as likely as the others.
pub fn random_digits(length: u8) -> SecretString {
    let mut digits = Zeroizing::new(String::with_capacity(usize::from(length)));
    while digits.len() < usize::from(length) {
        let [byte] = crate::crypto::random::<1>();
        // 250 is a multiple of 10; what lies above would favour the small digits.
        if byte < 250 {
            digits.push(char::from(b'0' + byte % 10));
        }
    }
    SecretString::from(digits.as_str())
}

/// Bytes as lower-case hex digits.
pub(crate) fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::with_capacity(bytes.len() * 2), |mut text, byte| {
        text.push(char::from_digit(u32::from(byte >> 4), 16).expect("a nibble"));
        text.push(char::from_digit(u32::from(byte & 15), 16).expect("a nibble"));
        text
    })
}

/// Whether two secrets are the same, in a time that tells nothing but their lengths.
pub(crate) fn same(a: &SecretString, b: &SecretString) -> bool {
    a.expose_secret().as_bytes().ct_eq(b.expose_secret().as_bytes()).into()
}

fn read_file(path: &std::path::Path) -> io::Result<String> {
    use io::Read as _;
    let meta = fs::metadata(path)?;
    if meta.is_dir() {
        return Err(io::Error::new(io::ErrorKind::IsADirectory, "it is a folder, expected a file"));
    }
    let mut text = String::new();
    fs::File::open(path)?.take(MAX_BYTES).read_to_string(&mut text)?;
    Ok(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_password_becomes_its_md5() {
        let md5 = md5_hex(&SecretString::from("password"));
        assert_eq!(md5.expose_secret(), "5f4dcc3b5aa765d61d8327deb882cf99");
        assert!(!format!("{md5:?}").contains("5f4d"));
    }

    #[test]
    fn files_lose_their_line_end_and_loose_permissions_are_told() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("key");
        fs::write(&path, "s3cret\r\n").unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(0o640)).unwrap();
        let source = Source::File(path.clone());
        assert_eq!(source.read("key", 1).unwrap().expose_secret(), "s3cret");
        assert!(source.exposed().unwrap().contains("mode 640"));
        fs::set_permissions(&path, fs::Permissions::from_mode(0o600)).unwrap();
        assert_eq!(source.exposed(), None);
        let error = source.read("key", 32).unwrap_err().to_string();
        assert!(error.contains("6 characters") && !error.contains("s3cret"), "{error}");
        let missing = Source::File(folder.path().join("missing"));
        let error = |least| missing.read("key", least).unwrap_err().to_string();
        assert!(error(32).ends_with("; `openssl rand -hex 32` makes a good one"), "{}", error(32));
        assert!(!error(1).contains("openssl"), "nobody can make up the password of a PBX");
    }
}
