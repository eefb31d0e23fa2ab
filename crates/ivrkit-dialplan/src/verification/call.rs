//! One call and the rules that it follows.
//!
//! The rules come from what PBXs were seen or are feared to do; each stands as a comment where it is
//! applied: `dialling` (reaching the callee), `entering` (keys and verdicts), `steering` (sending the
//! call on). Must not know how a PBX writes any of it.

mod dialling;
mod entering;
mod steering;

use super::{
    Digits, Direction, Input, Leg, Outcome, Output, Report, Step, TimeMs, keys::Keys,
    step::IgnoredBecause,
};
use crate::scenario::{Number, Scenario};
use dialling::DIAL_AGAIN_MS;
use entering::{LATE_KEYS_MS, LONGEST_HOLD_MS, LOOK_UP_ANEW_MS, MISSING_KEYS_MS};
use serde::{Deserialize, Serialize};
use std::{collections::VecDeque, ops::ControlFlow};

/// A call that is silent for longer is looked for in the PBX's list.
const QUIET_MS: TimeMs = 120_000;
/// Between two looks for a call that was not found or could not be looked for.
const FIND_AGAIN_MS: TimeMs = 5_000;
/// Before the first repeat of a transfer or hang-up; each further one waits twice as long.
const STEER_AGAIN_MS: TimeMs = 1_500;
/// Tries of a transfer or hang-up.
const MAX_TRIES: u8 = 6;

/// The state of one call. Serialises whole; seal it before storing, typed digits are in it.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "seven facts that are independent of one another"
)]
pub struct Call {
    direction: Direction,
    phase: Phase,
    answered: bool,
    /// Where the call is believed to be; the next report that names an IVR corrects it.
    ivr: Number,
    pbx_id: Option<String>,
    leg: Option<Leg>,
    keys: Keys,
    /// Entries that were judged, to recognise their repeats.
    judged: Vec<Digits>,
    attempts: u8,
    verified: bool,
    exhausted: bool,
    /// The look-up of the last entry could not be done.
    #[serde(default)]
    unjudged: bool,
    /// An entry that waits: for the callee to have answered, or for the verdict before it.
    waiting: Option<Digits>,
    /// An entry with known digits, and until when it waits for its keys.
    doubtful: Option<(Digits, TimeMs)>,
    /// When the pending keys count as an entry without its report.
    keys_due: Option<TimeMs>,
    /// Since when the dialplan can have asked again, for PBXs that report no keys.
    asked_again: bool,
    find_due: TimeMs,
    misses: u8,
    /// When a look last missed the call.
    missed_at: TimeMs,
    /// When the PBX was last asked to dial.
    dialled_at: TimeMs,
    redialled: bool,
    numbers: u32,
    #[serde(skip)]
    outputs: VecDeque<Output>,
}

/// How far a call is, for figures.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stage {
    /// Not answered yet.
    Dialling,
    /// In an IVR.
    Listening,
    /// An entry is being looked up.
    Judging,
    /// Being sent on.
    Steering,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
enum Phase {
    /// The PBX was asked to dial; `again_at` when it has to be asked again.
    Dialling { tries: u8, again_at: Option<TimeMs> },
    /// Whether it dialled is unknown.
    Searching,
    /// In an IVR, or ringing.
    Listening,
    /// A look-up is out; `again_at` when it has to be asked again, `until` when to give up.
    Judging {
        lookup: u32,
        verification: String,
        digits: Digits,
        again_at: Option<TimeMs>,
        until: TimeMs,
        /// How often the look-up could not be done.
        #[serde(default)]
        failures: u8,
    },
    /// A transfer or hang-up is out.
    Steering { request: u32, goal: Goal, tries: u8, leg: LegInUse, certainty: Certainty },
    /// Nothing will happen any more.
    Over { outcome: Outcome },
}

/// Where a call is being sent.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
enum Goal {
    Ivr(Number),
    HangUp,
}

