//! The same `ignorepat` twice in a context.

use crate::{
    diagnostic::Severity,
    lint::{Check, Findings, Group, Origin, Safety, Subject, rule::rule},
    syntax::{Kind, Message},
};

rule! {
    /// # What it finds
    /// An `ignorepat` line that the context has already; case does not count.
    ///
    /// # Why it hurts
    /// Asterisk drops the second one with a warning. Often another name was meant, and that one is
    /// missing.
    ///
    /// # Example
    /// ```text
    /// ignorepat => 9
    /// ignorepat => 9
    /// ```
    /// Take the second line away.
    pub(super) static RULE = {
        name: "duplicate-ignorepat",
        code: "L035",
        group: Group::Load,
        severity: Severity::Warning,
        origin: Origin::Asterisk,
        fix: Some(Safety::Safe),
        check: Check::Message(&[Kind::IgnorepatTwice], check),
    }
}

fn check(subject: &Subject<'_>, message: &Message, findings: &mut Findings<'_>) {
    let code = subject.code(message.place);
    let finding =
        findings.report(code, "this `ignorepat` is there already: Asterisk drops the second one");
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
                ignorepat => 9
                ignorepat => 9 ; again
                ^^^^^^^^^^^^^^ this `ignorepat` is there already: Asterisk drops the second one
                ignorepat => 92
                [b]
                ignorepat => 9
                ",
        );
    }

    #[test]
    fn it_goes() {
        check_fix(
            &RULE,
            "
                [a]
                ignorepat => 9
                ignorepat => 9 ; again
                [b]
                ",
            "
                [a]
                ignorepat => 9
                [b]
                ",
        );
    }

    #[test]
    fn a_line_of_a_template_stays() {
        let text = "[t](!)\nignorepat => 9\n[a](t,t)\n";
        check_bytes(
            &RULE,
            text.as_bytes(),
            &["2:1 this `ignorepat` is there already: Asterisk drops the second one"],
            text.as_bytes(),
        );
    }
}
