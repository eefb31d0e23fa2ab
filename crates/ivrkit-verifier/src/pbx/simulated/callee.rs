//! What each callee does: the script that `--callees` names.
//!
//! Holds the script and its reading. How a callee acts on it in a call is [`super::person`]'s.

use super::{
    event::Keys,
    fault::Faults,
    value::{self, NumberText},
};
use ivrkit_dialplan::source::Source;
use serde::{Deserialize, Deserializer, de};
use std::{
    collections::{BTreeMap, BTreeSet},
    fmt,
    str::FromStr,
};

/// A script of callees that cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The YAML is wrong, or what stands in it. The reason ends with line and column.
    #[error("{name}: {reason}; docs/pbx-sim.md describes scripts of callees")]
    Yaml {
        /// Name of the text, as given.
        name: String,
        /// What is wrong and where.
        reason: String,
    },
    /// A step that was given by the program, not by a file, is wrong.
    #[error("{0}")]
    Step(#[from] StepError),
}

/// A line of a script that cannot be understood; keys are not repeated in the message.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum StepError {
    /// Not `IVR: steps`.
    #[error("expected `IVR: step, step`, such as `6501: 56789#`")]
    NoIvr,
    /// The part before the colon.
    #[error("found IVR `{0}`, expected 1 to 10 digits before the colon")]
    Ivr(String),
    /// Nothing between two commas.
    #[error(
        "found an empty step for IVR {0}, expected keys, `wait S`, `hangup`, `start`, `prompt` or `hold`"
    )]
    Empty(String),
    /// A word or a key that does not exist.
    #[error(
        "found `{found}` in a step for IVR {ivr}, expected keys of 0-9 * #, `wait S`, `hangup`, `start`, `prompt` or `hold`"
    )]
    Unknown {
        /// The IVR.
        ivr: String,
        /// The word, or the first character that is not a key.
        found: String,
    },
    /// A wait that is no number of seconds.
    #[error("found `wait {found}` in a step for IVR {ivr}, expected 0 to 3600 seconds")]
    Wait {
        /// The IVR.
        ivr: String,
        /// What stood there.
        found: String,
    },
}

/// A script as a file holds it: callees, and faults of the PBX.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Script {
    /// What callees do.
    pub callees: Callees,
    /// What the PBX does wrong.
    pub faults: Faults,
}

/// What callees do, by number, with a default for the others.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Callees {
    default: Callee,
    by_number: BTreeMap<String, Callee>,
}

/// What one callee does in each call.
#[derive(Debug, Clone, PartialEq)]
pub struct Callee {
    /// How he meets the call.
    pub answer: Answer,
    /// For each IVR, one list of steps per visit.
    pub visits: BTreeMap<String, Vec<Vec<Step>>>,
    /// Hangs up so long after the answer, wherever he is, in milliseconds.
    pub hang_up_after_ms: Option<u64>,
    /// Time between two keys in milliseconds.
    pub key_gap_ms: u64,
    /// Time from the end of a prompt to what he does then, in milliseconds.
    pub reaction_ms: u64,
    /// Does the last steps again when an IVR starts over because no verdict came.
    pub enters_again: bool,
    /// Calls in by himself, so many milliseconds of call time after the simulator started.
    pub dials_in_after_ms: Option<u64>,
}

/// How a callee meets a call. Times are milliseconds from the first ring.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Answer {
    /// He picks up.
    After(u64),
    /// It rings out.
    No {
        /// How long it rings.
        ring_ms: u64,
        /// The reason in the report.
        reason: String,
    },
    /// He is busy.
    Busy {
        /// The reason in the report.
        reason: String,
    },
    /// The trunk cannot reach him.
    Unreachable {
        /// The reason in the report.
        reason: String,
    },
}

/// One thing that a callee does, or waits for, in a visit of an IVR.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Step {
    /// Presses keys, one after the other; once begun, all of them, whatever happens meanwhile.
    Press(Keys),
    /// Waits, in milliseconds.
    Wait(u64),
    /// Goes on when the visit has come so far.
    Until(Moment),
    /// Hangs up.
    HangUp,
}

