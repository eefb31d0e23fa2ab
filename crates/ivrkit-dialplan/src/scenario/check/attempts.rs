//! Whether the attempts of a verification can be used, and whether they end.
//!
//! A second attempt needs a second entry: from where `on_mismatch` leads, a call must be able to
//! come to one, by keys, time-outs or verdicts. The other way round, where `on_exhausted` leads must
//! not ask for the same digits at once, and neither must `on_match`, since a code is good for one
//! success. "At once" means there, or from there along time-outs, that is without a key that the
//! caller chose: coming back through a menu is the caller's will.

use super::reach::{reached, ways};
use crate::{
    diagnostic::Diagnostic,
    scenario::{
        code,
        outline::{Ivr, Outline, To, Verification, Way},
        words::quoted,
    },
};
use std::{collections::HashSet, iter::successors};

pub(super) fn check(outline: &Outline, findings: &mut Vec<Diagnostic>) {
    let judges = outline.judges();
    let is_asked_for = |one: &&Verification| judges.contains(one.name.text.as_str());
    for verification in outline.verifications.iter().filter(is_asked_for) {
        findings.extend(no_second_entry(outline, verification));
        let exhausted = "after the last attempt";
        findings.extend(asks_again(outline, verification, &verification.on_exhausted, exhausted));
        let matched = "after the right digits, which are good for one success,";
        findings.extend(asks_again(outline, verification, &verification.on_match, matched));
    }
}

fn no_second_entry(outline: &Outline, verification: &Verification) -> Option<Diagnostic> {
    let attempts = verification.attempts?;
    if attempts.value <= 1.0 {
        return None;
    }
    let way = &verification.on_mismatch;
    let leads_to_entry = match (&way.to, outline.follow(way)) {
        (To::Hangup, _) => false,
        (_, None) => return None,
        (_, Some(ivr)) if ivr.entry.is_some() => true,
        (_, Some(ivr)) => reached(outline, vec![ivr], |ivr| ways(outline, ivr))
            .into_iter()
            .any(|number| outline.ivr(number).is_some_and(|ivr| ivr.entry.is_some())),
    };
    if leads_to_entry {
        return None;
    }
    let given = if attempts.is_default { ", the default," } else { "" };
    let message = format!(
        "`attempts` is {}{given} but nothing asks for the digits again after a wrong entry",
        attempts.value
    );
    let help = "lead to an IVR with an entry, or write `attempts: 1`";
    Some(Diagnostic::error(code::NO_SECOND_ENTRY, way.span, message).with_help(help))
}

fn asks_again(
    outline: &Outline,
    verification: &Verification,
    way: &Way,
    when: &str,
) -> Option<Diagnostic> {
    let asks = |ivr: &&Ivr| {
        let asked = ivr.entry.as_ref().and_then(|entry| outline.verification_of(entry));
        asked.is_some_and(|asked| asked.name.text == verification.name.text)
    };
    let mut seen = HashSet::new();
    let silently = successors(outline.follow(way), |ivr| outline.follow(&ivr.on_timeout));
    let asking = silently.take_while(|ivr| seen.insert(&ivr.number.text)).find(asks)?;
    let message =
        format!("{when} IVR {} asks for the same digits again", quoted(&asking.number.text));
    let help = "lead to an IVR without this entry, or to `hangup`";
    Some(Diagnostic::error(code::ASKS_AGAIN, way.span, message).with_help(help))
}

#[cfg(test)]
mod tests {
    use crate::scenario::tests::check;

    #[test]
    fn attempts_without_a_second_entry() {
        check(
            r"
ivrs:
  100:
    prompts: [welcome]
    entry: { verify: pin, min_digits: 4, max_digits: 4, hold: { prompts: [welcome] } }
  101: { prompts: [welcome] }
verifications:
  pin:
    on_match: hangup
    on_mismatch: 101
#                ^^^ error[no-second-entry]: `attempts` is 2 but nothing asks for the digits again after a wrong entry
    attempts: 2
",
        );
    }

    #[test]
    fn the_default_attempts_want_a_second_entry_too() {
        check(
            r"
ivrs:
  100:
    prompts: [welcome]
    entry: { verify: pin, min_digits: 4, max_digits: 4, hold: { prompts: [welcome] } }
  101: { prompts: [welcome] }
verifications:
  pin:
    on_match: 101
    on_mismatch: hangup
#                ^^^^^^ error[no-second-entry]: `attempts` is 3, the default, but nothing asks
#                ^^^^^^ help: lead to an IVR with an entry, or write `attempts: 1`
",
        );
    }

    #[test]
    fn a_second_entry_may_be_some_keys_away() {
        check(
            r"
ivrs:
  100:
    prompts: [welcome]
    entry: { verify: pin, min_digits: 4, max_digits: 4, hold: { prompts: [welcome] } }
  101: { prompts: [welcome], keys: { 1: 100 } }
verifications:
  pin: { on_match: hangup, on_mismatch: 101 }
",
        );
    }

    #[test]
    fn no_more_asking_when_all_is_decided() {
        check(
            r"
ivrs:
  100:
    prompts: [welcome]
    entry: { verify: pin, min_digits: 4, max_digits: 4, hold: { prompts: [welcome] } }
  101: { prompts: [welcome], on_timeout: 100 }
verifications:
  pin:
    on_match: 101
#             ^^^ error[asks-again]: after the right digits, which are good for one success, IVR `100` asks for the same digits again
    on_mismatch: 100
    on_exhausted: 100
#                 ^^^ error[asks-again]: after the last attempt IVR `100` asks for the same digits again
",
        );
    }
}
