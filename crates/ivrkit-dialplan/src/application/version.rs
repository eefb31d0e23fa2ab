//! The versions of Asterisk that the catalogue knows apart.

use serde::Deserialize;
use std::{fmt, str::FromStr};

/// A major version of Asterisk; its last release speaks for it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Deserialize)]
pub enum Version {
    /// Asterisk 13 (2014, last release 13.38).
    #[serde(rename = "13")]
    V13,
    /// Asterisk 16 (2018).
    #[serde(rename = "16")]
    V16,
    /// Asterisk 18 (2020).
    #[serde(rename = "18")]
    V18,
    /// Asterisk 20 (2022).
    #[serde(rename = "20")]
    V20,
    /// Asterisk 22 (2024).
    #[default]
    #[serde(rename = "22")]
    V22,
}

/// A version that the catalogue does not know.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("no catalogue of Asterisk `{0}`, expected 13, 16, 18, 20 or 22")]
pub struct UnknownVersion(String);

impl Version {
    /// All of them, oldest first.
    pub const ALL: [Self; 5] = [Self::V13, Self::V16, Self::V18, Self::V20, Self::V22];

    /// The version that is assumed when none is named.
    pub const fn newest() -> Self {
        Self::V22
    }

    /// Its major number.
    pub const fn major(self) -> u8 {
        match self {
            Self::V13 => 13,
            Self::V16 => 16,
            Self::V18 => 18,
            Self::V20 => 20,
            Self::V22 => 22,
        }
    }
}

impl fmt::Display for Version {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.major())
    }
}

/// Takes the major number, with or without a minor one: `16`, `16.28.0`.
impl FromStr for Version {
    type Err = UnknownVersion;

    fn from_str(text: &str) -> Result<Self, UnknownVersion> {
        let major = text.split('.').next().and_then(|major| major.parse().ok());
        Self::ALL
            .into_iter()
            .find(|version| Some(version.major()) == major)
            .ok_or_else(|| UnknownVersion(text.to_owned()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_version_is_known_by_its_major_number() {
        let check = |text: &str, expected: Option<Version>| {
            assert_eq!(text.parse().ok(), expected, "{text}");
        };
        check("13", Some(Version::V13));
        check("22", Some(Version::newest()));
        check("16.28.0", Some(Version::V16));
        check("17", None);
        check("", None);
        check("x16", None);
        assert!(Version::V16 < Version::V18);
        assert_eq!(
            "14".parse::<Version>().unwrap_err().to_string(),
            "no catalogue of Asterisk `14`, expected 13, 16, 18, 20 or 22"
        );
    }
}
