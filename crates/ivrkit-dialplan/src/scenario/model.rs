//! The types of a scenario, as YAML writes them.
//!
//! Doc comments here are what editors show while a scenario is typed. Holds shapes and the ranges
//! that the schema can say; what needs a look at two places at once is `check`'s.

use super::speech::Tts;
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Deserializer, Serialize, de};
use std::{
    borrow::{Borrow, Cow},
    collections::BTreeMap,
    fmt,
};

/// The IVRs, their prompts and what a verified call does.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Scenario {
    /// Version of this format: 1.
    #[schemars(range(min = 1, max = 1))]
    pub ivrkit: u32,
    /// Name of the scenario, for reports and file headers: lower-case letters, digits, `-`, `_`.
    #[schemars(
        regex(pattern = r"^[a-z0-9][a-z0-9_-]{0,63}$"),
        extend("patternErrorMessage" = "expected up to 64 lower-case letters, digits, `-` and `_`")
    )]
    pub name: String,
    /// What the scenario is for, in a sentence.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    /// Language of the prompts as a BCP 47 tag, such as `zh-CN` or `en`.
    #[schemars(
        regex(pattern = r"^[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8})*$"),
        extend("patternErrorMessage" = "expected a language tag such as `zh-CN` or `en`")
    )]
    pub language: String,
    /// The PBX that the dialplan is for, unless `--profile` says otherwise.
    pub profile: Profile,
    /// Settings of single profiles.
    #[serde(default)]
    #[schemars(extend("propertyNames" = { "enum": ["yeastar-s", "asterisk"] }))]
    pub profiles: BTreeMap<Profile, ProfileSettings>,
    /// Where calls begin.
    pub calls: Calls,
    /// Where the prompts come from and where the PBX finds them.
    pub media: Media,
    /// The engine that speaks the prompts which have a `text` and no file.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tts: Option<Tts>,
    /// The prompts by name: letters, digits, `-` and `_`, with at least one letter.
    #[schemars(extend("minProperties" = 1))]
    pub prompts: BTreeMap<String, Prompt>,
    /// The IVRs by number.
    #[schemars(extend("minProperties" = 1, "propertyNames" = { "$ref": "#/$defs/Number" }))]
    pub ivrs: BTreeMap<Number, Ivr>,
    /// How entered digits are judged and where a verdict leads, by name.
    #[serde(default)]
    pub verifications: BTreeMap<String, Verification>,
}

/// The kind of PBX that a dialplan is rendered for.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "kebab-case")]
pub enum Profile {
    /// Yeastar S-series: the PBX owns the contexts `ivrs` and `always-Hangup`, and answers the call.
    YeastarS,
    /// A stock Asterisk: the dialplan brings those contexts along and answers the call.
    Asterisk,
}

/// What differs between installations of one profile.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ProfileSettings {
    /// Variable or function whose value is the callee's number, without `${}`; it names the prompt
    /// that differs per callee. Example: `CALLERID(num)`.
    #[serde(default = "default_callee_number")]
    #[schemars(
        regex(pattern = r"^[A-Za-z_][A-Za-z0-9_]*(\([A-Za-z0-9_-]*\))?$"),
        extend("patternErrorMessage" =
            "expected a variable or function without `${}`, such as `CALLERID(num)`")
    )]
    pub callee_number: String,
}

/// Where calls begin. At least one of the two is needed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Calls {
    /// IVR that a dialled callee hears first.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub outbound: Option<Number>,
    /// IVR that a caller from outside reaches.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub inbound: Option<Number>,
}

/// Where prompts come from and where the PBX finds them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Media {
    /// Folder on the PBX that the dialplan plays from, absolute, such as `/tmp/media/networkdisk1`.
    #[schemars(
        length(max = 200),
        regex(pattern = r"^(/[A-Za-z0-9_][A-Za-z0-9._-]*)+$"),
        extend("patternErrorMessage" =
            "expected an absolute folder on the PBX, such as `/tmp/media/networkdisk1`")
    )]
    pub root: String,
    /// Folder of the source WAV files, relative to the scenario.
    #[schemars(length(min = 1))]
    pub source: String,
    /// Where `push-media` uploads to unless `--to` says otherwise: `sftp://user@host[:port]/path` or
    /// a folder.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(min = 1))]
    pub push_to: Option<String>,
    /// How the sound of all prompts is made, unless a prompt says otherwise.
    #[serde(default, skip_serializing_if = "SoundOptions::is_empty")]
    pub sound: SoundOptions,
}

