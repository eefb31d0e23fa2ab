//! `${...}` or `$[...]` too deep in each other.

use super::report_problems;
use crate::{
    diagnostic::Severity,
    lint::{Call, Check, Findings, Group, Origin, Substitutions, rule::rule},
};

rule! {
    /// # What it finds
    /// Substitutions or parentheses more than 64 deep in each other.
    ///
    /// # Why it hurts
    /// Nobody can read it, and ivrkit does not check what lies deeper.
    ///
    /// # Example
    /// Set a variable in a step of its own and use that.
    pub(super) static RULE = {
        name: "too-deep-nesting",
        code: "E009",
        group: Group::Expressions,
        severity: Severity::Warning,
        origin: Origin::New,
        fix: None,
        check: Check::Substitutions(check),
    }
}

fn check(call: &Call<'_>, substitutions: &Substitutions, findings: &mut Findings<'_>) {
    report_problems(call, substitutions, findings, "nesting-limit");
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lint::testing::check;

    #[test]
    fn what_lies_too_deep_is_not_read() {
        check(
            &RULE,
            r#"
            [a]
            exten => 1,1,NoOp(${${X}})
            "#,
        );
    }
}