/// Which name of the leg a request used. PBXs were seen to mix up the two ids of a call.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
enum LegInUse {
    /// The leg of the reports.
    Reported,
    /// The call's own id, the other candidate.
    CallId,
    /// The leg is being looked for.
    Sought,
    /// The leg that the list of calls gave.
    Listed,
}

/// What is known of a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
enum Certainty {
    /// The answer is awaited.
    Asked,
    /// It may or may not have been done; repeat at this time unless a report shows that it was.
    Unsure { again_at: TimeMs },
    /// It was not done; repeat at this time.
    NotDone { again_at: TimeMs },
}

impl Certainty {
    /// After a crash, what was asked is of unknown fate.
    fn resume(&mut self, now: TimeMs) {
        let soon = now + STEER_AGAIN_MS;
        match self {
            Self::Asked => *self = Self::Unsure { again_at: soon },
            Self::Unsure { again_at } | Self::NotDone { again_at } => {
                *again_at = (*again_at).min(soon);
            }
        }
    }
}

impl Call {
    /// A call to a callee, beginning with the request to dial.
    pub fn dial(scenario: &Scenario, now: TimeMs) -> Option<Self> {
        let ivr = scenario.calls.outbound.clone()?;
        let phase = Phase::Dialling { tries: 1, again_at: None };
        let mut call = Self::new(Direction::Outbound, ivr.clone(), phase, now);
        call.outputs.push_back(Output::Dial { ivr });
        Some(call)
    }

    /// A call that came in, under the PBX's id.
    pub fn incoming(scenario: &Scenario, pbx_id: &str, now: TimeMs) -> Option<Self> {
        let ivr = scenario.calls.inbound.clone()?;
        let mut call = Self::new(Direction::Inbound, ivr.clone(), Phase::Listening, now);
        call.pbx_id = Some(pbx_id.to_owned());
        call.answered = true;
        call.note(Step::InIvr { ivr });
        Some(call)
    }

    fn new(direction: Direction, ivr: Number, phase: Phase, now: TimeMs) -> Self {
        Self {
            direction,
            phase,
            answered: false,
            ivr,
            pbx_id: None,
            leg: None,
            keys: Keys::default(),
            judged: Vec::new(),
            attempts: 0,
            verified: false,
            exhausted: false,
            unjudged: false,
            waiting: None,
            doubtful: None,
            keys_due: None,
            asked_again: false,
            find_due: now + QUIET_MS,
            misses: 0,
            missed_at: 0,
            dialled_at: now,
            redialled: false,
            numbers: 0,
            outputs: VecDeque::new(),
        }
    }

    /// Goes on after a restart, with what was stored before the last output was acted on.
    ///
    /// What was asked of the PBX and not answered is of unknown fate: a transfer waits for signs
    /// that it was done; a dial is looked for, and repeated once only if neither the PBX's list nor
    /// a report knows of it.
    pub fn resume(&mut self, now: TimeMs) {
        match &mut self.phase {
            Phase::Dialling { again_at: None, .. } => {
                self.phase = Phase::Searching;
                self.note(Step::DialUnsure);
            }
            Phase::Dialling { again_at: Some(at), .. } => *at = (*at).min(now + DIAL_AGAIN_MS),
            Phase::Judging { again_at, until, .. } => {
                // Its answer may be lost: it is asked again, and has a time for it in any case.
                *again_at = Some(now);
                *until = (*until).clamp(now + LOOK_UP_ANEW_MS, now + LONGEST_HOLD_MS);
            }
            Phase::Steering { leg: LegInUse::Sought, .. } => {}
            Phase::Steering { certainty, .. } => certainty.resume(now),
            _ => {}
        }
        self.trust_no_stored_time(now);
        if !self.is_over() {
            // Reports may have been lost meanwhile, its last one among them.
            self.find_due = now;
        }
    }

