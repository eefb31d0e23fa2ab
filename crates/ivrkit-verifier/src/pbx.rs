//! The PBXs, one folder each, and the words in which the driver speaks with any of them.
//!
//! A folder holds one PBX's protocol and nothing of another's.

pub mod simulated;
pub mod yeastar;

use crate::number::PhoneNumber;
use ivrkit_dialplan::verification::{Direction, Leg, Report};
use std::fmt;

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

/// An outside party of a call. `Debug` masks the numbers.
#[derive(Clone, PartialEq, Eq)]
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

impl fmt::Debug for Party {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Party")
            .field("direction", &self.direction)
            .field("from", &PhoneNumber::reported(&self.from))
            .field("to", &PhoneNumber::reported(&self.to))
            .field("leg", &self.leg)
            .finish()
    }
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whole_numbers_and_keys_do_not_show() {
        let (from, to) = ("6500".to_owned(), "13900001111".to_owned());
        let party = Party { direction: Direction::Outbound, from, to, leg: None };
        let report = Report::Key { key: '7', sequence: Some(2) };
        let told = Told { call: "C".to_owned(), parties: vec![party], report };
        let shown = format!("{told:?}");
        assert!(shown.contains("*******1111") && !shown.contains("'7'"), "{shown}");
        assert!(!shown.contains("0000"), "{shown}");
    }
}