/// How a prompt's sound is made. What is left out here is as `media.sound` has it for all prompts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema, Default)]
#[serde(deny_unknown_fields)]
pub struct SoundOptions {
    /// Format of the prompt's file, which is also its ending: `wav` by default. A `yeastar-s` takes
    /// no other.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub format: Option<SoundFormat>,
    /// Active speech level (ITU-T P.56) that the prompt is brought to: `keep` (the default) leaves it
    /// alone, `stock` is -19 dBov as Asterisk's own prompts are, `itu` is -26 dBov.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub level: Option<Level>,
    /// Whether silence is cut off: at most 100 ms are kept before the sound, 150 ms behind it. It
    /// stays by default.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub trim: Option<bool>,
    /// Cut-off in Hz of a filter against hum and rumble, at most 300; 0, the default, is no filter.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 0, max = 300))]
    pub high_pass_hz: Option<u16>,
}

/// How a prompt's sound is made, with every default filled in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub struct Sound {
    /// Format of the file.
    pub format: SoundFormat,
    /// Active speech level.
    pub level: Level,
    /// Silence at both ends is cut off.
    pub trim: bool,
    /// Cut-off of the high-pass filter in Hz; 0 is none.
    pub high_pass_hz: u16,
}

/// Format of a prompt's file. Asterisk knows it by the ending of the name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema, Default)]
#[serde(rename_all = "lowercase")]
pub enum SoundFormat {
    /// RIFF/WAVE, 16 bit, 8 kHz.
    #[default]
    Wav,
    /// 16 bit, 8 kHz, without a header.
    Sln,
    /// ITU-T G.711 u-law, 8 kHz, without a header.
    Ulaw,
    /// ITU-T G.711 A-law, 8 kHz, without a header.
    Alaw,
    /// RIFF/WAVE, 16 bit, 16 kHz.
    Wav16,
    /// 16 bit, 16 kHz, without a header.
    Sln16,
}

/// What a prompt's active speech level (ITU-T P.56) is brought to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema, Default)]
#[serde(rename_all = "lowercase")]
pub enum Level {
    /// As the source has it.
    #[default]
    Keep,
    /// -19 dBov, as loud as Asterisk's own prompts.
    Stock,
    /// -26 dBov, the nominal level of ITU-T P.56.
    Itu,
}

/// One prompt. Its name here is its file name on the PBX, without the ending.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema, Default)]
#[serde(deny_unknown_fields)]
pub struct Prompt {
    /// What is said, in the scenario's language; left out for music. Of a prompt per callee that is
    /// spoken for a list, a template with the list's columns: `{{ date }}`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub text: Option<String>,
    /// What the engine is given where that differs from `text`, such as a sign that it misreads.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(min = 1))]
    pub spoken: Option<String>,
    /// Sounds that are joined to this prompt, in place of `text` and `source`: what is the same for
    /// all callees is spoken once.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(length(min = 1, max = 16))]
    pub parts: Vec<Part>,
    /// Source file, relative to `media.source`; the prompt's name and `.wav` by default. For a
    /// prompt per callee: a folder with one WAV per callee, each named by the number.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(min = 1))]
    pub source: Option<String>,
    /// Every callee hears a file of his own, named by his number on the PBX.
    #[serde(default)]
    pub per_callee: bool,
    /// How the sound of this prompt is made, where that differs from `media.sound`.
    #[serde(default, skip_serializing_if = "SoundOptions::is_empty")]
    pub sound: SoundOptions,
}

/// One of the sounds that a prompt is joined of: a `text` that is spoken, or a `source`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Part {
    /// What the engine speaks; a template as the prompt's `text` is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(min = 1))]
    pub text: Option<String>,
    /// A recording, relative to `media.source`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(min = 1))]
    pub source: Option<String>,
}

/// One IVR: what it plays, how long it waits, and what each key does.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Ivr {
    /// What it is for, in a few words.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub title: Option<String>,
    /// Prompts played one after the other; a key interrupts them.
    #[schemars(length(min = 1, max = 32))]
    pub prompts: Vec<String>,
    /// How often the prompts are played before the time-out counts.
    #[serde(default = "default_plays")]
    #[schemars(range(min = 1, max = 5))]
    pub plays: u8,
    /// Seconds to wait for a key after the prompts, each time.
    #[serde(default = "default_wait")]
    pub wait_s: Seconds,
    /// Seconds to wait for the next digit when what was typed could go on.
    #[serde(default = "default_digit_timeout")]
    pub digit_timeout_s: Seconds,
    /// What single keys, or sequences of keys, lead to.
    #[serde(default)]
    #[schemars(extend("propertyNames" = { "$ref": "#/$defs/KeySequence" }))]
    pub keys: BTreeMap<KeySequence, Target>,
    /// Digits that the caller types to be verified.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub entry: Option<Entry>,
    /// Where the call goes when no key came: an IVR or `hangup`.
    #[serde(default = "default_hangup")]
    pub on_timeout: Target,
    /// What a key without a meaning, or too short an entry, does: `replay`, an IVR or `hangup`.
    #[serde(default = "default_replay")]
    pub on_wrong_key: Target,
    /// How often in one visit the IVR may start over because of `replay`; then the call is hung up.
    #[serde(default = "default_max_replays")]
    #[schemars(range(min = 1, max = 10))]
    pub max_replays: u8,
    /// Allows keys of which one begins another; the caller of the shorter waits `digit_timeout_s`.
    #[serde(default)]
    pub keys_may_wait: bool,
}

