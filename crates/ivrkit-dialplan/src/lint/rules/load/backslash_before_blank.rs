//! A `\` before a blank at the beginning of a line.

use crate::{
    diagnostic::Severity,
    lint::{Check, Findings, Group, Origin, Safety, Subject, rule::rule, subject::part},
    syntax::{Kind, Message},
};

rule! {
    /// # What it finds
    /// A line that begins with a `\` and a blank.
    ///
    /// # Why it hurts
    /// Asterisk stops at this line. In the main file it refuses the whole dialplan and keeps the
    /// old one.
    ///
    /// # Example
    /// ```text
    /// \ exten => 6500,1,Answer()
    /// ```
    /// Take the `\` away.
    pub(super) static RULE = {
        name: "backslash-before-blank",
        code: "L008",
        group: Group::Load,
        severity: Severity::Error,
        origin: Origin::Asterisk,
        fix: Some(Safety::Unsafe),
        check: Check::Message(&[Kind::BadEscape], check),
    }
}

fn check(subject: &Subject<'_>, message: &Message, findings: &mut Findings<'_>) {
    let code = subject.code(message.place);
    findings
        .report(code, format!("`\\` before a blank: {}", subject.cost_of_stopping(message.place)))
        .fix(Safety::Unsafe, "take the \\ away", part(code, 0, 1), "");
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lint::testing::{check, check_fix};

    #[test]
    fn it_is_found() {
        check(
            &RULE,
            r"
                [a]
                \ exten => 1,1,Answer()
                ^^^^^^^^^^^^^^^^^^^^^^^ `\` before a blank: Asterisk refuses the whole dialplan and keeps the old one
                ",
        );
    }

    #[test]
    fn it_goes() {
        check_fix(
            &RULE,
            r"
                [a]
                \ exten => 1,1,Answer()
                ",
            "
                [a]
                 exten => 1,1,Answer()
                ",
        );
    }
}
