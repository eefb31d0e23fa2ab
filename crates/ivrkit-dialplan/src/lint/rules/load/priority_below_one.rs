//! A priority below 1.

use crate::{
    diagnostic::Severity,
    lint::{Check, Findings, Group, Origin, Subject, rule::rule, subject::shown},
    syntax::{Kind, Message},
};

rule! {
    /// # What it finds
    /// A number below 1 in the place of the priority. Hexadecimal numbers are not known: `0x10` is
    /// 0.
    ///
    /// # Why it hurts
    /// Asterisk drops the line: the callers never come by the step.
    ///
    /// # Example
    /// ```text
    /// exten => 6500,0,Answer()
    ///  same => n,Hangup()
    /// ```
    /// The first step of an extension has priority 1.
    pub(super) static RULE = {
        name: "priority-below-one",
        code: "L026",
        group: Group::Load,
        severity: Severity::Error,
        origin: Origin::Asterisk,
        fix: None,
        check: Check::Message(&[Kind::PriorityNumber], check),
    }
}

fn check(subject: &Subject<'_>, message: &Message, findings: &mut Findings<'_>) {
    let Some(line) = subject.extension_line(message.place) else { return };
    let text = format!(
        "the priority `{}` is below 1: Asterisk drops the step",
        shown(line.bytes(line.priority))
    );
    findings.report(line.place(line.priority), text).help("the first step has priority 1");
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lint::testing::check;

    #[test]
    fn steps_count_from_1() {
        check(
            &RULE,
            "
                [a]
                exten => 1,0,Answer()
                           ^ the priority `0` is below 1: Asterisk drops the step
                exten => 1,1,Answer()
                ",
        );
    }
}
