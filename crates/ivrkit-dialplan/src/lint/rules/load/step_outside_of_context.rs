//! Extensions in `[general]` or `[globals]`.

use crate::{
    diagnostic::Severity,
    lint::{Check, Findings, Group, Origin, Subject, rule::rule, subject::shown},
    syntax::{Section, Setting},
};

rule! {
    /// # What it finds
    /// An `exten`, `same` or `include` line in `[general]` or `[globals]`: most often the header of
    /// the context is missing or has become a comment.
    ///
    /// # Why it hurts
    /// These sections are no contexts. In `[general]` the line is an unknown option, in `[globals]`
    /// it sets a variable named `exten`; nothing answers the call, and nothing is said.
    ///
    /// # Example
    /// ```text
    /// [globals]
    /// MENU = 6500
    /// ;[menu]
    /// exten => 6500,1,Answer()
    /// ```
    /// Begin the context above the line.
    pub(super) static RULE = {
        name: "step-outside-of-context",
        code: "L049",
        group: Group::Load,
        severity: Severity::Error,
        origin: Origin::New,
        fix: None,
        check: Check::Line(check),
    }
}

fn check(subject: &Subject<'_>, section: &Section, setting: &Setting, findings: &mut Findings<'_>) {
    let name = subject.bytes(section.name);
    let is = |other: &[u8]| name.eq_ignore_ascii_case(other);
    if !is(b"general") && !is(b"globals") {
        return;
    }
    let directive = subject.bytes(setting.name);
    let is_step = [b"exten".as_slice(), b"same", b"include"]
        .iter()
        .any(|known| directive.eq_ignore_ascii_case(known));
    if is_step {
        let text = format!("[{}] is no context: nothing answers here", shown(name));
        findings.report(subject.code(setting.place), text).help("begin a context above it");
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lint::testing::check;

    #[test]
    fn it_is_found() {
        check(
            &RULE,
            "
                [globals]
                A = exten
                exten => 1,1,Answer()
                ^^^^^^^^^^^^^^^^^^^^^ [globals] is no context: nothing answers here
                [a]
                exten => 1,1,Answer()
                ",
        );
    }
}
