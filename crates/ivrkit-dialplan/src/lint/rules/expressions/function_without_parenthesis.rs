//! A function in `${...}` without its `)`.

use super::report_problems;
use crate::{
    diagnostic::Severity,
    lint::{Call, Check, Findings, Group, Origin, Substitutions, rule::rule},
};

rule! {
    /// # What it finds
    /// A function in `${...}` whose `(` has no `)`.
    ///
    /// # Why it hurts
    /// Asterisk complains when a call comes by and reads the arguments as far as it can; what they are
    /// is luck.
    ///
    /// # Example
    /// `${CALLERID(num}` is meant to be `${CALLERID(num)}`.
    pub(super) static RULE = {
        name: "function-without-parenthesis",
        code: "E003",
        group: Group::Expressions,
        severity: Severity::Error,
        origin: Origin::Asterisklint,
        fix: None,
        check: Check::Substitutions(check),
    }
}

fn check(call: &Call<'_>, substitutions: &Substitutions, findings: &mut Findings<'_>) {
    report_problems(call, substitutions, findings, "unclosed-function");
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lint::testing::check;

    #[test]
    fn the_parenthesis_is_missed() {
        check(
            &RULE,
            "
            [a]
            exten => 1,1,NoOp(${CALLERID(num} ${CALLERID(num)})
                                        ^ found no `)` for the arguments of this function
            ",
        );
    }
}
