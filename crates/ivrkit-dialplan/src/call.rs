//! A call that runs through a dialplan as on Asterisk, without a telephone and without a clock.
//!
//! [`Call::begin`] puts a caller into a context; [`Call::feed`] tells what the caller or the
//! application server does and when; [`Call::advance`] lets time pass until a moment; what happened
//! is drained with [`Call::next_event`]. Times are milliseconds on a clock of the user's choice,
//! which starts at 0 with the call. Applications wait by `await`; nothing here starts a thread or
//! asks for the time. What is not modelled ends the call with [`Why::NotModelled`]: nothing is
//! guessed. The rules are those of `__ast_pbx_run` in Asterisk's `main/pbx.c`.

mod application;
mod cause;
mod channel;
mod clock;
mod condition;
mod duration;
mod environment;
mod exchange;
mod flow;
mod frames;
mod function;
mod line;
mod location;
mod lookup;
mod routine;
mod scripted;
mod setup;
mod sounds;
mod subroutine;
mod variables;
mod walk;
mod zone;

pub use exchange::{Event, Input, Redirect, Signal, SoundEnd, What, Why};
pub use scripted::{EndedBy, ScriptedFunction, ScriptedOutcome};
pub use setup::{Limits, Pbx, Setup};
pub use sounds::{FixedSounds, Sounds};

use channel::Channel;
use line::Line;
use std::{
    fmt,
    pin::Pin,
    sync::Arc,
    task::{Context as TaskContext, Poll, Waker},
};

/// One simulated call.
pub struct Call {
    line: Arc<Line>,
    /// The PBX's thread of this call; none when it is over.
    thread: Option<Pin<Box<dyn Future<Output = ()> + Send>>>,
}

impl Call {
    /// A call that enters the dialplan at 0 ms and runs up to its first wait.
    pub fn begin(pbx: Arc<Pbx>, setup: Setup) -> Self {
        let line = Arc::new(Line::new(pbx, Channel::new(setup)));
        let thread = {
            let line = Arc::clone(&line);
            Box::pin(async move { routine::run(&line).await })
        };
        let mut call = Self { line, thread: Some(thread) };
        call.resume();
        call
    }

    /// Something happens at a moment that is not before the last one. A key in the very moment in
    /// which a wait ends still counts for it.
    pub fn feed(&mut self, at_ms: u64, input: Input) {
        while self.wake_at_ms().is_some_and(|wake_ms| wake_ms < at_ms) {
            self.wake();
        }
        if self.thread.is_some() {
            self.line.arrive(at_ms, input);
            self.resume();
        }
    }

    /// Lets everything happen that is due up to and including a moment.
    pub fn advance(&mut self, now_ms: u64) {
        while self.wake_at_ms().is_some_and(|wake_ms| wake_ms <= now_ms) {
            self.wake();
        }
    }

    /// When something will happen by itself; none if nothing will or the call is over.
    pub fn wake_at_ms(&self) -> Option<u64> {
        self.thread.as_ref().and_then(|_| self.line.wake_at_ms())
    }

    /// Whether the call has ended.
    pub fn is_over(&self) -> bool {
        self.thread.is_none()
    }

    /// The next thing that happened and was not asked for yet.
    pub fn next_event(&mut self) -> Option<Event> {
        self.line.with(|channel| channel.events.pop_front())
    }

    /// All that happened and was not asked for yet.
    pub(crate) fn tell_events(&mut self, tell: impl FnMut(Event)) {
        self.line.with(|channel| channel.events.drain(..).for_each(tell));
    }

    /// A variable's value as the dialplan would see it now; none if it has none.
    pub fn variable(&self, name: &str) -> Option<Vec<u8>> {
        self.line.variable(name.as_bytes())
    }

    fn wake(&mut self) {
        self.line.time_out();
        self.resume();
    }

    fn resume(&mut self) {
        let Some(thread) = &mut self.thread else { return };
        let mut context = TaskContext::from_waker(Waker::noop());
        if let Poll::Ready(()) = thread.as_mut().poll(&mut context) {
            self.thread = None;
        }
    }
}

impl fmt::Debug for Call {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Call").field("is_over", &self.is_over()).finish_non_exhaustive()
    }
}

#[cfg(test)]
pub(crate) mod testing;
#[cfg(test)]
mod tests;
