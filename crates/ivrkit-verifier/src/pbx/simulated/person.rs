//! The callee in a call: turns the steps of his script into key presses at their times.
//!
//! Knows nothing of IVRs but their numbers and the moments that the walk tells him.

use super::{
    callee::{Callee, Moment, Step},
    event::Keys,
};
use std::collections::{BTreeMap, VecDeque};

/// What a callee does next.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Act {
    /// Presses one key.
    Press(char),
    /// Hangs up.
    HangUp,
}

/// A callee in the middle of a call. Times are milliseconds on the walk's clock.
#[derive(Debug)]
pub(super) struct Person {
    script: Callee,
    /// How many items of each IVR were used.
    used: BTreeMap<String, usize>,
    steps: VecDeque<Step>,
    steps_at_ms: u64,
    /// How far the visit has come.
    reached: Option<(Moment, u64)>,
    /// The rest of keys that were begun: fingers go on whatever the PBX does meanwhile.
    typing: VecDeque<char>,
    typing_at_ms: u64,
    hangs_up_at_ms: Option<u64>,
}

impl Person {
    pub(super) fn new(script: Callee) -> Self {
        Self {
            script,
            used: BTreeMap::new(),
            steps: VecDeque::new(),
            steps_at_ms: 0,
            reached: None,
            typing: VecDeque::new(),
            typing_at_ms: 0,
            hangs_up_at_ms: None,
        }
    }

    pub(super) fn script(&self) -> &Callee {
        &self.script
    }

    /// The call is answered.
    pub(super) fn answer(&mut self, at_ms: u64) {
        self.hangs_up_at_ms = self.script.hang_up_after_ms.map(|after_ms| at_ms + after_ms);
    }

    /// A visit begins; `again` if it starts over because no verdict came.
    pub(super) fn enter(&mut self, ivr: &str, again: bool, at_ms: u64) {
        let items = self.script.visits.get(ivr).map_or(&[][..], Vec::as_slice);
        let used = self.used.entry(ivr.to_owned()).or_default();
        let mut item = items.get(*used);
        if item.is_some() {
            *used += 1;
        } else if again && self.script.enters_again {
            item = items.last();
        }
        self.steps = item.cloned().unwrap_or_default().into();
        self.steps_at_ms = at_ms;
        self.reached = None;
        self.reach(Moment::Start, at_ms);
    }

    /// The visit has come so far.
    pub(super) fn reach(&mut self, moment: Moment, at_ms: u64) {
        self.reached = Some((moment, at_ms));
        self.pass_moments();
    }

    /// When he does something next.
    pub(super) fn due_ms(&self) -> Option<u64> {
        let acts_at_ms = if self.typing.is_empty() {
            let waits = matches!(self.steps.front(), None | Some(Step::Until(_)));
            (!waits).then_some(self.steps_at_ms)
        } else {
            Some(self.typing_at_ms)
        };
        acts_at_ms.into_iter().chain(self.hangs_up_at_ms).min()
    }

    /// Does what is due at this time; `None` if that cannot be seen.
    pub(super) fn act(&mut self, at_ms: u64) -> Option<Act> {
        if self.hangs_up_at_ms.is_some_and(|hangs_up_ms| hangs_up_ms <= at_ms) {
            return Some(Act::HangUp);
        }
        if let Some(key) = self.typing.pop_front() {
            self.typing_at_ms = at_ms + self.script.key_gap_ms;
            if self.typing.is_empty() {
                self.steps_at_ms = self.steps_at_ms.max(at_ms);
            }
            return Some(Act::Press(key));
        }
        match self.steps.pop_front()? {
            Step::Press(keys) => self.type_keys(&keys, at_ms),
            Step::Wait(wait_ms) => self.steps_at_ms = at_ms + wait_ms,
            Step::HangUp => return Some(Act::HangUp),
            Step::Until(_) => unreachable!("a moment that has not come is not due"),
        }
        self.pass_moments();
        None
    }

