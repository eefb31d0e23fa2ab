//! One call and the rules that it follows.
//!
//! The rules come from what PBXs were seen or are feared to do; each stands as a comment where it is
//! applied. Must not know how a PBX writes any of it.

use super::{
    Answer, Digits, Direction, Found, Input, Leg, Outcome, Output, Report, Step, TimeMs, Verdict,
    keys::Keys, step::IgnoredBecause,
};
use crate::scenario::{Entry, Ivr, Number, Scenario, Target, Verification};
use serde::{Deserialize, Serialize};
use std::{collections::VecDeque, ops::ControlFlow};

/// How long the report of a whole entry may come after its end key before the entry is made of the
/// single keys. The dialplan always sends that report; a wrong guess would cost an attempt.
const ENTRY_REPORT_MS: TimeMs = 700;
/// The same while the PBX's count of keys shows that some are still on their way. An entry whose
/// keys have not all come by then is not judged.
const MISSING_KEYS_MS: TimeMs = 3_000;
/// How long an entry with known digits waits for the keys that would prove it new.
const LATE_KEYS_MS: TimeMs = 400;
/// A call that is silent for longer is looked for in the PBX's list.
const QUIET_MS: TimeMs = 120_000;
/// The same for a call that was told to end.
const QUIET_AFTER_HANG_UP_MS: TimeMs = 10_000;
/// Between two looks for a call that was not found or could not be looked for.
const FIND_AGAIN_MS: TimeMs = 5_000;
/// Looks in a row that miss a call before it counts as over.
const MISSES_UNTIL_LOST: u8 = 2;
/// How long after a dial of unknown fate, which no look found, it is dialled once more. Later the
/// callee may have been rung, and the call be over.
const REDIAL_WITHIN_MS: TimeMs = 60_000;
/// Between two tries of a dial that was certainly not done.
const DIAL_AGAIN_MS: TimeMs = 2_000;
/// Tries of a dial.
const MAX_DIALS: u8 = 10;
/// Between two tries of a look-up.
const LOOK_UP_AGAIN_MS: TimeMs = 1_000;
/// Before the first repeat of a transfer or hang-up; each further one waits twice as long.
const STEER_AGAIN_MS: TimeMs = 1_500;
/// Tries of a transfer or hang-up.
const MAX_TRIES: u8 = 6;

