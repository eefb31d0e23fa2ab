//! `${NAME:x}`, where `x` is no number.

use super::report_problems;
use crate::{
    diagnostic::Severity,
    lint::{Call, Check, Findings, Group, Origin, Substitutions, rule::rule},
};

rule! {
    /// # What it finds
    /// An offset or a length in `${NAME:OFFSET:LENGTH}` that is no whole number.
    ///
    /// # Why it hurts
    /// It counts as not given, so the whole value is used where a part was meant.
    ///
    /// # Example
    /// `${EXTEN:one}` is all of `${EXTEN}`. `${EXTEN:1}` leaves out the first digit.
    pub(super) static RULE = {
        name: "substring-not-a-number",
        code: "E005",
        group: Group::Expressions,
        severity: Severity::Warning,
        origin: Origin::Asterisklint,
        fix: None,
        check: Check::Substitutions(check),
    }
}

fn check(call: &Call<'_>, substitutions: &Substitutions, findings: &mut Findings<'_>) {
    report_problems(call, substitutions, findings, "substring-number");
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lint::testing::check;

    #[test]
    fn a_word_is_no_offset() {
        check(
            &RULE,
            "
            [a]
            exten => _X.,1,NoOp(${EXTEN:one} ${EXTEN:-4} ${EXTEN:${N}})
                                        ^^^ expected a whole number here; what is none counts as not given
            ",
        );
    }
}
