//! What happens in the simulator, for transcripts and for tests that ask where each call ended.
//!
//! Numbers and keys are readable through `as_str` and in JSON, and masked in `Debug`, so that a log
//! line of any of these types tells nothing.

use serde::Serialize;
use std::fmt;

/// A telephone number; `Debug` shows its last four digits.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(transparent)]
pub struct Party(String);

/// Keys that a callee pressed; `Debug` shows how many.
#[derive(Clone, PartialEq, Eq, Default, Serialize)]
#[serde(transparent)]
pub struct Keys(String);

/// Who began a call.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Direction {
    /// The PBX dialled a callee, as the application asked.
    Outbound,
    /// A caller dialled in.
    Inbound,
}

/// Something that happened in a call.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Event {
    /// The call's id in the API.
    pub callid: String,
    /// The callee, or the caller of an inbound call.
    pub number: Party,
    /// Who began the call.
    pub direction: Direction,
    /// Milliseconds of call time since the call was begun.
    pub at_ms: u64,
    /// What happened.
    #[serde(flatten)]
    pub happening: Happening,
}

/// What can happen in a call.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(tag = "event", rename_all = "snake_case")]
pub enum Happening {
    /// The call was begun; it will enter this IVR.
    Dialled {
        /// Number of the IVR.
        ivr: String,
    },
    /// The callee's telephone rings.
    Ringing,
    /// The callee picked up; a caller from outside was answered.
    Answered,
    /// An IVR begins, or begins again.
    Entered {
        /// Number of the IVR.
        ivr: String,
        /// What led here.
        cause: Cause,
        /// The IVR starts over; the visit goes on.
        again: bool,
    },
    /// The prompts of an IVR were played to their end.
    Heard {
        /// Number of the IVR.
        ivr: String,
        /// Which playing it was, from 1.
        play: u8,
    },
    /// The callee pressed a key.
    Pressed {
        /// The key.
        key: Keys,
        /// How many keys were pressed before it in this call.
        flag: u32,
    },
    /// The callee completed an entry, which is now to be judged.
    Entry {
        /// Number of the IVR.
        ivr: String,
        /// The digits, without the end key.
        digits: Keys,
        /// The key that ended it; `None` when the digit time-out did.
        end_key: Option<char>,
    },
    /// The callee hears the hold prompts.
    Held {
        /// Number of the IVR.
        ivr: String,
    },
    /// The application asked for a transfer.
    Transferred {
        /// Where to.
        to: String,
        /// The error number that refused it; `None` when it was done.
        errno: Option<u16>,
    },
    /// The dialplan came to something that is not simulated; the call ends.
    NotSimulated {
        /// What: an application, a function or a variable.
        what: String,
    },
    /// The callee was not reached.
    Failed {
        /// The reason as reported.
        reason: String,
    },
    /// The call is over.
    Ended {
        /// Why.
        end: End,
    },
}

/// What led a call into an IVR.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Cause {
    /// The call began there.
    Begin,
    /// A key.
    Key,
    /// No key came.
    Timeout,
    /// A key without a meaning, or too short an entry.
    WrongKey,
    /// No verdict came within the hold's limit.
    NoVerdict,
    /// The application transferred it.
    Transfer,
    /// The dialplan went on by itself.
    Dialplan,
}

/// Why a call ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum End {
    /// The callee hung up.
    Callee,
    /// The application hung up.
    Application,
    /// The IVR hung up because no key came.
    Timeout,
    /// The IVR hung up on a key that leads to `hangup`.
    Key,
    /// The IVR hung up on a wrong key.
    WrongKey,
    /// The IVR hung up because no verdict came.
    NoVerdict,
    /// The IVR had started over as often as it may.
    Replays,
    /// The dialplan hung up for a reason of its own, or had no further step.
    Dialplan,
    /// The dialplan came to something that is not simulated, or would never end.
    Simulation,
    /// The extension that the call was transferred to hung up.
    Extension,
    /// The callee was busy.
    Busy,
    /// The callee did not answer.
    NoAnswer,
    /// The callee could not be reached.
    Unreachable,
    /// The PBX restarted and the call was lost without a report.
    Lost,
}

/// One call from beginning to end.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct CallRecord {
    /// The call's id in the API.
    pub callid: String,
    /// The id of the leg that steers the call.
    pub leg: String,
    /// The callee, or the caller of an inbound call.
    pub number: Party,
    /// Who began the call.
    pub direction: Direction,
    /// Numbers of the IVRs visited, in order; an IVR that starts over is not listed again.
    pub path: Vec<String>,
    /// How often an IVR started over.
    pub replays: u32,
    /// All keys pressed, in order.
    pub keys: Keys,
    /// The transfers that the application asked for.
    pub transfers: Vec<Transfer>,
    /// Milliseconds of call time since the simulator started.
    pub started_ms: u64,
    /// When it was answered, counted like `started_ms`.
    pub answered_ms: Option<u64>,
    /// When it ended, counted like `started_ms`.
    pub ended_ms: Option<u64>,
    /// Why it ended; `None` while it is up.
    pub end: Option<End>,
    /// Reports that were never delivered: the application did not take them, or had no token.
    pub undelivered: u32,
}

