//! What comes into the loop, and the handle by which it comes.

use super::desk::Id;
use crate::{
    number::PhoneNumber,
    pbx::{Listed, Told},
    store::CallRecord,
};
use ivrkit_dialplan::verification::Input;
use secrecy::SecretString;
use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
        mpsc::Sender,
    },
    time::{Duration, Instant},
};
use tokio::sync::{Semaphore, oneshot};

/// Reports and requests that may wait for the loop; more are refused at once.
const MAX_WAITING: usize = 4096;

/// Something for the loop.
pub(crate) enum Event {
    /// A report; answered with `true` once it is recorded.
    Report { told: Told, heard: Instant, answer: oneshot::Sender<bool> },
    /// A report of a PBX that does not repeat it.
    Heard(Told, Instant),
    /// A call is asked for.
    Start { call: NewCall, answer: oneshot::Sender<Result<Started, Refusal>> },
    /// A code is to be added.
    Issue { to: PhoneNumber, code: IssuedCode, answer: oneshot::Sender<Result<(), Refusal>> },
    /// A call's record is asked for.
    Read { which: Which, answer: oneshot::Sender<Result<Option<CallRecord>, Refusal>> },
    /// The PBX's answer to something that a call wanted.
    Back(Id, Input),
    /// The PBX's list, for the calls that were named before it was asked; `None` if it failed.
    Listed { calls: Vec<Id>, listed: Option<Vec<Listed>> },
    /// Calls that a former process left.
    Resume(Vec<Id>),
    /// There is a new session: reports may have been lost before it.
    LoggedIn,
    /// Whether the PBX can be worked with.
    PbxReady(bool),
    /// End when nothing is in flight, at the latest after this time.
    Stop { within_ms: u64 },
}

/// The call whose record is wanted.
pub(crate) enum Which {
    /// By our id.
    Id(Id),
    /// The latest one with this callee or caller.
    LatestOf(PhoneNumber),
}

/// Speaks to the loop from anywhere.
#[derive(Debug, Clone)]
pub struct Handle {
    events: Sender<Event>,
    waiting: Arc<Semaphore>,
    store_works: Arc<AtomicBool>,
}

/// A call to begin.
#[derive(Debug, Clone)]
pub struct NewCall {
    /// Whom to call.
    pub to: PhoneNumber,
    /// A code to add for this callee in the same step, and for how long it is good.
    pub code: Option<(SecretString, Duration)>,
    /// The verification that the code is for; may be left out when the scenario has only one.
    pub verification: Option<String>,
    /// Makes a repeated request the same request.
    pub idempotency_key: Option<String>,
}

/// A code to add for a callee.
#[derive(Debug, Clone)]
pub struct IssuedCode {
    /// The digits.
    pub digits: SecretString,
    /// For how long it is good.
    pub expires_in: Duration,
    /// The verification that it is for; may be left out when the scenario has only one.
    pub verification: Option<String>,
}

/// A call that was taken on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Started {
    /// Our id of it.
    pub id: Id,
    /// Whether an earlier request with the same key began it.
    pub repeated: bool,
}

/// Why a request is not done.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// The callee is in a call, or waits for one.
    #[error("the callee is in call {id} already")]
    InCall {
        /// That call.
        id: Id,
    },
    /// The key was used for another request.
    #[error("this idempotency key belongs to another request")]
    KeyUsed,
    /// Too many calls wait.
    #[error("too many calls are waiting to be dialled")]
    QueueFull,
    /// The scenario says nothing about dialled calls.
    #[error("the scenario has no `calls.outbound`")]
    NoOutbound,
    /// Which verification the code is for is not clear, or it is not there.
    #[error("name the verification of the code: {known}")]
    Verification {
        /// Those that the scenario has.
        known: String,
    },
    /// The store cannot be written, or the server is stopping.
    #[error("the server cannot take this now; try again")]
    Unavailable,
}

