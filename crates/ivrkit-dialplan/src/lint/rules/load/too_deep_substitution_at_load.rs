//! Variables too deep in each other while the dialplan loads.

use crate::{
    diagnostic::Severity,
    lint::{Check, Findings, Group, Origin, Subject, rule::rule},
    syntax::{Kind, Message},
};

rule! {
    /// # What it finds
    /// `${...}` and `$[...]` in each other deeper than Asterisk follows, where they are read while the
    /// dialplan loads.
    ///
    /// # Why it hurts
    /// What lies deeper is nothing: a global that is empty, a name that is not there.
    ///
    /// # Example
    /// Set parts of it as globals of their own, in lines above.
    pub(super) static RULE = {
        name: "too-deep-substitution-at-load",
        code: "L076",
        group: Group::Load,
        severity: Severity::Error,
        origin: Origin::Asterisk,
        fix: None,
        check: Check::Message(&[Kind::VariableDepth], check),
    }
}

fn check(subject: &Subject<'_>, message: &Message, findings: &mut Findings<'_>) {
    findings.report(subject.code(message.place), message.text.clone());
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lint::testing::check_bytes;

    #[test]
    fn what_lies_too_deep_is_found() {
        let nested = |depth: usize| {
            let value = "${".repeat(depth) + "X" + &"}".repeat(depth);
            format!("[globals]\nA = {value}\n").into_bytes()
        };
        check_bytes(
            &RULE,
            &nested(40),
            &["2:1 variables stand in each other more than 15 deep"],
            &nested(40),
        );
        check_bytes(&RULE, &nested(3), &[], &nested(3));
    }
}
