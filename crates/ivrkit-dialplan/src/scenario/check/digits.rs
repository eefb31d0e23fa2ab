//! How many digits an entry has.
//!
//! NIST SP 800-63B asks for 20 bits in a code that is sent out of band: six digits. Codes of four
//! and five are common, and the attempts of a call are limited, so only what is shorter than four
//! digits is worth a warning: three attempts hit one of a thousand codes in 0.3 % of all calls.

use crate::{
    diagnostic::Diagnostic,
    scenario::{
        code,
        outline::{Entry, Outline},
    },
};

const FEWEST_DIGITS: f64 = 4.0;

pub(super) fn check(outline: &Outline, findings: &mut Vec<Diagnostic>) {
    for entry in outline.ivrs.iter().filter_map(|ivr| ivr.entry.as_ref()) {
        findings.extend(order(entry));
        findings.extend(short(entry));
    }
}

fn order(entry: &Entry) -> Option<Diagnostic> {
    let (min, max) = (entry.min_digits?, entry.max_digits?);
    let message = format!(
        "found {} fewest digits and {} most, expected no more fewest than most",
        min.value, max.value
    );
    (min.value > max.value).then(|| Diagnostic::error(code::DIGITS_ORDER, min.span, message))
}

fn short(entry: &Entry) -> Option<Diagnostic> {
    let min = entry.min_digits?;
    let message = format!("a code of {} digits is easily guessed, expected at least 4", min.value);
    ((1.0..FEWEST_DIGITS).contains(&min.value)).then(|| {
        Diagnostic::warning(code::SHORT_CODE, min.span, message)
            .with_help("six digits resist guessing; four are common")
    })
}

#[cfg(test)]
mod tests {
    use crate::scenario::tests::check;

    #[test]
    fn fewest_and_most_digits() {
        check(
            r"
ivrs:
  100:
    prompts: [welcome]
    entry:
      verify: pin
      min_digits: 8
#                 ^ error[digits-order]: found 8 fewest digits and 4 most, expected no more fewest than most
      max_digits: 4
      hold: { prompts: [welcome] }
verifications:
  pin: { on_match: hangup, on_mismatch: 100 }
",
        );
    }

    #[test]
    fn codes_that_are_easily_guessed() {
        check(
            r"
ivrs:
  100:
    prompts: [welcome]
    entry:
      verify: pin
      min_digits: 3
#                 ^ warning[short-code]: a code of 3 digits is easily guessed, expected at least 4
      max_digits: 6
      hold: { prompts: [welcome] }
verifications:
  pin: { on_match: hangup, on_mismatch: 100 }
",
        );
    }
}
