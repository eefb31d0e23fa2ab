//! A global variable whose value is no UTF-8.

use crate::{
    diagnostic::Severity,
    lint::{Check, Findings, Group, Origin, Subject, rule::rule},
    syntax::{Kind, Message},
};

rule! {
    /// # What it finds
    /// A line in `[globals]` whose value is no UTF-8, most often Latin-1 of an old editor.
    ///
    /// # Why it hurts
    /// Asterisk complains at each load, and whoever reads the variable gets bytes that show as
    /// something else.
    ///
    /// # Example
    /// ```text
    /// [globals]
    /// CITY=M\xfcnchen
    /// ```
    /// Save the file as UTF-8.
    pub(super) static RULE = {
        name: "global-not-utf8",
        code: "L072",
        group: Group::Load,
        severity: Severity::Warning,
        origin: Origin::Asterisk,
        fix: None,
        check: Check::Message(&[Kind::GlobalUtf8], check),
    }
}

fn check(subject: &Subject<'_>, message: &Message, findings: &mut Findings<'_>) {
    findings
        .report(subject.code(message.place), message.text.as_str())
        .help("save the file as UTF-8");
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lint::testing::check_bytes;

    #[test]
    fn latin_1_is_found_and_utf_8_is_fine() {
        let bytes = b"[globals]\nA=M\xfcnchen\nB=M\xc3\xbcnchen\n";
        let said = "2:1 the value of this variable is no UTF-8";
        check_bytes(&RULE, bytes, &[said], bytes);
    }
}
