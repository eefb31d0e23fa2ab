//! A second `[general]`.

use crate::{
    diagnostic::Severity,
    lint::{Check, Findings, Group, Origin, Subject, rule::rule},
};

rule! {
    /// # What it finds
    /// A `[general]` section below another one.
    ///
    /// # Why it hurts
    /// Asterisk looks at the first one only: the options of this one are without effect, and
    /// nothing says so.
    ///
    /// # Example
    /// ```text
    /// [general]
    /// static = yes
    /// [general]
    /// autofallthrough = no
    /// ```
    /// Put all options into one section, or go on with `[general](+)`.
    pub(super) static RULE = {
        name: "second-general",
        code: "L048",
        group: Group::Load,
        severity: Severity::Warning,
        origin: Origin::Asterisklint,
        fix: None,
        check: Check::Dialplan(check),
    }
}

fn check(subject: &Subject<'_>, findings: &mut Findings<'_>) {
    let general = subject.sections.iter().filter(|section| {
        !section.is_template && subject.bytes(section.name).eq_ignore_ascii_case(b"general")
    });
    for section in general.skip(1) {
        let Some(place) = subject.dialplan.files.place(section.name) else { continue };
        findings
            .report(place, "Asterisk looks at the first [general] only")
            .help("move the options there, or write [general](+)");
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lint::testing::check;

    #[test]
    fn only_the_first_counts() {
        check(
            &RULE,
            "
                [general]
                [a]
                [GENERAL]
                 ^^^^^^^ Asterisk looks at the first [general] only
                static = yes
                ",
        );
        check(
            &RULE,
            "
                [general]
                [a]
                [general](+)
                static = yes
                ",
        );
    }
}
