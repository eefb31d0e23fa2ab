//! A label that the extension has already.

use crate::{
    diagnostic::Severity,
    lint::{Check, Findings, Group, Origin, Subject, rule::rule, subject::shown},
    syntax::{Kind, Message},
};

rule! {
    /// # What it finds
    /// A second step with the same label in one extension.
    ///
    /// # Why it hurts
    /// Asterisk keeps the step but not its label: each jump to the label goes to the first one.
    ///
    /// # Example
    /// ```text
    /// exten => 6500,n(again),Background(notice)
    /// exten => 6500,n(again),Background(confirm)
    /// ```
    /// Give the second one a name of its own.
    pub(super) static RULE = {
        name: "duplicate-label",
        code: "L031",
        group: Group::Load,
        severity: Severity::Error,
        origin: Origin::Asterisk,
        fix: None,
        check: Check::Message(&[Kind::DuplicateLabel], check),
    }
}

fn check(subject: &Subject<'_>, message: &Message, findings: &mut Findings<'_>) {
    let code = subject.code(message.place);
    let line = subject.extension_line(message.place);
    let label = line.and_then(|line| Some(line.place(line.label?)));
    let place = label.unwrap_or(code);
    let text = format!(
        "`{}` is a label of this extension already: jumps go to the first one",
        shown(subject.at(place))
    );
    findings.report(place, text).help("give this step a label of its own, or none");
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lint::testing::check;

    #[test]
    fn each_extension_has_its_own() {
        check(
            &RULE,
            "
                [a]
                exten => 1,1(x),Answer()
                exten => 1,2(x),Answer()
                             ^ `x` is a label of this extension already: jumps go to the first one
                exten => 2,1(x),Answer()
                ",
        );
    }
}