/// A moment in the visit of an IVR.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Moment {
    /// The visit begins.
    Start,
    /// The prompts were heard to their end.
    Prompt,
    /// The entry is complete and the hold prompts begin.
    Hold,
}

impl Script {
    /// Reads a script.
    ///
    /// # Errors
    ///
    /// The first mistake, with line and column.
    pub fn read(source: &Source) -> Result<Self, Error> {
        if source.text().trim().is_empty() {
            return Ok(Self::default());
        }
        let read: ScriptForm = serde_yaml::from_str(source.text()).map_err(|error| {
            Error::Yaml { name: source.name().to_owned(), reason: error.to_string() }
        })?;
        let by_number = read.callees.into_iter().map(|(number, callee)| (number.0, callee));
        let callees = Callees { default: read.default, by_number: by_number.collect() };
        Ok(Self { callees, faults: read.faults })
    }
}

impl Callees {
    /// Every callee does the same.
    pub fn all(default: Callee) -> Self {
        Self { default, by_number: BTreeMap::new() }
    }

    /// The same, with one callee of his own.
    #[must_use]
    pub fn with(mut self, number: impl Into<String>, callee: Callee) -> Self {
        self.by_number.insert(number.into(), callee);
        self
    }

    /// What the callee of this number does.
    pub fn of(&self, number: &str) -> &Callee {
        self.by_number.get(number).unwrap_or(&self.default)
    }

    /// The IVRs in which somebody does something.
    pub fn ivrs(&self) -> BTreeSet<&str> {
        let all = self.by_number.values().chain([&self.default]);
        all.flat_map(|callee| callee.visits.keys().map(String::as_str)).collect()
    }

    /// Those who call in by themselves: number and milliseconds after the start.
    pub(super) fn dialling_in(&self) -> impl Iterator<Item = (&str, u64)> {
        let all = self.by_number.iter();
        all.filter_map(|(number, callee)| Some((number.as_str(), callee.dials_in_after_ms?)))
    }
}

impl Callee {
    /// Picks up after a second and does these `IVR: steps`, one for each visit.
    ///
    /// # Errors
    ///
    /// A line that is not `IVR: steps`.
    pub fn doing<'a>(lines: impl IntoIterator<Item = &'a str>) -> Result<Self, Error> {
        let mut callee = Self::default();
        for line in lines {
            let Visit { ivr, steps } = line.parse()?;
            callee.visits.entry(ivr).or_default().push(steps);
        }
        Ok(callee)
    }
}

impl Default for Callee {
    /// Picks up after a second and presses nothing.
    fn default() -> Self {
        Self {
            answer: Answer::After(1000),
            visits: BTreeMap::new(),
            hang_up_after_ms: None,
            key_gap_ms: 250,
            reaction_ms: 300,
            enters_again: true,
            dials_in_after_ms: None,
        }
    }
}

/// The steps of one visit of an IVR, as `6501: wait 1, 56789#`.
#[derive(Debug, PartialEq)]
struct Visit {
    ivr: String,
    steps: Vec<Step>,
}

impl Visit {
    fn new(ivr: &str, steps: &str) -> Result<Self, StepError> {
        let ivr = ivr.trim();
        if !(1..=10).contains(&ivr.len()) || !ivr.bytes().all(|byte| byte.is_ascii_digit()) {
            return Err(StepError::Ivr(ivr.to_owned()));
        }
        let mut steps: Vec<_> =
            steps.split(',').map(|text| step(ivr, text.trim())).collect::<Result<_, _>>()?;
        if !matches!(steps.first(), Some(Step::Until(_))) {
            steps.insert(0, Step::Until(Moment::Prompt));
        }
        Ok(Self { ivr: ivr.to_owned(), steps })
    }
}

impl FromStr for Visit {
    type Err = StepError;

    fn from_str(line: &str) -> Result<Self, StepError> {
        let (ivr, steps) = line.split_once(':').ok_or(StepError::NoIvr)?;
        Self::new(ivr, steps)
    }
}

