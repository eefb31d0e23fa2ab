//! The state of a call's channel.

pub(super) use super::variables::{Variables, plain};
use super::{
    clock::Wall,
    exchange::{Event, Redirect, What, Why},
    flow::Flow,
    function::Facts,
    lookup::Stay,
    setup::Setup,
    zone,
};
use std::{
    collections::{HashMap, VecDeque},
    sync::Arc,
};

/// Default of `TIMEOUT(response)`.
const RESPONSE_TIMEOUT_MS: u64 = 10_000;
/// Default of `TIMEOUT(digit)`.
const DIGIT_TIMEOUT_MS: u64 = 5_000;

/// So many events fit before their list has to grow.
const USUAL_EVENTS: usize = 32;
/// Most bytes that the steps and variables of one call are given.
const MAX_WRITTEN_BYTES: usize = 64 << 20;

/// A channel. All times are milliseconds since the call began.
#[derive(Debug)]
pub(super) struct Channel {
    pub(super) setup: Setup,
    pub(super) now_ms: u64,
    /// Shared with the events of its steps, as is the extension.
    pub(super) context: Arc<[u8]>,
    pub(super) exten: Arc<[u8]>,
    /// What [`next_step`](super::line::Line::next_step) remembers; whoever changes the caller's number
    /// forgets it.
    pub(super) stay: Option<Stay>,
    /// The running priority. While steps are executed one after the other, a jump sets it to one
    /// less than its target, as Asterisk does.
    pub(super) priority: i32,
    /// Whether steps are executed one after the other, so that 1 is added after each.
    pub(super) is_in_loop: bool,
    pub(super) is_answered: bool,
    /// When it was answered.
    pub(super) answered_ms: Option<u64>,
    pub(super) variables: Variables,
    /// The global variables that this call has changed; none for those it has removed. Every call
    /// begins with the globals as they are loaded.
    globals: HashMap<Vec<u8>, Option<Vec<u8>>>,
    /// What functions know and change of the channel.
    pub(super) facts: Facts,
    /// Where subroutines begin that run after the hang-up, the last one first.
    pub(super) hangup_handlers: Vec<Vec<u8>>,
    /// What applications of flow remember.
    pub(super) flow: Flow,
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
    /// How many functions ask each other for values.
    pub(super) function_depth: u32,
    /// How many bytes steps and variables were given.
    written_bytes: usize,
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
    pub(super) reason: Vec<u8>,
    pub(super) context: Vec<u8>,
    pub(super) exten: Vec<u8>,
    pub(super) priority: i32,
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
            context: setup.context.as_slice().into(),
            exten: setup.exten.as_slice().into(),
            stay: None,
            priority: setup.priority,
            is_in_loop: false,
            is_answered: setup.is_answered,
            answered_ms: setup.is_answered.then_some(0),
            variables: Variables::default(),
            globals: HashMap::new(),
            facts: Facts::new(&setup),
            hangup_handlers: Vec::new(),
            flow: Flow::default(),
            response_timeout_ms: RESPONSE_TIMEOUT_MS,
            digit_timeout_ms: DIGIT_TIMEOUT_MS,
            absolute_ms: None,
            hangup: HangUp::default(),
            cause: 0,
            why: None,
            is_stopped: false,
            exception: None,
            steps: 0,
            function_depth: 0,
            written_bytes: 0,
            events: VecDeque::with_capacity(USUAL_EVENTS),
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

    /// Counts what a step or a variable is given; a call that is given too much is stopped, for its
    /// events and variables would fill the memory.
    pub(super) fn count(&mut self, bytes: usize) {
        self.written_bytes += bytes;
        if self.written_bytes > MAX_WRITTEN_BYTES {
            self.stop(Why::TooManySteps);
        }
    }

    /// The caller's number as extensions are matched with it; empty without one.
    pub(super) fn caller(&self) -> &[u8] {
        self.setup.caller_number.as_deref().unwrap_or_default()
    }

