//! Verifications that are named and do not exist, that exist and are never named, and those of which
//! every verdict leads to the same place.

use crate::{
    diagnostic::Diagnostic,
    scenario::{
        code,
        outline::{Outline, To},
        words::{did_you_mean, quoted},
    },
};

pub(super) fn check(outline: &Outline, findings: &mut Vec<Diagnostic>) {
    unknown(outline, findings);
    let judges = outline.judges();
    for verification in &outline.verifications {
        let name = &verification.name;
        if !judges.contains(name.text.as_str()) {
            let message = format!("no entry is judged by verification {}", quoted(&name.text));
            findings.push(Diagnostic::warning(code::UNUSED_VERIFICATION, name.span, message));
        }
        let (right, wrong) = (&verification.on_match, &verification.on_mismatch);
        if right.to == wrong.to && !matches!(right.to, To::Broken(_) | To::Replay) {
            let message = "right and wrong digits lead to the same place";
            findings.push(Diagnostic::warning(code::SAME_OUTCOME, wrong.span, message));
        }
    }
}

fn unknown(outline: &Outline, findings: &mut Vec<Diagnostic>) {
    if !outline.verifications_understood {
        return;
    }
    let names = outline.verifications.iter().map(|one| one.name.text.as_str());
    let asked_for = outline.ivrs.iter().filter_map(|ivr| ivr.entry.as_ref()?.verify.as_ref());
    for word in asked_for.filter(|word| outline.verification(&word.text).is_none()) {
        let message = format!("there is no verification {} in this scenario", quoted(&word.text));
        let finding = Diagnostic::error(code::UNKNOWN_VERIFICATION, word.span, message);
        findings.push(finding.with_optional_help(did_you_mean(&word.text, names.clone())));
    }
}

#[cfg(test)]
mod tests {
    use crate::scenario::tests::check;

    #[test]
    fn unknown_and_unused_verifications() {
        check(
            r"
ivrs:
  100:
    prompts: [welcome]
    entry:
      verify: sms-cod
#             ^^^^^^^ error[unknown-verification]: there is no verification `sms-cod` in this scenario
#             ^^^^^^^ help: did you mean `sms-code`?
      min_digits: 4
      max_digits: 4
      hold: { prompts: [welcome] }
verifications:
  sms-code: { on_match: hangup, on_mismatch: 100 }
  old-code: { on_match: hangup, on_mismatch: 100 }
# ^^^^^^^^ warning[unused-verification]: no entry is judged by verification `old-code`
",
        );
    }

    #[test]
    fn a_scenario_without_verifications_has_no_such_verification() {
        check(
            r"
ivrs:
  100:
    prompts: [welcome]
    entry:
      verify: pin
#             ^^^ error[unknown-verification]: there is no verification `pin` in this scenario
      min_digits: 4
      max_digits: 4
      hold: { prompts: [welcome] }
",
        );
    }

    #[test]
    fn a_verdict_that_makes_no_difference() {
        check(
            r"
ivrs:
  100:
    prompts: [welcome]
    entry: { verify: pin, min_digits: 4, max_digits: 4, hold: { prompts: [welcome] } }
verifications:
  pin:
    on_match: hangup
    on_mismatch: hangup
#                ^^^^^^ warning[same-outcome]: right and wrong digits lead to the same place
    attempts: 1
",
        );
    }
}