/// Digits that the caller types to be verified, ended by a key or by the digit time-out.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Entry {
    /// The verification that judges them.
    pub verify: String,
    /// Fewest digits, without the end key.
    #[schemars(range(min = 1, max = 20))]
    pub min_digits: u8,
    /// Most digits, without the end key.
    #[schemars(range(min = 1, max = 20))]
    pub max_digits: u8,
    /// Key that ends the entry.
    #[serde(default)]
    pub end_key: EndKey,
    /// What the caller hears until the verdict.
    pub hold: Hold,
    /// What happens when no verdict came within the hold's limit: `replay` asks again.
    #[serde(default = "default_replay")]
    pub on_no_verdict: Target,
}

/// The key that ends an entry.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
pub enum EndKey {
    /// `#`
    #[default]
    #[serde(rename = "#")]
    Hash,
    /// `*`
    #[serde(rename = "*")]
    Star,
}

/// What the caller hears while the verdict is awaited.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Hold {
    /// Prompts played in turn, over and over, until the verdict or the limit.
    #[schemars(length(min = 1, max = 32))]
    pub prompts: Vec<String>,
    /// Seconds after which no further prompts of the hold are begun; up to four are begun together.
    #[serde(default = "default_hold_limit")]
    pub limit_s: Seconds,
}

/// How entered digits are judged and where the verdict leads.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Verification {
    /// Where the expected digits are looked up: `codes` is ivrkit's own store, any other word a
    /// section of `lookups` in the server's configuration.
    #[serde(default = "default_lookup")]
    #[schemars(
        regex(pattern = r"^[a-z0-9][a-z0-9_-]{0,63}$"),
        extend("patternErrorMessage" = "expected `codes`, or up to 64 lower-case letters, digits, \
            `-` and `_`")
    )]
    pub lookup: String,
    /// Column of the look-up's rows that the digits must be equal to, where that differs from what
    /// the server's configuration says.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(
        regex(pattern = r"^[A-Za-z_][A-Za-z0-9_]{0,63}$"),
        extend("patternErrorMessage" = "expected the name of a column")
    )]
    pub lookup_column: Option<String>,
    /// Values that the look-up's statement can name beside its own parameters: `course` is `:course`
    /// there.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    #[schemars(extend("propertyNames" = { "pattern": "^[a-z][a-z0-9_]{0,31}$" }))]
    pub lookup_values: BTreeMap<String, String>,
    /// Seconds for which a look-up that cannot be done is tried again; by default until shortly
    /// before the hold ends, or with `on_unavailable: replay` until it ends.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub retry_s: Option<Seconds>,
    /// What happens when the look-up could not be done within that time: an IVR, `hangup`, or
    /// `replay`, with which the caller is asked again at the end of the hold.
    #[serde(default = "default_replay")]
    pub on_unavailable: Target,
    /// IVR, or `hangup`, for the right digits.
    pub on_match: Target,
    /// IVR, or `hangup`, for wrong digits while attempts are left.
    pub on_mismatch: Target,
    /// How many entries a call has.
    #[serde(default = "default_attempts")]
    #[schemars(range(min = 1, max = 10))]
    pub attempts: u8,
    /// What happens after the last wrong entry: an IVR or `hangup`.
    #[serde(default = "default_hangup")]
    pub on_exhausted: Target,
}

/// Number of an IVR: 1 to 10 digits.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(transparent)]
pub struct Number(String);

/// Keys that a caller presses in a row: digits, `*` and `#`, 1 to 10 of them.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(transparent)]
pub struct KeySequence(String);

/// Where a call goes on.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Target {
    /// To an IVR of this scenario.
    Ivr(Number),
    /// The same IVR again, at most `max_replays` times in one visit.
    Replay,
    /// The call ends.
    Hangup,
}

