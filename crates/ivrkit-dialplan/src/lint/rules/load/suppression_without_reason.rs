//! A suppression that does not say why.

use crate::{
    diagnostic::Severity,
    lint::{Check, Group, Origin, rule::rule},
};

rule! {
    /// # What it finds
    /// A comment that allows findings and gives no reason.
    ///
    /// # Why it hurts
    /// Whoever comes after cannot know whether it still holds, and leaves it there for ever.
    ///
    /// # Example
    /// ```text
    /// [menu] ; ivrkit: allow-context(duplicate-priority)
    /// ```
    /// Better:
    /// ```text
    /// [menu] ; ivrkit: allow-context(duplicate-priority) the vendor's include file comes second
    /// ```
    pub(super) static RULE = {
        name: "suppression-without-reason",
        code: "L903",
        group: Group::Load,
        severity: Severity::Hint,
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
    fn a_reason_is_a_word_after_the_parenthesis() {
        check(
            &RULE,
            "
            [a]
            exten => 1,1,Answer() ; ivrkit: allow(A001)
                                  ^^^^^^^^^^^^^^^^^^^^^ nothing says why this is allowed
            exten => 1,2,Answer() ; ivrkit: allow(A001) --
                                  ^^^^^^^^^^^^^^^^^^^^^^^^ nothing says why this is allowed
            exten => 1,3,Answer() ; ivrkit: allow(A001) - old
            exten => 1,4,Answer() ; ivrkit: allow(A001) 客户要求
            ",
        );
    }
}