fn step(ivr: &str, text: &str) -> Result<Step, StepError> {
    let unknown = |found: &str| StepError::Unknown { ivr: ivr.to_owned(), found: found.to_owned() };
    match text {
        "" => return Err(StepError::Empty(ivr.to_owned())),
        "hangup" => return Ok(Step::HangUp),
        "start" => return Ok(Step::Until(Moment::Start)),
        "prompt" => return Ok(Step::Until(Moment::Prompt)),
        "hold" => return Ok(Step::Until(Moment::Hold)),
        _ => {}
    }
    if let Some(seconds) = text.strip_prefix("wait") {
        let seconds = seconds.trim();
        return seconds
            .parse()
            .ok()
            .and_then(value::ms)
            .map(Step::Wait)
            .ok_or_else(|| StepError::Wait { ivr: ivr.to_owned(), found: seconds.to_owned() });
    }
    match text.chars().find(|key| !matches!(key, '0'..='9' | '*' | '#')) {
        None => Ok(Step::Press(Keys::new(text))),
        Some(_) if text.chars().all(char::is_alphabetic) => Err(unknown(text)),
        Some(other) => Err(unknown(&other.to_string())),
    }
}

impl<'de> Deserialize<'de> for Visit {
    /// `"6501: 56789#"`, or the same without quotes, which YAML reads as a mapping of one.
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct LineOrPair;

        impl<'de> de::Visitor<'de> for LineOrPair {
            type Value = Visit;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("`IVR: step, step`, such as \"6501: 56789#\"")
            }

            fn visit_str<E: de::Error>(self, line: &str) -> Result<Visit, E> {
                line.parse().map_err(E::custom)
            }

            fn visit_map<A: de::MapAccess<'de>>(self, mut map: A) -> Result<Visit, A::Error> {
                let Some((ivr, steps)) = map.next_entry::<NumberText, NumberText>()? else {
                    return Err(de::Error::custom(StepError::NoIvr));
                };
                if map.next_key::<NumberText>()?.is_some() {
                    return Err(de::Error::custom("found two IVRs in one item, expected one"));
                }
                Visit::new(&ivr.0, &steps.0).map_err(de::Error::custom)
            }
        }

        deserializer.deserialize_any(LineOrPair)
    }
}

/// A script as the file writes it.
#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct ScriptForm {
    default: Callee,
    callees: BTreeMap<NumberText, Callee>,
    faults: Faults,
}

/// A callee as the file writes it.
#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct Form {
    answer_after_s: Option<value::Seconds>,
    busy: bool,
    no_answer: bool,
    unreachable: bool,
    ring_s: Option<value::Seconds>,
    reason: Option<String>,
    hang_up_after_s: Option<value::Seconds>,
    key_gap_s: Option<value::Seconds>,
    reaction_s: Option<value::Seconds>,
    enters_again: Option<bool>,
    dials_in_after_s: Option<value::Seconds>,
    r#do: Vec<Visit>,
}

impl Form {
    fn answer(&self) -> Result<Answer, &'static str> {
        let reason = |usual: &str| self.reason.clone().unwrap_or_else(|| usual.to_owned());
        let ring_ms = self.ring_s.map_or(30_000, |seconds| seconds.0);
        match (self.busy, self.no_answer, self.unreachable) {
            (false, false, false) if self.reason.is_some() => Err(
                "found `reason` for a callee who answers, expected it beside `busy`, `no_answer` or `unreachable`",
            ),
            (false, false, false) => {
                Ok(Answer::After(self.answer_after_s.map_or(1000, |seconds| seconds.0)))
            }
            (true, false, false) => Ok(Answer::Busy { reason: reason("486 Busy Here") }),
            (false, true, false) => {
                Ok(Answer::No { ring_ms, reason: reason("480 Temporarily Unavailable") })
            }
            (false, false, true) => Ok(Answer::Unreachable { reason: reason("Line unreachable") }),
            _ => Err("found two of `busy`, `no_answer` and `unreachable`, expected one at most"),
        }
    }
}

impl TryFrom<Form> for Callee {
    type Error = &'static str;