    /// Seconds since the beginning of 1970 at this moment.
    pub(super) fn epoch_s(&self) -> i64 {
        self.moment(self.now_ms).0
    }

    /// Seconds since the beginning of 1970, and milliseconds, at a moment of the call.
    pub(super) fn moment(&self, at_ms: u64) -> (i64, u32) {
        let ms = at_ms.saturating_add(u64::from(self.setup.epoch_part_ms));
        let seconds = i64::try_from(ms / 1000).unwrap_or(i64::MAX);
        let part_ms = u32::try_from(ms % 1000).expect("it is less than 1000");
        (self.setup.epoch_s.saturating_add(seconds), part_ms)
    }

    /// What a clock on the wall shows in a time zone, empty for that of the PBX; none if the zone is
    /// not known here.
    pub(super) fn wall(&self, zone: &[u8]) -> Option<Wall> {
        let epoch_s = self.epoch_s();
        Some(Wall::at(epoch_s, self.utc_offset_s(zone, epoch_s)?))
    }

    /// How far a time zone, empty for that of the PBX, is ahead of UTC at a moment; none if
    /// that is not known here.
    pub(super) fn utc_offset_s(&self, zone: &[u8], epoch_s: i64) -> Option<i32> {
        if zone.is_empty() { Some(self.setup.utc_offset_s) } else { zone::offset_s(zone, epoch_s) }
    }

    /// The moment at which a clock on the wall of a time zone, empty for that of the PBX, shows
    /// this; none if that is not known here.
    pub(super) fn moment_of(&self, zone: &[u8], wall: &Wall) -> Option<i64> {
        if zone.is_empty() {
            return Some(wall.epoch_s(self.setup.utc_offset_s));
        }
        zone::epoch_s(zone, wall.epoch_s(0))
    }

    /// The value of a global variable.
    pub(super) fn global<'a>(
        &'a self,
        loaded: &'a HashMap<Vec<u8>, Vec<u8>>,
        name: &[u8],
    ) -> Option<&'a [u8]> {
        match self.globals.get(name) {
            Some(changed) => changed.as_deref(),
            None => loaded.get(name).map(Vec::as_slice),
        }
    }

    /// Sets a global variable, or removes it.
    pub(super) fn set_global(&mut self, name: &[u8], value: Option<&[u8]>) {
        self.globals.insert(plain(name).to_vec(), value.map(<[u8]>::to_vec));
    }

    /// On at the next priority, unless the channel is asked to stop; whether it goes on.
    pub(super) fn step_on(&mut self) -> bool {
        let goes_on = !(self.is_stopped || self.hangup.is_asked());
        self.priority += i32::from(goes_on);
        goes_on
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
        self.exten = exten.into();
        self.priority = priority;
    }

    /// Goes to a place from within an application; what is empty stays as it is.
    pub(super) fn go(&mut self, context: &[u8], exten: &[u8], priority: i32) {
        if !context.is_empty() {
            self.context = context.into();
        }
        if !exten.is_empty() {
            self.exten = exten.into();
        }
        if priority > -1 {
            self.priority = priority - i32::from(self.is_in_loop);
        }
    }

    /// Goes to `e`, and remembers why.
    pub(super) fn raise(&mut self, reason: impl AsRef<[u8]>, priority: i32) {
        self.exception = Some(Exception {
            reason: reason.as_ref().to_vec(),
            context: self.context.to_vec(),
            exten: self.exten.to_vec(),
            priority: self.priority,
        });
        self.set_place(b"e", priority);
    }

    /// Somebody else sends the call elsewhere. A call that is asked to stop already stays.
    pub(super) fn redirect(&mut self, to: Redirect) {
        if self.hangup.is_asked() {
            let text = "a call that hangs up or is sent elsewhere already cannot be redirected";
            return self.tell(What::Complaint { kind: None, text: text.to_owned() });
        }
        let priority = to.priority + i32::from(self.is_in_loop);
        self.go(&to.context, &to.exten, priority);
        self.hangup.is_redirected = true;
        self.tell(What::Redirected(to));
    }
}
