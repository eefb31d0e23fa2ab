//! A `$[` without its `]`.

use super::report_problems;
use crate::{
    diagnostic::Severity,
    lint::{Call, Check, Findings, Group, Origin, Substitutions, rule::rule},
};

rule! {
    /// # What it finds
    /// A `$[` without its `]`.
    ///
    /// # Why it hurts
    /// Asterisk reads the rest of the data as the expression, complains when a call comes by, and a
    /// condition written that way decides nothing: the call always goes the same way.
    ///
    /// # Example
    /// `GotoIf($["${X}" = "1"?yes:no)` never compares. Write `GotoIf($["${X}" = "1"]?yes:no)`.
    pub(super) static RULE = {
        name: "unclosed-expression",
        code: "E002",
        group: Group::Expressions,
        severity: Severity::Error,
        origin: Origin::Asterisklint,
        fix: None,
        check: Check::Substitutions(check),
    }
}

fn check(call: &Call<'_>, substitutions: &Substitutions, findings: &mut Findings<'_>) {
    report_problems(call, substitutions, findings, "unclosed-expression");
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lint::testing::check;

    #[test]
    fn the_rest_belongs_to_the_expression() {
        check(
            &RULE,
            r#"
            [a]
            exten => 1,1,GotoIf($["${X}" = "1"?yes:no)
                                ^^ found no `]` for this, so all that follows belongs to it
             same => n,GotoIf($["${X}" = "1"]?yes:no)
            "#,
        );
    }
}
