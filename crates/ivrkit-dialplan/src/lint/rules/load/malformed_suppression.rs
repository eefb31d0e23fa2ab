//! A suppression that cannot be read.

use crate::{
    diagnostic::Severity,
    lint::{Check, Group, Origin, rule::rule},
};

rule! {
    /// # What it finds
    /// A comment that begins with `ivrkit:`, means to allow findings, and cannot be read.
    ///
    /// # Why it hurts
    /// It allows nothing: the findings it was written for come back.
    ///
    /// # Example
    /// ```text
    /// exten => s,1,Set (X=1) ; ivrkit: ignore(blank-before-parenthesis) as in the manual
    /// ```
    /// Better:
    /// ```text
    /// exten => s,1,Set (X=1) ; ivrkit: allow(blank-before-parenthesis) as in the manual
    /// ```
    pub(super) static RULE = {
        name: "malformed-suppression",
        code: "L904",
        group: Group::Load,
        severity: Severity::Warning,
        origin: Origin::New,
        fix: None,
        check: Check::Suppression,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lint::testing::check;

    #[test]
    fn what_means_to_allow_must_be_readable() {
        check(
            &RULE,
            "
            [a]
            ; ivrkit: allow A001 why
            ^^^^^^^^^^^^^^^^^^^^^^^^ this suppresses nothing: the names of rules follow in parentheses
            ; ivrkit: allow(A001 why
            ^^^^^^^^^^^^^^^^^^^^^^^^ this suppresses nothing: the names of rules end with )
            ; ivrkit: allow( , ) why
            ^^^^^^^^^^^^^^^^^^^^^^^^ this suppresses nothing: there is no name of a rule between ( and )
            ; ivrkit: alow(A001) why
            ^^^^^^^^^^^^^^^^^^^^^^^^ this suppresses nothing: the words are allow, allow-context, allow-file
            ; ivrkit: allow-line(A001) why
            ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ this suppresses nothing: the words are allow, allow-context, allow-file
            ",
        );
    }

    #[test]
    fn other_remarks_are_left_alone() {
        check(
            &RULE,
            "
            ; ivrkit: rendered from scenario.yaml (2024)
            ; ivrkit:
            ; this file knows ivrkit: alow(x)
            [a]
            ",
        );
    }
}
