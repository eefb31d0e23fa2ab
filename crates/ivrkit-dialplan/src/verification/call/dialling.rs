//! Reaching the callee: the dial, and whether the PBX's list still has the call.

use super::{Call, FIND_AGAIN_MS, LegInUse, Phase, QUIET_MS};
use crate::{
    scenario::Scenario,
    verification::{Answer, Found, Leg, Outcome, Output, Step, TimeMs},
};

/// Looks in a row that miss a call before it counts as over.
const MISSES_UNTIL_LOST: u8 = 2;
/// How long after a dial of unknown fate, which no look found, it is dialled once more. Later the
/// callee may have been rung, and the call be over.
const REDIAL_WITHIN_MS: TimeMs = 60_000;
/// Between two tries of a dial that was certainly not done.
pub(super) const DIAL_AGAIN_MS: TimeMs = 2_000;
/// Tries of a dial.
const MAX_DIALS: u8 = 10;

impl Call {
    pub(super) fn dial_answered(&mut self, now: TimeMs, answer: Result<String, Answer>) {
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

    pub(super) fn learn_pbx_id(&mut self, pbx_id: Option<String>) {
        if pbx_id.is_none() || self.pbx_id == pbx_id {
            return;
        }
        // The leg of a report that was taken for this call's by mistake goes with its id.
        if self.pbx_id.is_some() {
            self.leg = None;
        }
        self.pbx_id = pbx_id;
    }

    pub(super) fn found(&mut self, scenario: &Scenario, now: TimeMs, found: Found) {
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

    pub(super) fn missed(&mut self, now: TimeMs) {
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

    pub(super) fn ask_to_dial(&mut self, now: TimeMs, tries: u8) {
        self.phase = Phase::Dialling { tries, again_at: None };
        self.dialled_at = now;
        self.find_due = now + QUIET_MS;
        self.outputs.push_back(Output::Dial { ivr: self.ivr.clone() });
    }

    pub(super) fn found_leg(&mut self, now: TimeMs, leg: Leg) {
        if let Phase::Steering { goal, tries, leg: LegInUse::Sought, .. } = &self.phase {
            let (goal, tries) = (goal.clone(), *tries);
            self.leg = Some(leg);
            self.ask_to_steer(now, goal, tries, LegInUse::Listed);
        } else {
            self.learn_leg(Some(leg));
        }
    }
}
