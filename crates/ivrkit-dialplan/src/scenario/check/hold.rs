//! What a caller hears until the verdict, and for how long.
//!
//! A verdict is a look-up and a request to the PBX: some tenths of a second as a rule, a second or
//! two when a session has to be renewed first. A prompt that differs per callee may stand in a hold
//! like any other, but not alone: its file may be missing, Asterisk then goes on at once, and a hold
//! of nothing else would turn round as fast as the PBX can.

use crate::{
    diagnostic::Diagnostic,
    scenario::{
        code,
        outline::{Hold, Outline},
    },
};

const SHORTEST_S: f64 = 3.0;
const LONGEST_S: f64 = 180.0;

pub(super) fn check(outline: &Outline, findings: &mut Vec<Diagnostic>) {
    let entries = outline.ivrs.iter().filter_map(|ivr| ivr.entry.as_ref());
    for hold in entries.filter_map(|entry| entry.hold.as_ref()) {
        findings.extend(limit(hold));
        findings.extend(per_callee_alone(outline, hold));
    }
}

fn limit(hold: &Hold) -> Option<Diagnostic> {
    let limit = hold.limit_s?;
    let message = if limit.value < SHORTEST_S {
        format!("a verdict may take longer than {} s, expected at least {SHORTEST_S}", limit.value)
    } else if limit.value > LONGEST_S {
        format!("nobody waits {} s for a verdict, expected at most {LONGEST_S}", limit.value)
    } else {
        return None;
    };
    Some(Diagnostic::warning(code::HOLD_LIMIT, limit.span, message))
}

fn per_callee_alone(outline: &Outline, hold: &Hold) -> Option<Diagnostic> {
    let per_callee = |name: &str| outline.prompt(name).is_some_and(|prompt| prompt.per_callee);
    let alone = !hold.prompts.is_empty() && hold.prompts.iter().all(|word| per_callee(&word.text));
    let message = "all prompts of this hold differ per callee, expected one that everybody has";
    alone.then(|| {
        Diagnostic::error(code::HOLD_PER_CALLEE, hold.key, message)
            .with_help("where a callee's file is missing nothing would be played; add music")
    })
}

#[cfg(test)]
mod tests {
    use crate::scenario::tests::check;

    #[test]
    fn limits_of_a_hold() {
        check(
            r"
ivrs:
  100:
    prompts: [welcome]
    on_timeout: 101
    entry:
      verify: pin
      min_digits: 4
      max_digits: 4
      hold: { prompts: [welcome], limit_s: 1.5 }
#                                          ^^^ warning[hold-limit]: a verdict may take longer than 1.5 s, expected at least 3
  101:
    prompts: [welcome]
    entry:
      verify: pin
      min_digits: 4
      max_digits: 4
      hold: { prompts: [welcome], limit_s: 600 }
#                                          ^^^ warning[hold-limit]: nobody waits 600 s for a verdict, expected at most 180
verifications:
  pin: { on_match: hangup, on_mismatch: 100 }
",
        );
    }

    #[test]
    fn a_hold_needs_a_prompt_that_everybody_has() {
        check(
            r"
prompts:
  welcome: {}
  own: { per_callee: true, source: own }
ivrs:
  100:
    prompts: [welcome]
    on_timeout: 101
    entry:
      verify: pin
      min_digits: 4
      max_digits: 4
      hold: { prompts: [own] }
#     ^^^^ error[hold-per-callee]: all prompts of this hold differ per callee, expected one that everybody has
  101:
    prompts: [welcome]
    entry: { verify: pin, min_digits: 4, max_digits: 4, hold: { prompts: [own, welcome] } }
verifications:
  pin: { on_match: hangup, on_mismatch: 100 }
",
        );
    }
}
