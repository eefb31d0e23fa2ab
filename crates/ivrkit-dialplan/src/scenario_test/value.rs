//! Values that YAML writes in more than one way.

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Deserializer, de};
use std::{borrow::Cow, fmt};

/// A text that may be written as a number: a variable's value, keys, the number of an IVR.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Word(pub String);

/// How long a sound is, or that there is none.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum SoundLength {
    /// In seconds.
    Seconds(f64),
    /// There is no such sound.
    Missing,
}

impl SoundLength {
    /// In milliseconds; none for a missing sound.
    pub fn as_ms(self) -> Option<u64> {
        match self {
            Self::Seconds(seconds) => Some(ms(seconds)),
            Self::Missing => None,
        }
    }
}

/// Seconds in milliseconds, rounded.
#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "schemas bound it")]
pub(super) fn ms(seconds: f64) -> u64 {
    (seconds * 1000.0).round() as u64
}

struct AnyScalar;

impl de::Visitor<'_> for AnyScalar {
    type Value = String;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("text or a number")
    }

    fn visit_u64<E: de::Error>(self, value: u64) -> Result<String, E> {
        Ok(value.to_string())
    }

    fn visit_i64<E: de::Error>(self, value: i64) -> Result<String, E> {
        Ok(value.to_string())
    }

    fn visit_f64<E: de::Error>(self, value: f64) -> Result<String, E> {
        Ok(value.to_string())
    }

    fn visit_str<E: de::Error>(self, value: &str) -> Result<String, E> {
        Ok(value.to_owned())
    }
}

impl<'de> Deserialize<'de> for Word {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(AnyScalar).map(Self)
    }
}

impl JsonSchema for Word {
    fn schema_name() -> Cow<'static, str> {
        "Word".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "description": "text or a number",
            "type": ["string", "number"],
            "patternErrorMessage": "expected text or a number",
        })
    }
}

impl<'de> Deserialize<'de> for SoundLength {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = deserializer.deserialize_any(AnyScalar)?;
        match text.parse() {
            Ok(seconds) => Ok(Self::Seconds(seconds)),
            Err(_) => Ok(Self::Missing),
        }
    }
}

impl JsonSchema for SoundLength {
    fn schema_name() -> Cow<'static, str> {
        "SoundLength".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "description": "seconds, 0 to 86400, fractions allowed; or `missing`",
            "type": ["number", "string"],
            "minimum": 0,
            "maximum": 86_400,
            "pattern": "^missing$",
            "patternErrorMessage": "expected seconds from 0 to 86400, or `missing`",
        })
    }
}
