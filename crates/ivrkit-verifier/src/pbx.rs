//! The PBXs, one folder each, and the words in which the driver speaks with any of them.
//!
//! A folder holds one PBX's protocol and nothing of another's.

pub mod simulated;
pub mod yeastar;

use ivrkit_dialplan::verification::{Direction, Leg, Report};

/// A report of a PBX in the words of the verification machine.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Told {
    /// The PBX's id of the call.
    pub call: String,
    /// The outside parties that the report names; there may be none.
    pub parties: Vec<Party>,
    /// What it says.
    pub report: Report,
}

/// An outside party of a call.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Party {
    /// Whether the PBX dialled it.
    pub direction: Direction,
    /// The caller's number; for a call that an IVR dialled, the IVR.
    pub from: String,
    /// The called number.
    pub to: String,
    /// The party's leg.
    pub leg: Option<Leg>,
}

/// One call of the PBX's list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Listed {
    /// The party; its leg is there.
    pub party: Party,
    /// The leg to address.
    pub leg: Leg,
    /// Whether it is talking.
    pub answered: bool,
}

/// Whether the PBX can be worked with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Readiness {
    /// Not logged in yet.
    Starting,
    /// Logged in, and the last heartbeat was answered.
    Ready,
    /// It does not answer; tried again all the time.
    Unreachable,
    /// It refused the password, which is not sent a second time.
    Refused,
    /// It has locked this address out for some minutes.
    Locked,
}

impl Readiness {
    /// In a few words, for health reports.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Starting => "not logged in yet",
            Self::Ready => "ready",
            Self::Unreachable => "unreachable, tried again",
            Self::Refused => "user or password refused, waiting for another password",
            Self::Locked => "locked out, tried again when the lock ends",
        }
    }
}
