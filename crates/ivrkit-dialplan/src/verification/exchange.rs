//! What goes into a call and what comes out of it.

use super::{Digits, Step};
use crate::scenario::Number;
use serde::{Deserialize, Serialize};
use std::fmt;

/// Who rang whom.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Direction {
    /// We dialled the callee.
    Outbound,
    /// Somebody dialled one of our IVRs.
    Inbound,
}

/// The PBX's name of one leg of a call; what transfers and hang-ups are addressed to.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Leg(String);

impl Leg {
    /// As the PBX wrote it.
    pub fn new(text: impl Into<String>) -> Self {
        Self(text.into())
    }

    /// As the PBX wrote it.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Leg {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Something happened to a call.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Input {
    /// The PBX answered [`Output::Dial`]. `Done` carries the PBX's id of the call.
    DialAnswered(Result<String, Answer>),
    /// The PBX reported something; `leg` is the leg the report named, if it named one.
    Reported {
        /// The leg named in the report.
        leg: Option<Leg>,
        /// What it says.
        report: Report,
    },
    /// The answer to [`Output::LookUp`] with the same number.
    LookedUp {
        /// Number of the look-up.
        lookup: u32,
        /// What it found.
        verdict: Verdict,
    },
    /// The look-up of that number cannot be done, and would fail again: it is not repeated.
    LookUpFailed {
        /// Number of the look-up.
        lookup: u32,
    },
    /// The answer to [`Output::Transfer`] or [`Output::HangUp`] with the same number.
    Steered {
        /// Number of the request.
        request: u32,
        /// `Ok` when the PBX said that it did it.
        answer: Result<(), Answer>,
    },
    /// The answer to [`Output::Find`].
    Found(Found),
    /// The time that [`super::Call::wake_at`] named has come.
    Wake,
}

/// A report of the PBX in our words. `Debug` shows neither keys nor digits.
#[derive(Clone, PartialEq, Eq)]
pub enum Report {
    /// The callee's telephone rings.
    Ringing,
    /// The callee picked up.
    Answered,
    /// The prompts of an IVR ended; the only report that says where a call is.
    PromptEnded(Number),
    /// One key was pressed.
    Key {
        /// `0-9`, `*`, `#`, `A-D`.
        key: char,
        /// The PBX's count of keys in this call, if it counts.
        sequence: Option<u32>,
    },
    /// A whole entry, without its end key.
    Entry(Digits),
    /// The callee was not reached; the PBX's reason.
    NotReached(String),
    /// The call is over.
    Ended,
}

impl fmt::Debug for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Ringing => f.write_str("Ringing"),
            Self::Answered => f.write_str("Answered"),
            Self::PromptEnded(ivr) => write!(f, "PromptEnded {ivr}"),
            Self::Key { sequence: Some(sequence), .. } => write!(f, "Key {sequence}"),
            Self::Key { .. } => f.write_str("Key"),
            Self::Entry(digits) => write!(f, "Entry {digits:?}"),
            Self::NotReached(reason) => write!(f, "NotReached {reason:?}"),
            Self::Ended => f.write_str("Ended"),
        }
    }
}

/// Why the PBX did not do what was asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Answer {
    /// It knows no such leg or call.
    NoSuchCall,
    /// Too early; it may do it a little later.
    NotYet,
    /// Refused for good, such as a target that does not exist. The code is the PBX's.
    Refused {
        /// The PBX's error number.
        code: u32,
    },
    /// No telling whether it was done: time-out, reset, a server error.
    Unsure,
    /// It was certainly not done and may be asked again: no connection, busy.
    NotDone,
}

/// What the PBX's list of calls says about this one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Found {
    /// It is there, under this leg.
    Up {
        /// The leg to address.
        leg: Leg,
        /// Whether the callee has picked up.
        answered: bool,
    },
    /// It is not in the list.
    Gone,
    /// The list could not be had.
    Unknown,
}

/// What a look-up says about an entry.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Verdict {
    /// The right digits.
    Match,
    /// Wrong digits.
    Mismatch,
    /// The look-up could not be done; it is tried again.
    Unavailable,
}

/// What a call wants done, in this order. Store the call before doing any of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Output {
    /// Dial the callee through an IVR; answer with [`Input::DialAnswered`].
    Dial {
        /// IVR that the callee hears first.
        ivr: Number,
    },
    /// Look the digits up; answer with [`Input::LookedUp`].
    LookUp {
        /// Number to answer with.
        lookup: u32,
        /// Name of the verification in the scenario.
        verification: String,
        /// What was typed.
        digits: Digits,
    },
    /// Send the call to an IVR; answer with [`Input::Steered`].
    Transfer {
        /// Number to answer with.
        request: u32,
        /// The leg to address.
        leg: Leg,
        /// The IVR.
        to: Number,
    },
    /// End the call; answer with [`Input::Steered`].
    HangUp {
        /// Number to answer with.
        request: u32,
        /// The leg to address.
        leg: Leg,
    },
    /// Look for the call in the PBX's list of calls; answer with [`Input::Found`].
    Find,
    /// For the record: one line of the call's history, without secrets.
    Note(Step),
}
