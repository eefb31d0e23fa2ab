//! A line before any section.

use crate::{
    diagnostic::Severity,
    lint::{Check, Findings, Group, Origin, Subject, rule::rule},
    syntax::{Kind, Message},
};

rule! {
    /// # What it finds
    /// A line with a `=` that stands above the first `[section]`.
    ///
    /// # Why it hurts
    /// Asterisk stops at this line. In the main file it refuses the whole dialplan: after a reload
    /// every caller still meets the old one.
    ///
    /// # Example
    /// ```text
    /// exten => 6500,1,Answer()
    /// [ivr_6500]
    /// ```
    /// Begin the file with the section.
    pub(super) static RULE = {
        name: "line-before-section",
        code: "L005",
        group: Group::Load,
        severity: Severity::Error,
        origin: Origin::Asterisk,
        fix: None,
        check: Check::Message(&[Kind::NoSection], check),
    }
}

fn check(subject: &Subject<'_>, message: &Message, findings: &mut Findings<'_>) {
    findings
        .report(
            subject.code(message.place),
            format!("line before any section: {}", subject.cost_of_stopping(message.place)),
        )
        .help("begin a [section] above it");
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lint::testing::check;

    #[test]
    fn nothing_stands_before_a_section() {
        check(
            &RULE,
            "
                ; a comment may
                exten => 1,1,Answer()
                ^^^^^^^^^^^^^^^^^^^^^ line before any section: Asterisk refuses the whole dialplan and keeps the old one
                [a]
                ",
        );
    }
}
