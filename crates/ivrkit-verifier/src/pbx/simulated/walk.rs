//! One call's walk through the dialplan of the PBX.
//!
//! Rings, and once it is answered runs the dialplan: the callee's keys go in, and what its steps and
//! events say of IVRs comes out as happenings. Transfers and hang-ups come from outside at any time.
//! Time is an argument in milliseconds; the walk says when it wants to be woken. Must not know HTTP,
//! reports or clocks.

use super::{
    callee::{Answer, Callee, Moment},
    course::Course,
    event::{Cause, Direction, End, Happening, Keys},
    person::{Act, Person},
    plan::{self, Plan},
};
use ivrkit_dialplan::{
    call::{Call, Event, Input, What, Why},
    scenario::Number,
};
use std::{collections::VecDeque, sync::Arc};

/// Milliseconds from the dial to the first ring, or to the refusal.
const TO_FIRST_RING_MS: u64 = 200;
/// Milliseconds that an extension talks to a call that was transferred to it.
const TALK_MS: u64 = 10_000;

/// Why a transfer or a hang-up is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Refusal {
    /// The call is over.
    Over,
    /// The callee's telephone does not ring yet.
    NotConnected,
}

/// Where a transfer leads.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Destination {
    /// An IVR of the scenario.
    Ivr(Number),
    /// An extension of the PBX.
    Extension(String),
}

/// What the PBX would say of a call when asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Status {
    Wait,
    Progress,
    Talking,
    Over,
}

/// A call on its way. All times are milliseconds on one clock of the caller's choice.
#[derive(Debug)]
pub(super) struct Walk {
    plan: Arc<Plan>,
    number: String,
    /// Where the call goes when it is answered.
    first: Destination,
    first_cause: Cause,
    stage: Stage,
    person: Person,
    keys_pressed: u32,
    happenings: VecDeque<(u64, Happening)>,
}

#[derive(Debug)]
enum Stage {
    Dialling { until_ms: u64 },
    Ringing { until_ms: u64 },
    InDialplan(Box<Visit>),
    Talking { until_ms: u64 },
    Over,
}

/// The time that a call spends in the dialplan.
#[derive(Debug)]
struct Visit {
    call: Call,
    /// When it entered the dialplan: the call's own clock begins then.
    since_ms: u64,
    course: Course,
    /// Who hung up, if somebody did.
    hung_up: Option<End>,
}

impl Walk {
    /// A call to a callee, or from a caller, that begins now and leads to an IVR.
    pub(super) fn new(
        plan: Arc<Plan>,
        direction: Direction,
        number: &str,
        ivr: &Number,
        callee: Callee,
        now_ms: u64,
    ) -> Self {
        let mut walk = Self {
            plan,
            number: number.to_owned(),
            first: Destination::Ivr(ivr.clone()),
            first_cause: Cause::Begin,
            stage: Stage::Dialling { until_ms: now_ms + TO_FIRST_RING_MS },
            person: Person::new(callee),
            keys_pressed: 0,
            happenings: VecDeque::new(),
        };
        walk.tell(now_ms, Happening::Dialled { ivr: ivr.to_string() });
        if direction == Direction::Inbound {
            walk.answer(now_ms);
        }
        walk
    }

    /// Lets everything happen that is due until now.
    pub(super) fn advance(&mut self, now_ms: u64) {
        while let Some(due_ms) = self.due_ms().filter(|due_ms| *due_ms <= now_ms) {
            // A key in the last moment of a wait still counts.
            if self.person_due_ms().is_some_and(|person_ms| person_ms <= due_ms) {
                self.person_acts(due_ms);
            } else {
                self.stage_ends(due_ms);
            }
        }
    }

    /// When something is due next; `None` when the call is over.
    pub(super) fn due_ms(&self) -> Option<u64> {
        let stage_ms = match &self.stage {
            Stage::Dialling { until_ms }
            | Stage::Ringing { until_ms }
            | Stage::Talking { until_ms } => *until_ms,
            Stage::InDialplan(visit) => visit.due_ms(),
            Stage::Over => return None,
        };
        Some(self.person_due_ms().map_or(stage_ms, |person_ms| person_ms.min(stage_ms)))
    }

    /// What happened since it was asked last, with times.
    pub(super) fn drain(&mut self) -> impl Iterator<Item = (u64, Happening)> {
        self.happenings.drain(..)
    }

