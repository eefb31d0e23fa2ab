//! Which calls a demonstration makes, worked out from the scenario alone.
//!
//! Every call says beforehand where it should go and how it should end; the demonstration compares.
//! Must not know the simulated PBX or the verifier.

use ivrkit_dialplan::{
    scenario::{Entry, KeySequence, Number, Scenario, Target, Verification},
    verification::{Direction, Outcome},
};
use std::collections::{BTreeSet, VecDeque};

/// First of the made-up numbers that the demonstration's callees have; each call takes the next.
const FIRST_NUMBER: u64 = 13_900_001_111;

/// One call, and what should become of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct PlannedCall {
    /// What the callee does, in a few words.
    pub(super) title: &'static str,
    /// Who rings whom.
    pub(super) direction: Direction,
    /// The callee's number.
    pub(super) number: String,
    /// What the callee presses, one step for each visit of an IVR.
    pub(super) presses: Vec<(Number, String)>,
    /// The code that is issued to the callee beforehand, and the verification it is for.
    pub(super) code: Option<(String, String)>,
    /// The IVRs that the call should pass through, in order.
    pub(super) path: Vec<Number>,
    /// How it should end.
    pub(super) outcome: Outcome,
}

/// A way by keys from where calls begin to the first IVR that asks for an entry.
struct Route<'a> {
    presses: Vec<(Number, String)>,
    asking: Number,
    entry: &'a Entry,
    verification: &'a Verification,
}

/// The calls for a scenario: a right code, a wrong one first, only wrong ones, silence, a code
/// without its end key, and one that comes in.
pub(super) fn plan(scenario: &Scenario) -> Vec<PlannedCall> {
    let mut calls = Vec::new();
    let outbound = scenario.calls.outbound.as_ref();
    if let Some(start) = outbound {
        if let Some(route) = route(scenario, start) {
            calls.push(route.call("right code", &[Press::Right]));
            if route.verification.attempts > 1 {
                calls.push(route.call("wrong code, then right", &[Press::Wrong, Press::Right]));
            }
            let wrong = vec![Press::Wrong; usize::from(route.verification.attempts)];
            calls.push(route.call("wrong codes until exhausted", &wrong));
            calls.push(route.call("right code without the end key", &[Press::RightWithoutEnd]));
        }
        calls.push(silent(scenario, start));
    }
    if let Some(route) = scenario.calls.inbound.as_ref().and_then(|start| route(scenario, start)) {
        let call = route.call("rings us, right code", &[Press::Right]);
        calls.push(PlannedCall { direction: Direction::Inbound, ..call });
    }
    for (number, call) in (FIRST_NUMBER..).zip(&mut calls) {
        call.number = number.to_string();
    }
    calls
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Press {
    Right,
    RightWithoutEnd,
    Wrong,
}

impl Route<'_> {
    fn call(&self, title: &'static str, entries: &[Press]) -> PlannedCall {
        let mut presses = self.presses.clone();
        let mut path: Vec<Number> = presses.iter().map(|(ivr, _)| ivr.clone()).collect();
        let mut here = Target::Ivr(self.asking.clone());
        for (attempt, press) in (1..).zip(entries) {
            let Target::Ivr(ivr) = &here else { break };
            path.push(ivr.clone());
            presses.push((ivr.clone(), self.keys(*press, attempt)));
            here = match press {
                Press::Wrong if attempt == self.verification.attempts => {
                    self.verification.on_exhausted.clone()
                }
                Press::Wrong => self.verification.on_mismatch.clone(),
                Press::Right | Press::RightWithoutEnd => self.verification.on_match.clone(),
            };
        }
        path.extend(here.ivr().cloned());
        PlannedCall {
            title,
            direction: Direction::Outbound,
            number: String::new(),
            presses,
            code: Some((self.entry.verify.clone(), self.code(0))),
            path,
            outcome: match entries.last() {
                Some(Press::Wrong) => Outcome::Exhausted,
                _ => Outcome::Verified,
            },
        }
    }

    fn keys(&self, press: Press, attempt: u8) -> String {
        let end = self.entry.end_key.key();
        match press {
            Press::Right => format!("{}{end}", self.code(0)),
            Press::RightWithoutEnd => self.code(0),
            Press::Wrong => format!("{}{end}", self.code(attempt)),
        }
    }

    /// Digits of a length that the entry takes; another `turn` gives other digits.
    fn code(&self, turn: u8) -> String {
        let length = self.entry.max_digits.min(self.entry.min_digits.max(5));
        (0..length).map(|at| char::from(b'0' + (5 + at + turn) % 10)).collect()
    }
}

