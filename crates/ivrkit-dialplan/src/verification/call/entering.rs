//! What a callee types: keys of a menu, entries, and their verdicts.

use super::{Call, Certainty, Goal, Phase};
use crate::{
    scenario::{Entry, Ivr, Number, Scenario, Target, Verification},
    verification::{Digits, Output, Step, TimeMs, Verdict, step::IgnoredBecause},
};

/// How long the report of a whole entry may come after its end key before the entry is made of the
/// single keys. The dialplan always sends that report; a wrong guess would cost an attempt.
const ENTRY_REPORT_MS: TimeMs = 700;
/// The same while the PBX's count of keys shows that some are still on their way. An entry whose
/// keys have not all come by then is not judged.
pub(super) const MISSING_KEYS_MS: TimeMs = 3_000;
/// How long an entry with known digits waits for the keys that would prove it new.
pub(super) const LATE_KEYS_MS: TimeMs = 400;
/// Before the first repeat of a look-up; each further one waits twice as long.
const LOOK_UP_AGAIN_MS: TimeMs = 500;
/// Most times that this wait is doubled.
const LOOK_UP_DOUBLINGS: u8 = 3;
/// The time that a look-up has which is asked again after a restart.
pub(super) const LOOK_UP_ANEW_MS: TimeMs = 5_000;
/// The longest hold that a scenario can have.
pub(super) const LONGEST_HOLD_MS: TimeMs = 600_000;

