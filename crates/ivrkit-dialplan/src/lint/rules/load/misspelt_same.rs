//! A word that only begins with `same`.

use crate::{
    diagnostic::Severity,
    lint::{Check, Findings, Group, Origin, Safety, Subject, rule::rule, subject::shown},
    syntax::{Section, Setting},
};

rule! {
    /// # What it finds
    /// A line whose name begins with `same` and goes on.
    ///
    /// # Why it hurts
    /// Asterisk looks at four letters only and takes it for `same`. Whoever reads the line may take
    /// it for something else.
    ///
    /// # Example
    /// ```text
    /// sameexten => n,Hangup()
    /// ```
    /// Better:
    /// ```text
    /// same => n,Hangup()
    /// ```
    pub(super) static RULE = {
        name: "misspelt-same",
        code: "L060",
        group: Group::Load,
        severity: Severity::Warning,
        origin: Origin::New,
        fix: Some(Safety::Safe),
        check: Check::Line(check),
    }
}

fn check(subject: &Subject<'_>, section: &Section, setting: &Setting, findings: &mut Findings<'_>) {
    let name = subject.bytes(setting.name);
    if name.len() <= 4 || !name[..4].eq_ignore_ascii_case(b"same") {
        return;
    }
    let context = subject.bytes(section.name);
    let is = |other: &[u8]| context.eq_ignore_ascii_case(other);
    if is(b"general") || is(b"globals") {
        return;
    }
    let Some(place) = subject.dialplan.files.place(setting.name) else { return };
    findings.report(place, format!("Asterisk takes `{}` for `same`", shown(name))).fix(
        Safety::Safe,
        "write same",
        place,
        "same",
    );
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lint::testing::{check, check_fix};

    #[test]
    fn four_letters_count() {
        check(
            &RULE,
            "
                [globals]
                sameness = 1
                [a]
                exten => 1,1,Answer()
                samen => n,Hangup()
                ^^^^^ Asterisk takes `samen` for `same`
                SAME => n,Hangup()
                ",
        );
    }

    #[test]
    fn it_becomes_same() {
        check_fix(
            &RULE,
            "
                [a]
                exten => 1,1,Answer()
                same_=n,Hangup()
                ",
            "
                [a]
                exten => 1,1,Answer()
                same=n,Hangup()
                ",
        );
    }
}
