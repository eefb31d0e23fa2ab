//! The types of a test file, as YAML writes them.
//!
//! Doc comments here are what editors show while a test is typed.

use super::value::{SoundLength, Word};
use crate::scenario::Profile;
use schemars::JsonSchema;
use serde::Deserialize;
use std::collections::BTreeMap;

/// Tests of one scenario or one dialplan.
#[derive(Debug, Clone, PartialEq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct TestFile {
    /// Version of this format: 1.
    #[serde(rename = "ivrkit-test")]
    #[schemars(range(min = 1, max = 1))]
    pub version: u32,
    /// The scenario that is tested, relative to this file. Either this or `dialplan`.
    #[serde(default)]
    #[schemars(length(min = 1))]
    pub scenario: Option<String>,
    /// The dialplan that is tested, relative to this file. Either this or `scenario`.
    #[serde(default)]
    #[schemars(length(min = 1))]
    pub dialplan: Option<String>,
    /// The kinds of PBX that a scenario is rendered and tested for; the scenario's own by default.
    #[serde(default)]
    #[schemars(extend("propertyNames" = { "enum": ["yeastar-s", "asterisk"] }))]
    pub profiles: BTreeMap<Profile, ProfileTests>,
    /// The version of Asterisk; 22 by default.
    #[serde(default)]
    #[schemars(range(min = 16, max = 22))]
    pub asterisk: Option<u8>,
    /// What all tests of the file begin with.
    #[serde(default)]
    pub defaults: Defaults,
    /// The tests.
    #[schemars(length(min = 1, max = 10_000))]
    pub tests: Vec<Test>,
}

/// What the tests of one profile need.
#[derive(Debug, Clone, Default, PartialEq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ProfileTests {
    /// Dialplan text that the PBX has beside the rendered one, such as the contexts that it owns.
    #[serde(default)]
    pub dialplan: Option<String>,
}

/// What all tests of a file begin with.
#[derive(Debug, Clone, Default, PartialEq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Defaults {
    /// What a test gives itself counts before this; variables, sounds and look-ups are joined.
    #[serde(default)]
    pub given: Given,
    /// What a test expects itself counts before this.
    #[serde(default)]
    pub then: Then,
}

/// One test: one call.
#[derive(Debug, Clone, PartialEq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Test {
    /// What it shows, in a few words; each name once in a file.
    #[schemars(length(min = 1, max = 200))]
    pub name: String,
    /// The profiles that it is for; all of the file by default.
    #[serde(default)]
    #[schemars(length(min = 1, max = 2))]
    pub only: Option<Vec<Profile>>,
    /// How the call begins, and what it meets.
    #[serde(default)]
    pub given: Given,
    /// What the caller does, in order: `wait 2`, keys, `after SOUND`, `during SOUND`, `in PLACE`,
    /// `event NAME`, `hangup`, `redirect CONTEXT,EXTEN,PRIORITY`.
    #[serde(default)]
    pub when: Vec<Word>,
    /// What must have happened.
    #[schemars(extend("minProperties" = 1))]
    pub then: Then,
}