    /// Sends the call elsewhere; a call that still rings goes there when it is answered.
    pub(super) fn transfer(&mut self, to: Destination, now_ms: u64) -> Result<(), Refusal> {
        self.advance(now_ms);
        match &self.stage {
            Stage::Over => return Err(Refusal::Over),
            Stage::Dialling { .. } => return Err(Refusal::NotConnected),
            Stage::Ringing { .. } | Stage::InDialplan(_) | Stage::Talking { .. } => {}
        }
        self.tell(now_ms, Happening::Transferred { to: to.to_string(), errno: None });
        if matches!(self.stage, Stage::Ringing { .. }) {
            (self.first, self.first_cause) = (to, Cause::Transfer);
        } else {
            self.arrive(to, Cause::Transfer, now_ms);
        }
        Ok(())
    }

    /// Ends the call for the application, or because the PBX lost it.
    pub(super) fn hang_up(&mut self, end: End, now_ms: u64) -> Result<(), Refusal> {
        self.advance(now_ms);
        if matches!(self.stage, Stage::Over) {
            return Err(Refusal::Over);
        }
        if end == End::Lost {
            self.end(end, now_ms);
        } else {
            self.leave(end, now_ms);
        }
        Ok(())
    }

    /// What the PBX says of the call.
    pub(super) fn status(&self) -> Status {
        match self.stage {
            Stage::Dialling { .. } => Status::Wait,
            Stage::Ringing { .. } => Status::Progress,
            Stage::InDialplan(_) | Stage::Talking { .. } => Status::Talking,
            Stage::Over => Status::Over,
        }
    }

    /// The IVR that the call is in.
    pub(super) fn ivr(&self) -> Option<&Number> {
        match &self.stage {
            Stage::InDialplan(visit) => visit.course.ivr(),
            _ => None,
        }
    }

    /// Whether this key ends an entry in the IVR that the call is in.
    pub(super) fn is_end_key(&self, key: char) -> bool {
        let ivr = self.ivr().and_then(|ivr| self.plan.scenario.ivrs.get(ivr));
        let entry = ivr.and_then(|ivr| ivr.entry.as_ref());
        entry.is_some_and(|entry| entry.end_key.key() == key)
    }

    fn person_due_ms(&self) -> Option<u64> {
        let is_there = match &self.stage {
            Stage::InDialplan(visit) => visit.hung_up.is_none(),
            Stage::Talking { .. } => true,
            Stage::Dialling { .. } | Stage::Ringing { .. } | Stage::Over => false,
        };
        is_there.then(|| self.person.due_ms()).flatten()
    }

    fn person_acts(&mut self, now_ms: u64) {
        match self.person.act(now_ms) {
            Some(Act::Press(key)) => self.press(key, now_ms),
            Some(Act::HangUp) => self.leave(End::Callee, now_ms),
            None => {}
        }
    }

    fn stage_ends(&mut self, now_ms: u64) {
        match &mut self.stage {
            Stage::Dialling { .. } => self.reach(now_ms),
            Stage::Ringing { .. } => self.ring_ends(now_ms),
            Stage::InDialplan(visit) => {
                visit.call.advance(now_ms - visit.since_ms);
                self.follow();
            }
            Stage::Talking { .. } => self.end(End::Extension, now_ms),
            Stage::Over => {}
        }
    }

    fn reach(&mut self, now_ms: u64) {
        let (reason, end) = match &self.person.script().answer {
            Answer::After(ring_ms) | Answer::No { ring_ms, .. } => {
                self.stage = Stage::Ringing { until_ms: now_ms + ring_ms };
                return self.tell(now_ms, Happening::Ringing);
            }
            Answer::Busy { reason } => (reason.clone(), End::Busy),
            Answer::Unreachable { reason } => (reason.clone(), End::Unreachable),
        };
        self.tell(now_ms, Happening::Failed { reason });
        self.end(end, now_ms);
    }

    fn ring_ends(&mut self, now_ms: u64) {
        if let Answer::No { reason, .. } = &self.person.script().answer {
            let reason = reason.clone();
            self.tell(now_ms, Happening::Failed { reason });
            return self.end(End::NoAnswer, now_ms);
        }
        self.answer(now_ms);
    }

    fn answer(&mut self, now_ms: u64) {
        self.tell(now_ms, Happening::Answered);
        self.person.answer(now_ms);
        self.arrive(self.first.clone(), self.first_cause, now_ms);
    }

