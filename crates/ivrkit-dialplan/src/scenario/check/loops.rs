//! Loops that a call never leaves.
//!
//! A call moves on for one of these reasons:
//!
//! | reason | what the caller does for each round | what ends it |
//! |---|---|---|
//! | `on_timeout` | nothing | nothing: `plays` and `wait_s` only say how long a round takes |
//! | `replay` | a wrong key, or an entry without a verdict | `max_replays`, then the call is hung up |
//! | `on_wrong_key` to an IVR | a wrong key | nothing |
//! | `on_no_verdict` to an IVR | a whole entry | nothing |
//! | `on_unavailable` to an IVR | a whole entry, while a look-up fails | the look-up works again |
//! | `on_mismatch` | a whole wrong entry | `attempts`, then `on_exhausted` |
//! | `on_match` | the right entry, which is good for one success | the next entry of it is wrong |
//! | `on_exhausted` | a whole wrong entry | see [`attempts`](super::attempts) |
//! | a key of `keys` | presses it, as often as he likes | the caller |
//!
//! So a loop goes on *without the caller doing anything* only along `on_timeout`: each IVR has one
//! such way, and a ring of them is an error wherever it stands. A ring in which a wrong key or a
//! missing verdict is needed somewhere goes on while the caller (or an answering machine, or a fax)
//! keeps it going: within one IVR `replay` does the same with a limit, so that is an error; over
//! several IVRs it is a usual design ("that was not a valid key", back to the menu) for which there
//! is no other way to write it, so that is advice. Rings through `keys` and through verdicts are the
//! caller's own will or limited, and are nothing to complain about.

use crate::{
    diagnostic::Diagnostic,
    scenario::{
        code,
        outline::{Ivr, Outline, To, Way},
        words::quoted,
    },
};
use std::collections::{HashSet, VecDeque};

/// Most IVRs of a ring that a message names.
const MAX_SHOWN: usize = 8;

pub(super) fn check(outline: &Outline, findings: &mut Vec<Diagnostic>) {
    let silent = rings(outline, |ivr| vec![&ivr.on_timeout]);
    let kept_going = rings(outline, |ivr| {
        let no_verdict = ivr.entry.iter().map(|entry| &entry.on_no_verdict);
        [&ivr.on_timeout, &ivr.on_wrong_key].into_iter().chain(no_verdict).collect()
    });
    let in_silent: HashSet<_> =
        silent.iter().flatten().map(|(ivr, _)| ivr.number.text.as_str()).collect();
    findings.extend(silent.iter().map(|ring| endless(ring)));
    for ring in kept_going {
        let is_kept_going = ring.iter().any(|(_, way)| !is_timeout(way, &ring));
        let is_known = ring.iter().all(|(ivr, _)| in_silent.contains(ivr.number.text.as_str()));
        if is_kept_going && !(is_known && ring.len() > 1) {
            findings.push(without_limit(&ring));
        }
    }
}

/// An IVR and the way by which the ring goes on from it.
type Ring<'o> = Vec<(&'o Ivr, &'o Way)>;

fn is_timeout(way: &Way, ring: &Ring<'_>) -> bool {
    ring.iter().any(|(ivr, _)| std::ptr::eq(way, &raw const ivr.on_timeout))
}

/// The rings along some of the ways: each IVR that leads to itself, and for the others a shortest
/// ring through each, as long as none of its IVRs stands in a ring that was found before.
fn rings<'o>(outline: &'o Outline, ways: impl Fn(&'o Ivr) -> Vec<&'o Way>) -> Vec<Ring<'o>> {
    let graph = Graph::new(outline, ways);
    let mut rings = Vec::new();
    let mut done = HashSet::new();
    for (at, edges) in graph.edges.iter().enumerate() {
        let own: Vec<_> = edges.iter().filter(|&&(to, _)| to == at).collect();
        if !own.is_empty() {
            rings.extend(own.into_iter().map(|&(_, way)| vec![(&outline.ivrs[at], way)]));
        } else if graph.may_return[at] && !done.contains(&at) {
            let Some(ring) = graph.shortest_ring(at) else { continue };
            if ring.iter().all(|(member, _)| !done.contains(member)) {
                done.extend(ring.iter().map(|&(member, _)| member));
                rings.push(ring.into_iter().map(|(at, way)| (&outline.ivrs[at], way)).collect());
            }
        }
    }
    rings
}

