//! A whole call under one virtual clock: the dialplan, the caller and, if there is one, the server.
//!
//! [`Rehearsal::run`] lets a [call](crate::call) run through a dialplan while a [`Script`] says what
//! the caller does, and, for scenarios, while the [verification machine](crate::verification) takes
//! part: the dialplan's events and keys reach it as reports, its look-ups are answered from
//! [`Server::lookup`], and its transfers send the call on. What happened is a [`Record`]. Must not
//! judge what happened, nor show it.

mod caller;
mod moment;
mod naming;
mod script;
mod server;
mod sounds;

pub use moment::Moment;
pub use naming::{CallerId, is_ivr, is_place, is_sound, ivr_entered};
pub use script::{Action, Cue, Script, ScriptError};
pub use server::{Delays, LookupAnswer, Lookups, Server};
pub use sounds::SoundLengths;

use crate::{
    call::{Call, Event, Input, Pbx, Setup, What},
    verification::{Outcome, Step},
};
use caller::Caller;
use server::{Deed, Desk};
use std::{fmt, sync::Arc};

/// How long a key is held by default, and the pause after it, in milliseconds.
pub const KEY_MS: u64 = 100;

/// So many happenings fit before their list has to grow.
const USUAL_HAPPENINGS: usize = 128;

/// A call that is to be made.
#[derive(Debug)]
pub struct Rehearsal<'a> {
    /// The PBX.
    pub pbx: Arc<Pbx>,
    /// How the call begins.
    pub setup: Setup,
    /// What the caller does.
    pub script: &'a Script,
    /// How long the caller holds each key, and the pause after it, in milliseconds.
    pub key_ms: u64,
    /// The application server; none for a call that nobody listens to.
    pub server: Option<Server<'a>>,
}

/// What happened in a call.
pub struct Record {
    /// Everything, in order.
    pub happenings: Vec<Happening>,
    /// What the caller had still to do when the call was over, as the script says it.
    pub undone: Option<String>,
    /// Whether the server ended the call.
    pub is_ended_by_server: bool,
    /// What the server makes of the call; none without a server.
    pub verification: Option<Verified>,
    call: Call,
}

/// What the server makes of a call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Verified {
    /// How the call ended; none if the server still waits for something.
    pub outcome: Option<Outcome>,
    /// How many entries were judged.
    pub attempts: u8,
}

/// Something that happened.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Happening {
    /// Milliseconds since the call began.
    pub at_ms: u64,
    /// What.
    pub what: Happened,
}

/// What can happen.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Happened {
    /// Something in the call.
    Call(What),
    /// A line of the server's history of the call.
    Server(Step),
}

impl Rehearsal<'_> {
    /// Makes the call, to its end: that of the call, and the server's last word about it.
    pub fn run(self) -> Record {
        let mut stage = Stage {
            caller: Caller::new(self.script, self.key_ms),
            desk: self.server.map(|server| Desk::new(server, &self.setup)),
            call: Call::begin(self.pbx, self.setup),
            happenings: Vec::with_capacity(USUAL_HAPPENINGS),
        };
        stage.notice();
        while let Some(now_ms) = stage.next_ms() {
            stage.go_on(now_ms);
            stage.notice();
        }
        let Stage { caller, desk, call, happenings } = stage;
        Record {
            happenings,
            undone: caller.undone(),
            is_ended_by_server: desk.as_ref().is_some_and(Desk::has_hung_up),
            verification: desk.as_ref().map(Desk::verified),
            call,
        }
    }
}

/// All who take part in a call.
struct Stage<'a> {
    caller: Caller<'a>,
    desk: Option<Desk<'a>>,
    call: Call,
    happenings: Vec<Happening>,
}

impl Stage<'_> {
    /// When the next thing happens; none once nothing will.
    fn next_ms(&self) -> Option<u64> {
        let due = [self.caller_ms(), self.desk_ms(), self.call.wake_at_ms()];
        due.into_iter().flatten().min()
    }

    fn caller_ms(&self) -> Option<u64> {
        self.caller.due_ms().filter(|_| !self.call.is_over())
    }

    fn desk_ms(&self) -> Option<u64> {
        self.desk.as_ref().and_then(Desk::due_ms)
    }

    /// Lets happen what is due. What comes from outside at the moment in which a wait ends comes
    /// before its end.
    fn go_on(&mut self, now_ms: u64) {
        if self.caller_ms() == Some(now_ms) {
            let input = self.caller.act();
            self.call.feed(now_ms, input);
        } else if self.desk_ms() == Some(now_ms) {
            self.serve(now_ms);
        } else {
            self.call.advance(now_ms);
        }
    }

    /// The server does what is due, and the PBX what the server wants.
    fn serve(&mut self, now_ms: u64) {
        let Some(desk) = &mut self.desk else { return };
        let Some(deed) = desk.act(now_ms) else { return };
        let is_done = !self.call.is_over();
        let input = match deed {
            Deed::Redirect(to) => Input::Redirect(to),
            Deed::HangUp => Input::HangUp,
        };
        self.call.feed(now_ms, input);
        desk.done(now_ms, is_done);
    }

    /// Tells all of what has happened, and writes it down.
    fn notice(&mut self) {
        let Self { caller, desk, call, happenings } = self;
        call.tell_events(|Event { at_ms, what }| {
            caller.notice(at_ms, &what);
            if let Some(desk) = desk {
                desk.notice(at_ms, &what);
            }
            happenings.push(Happening { at_ms, what: Happened::Call(what) });
        });
        let notes = self.desk.as_mut().map(Desk::notes).into_iter().flatten();
        let told = notes.map(|(at_ms, step)| Happening { at_ms, what: Happened::Server(step) });
        self.happenings.extend(told);
    }
}

impl Record {
    /// A channel variable's value at the end.
    pub fn variable(&self, name: &str) -> Option<Vec<u8>> {
        self.call.variable(name)
    }

    /// How long the call was, in milliseconds.
    pub fn length_ms(&self) -> u64 {
        self.end().map_or(0, |end| end.at_ms)
    }

    /// The end of the call.
    pub fn end(&self) -> Option<&Happening> {
        let is_end = |one: &&Happening| matches!(one.what, Happened::Call(What::Ended { .. }));
        self.happenings.iter().rev().find(is_end)
    }
}

impl fmt::Debug for Record {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Record")
            .field("happenings", &self.happenings)
            .field("undone", &self.undone)
            .field("verification", &self.verification)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests;