/// The shortest way by keys from an IVR to one that asks for an entry.
fn route<'a>(scenario: &'a Scenario, start: &Number) -> Option<Route<'a>> {
    let mut seen = BTreeSet::from([start.clone()]);
    let mut ways = VecDeque::from([(start.clone(), Vec::new())]);
    while let Some((here, presses)) = ways.pop_front() {
        let ivr = scenario.ivrs.get(&here)?;
        if let Some(entry) = &ivr.entry {
            let verification = scenario.verifications.get(&entry.verify)?;
            return Some(Route { presses, asking: here, entry, verification });
        }
        let steps = ivr.keys.iter().filter_map(|(keys, target)| Some((keys, target.ivr()?)));
        for (keys, to) in steps {
            if seen.insert(to.clone()) {
                ways.push_back((to.clone(), extended(&presses, &here, keys)));
            }
        }
    }
    None
}

fn extended(
    presses: &[(Number, String)],
    here: &Number,
    keys: &KeySequence,
) -> Vec<(Number, String)> {
    let step = (here.clone(), keys.as_str().to_owned());
    presses.iter().cloned().chain([step]).collect()
}

/// A callee who says and presses nothing: the time-outs lead him on until the call ends.
fn silent(scenario: &Scenario, start: &Number) -> PlannedCall {
    let mut path = vec![start.clone()];
    while let Some(next) = path
        .last()
        .and_then(|here| scenario.ivrs.get(here))
        .and_then(|ivr| ivr.on_timeout.ivr())
        .filter(|next| !path.contains(next))
    {
        path.push(next.clone());
    }
    PlannedCall {
        title: "silence",
        direction: Direction::Outbound,
        number: String::new(),
        presses: Vec::new(),
        code: None,
        path,
        outcome: Outcome::Unverified,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shipped() -> Scenario {
        serde_yaml::from_str(include_str!("../../scenarios/driving-test.yaml"))
            .expect("the shipped scenario is sound")
    }

    /// Compares a call's path and presses, written as `6500 1 > 6501 56789# > 6502`.
    fn check(title: &str, expected: &str) {
        let calls = plan(&shipped());
        let call = calls.iter().find(|call| call.title == title).expect("the call is planned");
        let mut presses = call.presses.iter();
        let shown: Vec<String> = call
            .path
            .iter()
            .map(|ivr| match presses.next() {
                Some((at, keys)) => {
                    assert_eq!(at, ivr, "keys are pressed where the call is");
                    format!("{ivr} {keys}")
                }
                None => ivr.to_string(),
            })
            .collect();
        assert_eq!(shown.join(" > "), expected);
    }

    #[test]
    fn the_shipped_scenario_gives_the_calls_of_the_note() {
        check("right code", "6500 1 > 6501 56789# > 6502");
        check("wrong code, then right", "6500 1 > 6501 67890# > 6503 56789# > 6502");
        check("wrong codes until exhausted", "6500 1 > 6501 67890# > 6503 78901# > 6503 89012#");
        check("right code without the end key", "6500 1 > 6501 56789 > 6502");
        check("silence", "6500");
        check("rings us, right code", "6500 1 > 6501 56789# > 6502");
    }

    #[test]
    fn every_callee_has_a_number_of_his_own() {
        let calls = plan(&shipped());
        let numbers: BTreeSet<&str> = calls.iter().map(|call| call.number.as_str()).collect();
        assert_eq!(numbers.len(), calls.len());
    }

    #[test]
    fn a_scenario_without_an_entry_has_silence_only() {
        let mut scenario = shipped();
        for ivr in scenario.ivrs.values_mut() {
            ivr.entry = None;
        }
        let titles: Vec<&str> = plan(&scenario).iter().map(|call| call.title).collect();
        assert_eq!(titles, ["silence"]);
    }
}