/// A transfer that the application asked for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Transfer {
    /// Milliseconds of call time since the call was begun.
    pub at_ms: u64,
    /// Where to.
    pub to: String,
    /// The error number that refused it; `None` when it was done.
    pub errno: Option<u16>,
}

impl Party {
    /// A number as it was dialled.
    pub fn new(number: impl Into<String>) -> Self {
        Self(number.into())
    }

    /// The whole number.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Party {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let count = self.0.chars().count();
        let hidden = count.saturating_sub(4);
        let shown: String = self.0.chars().skip(hidden).collect();
        write!(f, "{}{shown}", "*".repeat(hidden))
    }
}

impl Keys {
    /// The keys in the order in which they were pressed.
    pub fn new(keys: impl Into<String>) -> Self {
        Self(keys.into())
    }

    /// The keys.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Adds the keys of another press.
    pub(super) fn append(&mut self, other: &Self) {
        self.0.push_str(&other.0);
    }
}

impl fmt::Debug for Keys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "<{} keys>", self.0.chars().count())
    }
}

impl fmt::Display for Event {
    /// A line of a transcript: time, number, what happened.
    #[expect(clippy::cast_precision_loss, reason = "a call is shorter than 2^52 ms")]
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let at_s = self.at_ms as f64 / 1000.0;
        write!(f, "{at_s:8.2} s  {:<14} {}", self.number.as_str(), self.happening)
    }
}

impl fmt::Display for Happening {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Dialled { ivr } => write!(f, "dialled, for IVR {ivr}"),
            Self::Ringing => f.write_str("rings"),
            Self::Answered => f.write_str("answers"),
            Self::Entered { ivr, cause, again: false } => write!(f, "enters IVR {ivr} ({cause})"),
            Self::Entered { ivr, cause, again: true } => {
                write!(f, "hears IVR {ivr} again ({cause})")
            }
            Self::Heard { ivr, play } => write!(f, "has heard the prompts of {ivr} (play {play})"),
            Self::Pressed { key, .. } => write!(f, "presses {}", key.as_str()),
            Self::Entry { ivr, digits, end_key } => {
                let by = end_key.map_or_else(
                    || "the digit time-out".to_owned(),
                    |end_key| format!("the key {end_key}"),
                );
                write!(f, "has entered {} in {ivr}, ended by {by}", digits.as_str())
            }
            Self::Held { ivr } => write!(f, "is on hold in {ivr}"),
            Self::Transferred { to, errno: None } => write!(f, "is transferred to {to}"),
            Self::Transferred { to, errno: Some(errno) } => {
                write!(f, "is not transferred to {to}: errno {errno}")
            }
            Self::NotSimulated { what } => write!(f, "comes to what is not simulated: {what}"),
            Self::Failed { reason } => write!(f, "is not reached: {reason}"),
            Self::Ended { end } => write!(f, "ends: {end}"),
        }
    }
}

impl fmt::Display for Cause {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Begin => "call begins",
            Self::Key => "key",
            Self::Timeout => "time-out",
            Self::WrongKey => "wrong key",
            Self::NoVerdict => "no verdict",
            Self::Transfer => "transfer",
            Self::Dialplan => "dialplan",
        })
    }
}

impl fmt::Display for End {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Callee => "the callee hung up",
            Self::Application => "the application hung up",
            Self::Timeout => "no key came",
            Self::Key => "a key that hangs up",
            Self::WrongKey => "a wrong key",
            Self::NoVerdict => "no verdict came",
            Self::Replays => "started over too often",
            Self::Dialplan => "the dialplan ended it",
            Self::Simulation => "the simulation goes no further",
            Self::Extension => "the extension hung up",
            Self::Busy => "busy",
            Self::NoAnswer => "no answer",
            Self::Unreachable => "unreachable",
            Self::Lost => "lost by the PBX",
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn debug_shows_neither_numbers_nor_keys() {
        let event = Event {
            callid: "1.1".to_owned(),
            number: Party::new("13900001111"),
            direction: Direction::Outbound,
            at_ms: 1500,
            happening: Happening::Entry {
                ivr: "6501".to_owned(),
                digits: Keys::new("56789"),
                end_key: Some('#'),
            },
        };
        let debug = format!("{event:?}");
        assert!(debug.contains("*******1111") && debug.contains("<5 keys>"), "{debug}");
        assert!(!debug.contains("13900001111") && !debug.contains("56789"), "{debug}");
        assert_eq!(
            event.to_string(),
            "    1.50 s  13900001111    has entered 56789 in 6501, ended by the key #"
        );
    }

    #[test]
    fn json_lines_are_flat() {
        let event = Event {
            callid: "1.1".to_owned(),
            number: Party::new("500"),
            direction: Direction::Inbound,
            at_ms: 7,
            happening: Happening::Entered {
                ivr: "6500".to_owned(),
                cause: Cause::Begin,
                again: false,
            },
        };
        assert_eq!(
            serde_json::to_string(&event).unwrap(),
            r#"{"callid":"1.1","number":"500","direction":"inbound","at_ms":7,"event":"entered","ivr":"6500","cause":"begin","again":false}"#
        );
    }
}