/// How a call begins, and what it meets.
#[derive(Debug, Clone, Default, PartialEq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Given {
    /// Where the call enters: `CONTEXT,EXTEN` or `CONTEXT,EXTEN,PRIORITY`, or the number of an IVR; the
    /// first IVR of a scenario by default.
    #[serde(default)]
    pub entry: Option<Word>,
    /// The caller's number, or `NAME <NUMBER>`; for a dialled callee it is his number.
    #[serde(default)]
    pub caller: Option<Word>,
    /// Channel variables that the call begins with.
    #[serde(default)]
    pub variables: BTreeMap<String, Word>,
    /// When the call begins, with the PBX's offset from UTC: `2026-01-05T10:00:00+08:00`.
    #[serde(default)]
    pub at: Option<String>,
    /// Whether the call is already answered when it enters the dialplan; true by default.
    #[serde(default)]
    pub answered: Option<bool>,
    /// The language of the channel; `en` by default.
    #[serde(default)]
    #[schemars(length(min = 1, max = 40))]
    pub language: Option<String>,
    /// Lengths of sounds in seconds, or `missing`: by their names in the dialplan, or the prompts of a
    /// scenario by theirs.
    #[serde(default)]
    pub sounds: BTreeMap<String, SoundLength>,
    /// Length of all other sounds in seconds; 3 by default. Below the media folder of a scenario
    /// there are only its prompts.
    #[serde(default)]
    #[schemars(range(min = 0, max = 86_400))]
    pub sound_s: Option<f64>,
    /// What comes of applications that cannot run here, such as `Dial`; the first that fits counts.
    #[serde(default)]
    pub outcomes: Option<Vec<Outcome>>,
    /// What functions are worth that cannot be asked here, such as `ODBC_LOOKUP`; the first that fits
    /// counts.
    #[serde(default)]
    pub functions: Option<Vec<FunctionValue>>,
    /// Who rang whom, for the server; by default the PBX dialled if the scenario has an outbound IVR.
    #[serde(default)]
    pub direction: Option<Direction>,
    /// Whether the server that verifies takes part; for a scenario it does by default.
    #[serde(default)]
    pub server: Option<bool>,
    /// What the server's look-ups find by the digits that were typed; `other` for all others, which
    /// are a mismatch by default.
    #[serde(default)]
    pub lookup: BTreeMap<String, Lookup>,
    /// Seconds from an event or a key until the server has its report; 0.05 by default.
    #[serde(default)]
    #[schemars(range(min = 0, max = 600))]
    pub report_delay_s: Option<f64>,
    /// Seconds until a look-up is answered; 0.02 by default.
    #[serde(default)]
    #[schemars(range(min = 0, max = 600))]
    pub lookup_delay_s: Option<f64>,
    /// Seconds until the PBX does a transfer or hang-up of the server; 0.1 by default.
    #[serde(default)]
    #[schemars(range(min = 0, max = 600))]
    pub transfer_delay_s: Option<f64>,
    /// Seconds for which a key is held, and of the pause after it; 0.1 by default.
    #[serde(default)]
    #[schemars(range(min = 0.001, max = 60))]
    pub key_s: Option<f64>,
    /// Seed of the random functions; 1 by default.
    #[serde(default)]
    pub seed: Option<u64>,
}

/// What comes of an application that cannot run here.
#[derive(Debug, Clone, PartialEq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Outcome {
    /// The application.
    #[schemars(length(min = 1, max = 80))]
    pub application: String,
    /// What its arguments must contain; any by default.
    #[serde(default)]
    pub data: Option<Word>,
    /// How often it comes to this before the next outcome that fits is taken; for ever by default.
    #[serde(default)]
    pub times: Option<u32>,
    /// What its own status variable becomes, such as `DIALSTATUS` of `Dial`: `BUSY`; by default what
    /// means that all went well.
    #[serde(default)]
    #[schemars(length(min = 1, max = 80))]
    pub status: Option<String>,
    /// Seconds until it comes to the status; by default at once, or as long as it rings.
    #[serde(default)]
    #[schemars(range(min = 0, max = 86_400))]
    pub takes_s: Option<f64>,
    /// Seconds of talk after an answer; by default until somebody else ends the call.
    #[serde(default)]
    #[schemars(range(min = 0, max = 86_400))]
    pub talk_s: Option<f64>,
    /// Who ends it; the peer by default.
    #[serde(default)]
    pub ended_by: Option<OutcomeEnd>,
    /// Asterisk's cause that the call is left with (Q.850); by default that of the status.
    #[serde(default)]
    #[schemars(range(min = 0, max = 127))]
    pub cause: Option<u32>,
    /// Variables and functions that it sets, after the status.
    #[serde(default)]
    pub sets: BTreeMap<String, Word>,
    /// Where the call goes on, as `Goto` is told; the next priority by default.
    #[serde(default)]
    pub goes_to: Option<Word>,
}

/// Who ends a scripted application.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum OutcomeEnd {
    /// The other end, or the application itself.
    Peer,
    /// The application, which ends the call.
    Application,
    /// The caller, who hangs up then.
    Caller,
}

/// What a function is worth that cannot be asked here.
#[derive(Debug, Clone, PartialEq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct FunctionValue {
    /// The function as it is asked for, `DB(codes/1)`, or its name alone for whatever arguments.
    #[schemars(length(min = 1, max = 400))]
    pub call: String,
    /// Its value.
    pub value: Word,
    /// How often it has this value before the next one that fits is taken; for ever by default.
    #[serde(default)]
    pub times: Option<u32>,
}

