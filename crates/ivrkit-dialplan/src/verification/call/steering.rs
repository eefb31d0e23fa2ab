//! Sending a call on: transfers and hang-ups of known and unknown fate.

use super::{Call, Certainty, FIND_AGAIN_MS, Goal, LegInUse, Phase, QUIET_MS, STEER_AGAIN_MS};
use crate::{
    scenario::{Number, Scenario, Target},
    verification::{Answer, Direction, Leg, Output, Step, TimeMs},
};

/// A call that was told to end and is silent for longer is looked for in the PBX's list.
const QUIET_AFTER_HANG_UP_MS: TimeMs = 10_000;

impl Call {
    /// The leg to steer is the first one that differs from the call's id: some reports name the
    /// call's id in its place. For a call that came in the two are equal.
    pub(super) fn learn_leg(&mut self, leg: Option<Leg>) {
        let Some(leg) = leg else { return };
        let is_pbx_id = self.pbx_id.as_deref() == Some(leg.as_str());
        if self.leg.is_none() && (!is_pbx_id || self.direction == Direction::Inbound) {
            self.leg = Some(leg);
        }
    }

    pub(super) fn prompt_ended(&mut self, scenario: &Scenario, now: TimeMs, ivr: Number) {
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

    pub(super) fn steer(&mut self, now: TimeMs, target: &Target) {
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

    pub(super) fn ask_to_steer(&mut self, now: TimeMs, goal: Goal, tries: u8, leg: LegInUse) {
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

    pub(super) fn steered(&mut self, now: TimeMs, request: u32, answer: Result<(), Answer>) {
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
    pub(super) fn try_other_leg(&mut self, now: TimeMs, goal: Goal, tries: u8, leg: LegInUse) {
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
    pub(super) fn transferred(&mut self, now: TimeMs) {
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
}
