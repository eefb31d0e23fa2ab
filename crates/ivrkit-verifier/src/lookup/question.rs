//! What is looked up, and the parameters by which statements and requests name it.

use crate::{clock, number::PhoneNumber};
use ivrkit_dialplan::verification::{Digits, Direction, TimeMs};
use std::{collections::BTreeMap, fmt};

/// An entry to be judged. `Debug` shows neither digits nor numbers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Question {
    /// Our id of the call.
    pub call: String,
    /// Number of the entry in the call: the same when it is asked again.
    pub lookup: u32,
    /// Name of the scenario.
    pub scenario: String,
    /// Name of the verification in it.
    pub verification: String,
    /// Who rang whom.
    pub direction: Direction,
    /// The person's number.
    pub number: PhoneNumber,
    /// What was typed.
    pub digits: Digits,
    /// The column that the scenario wants the digits compared with.
    pub column: Option<String>,
    /// The scenario's own parameters.
    pub values: BTreeMap<String, String>,
    /// When, in milliseconds since the Unix epoch.
    pub now_ms: TimeMs,
}

/// Something that a statement or a request can name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Parameter {
    /// The person's number, with a leading `+` if the PBX or whoever asked for the call wrote one.
    Callee,
    /// The same without the `+`.
    CalleeDigits,
    /// The person's number if he rang us, else nothing.
    Caller,
    /// What was typed.
    Digits,
    /// The time.
    Now,
    /// The time in seconds since 1970.
    NowS,
    /// Name of the scenario.
    Scenario,
    /// Name of the verification.
    Verification,
    /// Our id of the call.
    Call,
    /// Our id of this entry, the same when it is asked again.
    Entry,
    /// One of the scenario's own.
    Value(String),
}

/// What is bound to a place.
#[derive(Clone, PartialEq, Eq)]
pub(super) enum Bound {
    Text(String),
    /// Milliseconds since the Unix epoch.
    Time(TimeMs),
    /// Seconds since the Unix epoch.
    Seconds(i64),
    Nothing,
}

const KNOWN: [(&str, Parameter); 10] = [
    ("callee", Parameter::Callee),
    ("callee_digits", Parameter::CalleeDigits),
    ("caller", Parameter::Caller),
    ("digits", Parameter::Digits),
    ("now", Parameter::Now),
    ("now_s", Parameter::NowS),
    ("scenario", Parameter::Scenario),
    ("verification", Parameter::Verification),
    ("call", Parameter::Call),
    ("entry", Parameter::Entry),
];

impl Parameter {
    /// The parameter of a name; `values` are those that scenarios add.
    pub(super) fn named(name: &str, values: &[&str]) -> Option<Self> {
        let known = KNOWN.iter().find(|(known, _)| *known == name);
        known
            .map(|(_, parameter)| parameter.clone())
            .or_else(|| values.contains(&name).then(|| Self::Value(name.to_owned())))
    }

    /// All that there are, for messages.
    pub(super) fn known(values: &[&str]) -> String {
        let names = KNOWN.iter().map(|(name, _)| *name).chain(values.iter().copied());
        names.map(|name| format!("`:{name}`")).collect::<Vec<_>>().join(", ")
    }

    /// Whether every look-up has it, so that a scenario cannot give it another meaning.
    pub(super) fn is_built_in(name: &str) -> bool {
        KNOWN.iter().any(|(known, _)| *known == name)
    }

    /// How it is named.
    pub(super) fn name(&self) -> &str {
        if let Self::Value(name) = self {
            return name;
        }
        let known = KNOWN.iter().find(|(_, parameter)| parameter == self);
        known.expect("every other one has a name").0
    }

    /// Its value for a question.
    pub(super) fn of(&self, question: &Question) -> Bound {
        let text = |text: &str| Bound::Text(text.to_owned());
        match self {
            Self::CalleeDigits => text(question.number.digits()),
            Self::Caller if question.direction == Direction::Outbound => Bound::Nothing,
            Self::Callee | Self::Caller => text(question.number.dialled()),
            Self::Digits => text(question.digits.expose()),
            Self::Now => Bound::Time(question.now_ms),
            Self::NowS => Bound::Seconds(i64::try_from(question.now_ms / 1000).unwrap_or(i64::MAX)),
            Self::Scenario => text(&question.scenario),
            Self::Verification => text(&question.verification),
            Self::Call => text(&question.call),
            Self::Entry => Bound::Text(question.entry()),
            Self::Value(name) => question.values.get(name).map_or(Bound::Nothing, |v| text(v)),
        }
    }
}

impl Question {
    /// Our id of this entry, the same when it is asked again.
    pub(super) fn entry(&self) -> String {
        format!("{}-{}", self.call, self.lookup)
    }
}

impl Bound {
    /// As text: a time in UTC as RFC 3339 has it.
    pub(super) fn text(&self) -> Option<String> {
        match self {
            Self::Text(text) => Some(text.clone()),
            Self::Time(ms) => Some(clock::rfc3339(*ms)),
            Self::Seconds(seconds) => Some(seconds.to_string()),
            Self::Nothing => None,
        }
    }
}

impl fmt::Debug for Bound {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("<bound>")
    }
}