/// The state of one call. Serialises whole; seal it before storing, typed digits are in it.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[expect(clippy::struct_excessive_bools, reason = "six facts that are independent of one another")]
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
            Phase::Judging { again_at, .. } => *again_at = Some(now),
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
        self.keys_due = self.keys_due.map(|due| due.min(now + MISSING_KEYS_MS));
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
            Phase::Dialling { again_at, .. } | Phase::Judging { again_at, .. } => *again_at,
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

    /// How many entries were judged.
    pub fn attempts(&self) -> u8 {
        self.attempts
    }

    fn dial_answered(&mut self, now: TimeMs, answer: Result<String, Answer>) {
        let tries = match self.phase {
            Phase::Dialling { tries, .. } => tries,
            Phase::Searching => MAX_DIALS,
            // A report or the list was faster than the answer to the dial, which knows the id best.
            _ => return self.learn_pbx_id(answer.ok()),
        };
        match answer {
            Ok(pbx_id) => {
                self.pbx_id = Some(pbx_id);
                self.phase = Phase::Listening;
                self.misses = 0;
                self.find_due = now + QUIET_MS;
                self.note(Step::Dialled);
            }
            Err(Answer::NotDone | Answer::NotYet) if tries < MAX_DIALS => {
                self.phase = Phase::Dialling { tries, again_at: Some(now + DIAL_AGAIN_MS) };
            }
            // Dialling again could ring the callee twice: look for the call instead.
            Err(Answer::Unsure) => {
                self.phase = Phase::Searching;
                self.find_due = now + FIND_AGAIN_MS;
                self.note(Step::DialUnsure);
            }
            Err(Answer::Refused { code }) => {
                self.note(Step::SteeringFailed { code });
                self.end(Outcome::Refused);
            }
            Err(Answer::NotDone | Answer::NotYet | Answer::NoSuchCall) => {
                self.end(Outcome::Refused);
            }
        }
    }

    fn learn_pbx_id(&mut self, pbx_id: Option<String>) {
        if pbx_id.is_none() || self.pbx_id == pbx_id {
            return;
        }
        // The leg of a report that was taken for this call's by mistake goes with its id.
        if self.pbx_id.is_some() {
            self.leg = None;
        }
        self.pbx_id = pbx_id;
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

    /// The leg to steer is the first one that differs from the call's id: some reports name the
    /// call's id in its place. For a call that came in the two are equal.
    fn learn_leg(&mut self, leg: Option<Leg>) {
        let Some(leg) = leg else { return };
        let is_pbx_id = self.pbx_id.as_deref() == Some(leg.as_str());
        if self.leg.is_none() && (!is_pbx_id || self.direction == Direction::Inbound) {
            self.leg = Some(leg);
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

    fn prompt_ended(&mut self, scenario: &Scenario, now: TimeMs, ivr: Number) {
        if !scenario.ivrs.contains_key(&ivr) {
            return;
        }
        self.now_answered(scenario, now);
        self.asked_again = true;
        if let Phase::Steering { goal: Goal::Ivr(to), certainty, .. } = &self.phase {
            // The prompt of the IVR that the call was in already proves nothing while the answer
            // is still awaited; it may be late.
            if *to == ivr && (*to != self.ivr || *certainty != Certainty::Asked) {
                self.transferred(now);
            }
            return;
        }
        if ivr != self.ivr {
            self.keys.clear();
            self.keys_due = None;
            self.enter(ivr);
        }
    }

    fn key(&mut self, scenario: &Scenario, now: TimeMs, key: char, sequence: Option<u32>) {
        if !self.keys.press(key, sequence) {
            return;
        }
        // A key of the next entry shows that a transfer of unknown fate was done. Where nothing is
        // asked for, as in a goodbye, a key shows nothing.
        if let Phase::Steering { goal: Goal::Ivr(to), certainty: Certainty::Unsure { .. }, .. } =
            &self.phase
            && asks_for_entry(scenario, to)
            && key.is_ascii_digit()
        {
            self.transferred(now);
            self.keys_due = self.keys_due_at(scenario, now);
            return;
        }
        if matches!(self.phase, Phase::Listening) {
            self.follow_key(scenario);
            self.keys_due = self.keys_due_at(scenario, now);
        }
    }

    /// The dialplan itself follows the keys of a menu, without any report.
    fn follow_key(&mut self, scenario: &Scenario) {
        let Some(ivr) = scenario.ivrs.get(&self.ivr) else { return };
        let typed = self.keys.typed();
        let hit = ivr.keys.iter().find(|(keys, _)| keys.as_str() == typed);
        let longer = ivr.keys.keys().any(|keys| {
            keys.as_str().len() > typed.len() && keys.as_str().starts_with(typed.as_str())
        });
        match hit {
            Some((_, Target::Ivr(to))) if !longer => {
                let to = to.clone();
                self.keys.clear();
                self.enter(to);
            }
            // A key without a meaning: the dialplan dropped what was typed and starts over.
            None if !longer && ivr.entry.is_none() => self.keys.clear(),
            _ => {}
        }
    }

    /// When the pending keys are an entry, were its report never to come.
    fn keys_due_at(&mut self, scenario: &Scenario, now: TimeMs) -> Option<TimeMs> {
        let (ivr, entry) = self.asked(scenario)?;
        let typed = self.keys.typed();
        let (digits, ended) = match typed.strip_suffix(entry.end_key.key()) {
            Some(digits) => (digits, true),
            None => (typed.as_str(), false),
        };
        let only_digits = digits.bytes().all(|byte| byte.is_ascii_digit());
        if !only_digits || digits.len() > usize::from(entry.max_digits) {
            // The dialplan takes no such thing and has dropped it.
            self.keys.clear();
            return None;
        }
        let has_gap = self.keys.has_gap();
        if digits.len() < usize::from(entry.min_digits) && !(ended && has_gap) {
            if ended {
                self.keys.clear();
            }
            return None;
        }
        let patience = if has_gap { MISSING_KEYS_MS } else { ENTRY_REPORT_MS };
        Some(now + patience + if ended { 0 } else { ivr.digit_timeout_s.as_ms() })
    }

    /// The IVR and the entry that the callee is being asked for.
    fn asked<'a>(&self, scenario: &'a Scenario) -> Option<(&'a Ivr, &'a Entry)> {
        let here = scenario.ivrs.get(&self.ivr);
        let asking = |ivr: &'a Ivr| ivr.entry.as_ref().map(|entry| (ivr, entry));
        here.and_then(asking)
    }

    /// The entry that a report of a whole entry can be meant for: the one asked for here, else the
    /// only kind there is, for the report that said where the call went may be lost.
    fn meant<'a>(&self, scenario: &'a Scenario) -> Option<&'a Entry> {
        if let Some((_, entry)) = self.asked(scenario) {
            return Some(entry);
        }
        let mut entries = scenario.ivrs.values().filter_map(|ivr| ivr.entry.as_ref());
        let first = entries.next()?;
        entries.all(|other| other.verify == first.verify).then_some(first)
    }

    fn entry(&mut self, scenario: &Scenario, now: TimeMs, digits: Digits) {
        let Some(entry) = self.meant(scenario) else {
            return self.ignore(IgnoredBecause::NotAsked);
        };
        let length = digits.len();
        let fits =
            (usize::from(entry.min_digits)..=usize::from(entry.max_digits)).contains(&length);
        if !fits || !digits.expose().bytes().all(|byte| byte.is_ascii_digit()) {
            return self.ignore(IgnoredBecause::Malformed);
        }
        if !self.answered {
            // A code cannot be right before the callee was asked; but the report that he picked up
            // may be lost, so the PBX is asked.
            self.waiting = Some(digits);
            self.outputs.push_back(Output::Find);
            return self.ignore(IgnoredBecause::NotAnswered);
        }
        if self.is_new(&digits, entry.end_key.key()) {
            self.take(scenario, now, digits);
        } else if self.keys.seen() {
            self.doubtful = Some((digits, now + LATE_KEYS_MS));
        } else {
            self.ignore(IgnoredBecause::Repeat);
        }
    }

    /// Digits not seen yet are a new entry. Known ones are new only if keys were pressed since that
    /// can have typed them; where the PBX reports no keys, only if the callee was asked again.
    fn is_new(&self, digits: &Digits, end_key: char) -> bool {
        let being_judged = match &self.phase {
            Phase::Judging { digits: judging, .. } => judging == digits,
            _ => false,
        };
        if !being_judged && !self.judged.contains(digits) {
            return true;
        }
        if self.keys.seen() {
            self.keys.could_have_typed(digits, end_key)
        } else {
            self.asked_again && !being_judged
        }
    }

    /// Takes a new entry: judges it now, or after the verdict that is awaited.
    fn take(&mut self, scenario: &Scenario, now: TimeMs, digits: Digits) {
        let Some(entry) = self.meant(scenario) else { return };
        self.keys.consume(&digits, entry.end_key.key());
        self.keys_due = None;
        self.doubtful = None;
        self.asked_again = false;
        let Some(verification) = scenario.verifications.get(&entry.verify) else { return };
        match &self.phase {
            Phase::Judging { .. } => self.waiting = Some(digits),
            // He was right before and only the transfer failed him.
            _ if self.verified => self.steer(now, &verification.on_match),
            Phase::Listening if self.exhausted && !self.is_at(&verification.on_exhausted) => {
                // His attempts are used up and only the transfer or hang-up failed.
                self.ignore(IgnoredBecause::NotAsked);
                self.steer(now, &verification.on_exhausted);
            }
            _ if self.exhausted => self.ignore(IgnoredBecause::NotAsked),
            Phase::Steering { goal: Goal::HangUp, .. } => self.ignore(IgnoredBecause::NotAsked),
            Phase::Steering { .. } => {
                self.transferred(now);
                self.judge(&entry.verify, digits, now + entry.hold.limit_s.as_ms());
            }
            _ => self.judge(&entry.verify, digits, now + entry.hold.limit_s.as_ms()),
        }
    }

    fn is_at(&self, target: &Target) -> bool {
        matches!(target, Target::Ivr(ivr) if *ivr == self.ivr)
    }

    fn judge(&mut self, verification: &str, digits: Digits, until: TimeMs) {
        let lookup = self.number();
        self.note(Step::Entered { attempt: self.attempts + 1, digits: digits.len() });
        self.outputs.push_back(Output::LookUp {
            lookup,
            verification: verification.to_owned(),
            digits: digits.clone(),
        });
        let verification = verification.to_owned();
        self.phase = Phase::Judging { lookup, verification, digits, again_at: None, until };
    }

    fn looked_up(&mut self, scenario: &Scenario, now: TimeMs, lookup: u32, verdict: Verdict) {
        let Phase::Judging { lookup: asked, verification, digits, again_at, until } =
            &mut self.phase
        else {
            return;
        };
        if *asked != lookup {
            return;
        }
        if verdict == Verdict::Unavailable && now < *until {
            *again_at = Some(now + LOOK_UP_AGAIN_MS);
            return;
        }
        let (digits, name) = (digits.clone(), verification.clone());
        self.phase = Phase::Listening;
        if verdict == Verdict::Unavailable {
            // The hold is over and the dialplan asks again; this entry is not counted.
            self.note(Step::Judged { attempt: self.attempts + 1, verdict });
            return;
        }
        self.attempts += 1;
        self.judged.push(digits);
        self.note(Step::Judged { attempt: self.attempts, verdict });
        let Some(verification) = scenario.verifications.get(&name) else { return };
        self.settle(scenario, now, verification, verdict);
    }

    fn settle(
        &mut self,
        scenario: &Scenario,
        now: TimeMs,
        verification: &Verification,
        verdict: Verdict,
    ) {
        let waiting = self.waiting.take();
        if verdict == Verdict::Match {
            self.verified = true;
            self.steer(now, &verification.on_match);
        } else if self.attempts >= verification.attempts {
            self.exhausted = true;
            self.steer(now, &verification.on_exhausted);
        } else if let Some(digits) = waiting {
            // He typed again before the verdict; that entry counts, not the transfer.
            self.take(scenario, now, digits);
        } else {
            self.steer(now, &verification.on_mismatch);
        }
    }

    fn steer(&mut self, now: TimeMs, target: &Target) {
        let goal = match target {
            Target::Ivr(number) => Goal::Ivr(number.clone()),
            Target::Hangup | Target::Replay => Goal::HangUp,
        };
        // Keys pressed until now were pressed into the hold and are lost to the dialplan.
        self.keys.clear();
        self.keys_due = None;
        self.asked_again = false;
        let leg = if self.leg.is_some() { LegInUse::Reported } else { LegInUse::Sought };
        self.ask_to_steer(now, goal, 1, leg);
    }

    fn ask_to_steer(&mut self, now: TimeMs, goal: Goal, tries: u8, leg: LegInUse) {
        let request = self.number();
        let address = match leg {
            LegInUse::Reported | LegInUse::Listed => self.leg.clone(),
            LegInUse::CallId => self.pbx_id.clone().map(Leg::new),
            LegInUse::Sought => None,
        };
        match (&address, &goal) {
            (None, _) => self.outputs.push_back(Output::Find),
            (Some(leg), Goal::Ivr(to)) => {
                self.note(Step::Transferring { to: to.clone(), tries: tries - 1 });
                let output = Output::Transfer { request, leg: leg.clone(), to: to.clone() };
                self.outputs.push_back(output);
            }
            (Some(leg), Goal::HangUp) => {
                self.note(Step::HangingUp);
                self.outputs.push_back(Output::HangUp { request, leg: leg.clone() });
            }
        }
        let leg = if address.is_some() { leg } else { LegInUse::Sought };
        self.find_due = now + if leg == LegInUse::Sought { FIND_AGAIN_MS } else { QUIET_MS };
        self.phase = Phase::Steering { request, goal, tries, leg, certainty: Certainty::Asked };
    }

    fn steered(&mut self, now: TimeMs, request: u32, answer: Result<(), Answer>) {
        let Phase::Steering { request: asked, goal, tries, leg, certainty } = &mut self.phase
        else {
            return;
        };
        if *asked != request {
            return;
        }
        let again_at = now + (STEER_AGAIN_MS << (*tries - 1).min(5));
        match answer {
            Ok(()) => self.transferred(now),
            Err(Answer::Unsure) => *certainty = Certainty::Unsure { again_at },
            Err(Answer::NotDone | Answer::NotYet) => *certainty = Certainty::NotDone { again_at },
            Err(Answer::NoSuchCall) => {
                let (goal, tries, leg) = (goal.clone(), *tries, *leg);
                self.try_other_leg(now, goal, tries, leg);
            }
            Err(Answer::Refused { code }) => {
                // Repeating would be refused again. The dialplan's hold ends by itself and asks the
                // callee again or ends the call; nobody is sent anywhere else.
                self.note(Step::SteeringFailed { code });
                self.phase = Phase::Listening;
            }
        }
    }

    /// No such leg: the call's own id is tried once, then the PBX's list is asked.
    fn try_other_leg(&mut self, now: TimeMs, goal: Goal, tries: u8, leg: LegInUse) {
        let ids_differ = match (&self.leg, &self.pbx_id) {
            (Some(leg), Some(pbx_id)) => leg.as_str() != pbx_id,
            _ => false,
        };
        match leg {
            LegInUse::Reported if ids_differ => {
                self.ask_to_steer(now, goal, tries, LegInUse::CallId);
            }
            LegInUse::Reported | LegInUse::CallId | LegInUse::Sought => {
                self.ask_to_steer(now, goal, tries, LegInUse::Sought);
            }
            LegInUse::Listed => self.end(self.outcome_now()),
        }
    }

    /// The transfer or hang-up that was out is done.
    fn transferred(&mut self, now: TimeMs) {
        let Phase::Steering { goal, .. } = std::mem::replace(&mut self.phase, Phase::Listening)
        else {
            return;
        };
        match goal {
            Goal::Ivr(to) => {
                self.note(Step::Transferred { to: to.clone() });
                self.find_due = now + QUIET_MS;
                self.enter(to);
            }
            Goal::HangUp => self.find_due = now + QUIET_AFTER_HANG_UP_MS,
        }
    }

    fn found(&mut self, scenario: &Scenario, now: TimeMs, found: Found) {
        match found {
            Found::Up { leg, answered } => {
                self.misses = 0;
                self.find_due = now + QUIET_MS;
                if matches!(self.phase, Phase::Searching) {
                    self.phase = Phase::Listening;
                    self.note(Step::Dialled);
                }
                if answered {
                    self.now_answered(scenario, now);
                }
                self.waiting = self.waiting.take().filter(|_| self.answered);
                self.found_leg(now, leg);
            }
            Found::Gone => self.missed(now),
            Found::Unknown => self.find_due = now + FIND_AGAIN_MS,
        }
    }

    fn missed(&mut self, now: TimeMs) {
        if let Phase::Dialling { .. } = self.phase {
            // It is not there yet; the answer to the dial says more.
            self.find_due = now + QUIET_MS;
            return;
        }
        if self.misses > 0 && now < self.missed_at + FIND_AGAIN_MS {
            // Two looks in one moment are one: its last reports may be on their way.
            return;
        }
        self.missed_at = now;
        self.misses += 1;
        if self.misses < MISSES_UNTIL_LOST {
            self.find_due = now + FIND_AGAIN_MS;
        } else if matches!(self.phase, Phase::Searching)
            && !self.redialled
            && now < self.dialled_at + REDIAL_WITHIN_MS
        {
            // Neither the list nor a report knows of it: it was not dialled.
            self.redialled = true;
            self.misses = 0;
            self.ask_to_dial(now, 1);
        } else {
            self.end(match self.outcome_now() {
                Outcome::Unverified => Outcome::Lost,
                settled => settled,
            });
        }
    }

    fn ask_to_dial(&mut self, now: TimeMs, tries: u8) {
        self.phase = Phase::Dialling { tries, again_at: None };
        self.dialled_at = now;
        self.find_due = now + QUIET_MS;
        self.outputs.push_back(Output::Dial { ivr: self.ivr.clone() });
    }

    fn found_leg(&mut self, now: TimeMs, leg: Leg) {
        if let Phase::Steering { goal, tries, leg: LegInUse::Sought, .. } = &self.phase {
            let (goal, tries) = (goal.clone(), *tries);
            self.leg = Some(leg);
            self.ask_to_steer(now, goal, tries, LegInUse::Listed);
        } else {
            self.learn_leg(Some(leg));
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
        if let ControlFlow::Break(()) = self.repeat_what_is_due(now) {
            return;
        }
        if self.find_due <= now {
            self.find_due = now + FIND_AGAIN_MS;
            self.outputs.push_back(Output::Find);
        }
    }

    /// The report of the entry never came: the keys themselves are the entry.
    fn entry_of_keys(&mut self, scenario: &Scenario, now: TimeMs) {
        let Some((_, entry)) = self.asked(scenario) else { return };
        if self.keys.has_gap() {
            // What is here may be part of the right code; the dialplan asks again after its hold.
            self.keys.clear();
            return self.ignore(IgnoredBecause::KeysMissing);
        }
        let typed = self.keys.typed();
        let digits = Digits::new(typed.strip_suffix(entry.end_key.key()).unwrap_or(&typed));
        if self.answered && matches!(self.phase, Phase::Listening) {
            self.take(scenario, now, digits);
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
        match (self.verified, self.exhausted, self.answered) {
            (true, ..) => Outcome::Verified,
            (_, true, _) => Outcome::Exhausted,
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

fn asks_for_entry(scenario: &Scenario, ivr: &Number) -> bool {
    scenario.ivrs.get(ivr).is_some_and(|ivr| ivr.entry.is_some())
}