    fn try_from(form: Form) -> Result<Self, &'static str> {
        let usual = Self::default();
        let answer = form.answer()?;
        let mut visits: BTreeMap<String, Vec<Vec<Step>>> = BTreeMap::new();
        for visit in form.r#do {
            visits.entry(visit.ivr).or_default().push(visit.steps);
        }
        Ok(Self {
            answer,
            visits,
            hang_up_after_ms: form.hang_up_after_s.map(|seconds| seconds.0),
            key_gap_ms: form.key_gap_s.map_or(usual.key_gap_ms, |seconds| seconds.0),
            reaction_ms: form.reaction_s.map_or(usual.reaction_ms, |seconds| seconds.0),
            enters_again: form.enters_again.unwrap_or(usual.enters_again),
            dials_in_after_ms: form.dials_in_after_s.map(|seconds| seconds.0),
        })
    }
}

impl<'de> Deserialize<'de> for Callee {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Self::try_from(Form::deserialize(deserializer)?).map_err(de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Reads a script; gives the error's text, or nothing.
    fn complaint(yaml: &str) -> String {
        match Script::read(&Source::new("callees.yaml", yaml)) {
            Ok(_) => String::new(),
            Err(error) => error.to_string(),
        }
    }

    fn press(keys: &str) -> Step {
        Step::Press(Keys::new(keys))
    }

    #[test]
    fn the_forms_of_an_item() {
        let yaml = r#"
default: { do: [] }
callees:
  "13900001111": { answer_after_s: 2, do: ["6500: 1", "6501: 56789#"] }
  13900001112:
    do:
      - 6500: 1
      - 6501: 012345#
      - 6501: start, wait 2.5, 1, hold, hangup
faults: { twice: true }
"#;
        let script = Script::read(&Source::new("callees.yaml", yaml)).unwrap();
        let callees = script.callees;
        let after_prompt = Step::Until(Moment::Prompt);
        assert_eq!(callees.of("13900001111").answer, Answer::After(2000));
        assert_eq!(
            callees.of("13900001111").visits["6501"],
            [vec![after_prompt.clone(), press("56789#")]]
        );
        let other = callees.of("13900001112");
        assert_eq!(other.visits["6500"], [vec![after_prompt.clone(), press("1")]]);
        assert_eq!(
            other.visits["6501"],
            [
                vec![after_prompt, press("012345#")],
                vec![
                    Step::Until(Moment::Start),
                    Step::Wait(2500),
                    press("1"),
                    Step::Until(Moment::Hold),
                    Step::HangUp,
                ]
            ]
        );
        assert!(callees.of("1").visits.is_empty());
    }

    #[test]
    fn a_mistake_is_told_with_its_place() {
        for (yaml, expected) in [
            ("callees:\n  \"1\": { dо: [] }\n", "unknown field `dо`"),
            ("callees:\n  \"1\":\n    do:\n      - \"6501 56789\"\n", "expected `IVR: step, step`"),
            ("callees:\n  \"1\":\n    do:\n      - \"65x: 1\"\n", "found IVR `65x`"),
            (
                "callees:\n  \"1\":\n    do:\n      - \"6501: 12a4\"\n",
                "found `a` in a step for IVR 6501",
            ),
            ("callees:\n  \"1\":\n    do:\n      - \"6501: hangpu\"\n", "found `hangpu`"),
            ("callees:\n  \"1\":\n    do:\n      - \"6501: wait x\"\n", "found `wait x`"),
            ("callees:\n  \"1\":\n    do:\n      - \"6501: 1,,2\"\n", "found an empty step"),
            ("callees:\n  \"1\": { busy: true, no_answer: true }\n", "found two of"),
            ("callees:\n  \"1\": { answer_after_s: -1 }\n", "expected 0 to 3600 seconds"),
            ("faults: { twise: true }\n", "unknown field `twise`"),
            ("callees: [1\n", "callees.yaml: "),
        ] {
            let found = complaint(yaml);
            assert!(found.contains(expected), "{yaml}: {found}");
            assert!(found.contains(" line ") && found.contains(" column "), "{yaml}: {found}");
        }
    }

    #[test]
    fn an_empty_script_is_the_default() {
        assert_eq!(complaint(""), "");
        assert_eq!(complaint("# nothing\n---\n{}\n"), "");
    }

    #[test]
    fn debug_hides_keys() {
        let callee = Callee::doing(["6501: 56789#"]).unwrap();
        assert!(!format!("{callee:?}").contains("56789"));
    }
}