/// The place of an IVR in the outline, and the way that is taken from it.
type Step<'o> = (usize, &'o Way);

/// Which IVR leads to which, by their places in the outline. Only ways to IVRs that exist: a ring
/// through a slip of the pen is not worth reporting.
struct Graph<'o> {
    edges: Vec<Vec<(usize, &'o Way)>>,
    /// Whether an IVR may stand in a ring: what only leads to ends was taken out.
    may_return: Vec<bool>,
}

impl<'o> Graph<'o> {
    fn new(outline: &'o Outline, ways: impl Fn(&'o Ivr) -> Vec<&'o Way>) -> Self {
        let edge = |way: &'o Way| match &way.to {
            To::Ivr(number) => outline.ivr_index(number).map(|to| (to, way)),
            To::Replay | To::Hangup | To::Broken(_) => None,
        };
        let edges: Vec<Vec<_>> = outline
            .ivrs
            .iter()
            .map(|ivr| ways(ivr).into_iter().filter_map(edge).collect())
            .collect();
        let may_return = without_dead_ends(&edges);
        Self { edges, may_return }
    }

    /// The places of a shortest way back to where it began, breadth first.
    fn shortest_ring(&self, first: usize) -> Option<Vec<Step<'o>>> {
        let mut came_by: Vec<Option<Step<'o>>> = vec![None; self.edges.len()];
        let mut waiting = VecDeque::from([first]);
        while let Some(at) = waiting.pop_front() {
            for &(to, way) in self.edges[at].iter().filter(|(to, _)| self.may_return[*to]) {
                if to == first {
                    came_by[first] = Some((at, way));
                    return Some(back_to_first(first, &came_by));
                }
                if came_by[to].is_none() {
                    came_by[to] = Some((at, way));
                    waiting.push_back(to);
                }
            }
        }
        None
    }
}

fn back_to_first<'o>(first: usize, came_by: &[Option<Step<'o>>]) -> Vec<Step<'o>> {
    let mut ring = Vec::new();
    let mut at = first;
    while let Some(step) = came_by[at] {
        ring.push(step);
        at = step.0;
        if at == first {
            break;
        }
    }
    ring.reverse();
    ring
}

/// Takes out, again and again, what leads to nothing that is left.
fn without_dead_ends(edges: &[Vec<(usize, &Way)>]) -> Vec<bool> {
    let mut left: Vec<usize> = edges.iter().map(Vec::len).collect();
    let mut from = vec![Vec::new(); edges.len()];
    for (at, edges) in edges.iter().enumerate() {
        for &(to, _) in edges {
            from[to].push(at);
        }
    }
    let mut dead: Vec<usize> = (0..edges.len()).filter(|&at| left[at] == 0).collect();
    while let Some(at) = dead.pop() {
        for &source in &from[at] {
            left[source] -= 1;
            if left[source] == 0 {
                dead.push(source);
            }
        }
    }
    left.into_iter().map(|count| count > 0).collect()
}

fn endless(ring: &Ring<'_>) -> Diagnostic {
    let (_, way) = ring[0];
    let help = if ring.len() == 1 {
        "`plays` repeats the prompts a limited number of times; then lead elsewhere or `hangup`"
    } else {
        "let one of these time-outs lead to `hangup`"
    };
    let message = format!("a caller who does nothing goes round without end: {}", round_trip(ring));
    Diagnostic::error(code::ENDLESS_LOOP, way.span, message).with_help(help)
}

