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
use std::collections::HashSet;

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

/// One ring for each group of IVRs that lead to each other, each IVR in one ring at most; rings of
/// one IVR stand for themselves.
fn rings<'o>(outline: &'o Outline, ways: impl Fn(&'o Ivr) -> Vec<&'o Way>) -> Vec<Ring<'o>> {
    let mut rings = Vec::new();
    let mut done = HashSet::new();
    for ivr in &outline.ivrs {
        let number = ivr.number.text.as_str();
        let own: Vec<_> = ways(ivr).into_iter().filter(|way| leads_to(way, number)).collect();
        if !own.is_empty() {
            rings.extend(own.into_iter().map(|way| vec![(ivr, way)]));
            continue;
        }
        let Some(ring) = shortest_ring(outline, ivr, &ways) else { continue };
        if ring.iter().all(|(member, _)| !done.contains(member.number.text.as_str())) {
            done.extend(ring.iter().map(|(member, _)| member.number.text.as_str()));
            rings.push(ring);
        }
    }
    rings
}

/// The shortest way from an IVR back to itself.
fn shortest_ring<'o>(
    outline: &'o Outline,
    first: &'o Ivr,
    ways: impl Fn(&'o Ivr) -> Vec<&'o Way>,
) -> Option<Ring<'o>> {
    let mut seen = HashSet::from([first.number.text.as_str()]);
    let mut paths: Vec<Ring<'o>> = vec![Vec::new()];
    while !paths.is_empty() {
        let mut longer = Vec::new();
        for path in paths {
            let at = path.last().map_or(Some(first), |(_, way)| exactly(outline, way))?;
            for way in ways(at) {
                let Some(next) = exactly(outline, way) else { continue };
                let mut path = path.clone();
                path.push((at, way));
                if next.number.text == first.number.text {
                    return Some(path);
                }
                if seen.insert(next.number.text.as_str()) {
                    longer.push(path);
                }
            }
        }
        paths = longer;
    }
    None
}

fn exactly<'o>(outline: &'o Outline, way: &Way) -> Option<&'o Ivr> {
    match &way.to {
        To::Ivr(number) => outline.ivr(number),
        To::Replay | To::Hangup | To::Broken(_) => None,
    }
}

fn leads_to(way: &Way, number: &str) -> bool {
    matches!(&way.to, To::Ivr(to) if to == number)
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
    let numbers = ring.iter().map(|(ivr, _)| ivr).chain([&ring[0].0]);
    numbers.map(|ivr| quoted(&ivr.number.text)).collect::<Vec<_>>().join(" -> ")
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
