//! The history of a call, as it is stored, logged and shown: no digits, no numbers of people.

use super::Verdict;
use crate::scenario::Number;
use serde::{Deserialize, Serialize};

/// One line of a call's history.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "step", rename_all = "kebab-case")]
pub enum Step {
    /// The PBX took the call on.
    Dialled,
    /// Whether the PBX took the call on is unknown; it is looked for before anything else.
    DialUnsure,
    /// The callee's telephone rings.
    Ringing,
    /// The callee picked up.
    Answered,
    /// The call is in an IVR.
    InIvr {
        /// The IVR.
        ivr: Number,
    },
    /// The callee typed a whole entry.
    Entered {
        /// Number of the entry, from 1.
        attempt: u8,
        /// How many digits.
        digits: usize,
    },
    /// An entry that was not taken for a new one.
    EntryIgnored {
        /// Why.
        reason: IgnoredBecause,
    },
    /// The look-up judged the entry.
    Judged {
        /// Number of the entry.
        attempt: u8,
        /// The verdict.
        verdict: Verdict,
    },
    /// A transfer is asked for.
    Transferring {
        /// The IVR.
        to: Number,
        /// How often it was asked before.
        tries: u8,
    },
    /// The PBX did it, or a later report shows that it was done.
    Transferred {
        /// The IVR.
        to: Number,
    },
    /// The PBX was asked to end the call.
    HangingUp,
    /// The PBX refused to steer the call.
    SteeringFailed {
        /// Its error number, 0 if it gave none.
        code: u32,
    },
    /// The call is over.
    Ended {
        /// How it ended.
        outcome: Outcome,
    },
}

/// Why an entry was not judged.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum IgnoredBecause {
    /// It is the report of an entry that was judged already.
    Repeat,
    /// It came before the callee picked up.
    NotAnswered,
    /// No entry is asked for where the call is.
    NotAsked,
    /// Its report never came, and some of its keys neither.
    KeysMissing,
    /// Not of the length or the digits that the IVR takes.
    Malformed,
}

/// How a call ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Outcome {
    /// The right digits were entered and the call went where `on_match` says.
    Verified,
    /// Every attempt was wrong.
    Exhausted,
    /// It ended before a verdict that settles it: silence, or the callee hung up.
    Unverified,
    /// The look-up of the last entry could not be done.
    Unavailable,
    /// The callee was not reached.
    NotReached,
    /// The PBX refused to dial.
    Refused,
    /// It vanished from the PBX's list of calls; its last reports were lost.
    Lost,
}
