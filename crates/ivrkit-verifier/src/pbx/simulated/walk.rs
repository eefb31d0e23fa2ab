//! One call's walk through the IVRs of a scenario.
//!
//! Behaves as the rendered dialplan does on an Asterisk: prompts that a key interrupts, the wait
//! after them, the digit time-out, entries of bounded length, hold prompts during which keys are
//! lost, and transfers from outside at any time. Time is an argument in milliseconds; the walk says
//! when it wants to be woken. Must not know HTTP, reports or clocks.

use super::{
    callee::{Answer, Callee, Moment},
    event::{Cause, Direction, End, Happening, Keys},
    keypad::{self, Match, Meaning},
    length::Lengths,
    person::{Act, Person},
};
use ivrkit_dialplan::scenario::{Ivr, Number, Scenario, Target};
use std::{collections::VecDeque, sync::Arc};

/// Milliseconds from the dial to the first ring, or to the refusal.
const TO_FIRST_RING_MS: u64 = 200;
/// Milliseconds that an extension talks to a call that was transferred to it.
const TALK_MS: u64 = 10_000;

/// Milliseconds between two rounds of hold prompts; it keeps missing prompts from spinning.
const HOLD_PAUSE_MS: u64 = 500;

/// What all walks share.
#[derive(Debug)]
pub(super) struct Plan {
    pub(super) scenario: Scenario,
    pub(super) lengths: Lengths,
}

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
    Visiting(Visit),
    Talking { until_ms: u64 },
    Over,
}

/// A visit of an IVR, from entering it to leaving it; starting over does not leave it.
#[derive(Debug)]
struct Visit {
    ivr: Number,
    replays: u8,
    /// Which playing of the prompts it is, from 1.
    play: u8,
    typed: String,
    phase: Phase,
    until_ms: u64,
}

