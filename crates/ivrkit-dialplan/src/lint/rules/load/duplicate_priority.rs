//! A priority that its extension has already.

use crate::{
    diagnostic::Severity,
    lint::{Check, Findings, Group, Origin, Subject, rule::rule},
    syntax::{Kind, Message},
};

rule! {
    /// # What it finds
    /// A step with a priority that its extension has already.
    ///
    /// # Why it hurts
    /// Asterisk keeps the first and drops this line with a warning. The callee never reaches the
    /// step, and the call goes on, or ends, somewhere else. `n` counts from the last priority of
    /// the *context*, whichever extension that belonged to, so steps added below another extension
    /// collide easily.
    ///
    /// # Example
    /// ```text
    /// exten => 6501,1,Answer()
    /// exten => _X.,1,NoOp()
    /// exten => 6501,1,Hangup()
    /// ```
    /// Number the step anew, or begin the extension's steps together and go on with `same => n`.
    pub(super) static RULE = {
        name: "duplicate-priority",
        code: "L024",
        group: Group::Load,
        severity: Severity::Error,
        origin: Origin::Asterisk,
        fix: None,
        check: Check::Message(Kind::DuplicatePriority, check),
    }
}

fn check(_subject: &Subject<'_>, message: &Message, findings: &mut Findings<'_>) {
    findings.report(message.place, message.text.as_str());
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lint::testing::check;

    #[test]
    fn the_second_one_is_found() {
        check(
            &RULE,
            "
            [a]
            exten => 1,1,Answer()
            exten => 1,1,Hangup()
            ^^^^^^^^^^^^^^^^^^^^^ 1 has priority 1 already, since line 2
            ",
        );
    }

    #[test]
    fn another_caller_id_is_another_extension() {
        check(
            &RULE,
            "
            [a]
            exten => 1,1,Answer()
            exten => 1/100,1,Hangup()
            ",
        );
    }
}