fn without_limit(ring: &Ring<'_>) -> Diagnostic {
    let (_, way) = ring[0];
    if ring.len() == 1 {
        let message = "this starts the same IVR over without a limit";
        return Diagnostic::error(code::LOOP_WITHOUT_LIMIT, way.span, message)
            .with_help("write `replay`: it starts over at most `max_replays` times");
    }
    let message = format!(
        "wrong keys, or entries without a verdict, keep a call going round without a limit: {}",
        round_trip(ring)
    );
    Diagnostic::warning(code::LOOP_WITHOUT_LIMIT, way.span, message)
        .with_help("`replay` starts an IVR over at most `max_replays` times")
}

fn round_trip(ring: &Ring<'_>) -> String {
    let mut numbers: Vec<_> = ring.iter().map(|(ivr, _)| quoted(&ivr.number.text)).collect();
    if numbers.len() > MAX_SHOWN {
        numbers.truncate(MAX_SHOWN);
        numbers.push("...".to_owned());
    }
    numbers.push(quoted(&ring[0].0.number.text));
    numbers.join(" -> ")
}

#[cfg(test)]
mod tests {
    use crate::scenario::tests::check;

    #[test]
    fn a_ring_of_timeouts_never_ends() {
        check(
            r"
ivrs:
  100:
    prompts: [welcome]
    on_timeout: 101
#               ^^^ error[endless-loop]: a caller who does nothing goes round without end: `100` -> `101` -> `102` -> `100`
  101: { prompts: [welcome], on_timeout: 102 }
  102: { prompts: [welcome], on_timeout: 100 }
",
        );
    }

    #[test]
    fn a_ring_that_is_entered_from_outside_is_said_once() {
        check(
            r"
ivrs:
  100: { prompts: [welcome], on_timeout: 101 }
  101: { prompts: [welcome], on_timeout: 102 }
#                                        ^^^ error[endless-loop]: a caller who does nothing goes round without end: `101` -> `102` -> `101`
  102: { prompts: [welcome], on_timeout: 101 }
",
        );
    }

    #[test]
    fn an_ivr_that_times_out_into_itself() {
        check(
            r"
ivrs:
  100:
    prompts: [welcome]
    on_timeout: 100
#               ^^^ error[endless-loop]: a caller who does nothing goes round without end: `100` -> `100`
#               ^^^ help: `plays` repeats the prompts a limited number of times
",
        );
    }

    #[test]
    fn the_own_number_in_place_of_replay_has_no_limit() {
        check(
            r"
ivrs:
  100:
    prompts: [welcome]
    on_wrong_key: 100
#                 ^^^ error[loop-without-limit]: this starts the same IVR over without a limit
#                 ^^^ help: write `replay`
    keys: { 1: 101 }
  101:
    prompts: [welcome]
    entry:
      verify: pin
      min_digits: 4
      max_digits: 4
      hold: { prompts: [welcome] }
      on_no_verdict: 101
#                    ^^^ error[loop-without-limit]: this starts the same IVR over without a limit
verifications:
  pin: { on_match: hangup, on_mismatch: 101 }
",
        );
    }

    #[test]
    fn a_round_of_wrong_keys_is_advice() {
        check(
            r"
ivrs:
  100:
    prompts: [welcome]
    on_wrong_key: 109
#                 ^^^ warning[loop-without-limit]: wrong keys, or entries without a verdict, keep a call going round without a limit: `100` -> `109` -> `100`
  109:
    prompts: [welcome]
    wait_s: 0.1
    on_timeout: 100
",
        );
    }

    #[test]
    fn keys_and_verdicts_may_go_round() {
        check(
            r#"
ivrs:
  100: { prompts: [welcome], keys: { 1: 101, 9: 100 } }
  101:
    prompts: [welcome]
    keys: { "*": 100 }
    entry: { verify: pin, min_digits: 4, max_digits: 4, hold: { prompts: [welcome] } }
verifications:
  pin: { on_match: 100, on_mismatch: 101 }
"#,
        );
    }
}
