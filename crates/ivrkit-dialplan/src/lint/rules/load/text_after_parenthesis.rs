//! Text after the closing parenthesis of an application.

use crate::{
    diagnostic::Severity,
    lint::{Check, ExtensionLine, Findings, Group, Origin, Safety, rule::rule},
};

rule! {
    /// # What it finds
    /// Text after the `)` of an application that is no comment.
    ///
    /// # Why it hurts
    /// Asterisk drops what follows the last `)` of the line, without a word. With one more `)` in
    /// it, it is data instead: `Set(A=1)(B=2)` sets A to `1)(B=2`.
    ///
    /// # Example
    /// ```text
    /// exten => 6500,n,Background(notice) the notice
    /// ```
    /// Better:
    /// ```text
    /// exten => 6500,n,Background(notice) ; the notice
    /// ```
    pub(super) static RULE = {
        name: "text-after-parenthesis",
        code: "L071",
        group: Group::Load,
        severity: Severity::Warning,
        origin: Origin::New,
        fix: None,
        check: Check::Extension(check),
    }
}

fn check(line: &ExtensionLine<'_>, findings: &mut Findings<'_>) {
    let Some(text) = line.note else { return };
    let bytes = line.bytes(text);
    let place = line.place(text);
    if bytes.starts_with(b"//") {
        return;
    }
    if !bytes.contains(&b')') {
        let mark = "；".as_bytes();
        let finding = findings.report(place, "Asterisk drops what follows the last `)`");
        finding.help("comments begin with ;");
        if bytes.starts_with(mark) {
            let place = line.place(text.slice(0, mark.len()));
            finding.fix(Safety::Safe, "write ;", place, ";");
        }
    } else if bytes.starts_with(b"(") {
        findings
            .report(place, "data ends with the last `)` of the line: this belongs to it")
            .help("an application has one pair of parentheses");
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lint::testing::{check, check_fix};

    #[test]
    fn it_is_dropped_or_data() {
        check(
            &RULE,
            r#"
                [a]
                exten => 1,1,Background(a) note
                                           ^^^^ Asterisk drops what follows the last `)`
                exten => 1,n,Set(A=1)(B=2)
                                     ^^^^^ data ends with the last `)` of the line: this belongs to it
                exten => 1,n,Background(a) ; note
                exten => 1,n,NoOp(":) or not")
                exten => 1,n,Background(a) //note
                exten => 1,n,${A}(b) c
                "#,
        );
    }

    #[test]
    fn a_full_width_semicolon() {
        check_fix(
            &RULE,
            "
                [a]
                exten => 1,1,Background(a) ；说明
                ",
            "
                [a]
                exten => 1,1,Background(a) ;说明
                ",
        );
    }
}
