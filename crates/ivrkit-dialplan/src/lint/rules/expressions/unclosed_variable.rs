//! A `${` without its `}`.

use super::report_problems;
use crate::{
    diagnostic::Severity,
    lint::{Call, Check, Findings, Group, Origin, Substitutions, rule::rule},
};

rule! {
    /// # What it finds
    /// A `${` without its `}`.
    ///
    /// # Why it hurts
    /// Asterisk takes all that follows in the data for the name of the variable, finds no such
    /// variable, and the application is given a text that is cut off here. It says so only when a call
    /// comes by.
    ///
    /// # Example
    /// `Dial(PJSIP/${EXTEN,30)` rings nobody. Write `Dial(PJSIP/${EXTEN},30)`.
    pub(super) static RULE = {
        name: "unclosed-variable",
        code: "E001",
        group: Group::Expressions,
        severity: Severity::Error,
        origin: Origin::Asterisklint,
        fix: None,
        check: Check::Substitutions(check),
    }
}

fn check(call: &Call<'_>, substitutions: &Substitutions, findings: &mut Findings<'_>) {
    report_problems(call, substitutions, findings, "unclosed-variable");
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lint::testing::check;

    #[test]
    fn the_rest_belongs_to_the_name() {
        check(
            &RULE,
            "
            [a]
            exten => _X,1,Dial(PJSIP/${EXTEN,30)
                                     ^^ found no `}` for this, so all that follows belongs to it
             same => n,Dial(PJSIP/${EXTEN},30)
            ",
        );
    }
}
