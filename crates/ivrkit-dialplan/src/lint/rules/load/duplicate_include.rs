//! The same `include` twice in a context.

use crate::{
    diagnostic::Severity,
    lint::{Check, Findings, Group, Origin, Safety, Subject, rule::rule},
    syntax::{Kind, Message},
};

rule! {
    /// # What it finds
    /// An `include` line that the context has already; case does not count.
    ///
    /// # Why it hurts
    /// Asterisk drops the second one with a warning. Often another name was meant, and that one is
    /// missing.
    ///
    /// # Example
    /// ```text
    /// include => hours
    /// include => hours
    /// ```
    /// Take the second line away.
    pub(super) static RULE = {
        name: "duplicate-include",
        code: "L034",
        group: Group::Load,
        severity: Severity::Warning,
        origin: Origin::Asterisk,
        fix: Some(Safety::Safe),
        check: Check::Message(&[Kind::IncludeTwice], check),
    }
}

fn check(subject: &Subject<'_>, message: &Message, findings: &mut Findings<'_>) {
    let code = subject.code(message.place);
    let finding =
        findings.report(code, "this `include` is there already: Asterisk drops the second one");
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
                include => hours
                include => hours ; again
                ^^^^^^^^^^^^^^^^ this `include` is there already: Asterisk drops the second one
                include => hours2
                [b]
                include => hours
                ",
        );
    }

    #[test]
    fn it_goes() {
        check_fix(
            &RULE,
            "
                [a]
                include => hours
                include => hours ; again
                [b]
                ",
            "
                [a]
                include => hours
                [b]
                ",
        );
    }

    #[test]
    fn a_line_of_a_template_stays() {
        let text = "[t](!)\ninclude => hours\n[a](t,t)\n";
        check_bytes(
            &RULE,
            text.as_bytes(),
            &["2:1 this `include` is there already: Asterisk drops the second one"],
            text.as_bytes(),
        );
    }
}
