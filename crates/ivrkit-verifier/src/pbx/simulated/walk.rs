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
mod tests {
    use super::*;

    const SCENARIO: &str = include_str!("../../../tests/fixtures/simulated.yaml");

    /// What the application does in a test, and when.
    enum Do<'a> {
        Transfer(u64, &'a str),
        HangUp(u64),
    }

    fn plan() -> Arc<Plan> {
        let scenario = serde_yaml::from_str(SCENARIO).unwrap();
        Arc::new(Plan { scenario, lengths: Lengths::Estimated })
    }

    fn walk(direction: Direction, callee: Callee) -> Walk {
        let ivr = Number::new("6500").unwrap();
        Walk::new(plan(), direction, "13900001111", &ivr, callee, 0)
    }

    fn lines(walk: &mut Walk) -> Vec<String> {
        walk.drain().map(|(at_ms, happening)| format!("{at_ms} {happening}")).collect()
    }

    /// Walks a call to its end and compares its transcript from the answer on.
    fn check_callee(callee: Callee, application: &[Do<'_>], expected: &str) {
        let mut walk = walk(Direction::Outbound, callee);
        for command in application {
            match command {
                Do::Transfer(at_ms, to) => {
                    let to = Destination::Ivr(Number::new(to).unwrap());
                    walk.transfer(to, *at_ms).unwrap();
                }
                Do::HangUp(at_ms) => walk.hang_up(End::Application, *at_ms).unwrap(),
            }
        }
        walk.advance(1_000_000);
        let found = lines(&mut walk);
        let answered =
            found.iter().position(|line| line.ends_with(" answers")).map_or(0, |at| at + 1);
        let expected: Vec<_> =
            expected.lines().map(str::trim).filter(|line| !line.is_empty()).collect();
        assert_eq!(found[answered..], expected);
        assert_eq!((walk.status(), walk.due_ms()), (Status::Over, None));
    }

    fn check(script: &[&str], application: &[Do<'_>], expected: &str) {
        let mut callee = Callee::doing(script.iter().copied()).unwrap();
        callee.answer = Answer::After(800);
        check_callee(callee, application, expected);
    }

    fn meets(answer: Answer, expected: &str) {
        check_callee(Callee { answer, ..Callee::default() }, &[], expected);
    }

    #[test]
    fn right_code_then_transfer_to_the_end() {
        check(
            &["6500: 1", "6501: 56789#"],
            &[Do::Transfer(9000, "6502")],
            "1000 enters IVR 6500 (call begins)
             5063 has heard the prompts of 6500 (play 1)
             5363 presses 1
             5363 enters IVR 6501 (key)
             6695 has heard the prompts of 6501 (play 1)
             6995 presses 5
             7245 presses 6
             7495 presses 7
             7745 presses 8
             7995 presses 9
             8245 presses #
             8245 has entered 56789 in 6501, ended by the key #
             8245 is on hold in 6501
             9000 is transferred to 6502
             9000 enters IVR 6502 (transfer)
             9888 has heard the prompts of 6502 (play 1)
             10888 ends: no key came",
        );
    }

    #[test]
    fn silence_hears_every_play_and_is_hung_up() {
        check(
            &[],
            &[],
            "1000 enters IVR 6500 (call begins)
             5063 has heard the prompts of 6500 (play 1)
             10126 has heard the prompts of 6500 (play 2)
             11126 ends: no key came",
        );
    }

    #[test]
    fn a_key_interrupts_the_prompt() {
        check(
            &["6500: start, wait 0.5, 2"],
            &[],
            "1000 enters IVR 6500 (call begins)
             1500 presses 2
             1500 ends: a key that hangs up",
        );
    }

    #[test]
    fn a_key_in_the_last_moment_of_the_wait_counts() {
        check(
            &["6500: start, wait 5.063, 2"],
            &[],
            "1000 enters IVR 6500 (call begins)
             5063 has heard the prompts of 6500 (play 1)
             6063 presses 2
             6063 ends: a key that hangs up",
        );
    }

    #[test]
    fn wrong_keys_start_over_until_the_limit() {
        check(
            &["6500: start, 9", "6500: start, 8"],
            &[],
            "1000 enters IVR 6500 (call begins)
             1000 presses 9
             1000 hears IVR 6500 again (wrong key)
             1000 presses 8
             1000 ends: started over too often",
        );
    }

    #[test]
    fn a_key_that_replays_counts_as_starting_over() {
        check(
            &["6500: start, 3", "6500: start, 2"],
            &[],
            "1000 enters IVR 6500 (call begins)
             1000 presses 3
             1000 hears IVR 6500 again (key)
             1000 presses 2
             1000 ends: a key that hangs up",
        );
    }

    #[test]
    fn half_a_sequence_is_wrong_after_the_digit_time_out() {
        check(
            &["6500: start, 7", "6500: start, 77"],
            &[],
            "1000 enters IVR 6500 (call begins)
             1000 presses 7
             4000 hears IVR 6500 again (wrong key)
             4000 presses 7
             4250 presses 7
             4250 enters IVR 6502 (key)
             5138 has heard the prompts of 6502 (play 1)
             6138 ends: no key came",
        );
    }

    #[test]
    fn keys_are_lost_where_none_means_anything() {
        check(
            &["6502: start, 5"],
            &[Do::Transfer(1000, "6502")],
            "1000 enters IVR 6500 (call begins)
             1000 is transferred to 6502
             1000 enters IVR 6502 (transfer)
             1000 presses 5
             1888 has heard the prompts of 6502 (play 1)
             2888 ends: no key came",
        );
    }

    #[test]
    fn a_wrong_key_may_hang_up() {
        let mut scenario: Scenario = serde_yaml::from_str(SCENARIO).unwrap();
        scenario.ivrs.get_mut("6500").unwrap().on_wrong_key = Target::Hangup;
        let plan = Arc::new(Plan { scenario, lengths: Lengths::Estimated });
        let callee = Callee::doing(["6500: start, 9"]).unwrap();
        let ivr = Number::new("6500").unwrap();
        let mut walk = Walk::new(plan, Direction::Inbound, "1", &ivr, callee, 0);
        walk.advance(0);
        assert_eq!(lines(&mut walk)[3..], ["0 presses 9", "0 ends: a wrong key"]);
    }

    #[test]
    fn a_code_without_end_key_is_taken_after_the_digit_time_out() {
        check(
            &["6500: start, 1", "6501: start, 1234, hold, hangup"],
            &[],
            "1000 enters IVR 6500 (call begins)
             1000 presses 1
             1000 enters IVR 6501 (key)
             1000 presses 1
             1250 presses 2
             1500 presses 3
             1750 presses 4
             4750 has entered 1234 in 6501, ended by the digit time-out
             4750 is on hold in 6501
             5050 ends: the callee hung up",
        );
    }

    #[test]
    fn too_short_an_entry_is_wrong_at_the_end_key_and_at_the_time_out() {
        check(
            &["6500: start, 1", "6501: start, 123#", "6501: start, 12", "6501: start, hangup"],
            &[],
            "1000 enters IVR 6500 (call begins)
             1000 presses 1
             1000 enters IVR 6501 (key)
             1000 presses 1
             1250 presses 2
             1500 presses 3
             1750 presses #
             1750 hears IVR 6501 again (wrong key)
             1750 presses 1
             2000 presses 2
             5000 hears IVR 6501 again (wrong key)
             5000 ends: the callee hung up",
        );
    }

    #[test]
    fn too_long_an_entry_is_wrong_at_once_and_its_rest_is_typed_on() {
        check(
            &["6500: start, 1", "6501: start, 12345678"],
            &[],
            "1000 enters IVR 6500 (call begins)
             1000 presses 1
             1000 enters IVR 6501 (key)
             1000 presses 1
             1250 presses 2
             1500 presses 3
             1750 presses 4
             2000 presses 5
             2250 presses 6
             2500 presses 7
             2500 hears IVR 6501 again (wrong key)
             2750 presses 8
             5750 hears IVR 6501 again (wrong key)
             7082 has heard the prompts of 6501 (play 1)
             12414 has heard the prompts of 6501 (play 2)
             16414 ends: no key came",
        );
    }

    #[test]
    fn without_a_verdict_the_callee_enters_again() {
        // Hold prompts of 666 and 10000 ms, then 500 ms: the second round's music begins 11832 ms
        // after the entry and ends past the limit of 15 s, with the pause at 22332 ms.
        check(
            &["6500: start, 1", "6501: start, 1234#"],
            &[Do::HangUp(25_500)],
            "1000 enters IVR 6500 (call begins)
             1000 presses 1
             1000 enters IVR 6501 (key)
             1000 presses 1
             1250 presses 2
             1500 presses 3
             1750 presses 4
             2000 presses #
             2000 has entered 1234 in 6501, ended by the key #
             2000 is on hold in 6501
             24332 hears IVR 6501 again (no verdict)
             24332 presses 1
             24582 presses 2
             24832 presses 3
             25082 presses 4
             25332 presses #
             25332 has entered 1234 in 6501, ended by the key #
             25332 is on hold in 6501
             25500 ends: the application hung up",
        );
    }

    #[test]
    fn keys_on_hold_are_told_and_lost() {
        check(
            &["6500: start, 1", "6501: start, 1234#, hold, 1#"],
            &[Do::Transfer(4000, "6502")],
            "1000 enters IVR 6500 (call begins)
             1000 presses 1
             1000 enters IVR 6501 (key)
             1000 presses 1
             1250 presses 2
             1500 presses 3
             1750 presses 4
             2000 presses #
             2000 has entered 1234 in 6501, ended by the key #
             2000 is on hold in 6501
             2300 presses 1
             2550 presses #
             4000 is transferred to 6502
             4000 enters IVR 6502 (transfer)
             4888 has heard the prompts of 6502 (play 1)
             5888 ends: no key came",
        );
    }

    #[test]
    fn a_transfer_in_mid_entry_drops_what_was_typed() {
        check(
            &["6500: start, 1", "6501: start, 12", "6503: start, 1234#, hold, hangup"],
            &[Do::Transfer(2000, "6503")],
            "1000 enters IVR 6500 (call begins)
             1000 presses 1
             1000 enters IVR 6501 (key)
             1000 presses 1
             1250 presses 2
             2000 is transferred to 6503
             2000 enters IVR 6503 (transfer)
             2000 presses 1
             2250 presses 2
             2500 presses 3
             2750 presses 4
             3000 presses #
             3000 has entered 1234 in 6503, ended by the key #
             3000 is on hold in 6503
             3300 ends: the callee hung up",
        );
    }

    #[test]
    fn a_key_beside_an_entry_waits_for_more() {
        check(
            &["6503: start, 1"],
            &[Do::Transfer(1000, "6503")],
            "1000 enters IVR 6500 (call begins)
             1000 is transferred to 6503
             1000 enters IVR 6503 (transfer)
             1000 presses 1
             4000 enters IVR 6502 (key)
             4888 has heard the prompts of 6502 (play 1)
             5888 ends: no key came",
        );
    }

    #[test]
    fn time_out_and_wrong_key_may_lead_to_an_ivr() {
        check(
            &["6503: start, *", "6501: start, hangup"],
            &[Do::Transfer(1000, "6503")],
            "1000 enters IVR 6500 (call begins)
             1000 is transferred to 6503
             1000 enters IVR 6503 (transfer)
             1000 presses *
             1000 enters IVR 6501 (wrong key)
             1000 ends: the callee hung up",
        );
        check(
            &["6502: start, hangup"],
            &[Do::Transfer(1000, "6503")],
            "1000 enters IVR 6500 (call begins)
             1000 is transferred to 6503
             1000 enters IVR 6503 (transfer)
             2110 has heard the prompts of 6503 (play 1)
             7220 has heard the prompts of 6503 (play 2)
             11220 enters IVR 6502 (time-out)
             11220 ends: the callee hung up",
        );
    }

    #[test]
    fn callees_who_are_not_reached() {
        meets(
            Answer::Busy { reason: "User busy".to_owned() },
            "0 dialled, for IVR 6500\n200 is not reached: User busy\n200 ends: busy",
        );
        meets(
            Answer::Unreachable { reason: "Line unreachable".to_owned() },
            "0 dialled, for IVR 6500\n200 is not reached: Line unreachable\n200 ends: unreachable",
        );
        meets(
            Answer::No { ring_ms: 5000, reason: "DND".to_owned() },
            "0 dialled, for IVR 6500\n200 rings\n5200 is not reached: DND\n5200 ends: no answer",
        );
    }

    #[test]
    fn a_callee_may_hang_up_by_the_clock() {
        check_callee(
            Callee { hang_up_after_ms: Some(700), ..Callee::default() },
            &[],
            "1200 enters IVR 6500 (call begins)\n1900 ends: the callee hung up",
        );
    }

    #[test]
    fn a_call_that_rings_is_transferred_when_answered() {
        check(
            &["6502: start, hangup"],
            &[Do::Transfer(500, "6502")],
            "1000 enters IVR 6502 (transfer)\n1000 ends: the callee hung up",
        );
    }

    #[test]
    fn too_early_and_too_late() {
        let mut walk = walk(Direction::Outbound, Callee::default());
        let ivr = || Destination::Ivr(Number::new("6502").unwrap());
        assert_eq!(walk.transfer(ivr(), 100), Err(Refusal::NotConnected));
        assert_eq!(walk.status(), Status::Wait);
        walk.advance(300);
        assert_eq!(walk.status(), Status::Progress);
        walk.hang_up(End::Application, 400).unwrap();
        assert_eq!(walk.transfer(ivr(), 500), Err(Refusal::Over));
        assert_eq!(walk.hang_up(End::Application, 500), Err(Refusal::Over));
    }

    #[test]
    fn an_extension_talks_for_a_while() {
        let mut walk = walk(Direction::Outbound, Callee::default());
        walk.transfer(Destination::Extension("1000".to_owned()), 3000).unwrap();
        assert_eq!((walk.status(), walk.ivr()), (Status::Talking, None));
        walk.advance(60_000);
        assert_eq!(
            lines(&mut walk)[4..],
            ["3000 is transferred to 1000", "13000 ends: the extension hung up"]
        );
    }

    #[test]
    fn a_caller_from_outside_is_answered_at_once() {
        let mut walk = walk(Direction::Inbound, Callee::doing(["6500: start, 2"]).unwrap());
        walk.advance(0);
        assert_eq!(
            lines(&mut walk),
            [
                "0 dialled, for IVR 6500",
                "0 answers",
                "0 enters IVR 6500 (call begins)",
                "0 presses 2",
                "0 ends: a key that hangs up"
            ]
        );
    }

    #[test]
    fn missing_hold_prompts_do_not_spin() {
        let scenario = serde_yaml::from_str(SCENARIO).unwrap();
        let plan = Arc::new(Plan { scenario, lengths: Lengths::Measured([].into()) });
        let callee = Callee::doing(["6501: start, 1234#"]).unwrap();
        let ivr = Number::new("6501").unwrap();
        let mut walk = Walk::new(
            plan,
            Direction::Inbound,
            "1",
            &ivr,
            Callee { enters_again: false, ..callee },
            0,
        );
        walk.advance(100_000);
        let found = lines(&mut walk);
        assert_eq!(
            found[9..12],
            [
                "1000 is on hold in 6501",
                "16000 hears IVR 6501 again (no verdict)",
                "16000 has heard the prompts of 6501 (play 1)",
            ]
        );
    }

    #[test]
    fn many_small_steps_and_one_large_step_tell_the_same() {
        let script = ["6500: 1", "6501: 56789#", "6501: 1, wait 9, 2"];
        let run = |step_ms: usize| {
            let mut walk = walk(Direction::Outbound, Callee::doing(script).unwrap());
            for now_ms in (0..200_000).step_by(step_ms) {
                walk.advance(now_ms);
            }
            lines(&mut walk)
        };
        assert_eq!(run(1), run(100_000));
    }
}
