//! The section `tts`: which engine speaks the prompts that have a text and no file.
//!
//! Doc comments here are what editors show. Holds shapes and ranges; what needs a look at two places
//! at once is `check/tts.rs`'s, and speaking is done upstairs. Must not hold a key: it names where
//! keys are kept.

use super::model::Seconds;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// The engine that speaks the prompts which have a `text` and no file.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Tts {
    /// Which engine speaks; its section below has its settings.
    #[serde(default)]
    pub engine: Engine,
    /// Name of the voice as the engine knows it. espeak-ng has one for the scenario's language by
    /// default; to `command` and `http` it is what `{{ voice }}` stands for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(min = 1, max = 200))]
    pub voice: Option<String>,
    /// Seconds that one sentence may take, each time it is tried.
    #[serde(default = "default_timeout")]
    pub timeout_s: Seconds,
    /// How many sentences are spoken at the same time: as many as there are processors by default,
    /// and 4 for `http`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 1, max = 64))]
    pub concurrency: Option<u16>,
    /// Settings of espeak-ng.
    #[serde(default, rename = "espeak-ng", skip_serializing_if = "Option::is_none")]
    pub espeak_ng: Option<EspeakNg>,
    /// The program that speaks; needed with `engine: command`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub command: Option<SpeechCommand>,
    /// The request that brings speech; needed with `engine: http`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub http: Option<SpeechRequest>,
}

/// A kind of speech engine.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Engine {
    /// espeak-ng on this machine.
    #[default]
    EspeakNg,
    /// Any program on this machine.
    Command,
    /// An engine that is asked over HTTP.
    Http,
}

/// Settings of espeak-ng.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct EspeakNg {
    /// Words per minute; of Chinese, characters count.
    #[serde(default = "default_words_per_minute")]
    #[schemars(range(min = 80, max = 450))]
    pub words_per_minute: u16,
    /// Pitch, 0 to 99.
    #[serde(default = "default_pitch")]
    #[schemars(range(min = 0, max = 99))]
    pub pitch: u8,
}

/// A program that speaks: a sentence in, a WAV out.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct SpeechCommand {
    /// The program and its arguments, run without a shell. `{{ text }}`, `{{ voice }}` and
    /// `{{ language }}` stand for what they say, `{{ output }}` for the file that the program is to
    /// write. Without `{{ text }}` the sentence is on standard input, without `{{ output }}` the
    /// sound is expected on standard output.
    #[schemars(length(min = 1, max = 64))]
    pub run: Vec<String>,
    /// A command that prints the engine's version: another version speaks everything anew.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(length(max = 64))]
    pub version: Vec<String>,
    /// The program writes bare samples, 16 bit, mono, little-endian, of so many Hz, in place of a
    /// WAV.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 4000, max = 192_000))]
    pub raw_rate_hz: Option<u32>,
}

/// A request over HTTP that brings speech.
///
/// Texts in it are templates: `{{ text }}`, `{{ voice }}`, `{{ language }}` and `{{ keys.NAME }}`,
/// each escaped for the place that it stands in.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct SpeechRequest {
    /// Where the engine is asked; what is filled in is percent-encoded.
    #[schemars(
        length(max = 2000),
        regex(pattern = r"^https?://[^\s/]"),
        extend("patternErrorMessage" = "expected an address that begins with `https://` or `http://`")
    )]
    pub url: String,
    /// How it is asked.
    #[serde(default)]
    pub method: Method,
    /// Headers by name.
    #[serde(default)]
    #[schemars(extend("propertyNames" = {
        "pattern": "^[A-Za-z0-9-]+$",
        "patternErrorMessage": "expected the name of a header: letters, digits and `-`",
    }))]
    pub headers: BTreeMap<String, String>,
    /// The body as JSON; the texts in it are templates.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub json: Option<serde_json::Value>,
    /// The body as the fields of a form.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub form: Option<BTreeMap<String, String>>,
    /// The body as XML, such as SSML.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(min = 1, max = 20_000))]
    pub xml: Option<String>,
    /// Where the keys are kept that the request needs, by the names that templates use.
    #[serde(default)]
    #[schemars(extend("propertyNames" = {
        "pattern": "^[a-z][a-z0-9_]*$",
        "patternErrorMessage": "expected a name of lower-case letters, digits and `_`",
    }))]
    pub keys: BTreeMap<String, Key>,
    /// Where in an answer of JSON the sound stands, in Base64, as a JSON pointer such as `/data/audio`.
    /// Without it the answer itself is the sound.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(
        regex(pattern = r"^(/[^/]*)+$"),
        extend("patternErrorMessage" = "expected a JSON pointer such as `/data/audio`")
    )]
    pub audio_at: Option<String>,
    /// The sound is bare samples, 16 bit, mono, little-endian, of so many Hz, in place of a WAV.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 4000, max = 192_000))]
    pub raw_rate_hz: Option<u32>,
    /// Most requests that are begun in a second; fractions allowed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 0.01, max = 1000.0))]
    pub requests_per_s: Option<f64>,
    /// How often a request is tried again after 429, a server's error, a time-out or a lost
    /// connection.
    #[serde(default = "default_retries")]
    #[schemars(range(min = 0, max = 10))]
    pub retries: u8,
    /// PEM file of the authorities to trust in place of the system's, relative to the scenario.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(min = 1))]
    pub ca_file: Option<String>,
}

/// How a server is asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
pub enum Method {
    /// With a body, or without.
    #[default]
    #[serde(rename = "POST")]
    Post,
    /// By the address alone.
    #[serde(rename = "GET")]
    Get,
}

/// Where a key is kept. One of the two.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Key {
    /// Environment variable that holds it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(
        regex(pattern = r"^[A-Za-z_][A-Za-z0-9_]*$"),
        extend("patternErrorMessage" = "expected the name of an environment variable")
    )]
    pub env: Option<String>,
    /// File that holds nothing else, relative to the scenario.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(min = 1))]
    pub file: Option<String>,
}

impl Engine {
    /// The name in YAML.
    pub fn name(self) -> &'static str {
        match self {
            Self::EspeakNg => "espeak-ng",
            Self::Command => "command",
            Self::Http => "http",
        }
    }
}

impl Default for EspeakNg {
    fn default() -> Self {
        Self { words_per_minute: default_words_per_minute(), pitch: default_pitch() }
    }
}

fn default_timeout() -> Seconds {
    Seconds::new(60.0).expect("a minute is in the range")
}
fn default_words_per_minute() -> u16 {
    175
}
fn default_pitch() -> u8 {
    50
}
fn default_retries() -> u8 {
    4
}
