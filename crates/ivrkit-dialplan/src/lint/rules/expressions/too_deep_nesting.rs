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
    use crate::lint::testing::{check, check_bytes};

    #[test]
    fn what_lies_too_deep_is_not_read() {
        let nested = |depth: usize| "${".repeat(depth) + "X" + &"}".repeat(depth);
        let line = |depth| format!("[a]\nexten => 1,1,NoOp({})\n", nested(depth)).into_bytes();
        let message = "2:147 nested more than 64 deep; what lies deeper is not read";
        check_bytes(&RULE, &line(65), &[message], &line(65));
        check_bytes(&RULE, &line(64), &[], &line(64));
    }

    #[test]
    fn a_name_in_a_name_is_fine() {
        check(
            &RULE,
            "
            [a]
            exten => 1,1,NoOp(${${X}})
            ",
        );
    }
}