    fn type_keys(&mut self, keys: &Keys, at_ms: u64) {
        self.typing = keys.as_str().chars().collect();
        self.typing_at_ms = at_ms;
    }

    /// Takes `Until` steps off as far as their moments have come.
    fn pass_moments(&mut self) {
        while let (Some(Step::Until(awaited)), Some((reached, at_ms))) =
            (self.steps.front(), self.reached)
            && *awaited <= reached
        {
            let reaction_ms = if reached == Moment::Start { 0 } else { self.script.reaction_ms };
            self.steps_at_ms = self.steps_at_ms.max(at_ms + reaction_ms);
            self.steps.pop_front();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Runs what is due until nothing is; gives `time key` texts.
    fn run(person: &mut Person) -> String {
        let mut seen = Vec::new();
        while let Some(at_ms) = person.due_ms() {
            match person.act(at_ms) {
                Some(Act::Press(key)) => seen.push(format!("{at_ms} {key}")),
                Some(Act::HangUp) => {
                    seen.push(format!("{at_ms} hangs up"));
                    break;
                }
                None => {}
            }
        }
        seen.join(", ")
    }

    fn person(lines: &[&str]) -> Person {
        Person::new(Callee::doing(lines.iter().copied()).unwrap())
    }

    #[test]
    fn keys_come_after_the_prompt_by_default() {
        let mut person = person(&["6500: 12, wait 1, 3"]);
        person.enter("6500", false, 1000);
        assert_eq!(run(&mut person), "");
        person.reach(Moment::Prompt, 4000);
        assert_eq!(run(&mut person), "4300 1, 4550 2, 5550 3");
    }

    #[test]
    fn keys_come_during_the_prompt_if_asked() {
        let mut person = person(&["6500: start, wait 2, 1, prompt, hangup"]);
        person.enter("6500", false, 1000);
        assert_eq!(run(&mut person), "3000 1");
        person.reach(Moment::Prompt, 4000);
        assert_eq!(run(&mut person), "4300 hangs up");
    }

    #[test]
    fn keys_begun_are_finished_but_steps_end_with_the_visit() {
        let mut person = person(&["6500: start, 123, wait 1, 4", "6501: 5"]);
        person.enter("6500", false, 0);
        assert_eq!(person.act(0), None);
        assert_eq!(person.act(0), Some(Act::Press('1')));
        person.enter("6501", false, 0);
        assert_eq!(run(&mut person), "250 2, 500 3");
        person.reach(Moment::Prompt, 600);
        assert_eq!(run(&mut person), "900 5");
    }

    #[test]
    fn hold_may_come_while_keys_are_typed() {
        let mut person = person(&["6501: start, 1#, hold, wait 1, 9"]);
        person.enter("6501", false, 0);
        assert_eq!(run(&mut person), "0 1, 250 #");
        person.reach(Moment::Hold, 250);
        assert_eq!(run(&mut person), "1550 9");
    }

    #[test]
    fn each_visit_has_its_item_and_no_verdict_repeats_the_last() {
        let mut person = person(&["6501: start, 1", "6501: start, 2"]);
        person.enter("6501", false, 0);
        assert_eq!(run(&mut person), "0 1");
        person.enter("6501", false, 1000);
        assert_eq!(run(&mut person), "1000 2");
        person.enter("6501", true, 2000);
        assert_eq!(run(&mut person), "2000 2");
        person.enter("6501", false, 3000);
        assert_eq!(run(&mut person), "");
        person.script.enters_again = false;
        person.enter("6501", true, 4000);
        assert_eq!(run(&mut person), "");
    }

    #[test]
    fn hangs_up_by_the_clock() {
        let mut person = person(&[]);
        person.script.hang_up_after_ms = Some(500);
        person.answer(1000);
        assert_eq!(run(&mut person), "1500 hangs up");
    }
}
