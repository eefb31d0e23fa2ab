//! Where calls begin, and IVRs that no call can come to.

use crate::{
    diagnostic::Diagnostic,
    scenario::{
        Number, code,
        outline::{Ivr, Outline, Way},
        words::quoted,
    },
};
use std::collections::HashSet;

pub(super) fn check(outline: &Outline, findings: &mut Vec<Diagnostic>) {
    let Some(calls) = &outline.calls else { return };
    if !calls.any {
        let message = "no call begins anywhere, expected `outbound` or `inbound` or both";
        findings.push(
            Diagnostic::error(code::NO_START, calls.key, message)
                .with_help("`outbound` is the IVR that a dialled callee hears first"),
        );
    }
    let starts: Vec<_> = calls.starts.iter().filter_map(|way| outline.follow(way)).collect();
    if starts.is_empty() {
        return;
    }
    let reached = reached(outline, starts, |ivr| ways(outline, ivr));
    // A key that is no number was found wanting already.
    let missed = |ivr: &&Ivr| {
        Number::new(&ivr.number.text).is_some() && !reached.contains(ivr.number.text.as_str())
    };
    for ivr in outline.ivrs.iter().filter(missed) {
        let message = format!("no call can come to IVR {}", quoted(&ivr.number.text));
        findings.push(
            Diagnostic::error(code::UNREACHABLE_IVR, ivr.number.span, message).with_help(
                "lead a key, a time-out or a verdict of a reachable IVR here, or remove it",
            ),
        );
    }
}

/// The numbers of the IVRs at which a call can arrive from `starts` by the given ways.
pub(super) fn reached<'o>(
    outline: &'o Outline,
    starts: Vec<&'o Ivr>,
    ways: impl Fn(&'o Ivr) -> Vec<&'o Way>,
) -> HashSet<&'o str> {
    let mut reached = HashSet::new();
    let mut waiting = starts;
    while let Some(ivr) = waiting.pop() {
        if reached.insert(ivr.number.text.as_str()) {
            waiting.extend(ways(ivr).into_iter().filter_map(|way| outline.follow(way)));
        }
    }
    reached
}

/// Every way out of an IVR, those of its verification's verdicts among them.
pub(super) fn ways<'o>(outline: &'o Outline, ivr: &'o Ivr) -> Vec<&'o Way> {
    let mut ways: Vec<_> = ivr.keys.iter().map(|(_, way)| way).collect();
    ways.extend([&ivr.on_timeout, &ivr.on_wrong_key]);
    if let Some(entry) = &ivr.entry {
        ways.push(&entry.on_no_verdict);
        if let Some(verification) = outline.verification_of(entry) {
            ways.extend([
                &verification.on_match,
                &verification.on_mismatch,
                &verification.on_exhausted,
                &verification.on_unavailable,
            ]);
        }
    }
    ways
}

#[cfg(test)]
mod tests {
    use crate::scenario::tests::check;

    #[test]
    fn calls_begin_somewhere() {
        check(
            r"
calls: {}
#^^^^ error[no-start]: no call begins anywhere, expected `outbound` or `inbound` or both
",
        );
    }

    #[test]
    fn every_way_leads_to_an_ivr_and_an_island_is_unreachable() {
        check(
            r"
calls:
  inbound: 100
ivrs:
  100: { prompts: [welcome], keys: { 1: 101 }, on_timeout: 102, on_wrong_key: 103 }
  101:
    prompts: [welcome]
    entry:
      verify: pin
      min_digits: 4
      max_digits: 4
      hold: { prompts: [welcome] }
      on_no_verdict: 104
  102: { prompts: [welcome] }
  103: { prompts: [welcome] }
  104: { prompts: [welcome] }
  105: { prompts: [welcome] }
  106: { prompts: [welcome], keys: { 1: 101 } }
  107: { prompts: [welcome] }
  900: { prompts: [welcome], keys: { 1: 901 } }
# ^^^ error[unreachable-ivr]: no call can come to IVR `900`
  901: { prompts: [welcome], keys: { 1: 900 } }
# ^^^ error[unreachable-ivr]: no call can come to IVR `901`
verifications:
  pin: { on_match: 105, on_mismatch: 106, on_exhausted: 107 }
",
        );
    }

    #[test]
    fn a_misspelt_way_does_not_make_its_ivr_unreachable() {
        check(
            r"
ivrs:
  100:
    prompts: [welcome]
    keys:
      1: 2O01
#        ^^^^ error[wrong-form]: found the text `2O01`, expected the number of an IVR, `replay` or `hangup`
      2: 3011
#        ^^^^ error[unknown-ivr]: there is no IVR `3011` in this scenario
  2001: { prompts: [welcome] }
  3001: { prompts: [welcome] }
",
        );
    }
}
