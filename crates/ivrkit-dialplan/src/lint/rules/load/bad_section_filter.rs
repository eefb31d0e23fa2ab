//! A regular expression in a section header that cannot be read.

use crate::{
    diagnostic::Severity,
    lint::{Check, Findings, Group, Origin, Subject, rule::rule},
    syntax::{Kind, Message},
};

rule! {
    /// # What it finds
    /// `[section](+name=regex)` with a regular expression that cannot be read.
    ///
    /// # Why it hurts
    /// The section that was to be gone on with is not found, and Asterisk refuses the whole file.
    ///
    /// # Example
    /// `[a](+type=[x)` lacks a `]`.
    pub(super) static RULE = {
        name: "bad-section-filter",
        code: "L075",
        group: Group::Load,
        severity: Severity::Error,
        origin: Origin::Asterisk,
        fix: None,
        check: Check::Message(&[Kind::FilterRegex], check),
    }
}

fn check(subject: &Subject<'_>, message: &Message, findings: &mut Findings<'_>) {
    findings.report(subject.code(message.place), message.text.clone());
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lint::testing::check;

    #[test]
    fn it_cannot_be_read() {
        check(
            &RULE,
            r"
            [a]
            type=x
            [a](+type=[x)
            ^^^^^^^^^^^^^ the regular expression [x: Unmatched [, [^, [:, [., or [=
            ",
        );
    }
}
