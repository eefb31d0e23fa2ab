//! The PBXs, one folder each, and the words in which the driver speaks with any of them.
//!
//! A folder holds one PBX's protocol and nothing of another's.

pub mod asterisk;
pub mod simulated;
pub mod yeastar;

use crate::{driver::Handle, number::PhoneNumber, shutdown};
use ivrkit_dialplan::{
    scenario::Number,
    verification::{Answer, Direction, Leg, Report},
};
use std::{fmt, future::Future, pin::Pin, sync::Arc};
use tokio::sync::watch;

/// Something under way.
pub type Doing<'a, T> = Pin<Box<dyn Future<Output = T> + Send + 'a>>;

/// A PBX that calls are made on.
pub trait Pbx: fmt::Debug + Send + Sync {
    /// Dials a callee into an IVR; gives the PBX's id of the call. `call` is our id, for a PBX that
    /// takes it as its own.
    fn dial<'a>(
        &'a self,
        call: &'a str,
        ivr: &'a Number,
        to: &'a PhoneNumber,
    ) -> Doing<'a, Result<String, Answer>>;

    /// Sends a call to an IVR.
    fn transfer<'a>(
        &'a self,
        direction: Direction,
        leg: &'a Leg,
        to: &'a Number,
    ) -> Doing<'a, Result<(), Answer>>;

    /// Ends a call.
    fn hang_up<'a>(&'a self, direction: Direction, leg: &'a Leg) -> Doing<'a, Result<(), Answer>>;

    /// The calls of both directions, or nothing: half a list would make calls look gone.
    fn calls(&self) -> Doing<'_, Option<Vec<Listed>>>;

    /// The numbers of the PBX's IVRs; nothing if it does not say.
    fn ivrs(&self) -> Doing<'_, Option<Vec<String>>>;

    /// Tells whenever the readiness changes.
    fn readiness(&self) -> watch::Receiver<Readiness>;

    /// Counts logins; after each the PBX's calls must be compared with ours.
    fn logins(&self) -> watch::Receiver<u64>;

    /// Keeps the session until told to stop. Reports that come with it go to `handle`.
    fn keep_session(self: Arc<Self>, handle: Handle, stop: shutdown::Signal) -> Doing<'static, ()>;
}

/// A report of a PBX in the words of the verification machine.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Told {
    /// The PBX's id of the call.
    pub call: String,
    /// Our own id of it, where the PBX's tells.
    pub ours: Option<String>,
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
        let told = Told { call: "C".to_owned(), ours: None, parties: vec![party], report };
        let shown = format!("{told:?}");
        assert!(shown.contains("*******1111") && !shown.contains("'7'"), "{shown}");
        assert!(!shown.contains("0000"), "{shown}");
    }
}
