//! A global variable whose value is no UTF-8.

use crate::{
    diagnostic::Severity,
    lint::{Check, Findings, Group, Origin, Subject, rule::rule},
    syntax::{Kind, Message},
};

rule! {
    /// # What it finds
    /// A line of `[globals]` with a value that is not UTF-8, such as Latin-1.
    ///
    /// # Why it hurts
    /// The variable is set. The manager interface is not told, and programs that read it there stumble.
    ///
    /// # Example
    /// Save the file as UTF-8.
    pub(super) static RULE = {
        name: "global-not-utf8",
        code: "L074",
        group: Group::Load,
        severity: Severity::Warning,
        origin: Origin::Asterisk,
        fix: None,
        check: Check::Message(&[Kind::GlobalUtf8], check),
    }
}

fn check(subject: &Subject<'_>, message: &Message, findings: &mut Findings<'_>) {
    findings.report(subject.code(message.place), message.text.clone());
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lint::testing::check_bytes;

    #[test]
    fn another_character_set_is_found() {
        let bytes = b"[globals]\nA = caf\xe9\n";
        check_bytes(&RULE, bytes, &["2:1 the value of this variable is no UTF-8"], bytes);
        check_bytes(
            &RULE,
            "[globals]\nA = café\n".as_bytes(),
            &[],
            "[globals]\nA = café\n".as_bytes(),
        );
    }
}