impl Call {
    pub(super) fn key(
        &mut self,
        scenario: &Scenario,
        now: TimeMs,
        key: char,
        sequence: Option<u32>,
    ) {
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
    pub(super) fn follow_key(&mut self, scenario: &Scenario) {
        let Some(ivr) = scenario.ivrs.get(&self.ivr) else { return };
        let typed = self.keys.typed();
        let hit = ivr.keys.iter().find(|(keys, _)| keys.as_str() == typed);
        let longer = ivr.keys.keys().any(|keys| {
            keys.as_str().len() > typed.len() && keys.as_str().starts_with(typed.as_str())
        });
        match hit {
            Some((_, Target::Ivr(to))) if !longer => {
                let to = to.clone();
                self.keys.lead_on();
                self.enter(to);
            }
            // A key without a meaning: the dialplan dropped what was typed and starts over.
            None if !longer && ivr.entry.is_none() => self.keys.drop_meaningless(),
            _ => {}
        }
    }

    /// When the pending keys are an entry, were its report never to come.
    pub(super) fn keys_due_at(&mut self, scenario: &Scenario, now: TimeMs) -> Option<TimeMs> {
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
    pub(super) fn asked<'a>(&self, scenario: &'a Scenario) -> Option<(&'a Ivr, &'a Entry)> {
        let here = scenario.ivrs.get(&self.ivr);
        let asking = |ivr: &'a Ivr| ivr.entry.as_ref().map(|entry| (ivr, entry));
        here.and_then(asking)
    }

    /// The entry that a report of a whole entry can be meant for: the one asked for here, else the
    /// only kind there is, for the report that said where the call went may be lost.
    pub(super) fn meant<'a>(&self, scenario: &'a Scenario) -> Option<&'a Entry> {
        if let Some((_, entry)) = self.asked(scenario) {
            return Some(entry);
        }
        let mut entries = scenario.ivrs.values().filter_map(|ivr| ivr.entry.as_ref());
        let first = entries.next()?;
        entries.all(|other| other.verify == first.verify).then_some(first)
    }

    pub(super) fn entry(&mut self, scenario: &Scenario, now: TimeMs, digits: Digits) {
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
    pub(super) fn is_new(&self, digits: &Digits, end_key: char) -> bool {
        let being_judged = match &self.phase {
            Phase::Judging { digits: judging, .. } => judging == digits,
            _ => false,
        };
        if !being_judged && !self.judged.contains(digits) {
            return true;
        }
        let asked_again = self.asked_again && !being_judged;
        if self.keys.seen() {
            // Of the keys of an entry without a verdict some may be still owed; who was asked again
            // must not be kept waiting for them.
            self.keys.could_have_typed(digits, end_key) || (asked_again && self.unjudged)
        } else {
            asked_again
        }
    }

    /// Takes a new entry: judges it now, or after the verdict that is awaited.
    pub(super) fn take(&mut self, scenario: &Scenario, now: TimeMs, digits: Digits) {
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
                self.judge(&entry.verify, digits, now + verification.retry_ms(&entry.hold));
            }
            _ => self.judge(&entry.verify, digits, now + verification.retry_ms(&entry.hold)),
        }
    }

    pub(super) fn is_at(&self, target: &Target) -> bool {
        matches!(target, Target::Ivr(ivr) if *ivr == self.ivr)
    }

    pub(super) fn judge(&mut self, verification: &str, digits: Digits, until: TimeMs) {
        let lookup = self.number();
        self.note(Step::Entered { attempt: self.attempts + 1, digits: digits.len() });
        self.outputs.push_back(Output::LookUp {
            lookup,
            verification: verification.to_owned(),
            digits: digits.clone(),
        });
        let verification = verification.to_owned();
        let (again_at, failures) = (None, 0);
        self.phase = Phase::Judging { lookup, verification, digits, again_at, until, failures };
    }

    pub(super) fn looked_up(
        &mut self,
        scenario: &Scenario,
        now: TimeMs,
        lookup: u32,
        verdict: Verdict,
    ) {
        let Phase::Judging { lookup: asked, verification, digits, again_at, until, failures } =
            &mut self.phase
        else {
            return;
        };
        if *asked != lookup {
            return;
        }
        if verdict == Verdict::Unavailable && now < *until {
            let wait_ms = LOOK_UP_AGAIN_MS << (*failures).min(LOOK_UP_DOUBLINGS);
            *again_at = Some(now + wait_ms).filter(|at| at < until);
            *failures = failures.saturating_add(1);
            return;
        }
        if verdict == Verdict::Unavailable {
            return self.leave_unjudged(scenario, now);
        }
        let (digits, name) = (digits.clone(), verification.clone());
        self.phase = Phase::Listening;
        self.unjudged = false;
        self.attempts += 1;
        self.judged.push(digits);
        self.note(Step::Judged { attempt: self.attempts, verdict });
        let Some(verification) = scenario.verifications.get(&name) else { return };
        self.settle(scenario, now, verification, verdict);
    }

    /// A look-up that would fail again is not waited for.
    pub(super) fn look_up_failed(&mut self, scenario: &Scenario, now: TimeMs, lookup: u32) {
        if matches!(&self.phase, Phase::Judging { lookup: asked, .. } if *asked == lookup) {
            self.leave_unjudged(scenario, now);
        }
    }

    /// Nobody knows whether this entry is right, and there is no more time to find out: it does not
    /// count as an attempt, and its answer, should it still come, is not taken.
    pub(super) fn leave_unjudged(&mut self, scenario: &Scenario, now: TimeMs) {
        let phase = std::mem::replace(&mut self.phase, Phase::Listening);
        let Phase::Judging { verification, digits, until, .. } = phase else {
            unreachable!("only an entry that is being judged is left unjudged")
        };
        let verdict = Verdict::Unavailable;
        self.note(Step::Judged { attempt: self.attempts + 1, verdict });
        self.unjudged = true;
        self.judged.push(digits);
        let waiting = self.waiting.take();
        let Some(verification) = scenario.verifications.get(&verification) else { return };
        match (waiting, &verification.on_unavailable) {
            // He typed again meanwhile; that entry counts.
            (Some(digits), _) => self.take(scenario, now, digits),
            // The dialplan asks again by itself, when its hold ends: that is now, unless there was
            // less time than that.
            (None, Target::Replay) => {
                self.asked_again |= now >= until && verification.retry_s.is_none();
            }
            (None, target) => self.steer(now, target),
        }
    }

    pub(super) fn settle(
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

    /// The report of the entry never came: the keys themselves are the entry.
    pub(super) fn entry_of_keys(&mut self, scenario: &Scenario, now: TimeMs) {
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
}

pub(super) fn asks_for_entry(scenario: &Scenario, ivr: &Number) -> bool {
    scenario.ivrs.get(ivr).is_some_and(|ivr| ivr.entry.is_some())
}
