//! Nothing before the `=`.

use crate::{
    diagnostic::Severity,
    lint::{Check, Findings, Group, Origin, Subject, rule::rule},
    syntax::{Kind, Message},
};

rule! {
    /// # What it finds
    /// A line that begins with its `=`.
    ///
    /// # Why it hurts
    /// Asterisk skips the line. If it was a step, the callers never come by it.
    ///
    /// # Example
    /// ```text
    /// => 6500,n,Hangup()
    /// ```
    /// Better:
    /// ```text
    /// exten => 6500,n,Hangup()
    /// ```
    pub(super) static RULE = {
        name: "line-without-name",
        code: "L007",
        group: Group::Load,
        severity: Severity::Error,
        origin: Origin::Asterisk,
        fix: None,
        check: Check::Message(&[Kind::NoName], check),
    }
}

fn check(subject: &Subject<'_>, message: &Message, findings: &mut Findings<'_>) {
    findings
        .report(subject.code(message.place), "nothing before the `=`: Asterisk skips the line")
        .help("write exten, same, include or whatever was meant");
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lint::testing::check;

    #[test]
    fn a_line_has_a_name() {
        check(
            &RULE,
            "
                [a]
                => 1,1,Answer()
                ^^^^^^^^^^^^^^^ nothing before the `=`: Asterisk skips the line
                a =
                ",
        );
    }
}
