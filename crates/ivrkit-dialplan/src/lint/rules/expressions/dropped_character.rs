//! A character that an expression does not know.

use super::report_problems;
use crate::{
    diagnostic::Severity,
    lint::{Call, Check, Findings, Group, Origin, Substitutions, rule::rule},
};

rule! {
    /// # What it finds
    /// A character in `$[...]` that is neither part of an operator nor of an operand: a brace, a
    /// back quote, a control character.
    ///
    /// # Why it hurts
    /// Asterisk drops it without a word. What is compared is not what is written.
    ///
    /// # Example
    /// `$[{EXTEN} = 1]` compares the text `EXTEN`: the `$` before the brace is missing.
    pub(super) static RULE = {
        name: "dropped-character",
        code: "E007",
        group: Group::Expressions,
        severity: Severity::Warning,
        origin: Origin::New,
        fix: None,
        check: Check::Substitutions(check),
    }
}

fn check(call: &Call<'_>, substitutions: &Substitutions, findings: &mut Findings<'_>) {
    report_problems(call, substitutions, findings, "ignored-character");
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lint::testing::check;

    #[test]
    fn braces_without_dollar_are_dropped() {
        check(
            &RULE,
            "
            [a]
            exten => 1,1,GotoIf($[{EXTEN} = 1]?x)
                                  ^ `{` means nothing in an expression; it is dropped
                                        ^ `}` means nothing in an expression; it is dropped
             same => n,GotoIf($['${EXTEN}' = '1']?x)
            ",
        );
    }
}
