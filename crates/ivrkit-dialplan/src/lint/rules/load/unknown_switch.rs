//! A switch that no module of Asterisk makes.

use crate::{
    diagnostic::Severity,
    lint::{Check, Findings, Group, Origin, Subject, rule::rule},
    syntax::{Kind, Message},
};

rule! {
    /// # What it finds
    /// A `switch` of a kind that no module of Asterisk makes, noticed when a label that is not there is
    /// asked of it.
    ///
    /// # Why it hurts
    /// Nobody is asked. Each call that comes by logs a warning, and extensions that were meant to live
    /// elsewhere are not found.
    ///
    /// # Example
    /// `switch => Remote/pbx2` is meant to be `switch => IAX2/pbx2`.
    pub(super) static RULE = {
        name: "unknown-switch",
        code: "L073",
        group: Group::Load,
        severity: Severity::Error,
        origin: Origin::Asterisk,
        fix: None,
        check: Check::Message(&[Kind::NoSuchSwitch], check),
    }
}

fn check(subject: &Subject<'_>, message: &Message, findings: &mut Findings<'_>) {
    findings.report(subject.code(message.place), message.text.clone());
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lint::testing::check;

    #[test]
    fn nobody_makes_it() {
        check(
            &RULE,
            r"
            [a]
            switch => Nothing/b
            exten => 1,1,NoOp()
            exten => 1,none,NoOp()
            ^^^^^^^^^^^^^^^^^^^^^^ no module of Asterisk makes the switch Nothing
            ",
        );
    }
}
