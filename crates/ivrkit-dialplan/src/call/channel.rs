//! The state of a call's channel.

use super::{
    exchange::{Event, Redirect, What, Why},
    setup::Setup,
};
use std::collections::VecDeque;

/// Default of `TIMEOUT(response)`.
const RESPONSE_TIMEOUT_MS: u64 = 10_000;
/// Default of `TIMEOUT(digit)`.
const DIGIT_TIMEOUT_MS: u64 = 5_000;

/// A channel. All times are milliseconds since the call began.
#[derive(Debug)]
pub(super) struct Channel {
    pub(super) setup: Setup,
    pub(super) now_ms: u64,
    pub(super) context: Vec<u8>,
    pub(super) exten: Vec<u8>,
    /// The running priority. While steps are executed one after the other, a jump sets it to one
    /// less than its target, as Asterisk does.
    pub(super) priority: i32,
    /// Whether steps are executed one after the other, so that 1 is added after each.
    pub(super) is_in_loop: bool,
    pub(super) is_answered: bool,
    /// When it was answered.
    pub(super) answered_ms: Option<u64>,
    pub(super) variables: Variables,
    pub(super) response_timeout_ms: u64,
    pub(super) digit_timeout_ms: u64,
    /// When `TIMEOUT(absolute)` runs out.
    pub(super) absolute_ms: Option<u64>,
    pub(super) hangup: HangUp,
    /// Asterisk's cause.
    pub(super) cause: u32,
    /// What ended the call, as soon as it is known.
    pub(super) why: Option<Why>,
    /// Whether the simulation itself ends here: nothing runs any more, not even `h`.
    pub(super) is_stopped: bool,
    pub(super) exception: Option<Exception>,
    pub(super) steps: u32,
    pub(super) events: VecDeque<Event>,
    /// Keys that came while the channel was being answered.
    pub(super) kept_keys: VecDeque<u8>,
    /// How often each of the setup's outcomes was taken.
    pub(super) outcomes_taken: Vec<u32>,
    /// How often each of the setup's function values was taken.
    pub(super) values_taken: Vec<u32>,
}

/// What asks a channel to stop what it does; all of it ends every wait.
#[derive(Debug, Default)]
pub(super) struct HangUp {
    /// The caller is gone, or the PBX is done with the call.
    pub(super) is_over: bool,
    /// The call goes on elsewhere.
    pub(super) is_redirected: bool,
    /// The absolute time-out ran out.
    pub(super) is_timed_out: bool,
}

/// What `EXCEPTION` tells in the extension `e`.
#[derive(Debug, Clone)]
pub(super) struct Exception {
    pub(super) reason: &'static str,
    pub(super) context: Vec<u8>,
    pub(super) exten: Vec<u8>,
    pub(super) priority: i32,
}

/// Channel variables, the newest first; names with the underscores of inheritance.
#[derive(Debug, Default)]
pub(super) struct Variables {
    list: Vec<(Vec<u8>, Vec<u8>)>,
}

impl HangUp {
    pub(super) fn is_asked(&self) -> bool {
        self.is_over || self.is_redirected || self.is_timed_out
    }
}

impl Channel {
    pub(super) fn new(setup: Setup) -> Self {
        Self {
            now_ms: 0,
            context: setup.context.clone(),
            exten: setup.exten.clone(),
            priority: setup.priority,
            is_in_loop: false,
            is_answered: setup.is_answered,
            answered_ms: setup.is_answered.then_some(0),
            variables: Variables::default(),
            response_timeout_ms: RESPONSE_TIMEOUT_MS,
            digit_timeout_ms: DIGIT_TIMEOUT_MS,
            absolute_ms: None,
            hangup: HangUp::default(),
            cause: 0,
            why: None,
            is_stopped: false,
            exception: None,
            steps: 0,
            events: VecDeque::new(),
            kept_keys: VecDeque::new(),
            outcomes_taken: vec![0; setup.outcomes.len()],
            values_taken: vec![0; setup.functions.len()],
            setup,
        }
    }

    /// Writes down what happens now.
    pub(super) fn tell(&mut self, what: What) {
        if what == What::Answered {
            self.answered_ms.get_or_insert(self.now_ms);
        }
        self.events.push_back(Event { at_ms: self.now_ms, what });
    }

    /// The caller's number as extensions are matched with it; empty without one.
    pub(super) fn caller(&self) -> &[u8] {
        self.setup.caller_number.as_deref().unwrap_or_default()
    }

    /// Ends the simulation, because nobody knows how the call would go on.
    pub(super) fn stop(&mut self, why: Why) {
        if !self.is_stopped {
            self.why = Some(why);
            self.is_stopped = true;
            self.hangup.is_over = true;
        }
    }

    /// The caller hangs up, which has the normal cause.
    pub(super) fn leave(&mut self) {
        self.cause = super::cause::NORMAL_CLEARING;
        self.hangup.is_over = true;
        self.why.get_or_insert(Why::Caller);
    }

    /// Goes to a place from outside of all applications.
    pub(super) fn set_place(&mut self, exten: &[u8], priority: i32) {
        self.exten = exten.to_vec();
        self.priority = priority;
    }

    /// Goes to a place from within an application; what is empty stays as it is.
    pub(super) fn go(&mut self, context: &[u8], exten: &[u8], priority: i32) {
        if !context.is_empty() {
            self.context = context.to_vec();
        }
        if !exten.is_empty() {
            self.exten = exten.to_vec();
        }
        if priority > -1 {
            self.priority = priority - i32::from(self.is_in_loop);
        }
    }

    /// Goes to `e`, and remembers why.
    pub(super) fn raise(&mut self, reason: &'static str, priority: i32) {
        self.exception = Some(Exception {
            reason,
            context: self.context.clone(),
            exten: self.exten.clone(),
            priority: self.priority,
        });
        self.set_place(b"e", priority);
    }

    /// Somebody else sends the call elsewhere.
    pub(super) fn redirect(&mut self, to: Redirect) {
        let priority = to.priority + i32::from(self.is_in_loop);
        self.go(&to.context, &to.exten, priority);
        self.hangup.is_redirected = true;
        self.tell(What::Redirected(to));
    }
}

impl Variables {
    /// The value of a variable, whatever its inheritance.
    pub(super) fn value(&self, name: &[u8]) -> Option<&[u8]> {
        let found = self.list.iter().rev().find(|(known, _)| plain(known) == name);
        found.map(|(_, value)| value.as_slice())
    }

    /// Sets a variable, or removes it.
    pub(super) fn set(&mut self, name: &[u8], value: Option<&[u8]>) {
        let at = self.list.iter().rposition(|(known, _)| plain(known) == plain(name));
        if let Some(at) = at {
            self.list.remove(at);
        }
        if let Some(value) = value {
            self.list.push((name.to_vec(), value.to_vec()));
        }
    }
}

/// A variable's name without the underscores that let other channels inherit it.
fn plain(name: &[u8]) -> &[u8] {
    name.strip_prefix(b"__").or_else(|| name.strip_prefix(b"_")).unwrap_or(name)
}