/// Who rang whom.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Direction {
    /// The PBX dialled the callee.
    Outbound,
    /// The caller dialled an IVR.
    Inbound,
}

/// What a look-up comes to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Lookup {
    /// The right digits.
    Match,
    /// Wrong digits.
    Mismatch,
    /// The look-up cannot be done; the server tries again until the hold is over.
    Unavailable,
    /// There is no answer.
    Never,
}

/// What must have happened.
#[derive(Debug, Clone, Default, PartialEq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Then {
    /// The IVRs of a scenario that were entered, in order; `...` stands for any number of them.
    #[serde(default)]
    pub ivrs: Option<Vec<Word>>,
    /// The places that the call went through, in order: `CONTEXT` for all that happened in it until
    /// the next, or `CONTEXT,EXTEN`; `...` stands for any number of places.
    #[serde(default)]
    pub path: Option<Vec<Word>>,
    /// Places that must have been reached, in any order: `CONTEXT`, `CONTEXT,EXTEN` or
    /// `CONTEXT,EXTEN,PRIORITY`.
    #[serde(default)]
    pub reached: Option<Vec<Word>>,
    /// Places that must not have been reached.
    #[serde(default)]
    pub never_reached: Option<Vec<Word>>,
    /// The sounds that were begun, in order: their names, or the last parts of them; ` (whole)`,
    /// ` (cut)` or ` (missing)` behind a name if that matters; `...` stands for any number of sounds.
    #[serde(default)]
    pub heard: Option<Vec<Word>>,
    /// Sounds that must not have been begun.
    #[serde(default)]
    pub never_heard: Option<Vec<Word>>,
    /// The events that the dialplan told, in order: their names, or `NAME,FIELD=VALUE,...` with the
    /// fields that matter; `...` stands for any number of events.
    #[serde(default)]
    pub events: Option<Vec<Word>>,
    /// What the caller could not do any more because the call was over, as `when` says it; by default
    /// he could do everything.
    #[serde(default)]
    pub undone: Option<Word>,
    /// Channel variables at the end; an empty text for one that is not set.
    #[serde(default)]
    pub variables: Option<BTreeMap<String, Word>>,
    /// What ended the call.
    #[serde(default)]
    pub ended_by: Option<EndedBy>,
    /// Where the call was when it ended: `CONTEXT`, `CONTEXT,EXTEN` or `CONTEXT,EXTEN,PRIORITY`.
    #[serde(default)]
    pub ended_at: Option<Word>,
    /// Asterisk's cause of the hang-up, after Q.850.
    #[serde(default)]
    #[schemars(range(min = 0, max = 127))]
    pub cause: Option<u32>,
    /// How the call ended for the server.
    #[serde(default)]
    pub outcome: Option<Verified>,
    /// How many entries the server judged.
    #[serde(default)]
    #[schemars(range(min = 0, max = 100))]
    pub attempts: Option<u8>,
    /// Most seconds that the call took.
    #[serde(default)]
    #[schemars(range(min = 0, max = 604_800))]
    pub at_most_s: Option<f64>,
    /// Fewest seconds that the call took.
    #[serde(default)]
    #[schemars(range(min = 0, max = 604_800))]
    pub at_least_s: Option<f64>,
    /// Pieces of what Asterisk complained about, in order; `[]` for nothing, `...` for any number.
    #[serde(default)]
    pub complaints: Option<Vec<Word>>,
}

/// What ended a call.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum EndedBy {
    /// An application of the dialplan, such as `Hangup`.
    Application,
    /// The caller, who hung up.
    Caller,
    /// The server, which had the PBX hang up.
    Server,
    /// There was no further priority.
    LastPriority,
    /// It came to where nothing is.
    NoExtension,
    /// No key came, and nothing says what then.
    NoTimeout,
    /// `TIMEOUT(absolute)` ran out.
    AbsoluteTimeout,
    /// Something that is not simulated.
    NotModelled,
    /// It went on for ever.
    Limit,
}

/// How a call ended for the server.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Verified {
    /// The right digits were entered.
    Verified,
    /// Every attempt was wrong.
    Exhausted,
    /// It ended before a verdict that settles it.
    Unverified,
    /// The look-up of the last entry could not be done.
    Unavailable,
    /// The callee was not reached.
    NotReached,
    /// The PBX refused to dial.
    Refused,
    /// It vanished.
    Lost,
}
