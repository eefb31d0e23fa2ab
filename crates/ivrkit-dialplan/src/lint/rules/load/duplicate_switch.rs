//! The same `switch` twice in a context.

use crate::{
    diagnostic::Severity,
    lint::{Check, Findings, Group, Origin, Safety, Subject, rule::rule},
    syntax::{Kind, Message},
};

rule! {
    /// # What it finds
    /// A `switch` line that the context has already; case does not count.
    ///
    /// # Why it hurts
    /// Asterisk drops the second one with a warning. Often another name was meant, and that one is
    /// missing.
    ///
    /// # Example
    /// ```text
    /// switch => Realtime
    /// switch => Realtime
    /// ```
    /// Take the second line away.
    pub(super) static RULE = {
        name: "duplicate-switch",
        code: "L036",
        group: Group::Load,
        severity: Severity::Warning,
        origin: Origin::Asterisk,
        fix: Some(Safety::Safe),
        check: Check::Message(&[Kind::SwitchTwice], check),
    }
}

fn check(subject: &Subject<'_>, message: &Message, findings: &mut Findings<'_>) {
    let code = subject.code(message.place);
    let finding =
        findings.report(code, "this `switch` is there already: Asterisk drops the second one");
    if let Some(line) = subject.removable(message.place) {
        finding.fix(Safety::Safe, "take the line away", line, "");
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lint::testing::{check, check_bytes, check_fix};

    #[test]
    fn the_second_one_is_found() {
        check(
            &RULE,
            "
                [a]
                switch => Realtime
                switch => Realtime ; again
                ^^^^^^^^^^^^^^^^^^ this `switch` is there already: Asterisk drops the second one
                switch => Realtime2
                [b]
                switch => Realtime
                ",
        );
    }

    #[test]
    fn it_goes() {
        check_fix(
            &RULE,
            "
                [a]
                switch => Realtime
                switch => Realtime ; again
                [b]
                ",
            "
                [a]
                switch => Realtime
                [b]
                ",
        );
    }

    #[test]
    fn a_line_of_a_template_stays() {
        let text = "[t](!)\nswitch => Realtime\n[a](t,t)\n";
        check_bytes(
            &RULE,
            text.as_bytes(),
            &["2:1 this `switch` is there already: Asterisk drops the second one"],
            text.as_bytes(),
        );
    }
}
