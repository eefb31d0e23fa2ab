//! An expression that Asterisk cannot read.

use super::report_problems;
use crate::{
    diagnostic::Severity,
    lint::{Call, Check, Findings, Group, Origin, Substitutions, rule::rule},
};

rule! {
    /// # What it finds
    /// An expression that Asterisk cannot read: an operator without its operand, two operands without an
    /// operator, a parenthesis that is not closed.
    ///
    /// # Why it hurts
    /// Asterisk logs a syntax error when a call comes by and takes 0 for the whole: the condition is
    /// always false.
    ///
    /// # Example
    /// `$[ = yes]` has lost what it compares. Text with blanks goes into double quotes, and so does a
    /// variable that may be empty: `$["${ANSWER}" = "yes"]`.
    pub(super) static RULE = {
        name: "broken-expression",
        code: "E006",
        group: Group::Expressions,
        severity: Severity::Error,
        origin: Origin::Asterisklint,
        fix: None,
        check: Check::Substitutions(check),
    }
}

fn check(call: &Call<'_>, substitutions: &Substitutions, findings: &mut Findings<'_>) {
    report_problems(call, substitutions, findings, "expression-syntax");
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lint::testing::check;

    #[test]
    fn an_operand_is_missed() {
        check(
            &RULE,
            r#"
            [a]
            exten => 1,1,GotoIf($[ = yes]?x)
                                   ^ found `=`, expected an operand; the whole counts as 0
             same => n,GotoIf($["${X}" = "yes"]?x)
            "#,
        );
    }
}
