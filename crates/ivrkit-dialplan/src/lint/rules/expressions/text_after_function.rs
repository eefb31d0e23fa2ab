//! Text between the `)` of a function and the `}`.

use super::report_problems;
use crate::{
    diagnostic::Severity,
    lint::{Call, Check, Findings, Group, Origin, Substitutions, rule::rule},
};

rule! {
    /// # What it finds
    /// Text between the `)` of a function and the `}`.
    ///
    /// # Why it hurts
    /// Asterisk drops it without a word: half of what was meant is not there.
    ///
    /// # Example
    /// `${CALLERID(num)x}` is `${CALLERID(num)}`. Part of a value is taken by `${CALLERID(num):1:2}`, text
    /// is added behind the brace.
    pub(super) static RULE = {
        name: "text-after-function",
        code: "E004",
        group: Group::Expressions,
        severity: Severity::Warning,
        origin: Origin::Asterisklint,
        fix: None,
        check: Check::Substitutions(check),
    }
}

fn check(call: &Call<'_>, substitutions: &Substitutions, findings: &mut Findings<'_>) {
    report_problems(call, substitutions, findings, "text-after-function");
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lint::testing::check;

    #[test]
    fn the_text_is_ignored() {
        check(
            &RULE,
            "
            [a]
            exten => 1,1,NoOp(${CALLERID(num)xy} ${CALLERID(num):1}z)
                                             ^^ what follows the last `)` of a function is ignored
            ",
        );
    }
}
