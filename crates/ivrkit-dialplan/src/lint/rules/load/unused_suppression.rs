//! A suppression that nothing needs.

use crate::{
    diagnostic::Severity,
    lint::{Check, Group, Origin, Safety, rule::rule},
};

rule! {
    /// # What it finds
    /// A comment that allows the findings of a rule where that rule finds nothing; also the second of two
    /// that allow the same. Rules that are off do not count, nor those of the groups `prompts` and
    /// `versions`, whose findings hang on what the command is told.
    ///
    /// # Why it hurts
    /// Somebody reads it and believes that there is something to be careful about. And the day the mistake
    /// is made there after all, nobody is told.
    ///
    /// # Example
    /// ```text
    /// exten => s,1,Set(X=1) ; ivrkit: allow(blank-before-parenthesis) as in the manual
    /// ```
    /// Better:
    /// ```text
    /// exten => s,1,Set(X=1)
    /// ```
    pub(super) static RULE = {
        name: "unused-suppression",
        code: "L902",
        group: Group::Load,
        severity: Severity::Warning,
        origin: Origin::New,
        fix: Some(Safety::Safe),
        check: Check::Suppression,
    }
}