impl Event {
    /// Whether somebody waits for an answer.
    pub(super) fn is_asked(&self) -> bool {
        matches!(
            self,
            Self::Report { .. } | Self::Start { .. } | Self::Issue { .. } | Self::Read { .. }
        )
    }

    /// Whether it writes nothing.
    pub(super) fn is_free(&self) -> bool {
        matches!(self, Self::Read { .. } | Self::LoggedIn | Self::PbxReady(_) | Self::Stop { .. })
    }

    /// It could not be stored: whoever asked is told so, our own events come back.
    pub(super) fn refuse(self) -> Option<Self> {
        match self {
            Self::Report { answer, .. } => drop(answer.send(false)),
            Self::Start { answer, .. } => drop(answer.send(Err(Refusal::Unavailable))),
            Self::Issue { answer, .. } => drop(answer.send(Err(Refusal::Unavailable))),
            Self::Read { answer, .. } => drop(answer.send(Err(Refusal::Unavailable))),
            own => return Some(own),
        }
        None
    }
}

impl Handle {
    pub(crate) fn new(events: Sender<Event>, store_works: Arc<AtomicBool>) -> Self {
        Self { events, waiting: Arc::new(Semaphore::new(MAX_WAITING)), store_works }
    }

    /// Hands a report over; `true` once it is on the disk.
    pub(crate) async fn report(&self, told: Told) -> bool {
        let heard = Instant::now();
        self.ask(|answer| Event::Report { told, heard, answer }).await.unwrap_or(false)
    }

    /// Hands over a report that its PBX will not repeat: it waits here until it can be recorded.
    pub(crate) fn heard(&self, told: Told) {
        self.send(Event::Heard(told, Instant::now()));
    }

    /// Begins a call.
    ///
    /// # Errors
    /// When the call may not or cannot be made now.
    pub async fn start_call(&self, call: NewCall) -> Result<Started, Refusal> {
        let reply = self.ask(|answer| Event::Start { call, answer }).await;
        reply.unwrap_or(Err(Refusal::Unavailable))
    }

    /// Adds a callee's code; it is on the disk when this returns.
    ///
    /// # Errors
    /// [`Refusal::Verification`] when it is not clear which verification it is for,
    /// [`Refusal::Unavailable`] when the store cannot be written or the server has stopped.
    pub async fn add_code(&self, to: PhoneNumber, code: IssuedCode) -> Result<(), Refusal> {
        let reply = self.ask(|answer| Event::Issue { to, code, answer }).await;
        reply.unwrap_or(Err(Refusal::Unavailable))
    }

    /// The record of a call; `None` if there is none of this id.
    ///
    /// # Errors
    /// [`Refusal::Unavailable`] when the store cannot be read or the server has stopped.
    pub async fn call(&self, id: &str) -> Result<Option<CallRecord>, Refusal> {
        self.read(Which::Id(id.to_owned())).await
    }

    /// The record of the latest call with this callee or caller; `None` if there was none.
    ///
    /// # Errors
    /// As [`Handle::call`].
    pub async fn latest_call_of(
        &self,
        number: &PhoneNumber,
    ) -> Result<Option<CallRecord>, Refusal> {
        self.read(Which::LatestOf(number.clone())).await
    }

    async fn read(&self, which: Which) -> Result<Option<CallRecord>, Refusal> {
        let reply = self.ask(|answer| Event::Read { which, answer }).await;
        reply.unwrap_or(Err(Refusal::Unavailable))
    }

    /// Whether the last write to the store worked.
    pub fn store_works(&self) -> bool {
        self.store_works.load(Ordering::Relaxed)
    }

    /// Sends an event that nobody answers; one that comes after the loop's end is dropped.
    pub(crate) fn send(&self, event: Event) {
        drop(self.events.send(event));
    }

    async fn ask<T>(&self, event: impl FnOnce(oneshot::Sender<T>) -> Event) -> Option<T> {
        let _place = self.waiting.try_acquire().ok()?;
        let (sender, receiver) = oneshot::channel();
        self.events.send(event(sender)).ok()?;
        receiver.await.ok()
    }
}
