//! An `#include` of a folder.

use crate::{
    diagnostic::Severity,
    lint::{Check, Findings, Group, Origin, Subject, rule::rule},
    syntax::{Kind, Message},
};

rule! {
    /// # What it finds
    /// An `#include` that meets a folder, a device, or a file too large to be a configuration.
    ///
    /// # Why it hurts
    /// It is skipped; if that was meant to be a file, its extensions are missing.
    ///
    /// # Example
    /// ```text
    /// #include menus
    /// ```
    /// Better:
    /// ```text
    /// #include menus/*.conf
    /// ```
    pub(super) static RULE = {
        name: "include-of-no-file",
        code: "L015",
        group: Group::Load,
        severity: Severity::Warning,
        origin: Origin::Asterisk,
        fix: None,
        check: Check::Message(&[Kind::NotAFile], check),
    }
}

fn check(subject: &Subject<'_>, message: &Message, findings: &mut Findings<'_>) {
    findings.report(subject.code(message.place), message.text.clone());
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lint::testing::check_contents;

    #[test]
    fn a_folder_is_no_file() {
        use crate::syntax::Contents;
        let text = "[a]\n#include menus\n";
        check_contents(
            &RULE,
            text,
            &[Contents::NotAFile],
            &["menus is no regular file, it is skipped"],
        );
        check_contents(&RULE, text, &[Contents::Unreadable], &[]);
    }
}