    /// The clock may have been set back since these times were stored; nothing waits for longer
    /// than it would have to wait from now.
    fn trust_no_stored_time(&mut self, now: TimeMs) {
        if let Some((_, until)) = &mut self.doubtful {
            *until = (*until).min(now + LATE_KEYS_MS);
        }
        // What was reported meanwhile is reported again after a while of the PBX's own; until then the
        // keys may be a part of an entry, and a part of the right code would be judged wrong.
        self.keys_due = self.keys_due.map(|_| now + MISSING_KEYS_MS);
        self.dialled_at = self.dialled_at.min(now);
        self.missed_at = self.missed_at.min(now);
    }

    /// Takes one input; ask for the outputs afterwards.
    pub fn handle(&mut self, scenario: &Scenario, now: TimeMs, input: Input) {
        if self.is_over() {
            return;
        }
        match input {
            Input::DialAnswered(answer) => self.dial_answered(now, answer),
            Input::Reported { leg, report } => self.reported(scenario, now, leg, report),
            Input::LookedUp { lookup, verdict } => self.looked_up(scenario, now, lookup, verdict),
            Input::LookUpFailed { lookup } => self.look_up_failed(scenario, now, lookup),
            Input::Steered { request, answer } => self.steered(now, request, answer),
            Input::Found(found) => self.found(scenario, now, found),
            Input::Wake => self.wake(scenario, now),
        }
    }

    /// The next thing to do, until there is none.
    pub fn poll_output(&mut self) -> Option<Output> {
        self.outputs.pop_front()
    }

    /// When this call next wants [`Input::Wake`]; `None` when it is over.
    pub fn wake_at(&self) -> Option<TimeMs> {
        let phase = match &self.phase {
            Phase::Over { .. } => return None,
            Phase::Dialling { again_at, .. } => *again_at,
            Phase::Judging { again_at, until, .. } => {
                Some(again_at.map_or(*until, |at| at.min(*until)))
            }
            Phase::Steering { leg: LegInUse::Sought, .. } => None,
            Phase::Steering {
                certainty: Certainty::Unsure { again_at } | Certainty::NotDone { again_at },
                ..
            } => Some(*again_at),
            Phase::Steering { .. } | Phase::Searching | Phase::Listening => None,
        };
        let doubtful = self.doubtful.as_ref().map(|(_, until)| *until);
        [phase, doubtful, self.keys_due, Some(self.find_due)].into_iter().flatten().min()
    }

    /// How the call ended, once it has.
    pub fn outcome(&self) -> Option<Outcome> {
        match self.phase {
            Phase::Over { outcome } => Some(outcome),
            _ => None,
        }
    }

    /// Whether nothing will happen any more.
    pub fn is_over(&self) -> bool {
        self.outcome().is_some()
    }

    /// The IVR that the call is believed to be in.
    pub fn ivr(&self) -> &Number {
        &self.ivr
    }

    /// Who rang whom.
    pub fn direction(&self) -> Direction {
        self.direction
    }

    /// The PBX's id of the call, once it is known.
    pub fn pbx_id(&self) -> Option<&str> {
        self.pbx_id.as_deref()
    }

    /// The leg to address, once it is known.
    pub fn leg(&self) -> Option<&Leg> {
        self.leg.as_ref()
    }

    /// How far it is; a call that is over is where it was last.
    pub fn stage(&self) -> Stage {
        match self.phase {
            Phase::Judging { .. } => Stage::Judging,
            Phase::Steering { .. } => Stage::Steering,
            _ if self.answered => Stage::Listening,
            _ => Stage::Dialling,
        }
    }

    /// How many entries were judged.
    pub fn attempts(&self) -> u8 {
        self.attempts
    }

    fn reported(&mut self, scenario: &Scenario, now: TimeMs, leg: Option<Leg>, report: Report) {
        self.find_due = now + QUIET_MS;
        self.misses = 0;
        self.learn_leg(leg);
        match report {
            Report::Ringing => self.note(Step::Ringing),
            Report::Answered => self.now_answered(scenario, now),
            Report::PromptEnded(ivr) => self.prompt_ended(scenario, now, ivr),
            Report::Key { key, sequence } => self.key(scenario, now, key, sequence),
            Report::Entry(digits) => self.entry(scenario, now, digits),
            // Whoever picked up was reached: something else failed, and the list knows whether the
            // call is still up.
            Report::NotReached(_) if self.answered => self.outputs.push_back(Output::Find),
            Report::NotReached(_) => self.end(Outcome::NotReached),
            Report::Ended => self.end(self.outcome_now()),
        }
    }