/// A time in seconds: 0.1 to 600, fractions allowed.
#[derive(Debug, Clone, Copy, PartialEq, PartialOrd, Serialize)]
#[serde(transparent)]
pub struct Seconds(f64);

fn default_callee_number() -> String {
    "CALLERID(num)".to_owned()
}
fn default_plays() -> u8 {
    1
}
fn default_wait() -> Seconds {
    Seconds(5.0)
}
fn default_digit_timeout() -> Seconds {
    Seconds(3.0)
}
fn default_lookup() -> String {
    Verification::CODES.to_owned()
}
fn default_hold_limit() -> Seconds {
    Seconds(40.0)
}
fn default_hangup() -> Target {
    Target::Hangup
}
fn default_replay() -> Target {
    Target::Replay
}
fn default_max_replays() -> u8 {
    2
}
pub(super) fn default_attempts() -> u8 {
    3
}

impl Scenario {
    /// The names of the verifications whose look-up is ivrkit's own store of codes.
    pub fn verifications_by_codes(&self) -> Vec<&str> {
        let by_codes = |one: &&Verification| one.lookup == Verification::CODES;
        let named = self.verifications.iter().filter(|(_, one)| by_codes(one));
        named.map(|(name, _)| name.as_str()).collect()
    }

    /// How the sound of one of the prompts is made.
    pub fn sound(&self, prompt: &Prompt) -> Sound {
        let (own, all) = (&prompt.sound, &self.media.sound);
        Sound {
            format: own.format.or(all.format).unwrap_or_default(),
            level: own.level.or(all.level).unwrap_or_default(),
            trim: own.trim.or(all.trim).unwrap_or_default(),
            high_pass_hz: own.high_pass_hz.or(all.high_pass_hz).unwrap_or_default(),
        }
    }
}

impl Verification {
    /// The look-up in ivrkit's own store: keyed hashes with an expiry, each good for one success.
    pub const CODES: &'static str = "codes";

    /// For how many milliseconds a look-up that cannot be done is tried again while a caller hears
    /// this hold. Where the server sends the call away afterwards it has to do so before the
    /// dialplan asks again.
    pub fn retry_ms(&self, hold: &Hold) -> u64 {
        const LEAD_MS: u64 = 2_000;
        let hold_ms = hold.limit_s.as_ms();
        let longest_ms = match self.on_unavailable {
            Target::Replay => hold_ms,
            Target::Ivr(_) | Target::Hangup => hold_ms - LEAD_MS.min(hold_ms / 2),
        };
        self.retry_s.map_or(longest_ms, |retry| retry.as_ms().min(longest_ms))
    }
}

impl SoundOptions {
    #[expect(clippy::trivially_copy_pass_by_ref, reason = "serde calls it with a reference")]
    fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}

impl SoundFormat {
    /// Every format.
    pub const ALL: [Self; 6] =
        [Self::Wav, Self::Sln, Self::Ulaw, Self::Alaw, Self::Wav16, Self::Sln16];

    /// The name, which is also the ending of the file, without the dot.
    pub fn name(self) -> &'static str {
        match self {
            Self::Wav => "wav",
            Self::Sln => "sln",
            Self::Ulaw => "ulaw",
            Self::Alaw => "alaw",
            Self::Wav16 => "wav16",
            Self::Sln16 => "sln16",
        }
    }

    /// Samples per second.
    pub fn rate_hz(self) -> u32 {
        match self {
            Self::Wav | Self::Sln | Self::Ulaw | Self::Alaw => 8_000,
            Self::Wav16 | Self::Sln16 => 16_000,
        }
    }
}

impl Level {
    /// The level in dBov, `None` if it stays as it is.
    pub fn target_dbov(self) -> Option<f64> {
        match self {
            Self::Keep => None,
            Self::Stock => Some(-19.0),
            Self::Itu => Some(-26.0),
        }
    }
}

impl Default for ProfileSettings {
    fn default() -> Self {
        Self { callee_number: default_callee_number() }
    }
}

impl Profile {
    /// The name in YAML and on the command line.
    pub fn name(self) -> &'static str {
        match self {
            Self::YeastarS => "yeastar-s",
            Self::Asterisk => "asterisk",
        }
    }
}

impl Prompt {
    /// What is said, as far as the scenario knows it: the text, or the texts of the parts joined.
    pub fn words(&self) -> Option<Cow<'_, str>> {
        if let Some(text) = &self.text {
            return Some(text.into());
        }
        let texts: Vec<&str> = self.parts.iter().filter_map(|part| part.text.as_deref()).collect();
        (!texts.is_empty()).then(|| texts.concat().into())
    }
}

