//! `same` before any `exten`.

use crate::{
    diagnostic::Severity,
    lint::{Check, Findings, Group, Origin, Subject, rule::rule},
    syntax::{Kind, Message},
};

rule! {
    /// # What it finds
    /// A `same` line in a section that has no `exten` line above it. Each `[section]` line begins
    /// anew, even one that continues a context.
    ///
    /// # Why it hurts
    /// Asterisk drops the line: the callers never come by the step.
    ///
    /// # Example
    /// ```text
    /// [ivr_6500]
    /// same => n,Answer()
    /// ```
    /// Better:
    /// ```text
    /// [ivr_6500]
    /// exten => 6500,1,Answer()
    /// ```
    pub(super) static RULE = {
        name: "same-before-exten",
        code: "L021",
        group: Group::Load,
        severity: Severity::Error,
        origin: Origin::Asterisk,
        fix: None,
        check: Check::Message(&[Kind::SameFirst], check),
    }
}

fn check(subject: &Subject<'_>, message: &Message, findings: &mut Findings<'_>) {
    findings
        .report(
            subject.code(message.place),
            "no `exten` stands above it in this section: Asterisk drops the step",
        )
        .help("write exten => NAME,... for the first step of an extension");
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lint::testing::check;

    #[test]
    fn each_section_begins_anew() {
        check(
            &RULE,
            "
                [a]
                exten => 1,1,Answer()
                 same => n,Wait(1)
                [b]
                same => n,Wait(1)
                ^^^^^^^^^^^^^^^^^ no `exten` stands above it in this section: Asterisk drops the step
                ",
        );
    }
}
