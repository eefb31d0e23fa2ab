//! A double quote in an expression without its second one.

use super::report_problems;
use crate::{
    diagnostic::Severity,
    lint::{Call, Check, Findings, Group, Origin, Substitutions, rule::rule},
};

rule! {
    /// # What it finds
    /// A `"` in `$[...]` that has no second one.
    ///
    /// # Why it hurts
    /// Asterisk drops it, and the text it was to hold together falls into several operands: a syntax
    /// error when a call comes by.
    ///
    /// # Example
    /// `$["${X} = "1"]` is meant to be `$["${X}" = "1"]`.
    pub(super) static RULE = {
        name: "unclosed-quote",
        code: "E008",
        group: Group::Expressions,
        severity: Severity::Warning,
        origin: Origin::Asterisklint,
        fix: None,
        check: Check::Substitutions(check),
    }
}

fn check(call: &Call<'_>, substitutions: &Substitutions, findings: &mut Findings<'_>) {
    report_problems(call, substitutions, findings, "unclosed-quote");
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lint::testing::check;

    #[test]
    fn a_single_quote_mark_is_dropped() {
        check(
            &RULE,
            r#"
            [a]
            exten => 1,1,GotoIf($[${X} = "1]?x)
                                         ^ this quote has no second one; it is dropped
            "#,
        );
    }
}
