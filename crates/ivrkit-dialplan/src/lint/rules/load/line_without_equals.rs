//! A line that is no `name = value`.

use crate::{
    diagnostic::Severity,
    lint::{
        Check, Findings, Group, Origin, Safety, Subject, rule::rule, subject::part, subject::shown,
        wrapped,
    },
    syntax::{Kind, Message, Place},
};

const COMMENT_MARKS: [&[u8]; 5] = ["//".as_bytes(), "；".as_bytes(), b"--", b"#", b"*"];

rule! {
    /// # What it finds
    /// A line that is no section, no comment and has no `=`: a comment that begins with `//` or
    /// `#`, a line that a mail program broke in two, or an `exten` line with another arrow.
    ///
    /// # Why it hurts
    /// Asterisk skips the line. If it was a step, the callers never come by it, and the `n` of the
    /// lines below counts on without it.
    ///
    /// # Example
    /// ```text
    /// exten 6500,1,Answer()
    /// // the menu
    /// ```
    /// Better:
    /// ```text
    /// exten => 6500,1,Answer()
    /// ; the menu
    /// ```
    pub(super) static RULE = {
        name: "line-without-equals",
        code: "L006",
        group: Group::Load,
        severity: Severity::Error,
        origin: Origin::Asterisk,
        fix: Some(Safety::Unsafe),
        check: Check::Message(&[Kind::NoEquals], check),
    }
}

fn check(subject: &Subject<'_>, message: &Message, findings: &mut Findings<'_>) {
    let code = subject.code(message.place);
    let text = subject.at(code);
    if let Some(head) = wrapped::head(subject, message.place) {
        findings
            .report(code, "this is the rest of the line above, and Asterisk skips it")
            .help("a line cannot go on below: join the two")
            .note(head, "the line that it belongs to");
    } else if let Some((keyword, arrow)) = other_arrow(text) {
        let keyword = shown(&text[..keyword.len()]);
        findings.report(code, format!("`{keyword}` without `=>`: Asterisk skips the line")).fix(
            Safety::Unsafe,
            "write =>",
            part(code, keyword.len(), arrow),
            " => ",
        );
    } else {
        comment(code, text, findings);
    }
}

/// A line that was never meant for Asterisk, or cannot be known to be.
fn comment(code: Place, text: &[u8], findings: &mut Findings<'_>) {
    let mark = COMMENT_MARKS.into_iter().find(|mark| text.starts_with(mark));
    let place = part(code, 0, mark.map_or(0, <[u8]>::len));
    let message = match mark {
        Some(mark) => format!("`{}` begins no comment, Asterisk skips the line", shown(mark)),
        None => "line without `=`: Asterisk skips it".to_owned(),
    };
    findings.report(code, message).help("comments begin with ;").fix(
        Safety::Safe,
        "make it a comment",
        place,
        if mark.is_some() { ";" } else { "; " },
    );
}

/// The keyword of a line whose `=>` is missing, and where what follows the arrow begins.
fn other_arrow(text: &[u8]) -> Option<(&'static [u8], usize)> {
    let keyword = wrapped::DIRECTIVES.into_iter().find(|keyword| {
        text.len() > keyword.len()
            && text[..keyword.len()].eq_ignore_ascii_case(keyword)
            && b" \t->:,".contains(&text[keyword.len()])
    })?;
    let rest = &text[keyword.len()..];
    let length = rest.iter().position(|byte| !b" \t->:,".contains(byte))?;
    Some((keyword, keyword.len() + length))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lint::testing::{check, check_fix};

    #[test]
    fn a_line_needs_an_equals_sign() {
        check(
            &RULE,
            "
                [a]
                exten -> 1,1,Answer()
                ^^^^^^^^^^^^^^^^^^^^^ `exten` without `=>`: Asterisk skips the line
                // the menu
                ^^^^^^^^^^^ `//` begins no comment, Asterisk skips the line
                exten => 1,1,ExecIf($[${A} =
                1 | ${B}]?Answer())
                ^^^^^^^^^^^^^^^^^^^ this is the rest of the line above, and Asterisk skips it
                more
                ^^^^ line without `=`: Asterisk skips it
                ",
        );
        check(
            &RULE,
            "
                [a]
                exten =
                ; more
                ",
        );
    }

    #[test]
    fn it_is_mended() {
        check_fix(
            &RULE,
            "
                [a]
                exten 1,1,Answer()
                same->n,Wait(1)
                //note
                ；说明
                more ; or less
                ",
            "
                [a]
                exten => 1,1,Answer()
                same => n,Wait(1)
                ;note
                ;说明
                ; more ; or less
                ",
        );
    }
}
