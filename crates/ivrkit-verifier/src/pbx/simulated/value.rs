//! Small values of scripts: seconds, chances, and numbers that YAML writes with and without quotes.

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};
use std::fmt;

/// Longest time in a script, in seconds.
const MAX_S: f64 = 3600.0;

/// Seconds in YAML, milliseconds here: 0 to 3600 s.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Seconds(pub u64);

/// How often a fault strikes: 0 never, 1 always; YAML also takes `true` and `false`.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize)]
#[serde(transparent)]
pub struct Chance(f64);

/// A telephone number, an IVR or keys, with or without quotes in YAML.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct NumberText(pub(super) String);

impl Chance {
    /// The fault strikes every time.
    pub const ALWAYS: Self = Self(1.0);
    /// The fault never strikes.
    pub const NEVER: Self = Self(0.0);

    /// 0 to 1, else `None`.
    pub fn new(share: f64) -> Option<Self> {
        (0.0..=1.0).contains(&share).then_some(Self(share))
    }

    /// 0 to 1.
    pub fn share(self) -> f64 {
        self.0
    }
}

/// Milliseconds of 0 to 3600 seconds, else `None`.
#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "0..=3600 s fits")]
pub(super) fn ms(seconds: f64) -> Option<u64> {
    (0.0..=MAX_S).contains(&seconds).then(|| (seconds * 1000.0).round() as u64)
}

impl Serialize for Seconds {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        #[expect(clippy::cast_precision_loss, reason = "3600 s at most")]
        serializer.serialize_f64(self.0 as f64 / 1000.0)
    }
}

impl<'de> Deserialize<'de> for Seconds {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let seconds = f64::deserialize(deserializer)?;
        ms(seconds).map(Self).ok_or_else(|| {
            de::Error::custom(format!("found {seconds}, expected 0 to 3600 seconds"))
        })
    }
}

impl<'de> Deserialize<'de> for Chance {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct BoolOrShare;

        impl BoolOrShare {
            fn share<E: de::Error>(share: f64) -> Result<Chance, E> {
                Chance::new(share)
                    .ok_or_else(|| E::custom(format!("found {share}, expected a chance of 0 to 1")))
            }
        }

        impl de::Visitor<'_> for BoolOrShare {
            type Value = Chance;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("`true`, `false` or a chance of 0 to 1")
            }

            fn visit_bool<E: de::Error>(self, always: bool) -> Result<Chance, E> {
                Ok(if always { Chance::ALWAYS } else { Chance::NEVER })
            }

            fn visit_f64<E: de::Error>(self, share: f64) -> Result<Chance, E> {
                Self::share(share)
            }

            fn visit_u64<E: de::Error>(self, share: u64) -> Result<Chance, E> {
                #[expect(clippy::cast_precision_loss, reason = "all but 0 and 1 are refused")]
                Self::share(share as f64)
            }

            fn visit_i64<E: de::Error>(self, share: i64) -> Result<Chance, E> {
                #[expect(clippy::cast_precision_loss, reason = "all but 0 and 1 are refused")]
                Self::share(share as f64)
            }
        }

        deserializer.deserialize_any(BoolOrShare)
    }
}

impl<'de> Deserialize<'de> for NumberText {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct IntegerOrText;

        impl de::Visitor<'_> for IntegerOrText {
            type Value = NumberText;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("digits, with or without quotes")
            }

            fn visit_u64<E: de::Error>(self, number: u64) -> Result<NumberText, E> {
                Ok(NumberText(number.to_string()))
            }

            fn visit_str<E: de::Error>(self, text: &str) -> Result<NumberText, E> {
                Ok(NumberText(text.to_owned()))
            }
        }

        deserializer.deserialize_any(IntegerOrText)
    }
}

impl fmt::Debug for NumberText {
    /// Hidden: it may be a telephone number or keys.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "<{} characters>", self.0.chars().count())
    }
}