#[derive(Debug, Clone, Copy)]
enum Phase {
    /// The prompt with this index plays.
    Prompt(usize),
    /// The prompts are over and no key came yet.
    Waiting,
    /// Keys came, and more could.
    Typing,
    /// A hold prompt plays, or the pause behind a round: when the hold began, and which it is,
    /// counted on over the rounds.
    Hold { since_ms: u64, index: usize },
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
            Stage::Visiting(visit) => visit.until_ms,
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
            Stage::Ringing { .. } | Stage::Visiting(_) | Stage::Talking { .. } => {}
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
        self.end(end, now_ms);
        Ok(())
    }

    /// What the PBX says of the call.
    pub(super) fn status(&self) -> Status {
        match self.stage {
            Stage::Dialling { .. } => Status::Wait,
            Stage::Ringing { .. } => Status::Progress,
            Stage::Visiting(_) | Stage::Talking { .. } => Status::Talking,
            Stage::Over => Status::Over,
        }
    }

    /// The IVR that the call is in.
    pub(super) fn ivr(&self) -> Option<&Number> {
        match &self.stage {
            Stage::Visiting(visit) => Some(&visit.ivr),
            _ => None,
        }
    }

    /// Whether this key ends an entry in the IVR that the call is in.
    pub(super) fn is_end_key(&self, key: char) -> bool {
        let entry = self.ivr().and_then(|ivr| self.plan.scenario.ivrs[ivr].entry.as_ref());
        entry.is_some_and(|entry| entry.end_key.key() == key)
    }

    fn person_due_ms(&self) -> Option<u64> {
        let answered = matches!(self.stage, Stage::Visiting(_) | Stage::Talking { .. });
        answered.then(|| self.person.due_ms()).flatten()
    }

    fn person_acts(&mut self, now_ms: u64) {
        match self.person.act(now_ms) {
            Some(Act::Press(key)) => self.press(key, now_ms),
            Some(Act::HangUp) => self.end(End::Callee, now_ms),
            None => {}
        }
    }

    fn stage_ends(&mut self, now_ms: u64) {
        match &self.stage {
            Stage::Dialling { .. } => self.reach(now_ms),
            Stage::Ringing { .. } => self.ring_ends(now_ms),
            Stage::Visiting(visit) => match visit.phase {
                Phase::Prompt(index) => self.play(index + 1, now_ms),
                Phase::Waiting => self.wait_ends(now_ms),
                Phase::Typing => self.digits_time_out(now_ms),
                Phase::Hold { since_ms, index } => self.hold(since_ms, index + 1, now_ms),
            },
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
        match to {
            Destination::Ivr(ivr) => self.enter(ivr, 0, cause, now_ms),
            Destination::Extension(_) => self.stage = Stage::Talking { until_ms: now_ms + TALK_MS },
        }
    }

    fn enter(&mut self, ivr: Number, replays: u8, cause: Cause, now_ms: u64) {
        self.tell(now_ms, Happening::Entered { ivr: ivr.to_string(), cause, again: replays > 0 });
        self.person.enter(ivr.as_str(), cause == Cause::NoVerdict, now_ms);
        self.stage = Stage::Visiting(Visit {
            ivr,
            replays,
            play: 1,
            typed: String::new(),
            phase: Phase::Prompt(0),
            until_ms: now_ms,
        });
        self.play(0, now_ms);
    }

    /// Begins the prompt with this index, or the wait when there is none.
    fn play(&mut self, index: usize, now_ms: u64) {
        let plan = Arc::clone(&self.plan);
        let ivr = self.ivr_in(&plan);
        let length_ms = ivr.prompts.get(index).map(|name| self.length_ms(name));
        let visit = self.visit();
        if let Some(length_ms) = length_ms {
            (visit.phase, visit.until_ms) = (Phase::Prompt(index), now_ms + length_ms);
            return;
        }
        (visit.phase, visit.until_ms) = (Phase::Waiting, now_ms + ivr.wait_s.as_ms());
        let heard = Happening::Heard { ivr: visit.ivr.to_string(), play: visit.play };
        self.tell(now_ms, heard);
        self.person.reach(Moment::Prompt, now_ms);
    }

    fn wait_ends(&mut self, now_ms: u64) {
        let plan = Arc::clone(&self.plan);
        let ivr = self.ivr_in(&plan);
        let visit = self.visit();
        if visit.play < ivr.plays {
            visit.play += 1;
            return self.play(0, now_ms);
        }
        self.go(&ivr.on_timeout, Cause::Timeout, now_ms);
    }

    fn press(&mut self, key: char, now_ms: u64) {
        let flag = self.keys_pressed;
        self.keys_pressed += 1;
        self.tell(now_ms, Happening::Pressed { key: Keys::new(key), flag });
        let Stage::Visiting(visit) = &mut self.stage else { return };
        let plan = Arc::clone(&self.plan);
        let ivr = &plan.scenario.ivrs[&visit.ivr];
        // Where no key means anything, and on hold, the dialplan plays with Playback, which loses
        // the keys that the telephone sends.
        let listens =
            !ivr.keys.is_empty() || ivr.entry.is_some() || ivr.on_wrong_key.ivr().is_some();
        if !listens || matches!(visit.phase, Phase::Hold { .. }) {
            return;
        }
        visit.typed.push(key);
        match keypad::look_up(ivr, &self.visit().typed) {
            Match::Now(meaning) => self.take(&meaning, now_ms),
            Match::Unless(_) | Match::Begun => {
                let until_ms = now_ms + ivr.digit_timeout_s.as_ms();
                let visit = self.visit();
                (visit.phase, visit.until_ms) = (Phase::Typing, until_ms);
            }
            Match::Wrong => self.go(&ivr.on_wrong_key, Cause::WrongKey, now_ms),
        }
    }

    fn digits_time_out(&mut self, now_ms: u64) {
        let plan = Arc::clone(&self.plan);
        let ivr = self.ivr_in(&plan);
        match keypad::look_up(ivr, &self.visit().typed) {
            Match::Now(meaning) | Match::Unless(meaning) => self.take(&meaning, now_ms),
            Match::Begun | Match::Wrong => self.go(&ivr.on_wrong_key, Cause::WrongKey, now_ms),
        }
    }

    fn take(&mut self, meaning: &Meaning<'_>, now_ms: u64) {
        match meaning {
            Meaning::Leads(target) => self.go(target, Cause::Key, now_ms),
            Meaning::Enters { digits, end_key, .. } => {
                let ivr = self.visit().ivr.to_string();
                let digits = Keys::new(digits);
                self.tell(now_ms, Happening::Entry { ivr: ivr.clone(), digits, end_key: *end_key });
                self.tell(now_ms, Happening::Held { ivr });
                self.person.reach(Moment::Hold, now_ms);
                self.hold(now_ms, 0, now_ms);
            }
        }
    }

    /// Begins a hold prompt or the pause behind a round of them, or leaves the hold when its limit
    /// is over.
    fn hold(&mut self, since_ms: u64, index: usize, now_ms: u64) {
        let plan = Arc::clone(&self.plan);
        let entry = self.ivr_in(&plan).entry.as_ref().expect("only an entry leads to the hold");
        let prompts = &entry.hold.prompts;
        let until_ms = match prompts.get(index % (prompts.len() + 1)) {
            None => now_ms + HOLD_PAUSE_MS,
            Some(_) if now_ms >= since_ms + entry.hold.limit_s.as_ms() => {
                return self.go(&entry.on_no_verdict, Cause::NoVerdict, now_ms);
            }
            Some(prompt) => now_ms + self.length_ms(prompt),
        };
        let visit = self.visit();
        (visit.phase, visit.until_ms) = (Phase::Hold { since_ms, index }, until_ms);
    }

    fn go(&mut self, target: &Target, cause: Cause, now_ms: u64) {
        match target {
            Target::Ivr(ivr) => self.enter(ivr.clone(), 0, cause, now_ms),
            Target::Hangup => self.end(end_of(cause), now_ms),
            Target::Replay => {
                let visit = self.visit();
                let (number, replays) = (visit.ivr.clone(), visit.replays + 1);
                if replays > self.plan.scenario.ivrs[&number].max_replays {
                    self.end(End::Replays, now_ms);
                } else {
                    self.enter(number, replays, cause, now_ms);
                }
            }
        }
    }

    fn end(&mut self, end: End, now_ms: u64) {
        self.stage = Stage::Over;
        self.tell(now_ms, Happening::Ended { end });
    }

    fn tell(&mut self, at_ms: u64, happening: Happening) {
        self.happenings.push_back((at_ms, happening));
    }

    fn length_ms(&self, prompt: &str) -> u64 {
        self.plan.lengths.of(&self.plan.scenario, prompt, &self.number)
    }

    fn visit(&mut self) -> &mut Visit {
        match &mut self.stage {
            Stage::Visiting(visit) => visit,
            _ => unreachable!("asked for only while an IVR is visited"),
        }
    }

    /// The IVR being visited, borrowed from the plan and not from the walk.
    fn ivr_in<'plan>(&mut self, plan: &'plan Plan) -> &'plan Ivr {
        &plan.scenario.ivrs[&self.visit().ivr]
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

fn end_of(cause: Cause) -> End {
    match cause {
        Cause::Timeout => End::Timeout,
        Cause::WrongKey => End::WrongKey,
        Cause::NoVerdict => End::NoVerdict,
        Cause::Begin | Cause::Key | Cause::Transfer => End::Key,
    }
}

#[cfg(test)]
mod tests;
