//! `#include` without a name.

use crate::{
    diagnostic::Severity,
    lint::{Check, Findings, Group, Origin, Subject, rule::rule},
    syntax::{Kind, Message},
};

rule! {
    /// # What it finds
    /// An `#include` or `#tryinclude` that names no file.
    ///
    /// # Why it hurts
    /// Asterisk skips the line: the extensions of the file are missing.
    ///
    /// # Example
    /// ```text
    /// #include ; menu.conf
    /// ```
    /// Better:
    /// ```text
    /// #include menu.conf
    /// ```
    pub(super) static RULE = {
        name: "include-without-file",
        code: "L011",
        group: Group::Load,
        severity: Severity::Error,
        origin: Origin::Asterisk,
        fix: None,
        check: Check::Message(&[Kind::HashArgument], check),
    }
}

fn check(subject: &Subject<'_>, message: &Message, findings: &mut Findings<'_>) {
    findings
        .report(subject.code(message.place), "no file is named: Asterisk skips the line")
        .help("name the file, relative to the folder of the main file");
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lint::testing::check;

    #[test]
    fn a_file_is_named() {
        check(
            &RULE,
            "
                [a]
                #include ; menu.conf
                ^^^^^^^^ no file is named: Asterisk skips the line
                #tryinclude menu.conf
                ",
        );
    }
}