impl fmt::Display for Profile {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl EndKey {
    /// The key as the telephone sends it.
    pub fn key(self) -> char {
        match self {
            Self::Hash => '#',
            Self::Star => '*',
        }
    }
}

impl Number {
    /// A number of 1 to 10 digits, else `None`.
    pub fn new(text: &str) -> Option<Self> {
        ((1..=10).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_digit()))
            .then(|| Self(text.to_owned()))
    }

    /// The digits.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl Borrow<str> for Number {
    fn borrow(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Number {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl KeySequence {
    /// 1 to 10 of `0123456789*#`, else `None`.
    pub fn new(text: &str) -> Option<Self> {
        ((1..=10).contains(&text.len())
            && text.bytes().all(|byte| byte.is_ascii_digit() || matches!(byte, b'*' | b'#')))
        .then(|| Self(text.to_owned()))
    }

    /// The keys.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for KeySequence {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl Target {
    /// `hangup`, `replay` or an IVR number, else `None`.
    pub fn new(text: &str) -> Option<Self> {
        match text {
            "hangup" => Some(Self::Hangup),
            "replay" => Some(Self::Replay),
            _ => Number::new(text).map(Self::Ivr),
        }
    }

    /// The IVR, if it is one.
    pub fn ivr(&self) -> Option<&Number> {
        match self {
            Self::Ivr(number) => Some(number),
            Self::Replay | Self::Hangup => None,
        }
    }
}

impl fmt::Display for Target {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Ivr(number) => number.fmt(f),
            Self::Replay => f.write_str("replay"),
            Self::Hangup => f.write_str("hangup"),
        }
    }
}

impl Serialize for Target {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl Seconds {
    /// 0.1 to 600 seconds, else `None`.
    pub fn new(seconds: f64) -> Option<Self> {
        (0.1..=600.0).contains(&seconds).then_some(Self(seconds))
    }

    /// In seconds.
    pub fn as_f64(self) -> f64 {
        self.0
    }

    /// In milliseconds, rounded.
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "0.1..=600 s fits")]
    pub fn as_ms(self) -> u64 {
        (self.0 * 1000.0).round() as u64
    }
}

impl fmt::Display for Seconds {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// Reads a plain YAML integer or a string; numbers of IVRs and keys are written both ways.
struct IntegerOrText;

impl de::Visitor<'_> for IntegerOrText {
    type Value = String;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a number or a string")
    }

    fn visit_u64<E: de::Error>(self, value: u64) -> Result<String, E> {
        Ok(value.to_string())
    }

    fn visit_i64<E: de::Error>(self, value: i64) -> Result<String, E> {
        Ok(value.to_string())
    }

    fn visit_str<E: de::Error>(self, value: &str) -> Result<String, E> {
        Ok(value.to_owned())
    }
}

/// `Deserialize` and `JsonSchema` of a type that stands in YAML as an integer or a short text.
macro_rules! integer_or_text {
    ($type:ident, $expected:literal, $pattern:literal) => {
        impl<'de> Deserialize<'de> for $type {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                let text = deserializer.deserialize_any(IntegerOrText)?;
                Self::new(&text)
                    .ok_or_else(|| de::Error::custom(format!("found `{text}`, expected {}", $expected)))
            }
        }

        impl JsonSchema for $type {
            fn schema_name() -> Cow<'static, str> {
                stringify!($type).into()
            }

            fn json_schema(_: &mut SchemaGenerator) -> Schema {
                json_schema!({
                    "description": $expected,
                    "type": ["string", "integer"],
                    "pattern": $pattern,
                    "patternErrorMessage": concat!("expected ", $expected),
                    "minimum": 0,
                    "maximum": 9_999_999_999_u64,
                })
            }
        }
    };
}

integer_or_text!(Number, "the number of an IVR: 1 to 10 digits", "^[0-9]{1,10}$");
integer_or_text!(KeySequence, "1 to 10 keys of 0-9, * and #", "^[0-9*#]{1,10}$");
integer_or_text!(
    Target,
    "the number of an IVR, `replay` or `hangup`",
    "^([0-9]{1,10}|replay|hangup)$"
);

impl<'de> Deserialize<'de> for Seconds {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let seconds = f64::deserialize(deserializer)?;
        Self::new(seconds).ok_or_else(|| {
            de::Error::custom(format!("found {seconds}, expected 0.1 to 600 seconds"))
        })
    }
}

impl JsonSchema for Seconds {
    fn schema_name() -> Cow<'static, str> {
        "Seconds".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "description": "seconds, 0.1 to 600, fractions allowed",
            "type": "number",
            "minimum": 0.1,
            "maximum": 600,
        })
    }
}