    fn arrive(&mut self, to: Destination, cause: Cause, now_ms: u64) {
        match (to, &mut self.stage) {
            (Destination::Extension(_), stage) => {
                *stage = Stage::Talking { until_ms: now_ms + TALK_MS };
            }
            (Destination::Ivr(ivr), Stage::InDialplan(visit)) => {
                let input = Input::Redirect(plan::place_of(&ivr));
                visit.call.feed(now_ms - visit.since_ms, input);
                self.follow();
            }
            (Destination::Ivr(ivr), stage) => {
                let call = self.plan.call(&ivr, &self.number, now_ms);
                let course = Course::new(cause);
                let visit = Visit { call, since_ms: now_ms, course, hung_up: None };
                *stage = Stage::InDialplan(Box::new(visit));
                self.follow();
            }
        }
    }

    fn press(&mut self, key: char, now_ms: u64) {
        let Stage::InDialplan(visit) = &mut self.stage else {
            return self.tell_key(key, now_ms);
        };
        let key = u8::try_from(key).expect("keys are ASCII");
        visit.call.feed(now_ms - visit.since_ms, Input::Key(key));
        self.follow();
    }

    /// Somebody hangs up; the dialplan may still have something to do then.
    fn leave(&mut self, end: End, now_ms: u64) {
        let Stage::InDialplan(visit) = &mut self.stage else {
            return self.end(end, now_ms);
        };
        visit.hung_up.get_or_insert(end);
        visit.call.feed(now_ms - visit.since_ms, Input::HangUp);
        self.follow();
    }

    /// Tells what has happened in the dialplan, and lets the callee notice it.
    fn follow(&mut self) {
        while let Stage::InDialplan(visit) = &mut self.stage
            && let Some(Event { at_ms, what }) = visit.call.next_event()
        {
            let at_ms = visit.since_ms + at_ms;
            match &what {
                What::Key { key, .. } => self.tell_key(char::from(*key), at_ms),
                What::Ended { why, .. } => {
                    let end = visit.hung_up.unwrap_or_else(|| visit.course.end(why));
                    if let Some(happening) = not_simulated(why) {
                        self.tell(at_ms, happening);
                    }
                    self.end(end, at_ms);
                }
                what => {
                    if let Some(happening) = visit.course.follow(what) {
                        self.notice(happening, at_ms);
                    }
                }
            }
        }
    }

    fn notice(&mut self, happening: Happening, at_ms: u64) {
        let held = match &happening {
            Happening::Entry { ivr, .. } => Some(Happening::Held { ivr: ivr.clone() }),
            _ => None,
        };
        match &happening {
            Happening::Entered { ivr, cause, .. } => {
                self.person.enter(ivr, *cause == Cause::NoVerdict, at_ms);
            }
            Happening::Heard { .. } => self.person.reach(Moment::Prompt, at_ms),
            Happening::Entry { .. } => self.person.reach(Moment::Hold, at_ms),
            _ => {}
        }
        self.tell(at_ms, happening);
        if let Some(held) = held {
            self.tell(at_ms, held);
        }
    }

    fn tell_key(&mut self, key: char, at_ms: u64) {
        let flag = self.keys_pressed;
        self.keys_pressed += 1;
        self.tell(at_ms, Happening::Pressed { key: Keys::new(key), flag });
    }

    fn end(&mut self, end: End, now_ms: u64) {
        self.stage = Stage::Over;
        self.tell(now_ms, Happening::Ended { end });
    }

    fn tell(&mut self, at_ms: u64, happening: Happening) {
        self.happenings.push_back((at_ms, happening));
    }
}

impl Visit {
    /// When something happens by itself.
    fn due_ms(&self) -> u64 {
        // A call that is up has at least the limit of its time.
        let wake_ms = self.call.wake_at_ms().expect("a call that is up waits for something");
        self.since_ms.saturating_add(wake_ms)
    }
}

impl std::fmt::Display for Destination {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Ivr(number) => number.fmt(f),
            Self::Extension(number) => f.write_str(number),
        }
    }
}

/// What stops a call that a real PBX would lead on.
fn not_simulated(why: &Why) -> Option<Happening> {
    let what = match why {
        Why::NotModelled(what) => what.clone(),
        Why::TooManySteps => "a dialplan that goes round for ever".to_owned(),
        Why::TooLong => "so long a call".to_owned(),
        _ => return None,
    };
    Some(Happening::NotSimulated { what })
}

#[cfg(test)]
mod tests;
