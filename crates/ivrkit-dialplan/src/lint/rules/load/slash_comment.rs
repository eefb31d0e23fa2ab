//! A note that begins with `//`.

use crate::{
    diagnostic::Severity,
    lint::{Check, ExtensionLine, Findings, Group, Origin, Safety, rule::rule},
};

rule! {
    /// # What it finds
    /// A `//` with a note after the closing parenthesis of an application.
    ///
    /// # Why it hurts
    /// `//` is no comment, `;` is. Asterisk drops what follows the last `)` of the line, so the
    /// note is harmless by luck: once it has a `)` itself, it becomes a part of the data.
    ///
    /// # Example
    /// ```text
    /// exten => 6500,n,Background(notice) //the notice
    /// ```
    /// Better:
    /// ```text
    /// exten => 6500,n,Background(notice) ;the notice
    /// ```
    pub(super) static RULE = {
        name: "slash-comment",
        code: "L051",
        group: Group::Load,
        severity: Severity::Warning,
        origin: Origin::New,
        fix: Some(Safety::Safe),
        check: Check::Extension(check),
    }
}

fn check(line: &ExtensionLine<'_>, findings: &mut Findings<'_>) {
    let Some(note) = line.note else { return };
    let text = line.bytes(note);
    if !text.starts_with(b"//") || text.contains(&b')') {
        return;
    }
    let place = line.place(note.slice(0, 2));
    findings
        .report(place, "`//` begins no comment: it is dropped only because no `)` follows")
        .fix(Safety::Safe, "write ;", place, ";");
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lint::testing::{check, check_fix};

    #[test]
    fn it_is_no_comment() {
        check(
            &RULE,
            "
                [a]
                exten => 1,1,Background(http://a/b) //note
                                                    ^^ `//` begins no comment: it is dropped only because no `)` follows
                exten => 1,n,Background(http://a/b) ; //note
                exten => 1,n,NoOp(a) //b (c)
                ",
        );
    }

    #[test]
    fn a_semicolon_begins_one() {
        check_fix(
            &RULE,
            "
                [a]
                exten => 1,1,Answer() // 说明
                ",
            "
                [a]
                exten => 1,1,Answer() ; 说明
                ",
        );
    }
}
