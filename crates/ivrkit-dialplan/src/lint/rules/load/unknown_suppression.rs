//! A suppression of a rule that does not exist.

use crate::{
    diagnostic::Severity,
    lint::{Check, Group, Origin, rule::rule},
};

rule! {
    /// # What it finds
    /// A comment that allows the findings of a rule that does not exist.
    ///
    /// # Why it hurts
    /// It allows nothing: the finding it was written for comes back, or never did. Most often a name is
    /// misspelt.
    ///
    /// # Example
    /// ```text
    /// exten => s,1,Set (X=1) ; ivrkit: allow(blank-before-parentesis) as in the manual
    /// ```
    /// Better:
    /// ```text
    /// exten => s,1,Set (X=1) ; ivrkit: allow(blank-before-parenthesis) as in the manual
    /// ```
    /// `ivrkit rules` lists the names.
    pub(super) static RULE = {
        name: "unknown-suppression",
        code: "L901",
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
    fn names_that_no_rule_has_are_found() {
        check(
            &RULE,
            "
            ; ivrkit: allow-file(F999, A001, no-such-rule) why
                                 ^^^^ there is no rule `F999`
                                             ^^^^^^^^^^^^ there is no rule `no-such-rule`
            [a]
            exten => 1,1,Answer() ; ivrkit: allow(duplicate-priority) why
            ",
        );
    }

    #[test]
    fn what_is_no_comment_is_no_suppression() {
        check(
            &RULE,
            "
            [a]
            exten => 1,1,NoOp(\\; ivrkit: allow(nobody))
            ;-- ; ivrkit: allow(nobody) --;
            ",
        );
    }
}