    fn now_answered(&mut self, scenario: &Scenario, now: TimeMs) {
        if !self.answered {
            self.answered = true;
            self.note(Step::Answered);
            self.note(Step::InIvr { ivr: self.ivr.clone() });
            if let Some(digits) = self.waiting.take() {
                self.entry(scenario, now, digits);
            }
        }
    }

    fn wake(&mut self, scenario: &Scenario, now: TimeMs) {
        if self.keys_due.is_some_and(|due| due <= now) {
            self.keys_due = None;
            self.entry_of_keys(scenario, now);
        }
        if let Some((digits, _)) = self.doubtful.take_if(|(_, until)| *until <= now) {
            match self.meant(scenario) {
                Some(entry) if self.is_new(&digits, entry.end_key.key()) => {
                    self.take(scenario, now, digits);
                }
                _ => self.ignore(IgnoredBecause::Repeat),
            }
        }
        if matches!(&self.phase, Phase::Judging { again_at: None, until, .. } if *until <= now) {
            self.leave_unjudged(scenario, now);
        }
        if let ControlFlow::Break(()) = self.repeat_what_is_due(now) {
            return;
        }
        if self.find_due <= now {
            self.find_due = now + FIND_AGAIN_MS;
            self.outputs.push_back(Output::Find);
        }
    }

    fn repeat_what_is_due(&mut self, now: TimeMs) -> ControlFlow<()> {
        match &mut self.phase {
            Phase::Dialling { tries, again_at } if again_at.is_some_and(|at| at <= now) => {
                let tries = *tries + 1;
                self.ask_to_dial(now, tries);
            }
            Phase::Judging { lookup, verification, digits, again_at, .. }
                if again_at.is_some_and(|at| at <= now) =>
            {
                *again_at = None;
                self.outputs.push_back(Output::LookUp {
                    lookup: *lookup,
                    verification: verification.clone(),
                    digits: digits.clone(),
                });
            }
            Phase::Steering {
                goal,
                tries,
                leg,
                certainty: Certainty::Unsure { again_at } | Certainty::NotDone { again_at },
                ..
            } if *again_at <= now => {
                let (goal, tries, leg) = (goal.clone(), *tries + 1, *leg);
                if tries > MAX_TRIES {
                    self.note(Step::SteeringFailed { code: 0 });
                    self.phase = Phase::Listening;
                } else {
                    self.ask_to_steer(now, goal, tries, leg);
                }
                return ControlFlow::Break(());
            }
            _ => {}
        }
        ControlFlow::Continue(())
    }

    fn enter(&mut self, ivr: Number) {
        self.note(Step::InIvr { ivr: ivr.clone() });
        self.ivr = ivr;
    }

    fn ignore(&mut self, reason: IgnoredBecause) {
        self.note(Step::EntryIgnored { reason });
    }

    fn note(&mut self, step: Step) {
        self.outputs.push_back(Output::Note(step));
    }

    fn number(&mut self) -> u32 {
        self.numbers += 1;
        self.numbers
    }

    fn outcome_now(&self) -> Outcome {
        match (self.verified, self.exhausted, self.unjudged, self.answered) {
            (true, ..) => Outcome::Verified,
            (_, true, ..) => Outcome::Exhausted,
            (_, _, true, _) => Outcome::Unavailable,
            (.., true) => Outcome::Unverified,
            (.., false) => Outcome::NotReached,
        }
    }

    fn end(&mut self, outcome: Outcome) {
        self.note(Step::Ended { outcome });
        self.phase = Phase::Over { outcome };
        self.judged.clear();
        self.keys = Keys::default();
        (self.waiting, self.doubtful, self.keys_due) = (None, None, None);
    }
}
