//! A time of an include that is none.

use crate::{
    diagnostic::Severity,
    lint::{Check, Findings, Group, Origin, Subject, rule::rule},
    syntax::{Kind, Message},
};

rule! {
    /// # What it finds
    /// An `include` with hours, days or months that Asterisk cannot read.
    ///
    /// # Why it hurts
    /// That field counts as never, or as always if it is left out by the mistake: the context is
    /// asked at the wrong time, and callers hear that nobody is there while somebody is.
    ///
    /// # Example
    /// ```text
    /// include => open,9-17,mon-fri,*,*
    /// ```
    /// Better:
    /// ```text
    /// include => open,9:00-17:00,mon-fri,*,*
    /// ```
    pub(super) static RULE = {
        name: "bad-include-time",
        code: "L040",
        group: Group::Load,
        severity: Severity::Error,
        origin: Origin::Asterisk,
        fix: None,
        check: Check::Message(&[Kind::TimeRange, Kind::TimeField], check),
    }
}

fn check(subject: &Subject<'_>, message: &Message, findings: &mut Findings<'_>) {
    findings
        .report(
            subject.code(message.place),
            format!("{}: the include holds at other times", message.text),
        )
        .help("write hours as 9:00-17:00, then days of the week, days of the month and months");
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lint::testing::check;

    #[test]
    fn hours_have_minutes() {
        check(
            &RULE,
            "
                [a]
                include => b,9-17,mon-fri,*,*
                ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ 9 is no time of day to begin at: the include holds at other times
                include => b,9:00-17:00,mon-fri,*,*
                [b]
                ",
        );
    }
}
