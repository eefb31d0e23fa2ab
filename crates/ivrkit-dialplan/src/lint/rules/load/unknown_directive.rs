//! A line that no dialplan has.

use crate::{
    diagnostic::Severity,
    lint::{
        Check, Findings, Group, Origin, Safety, Subject, nearest::nearest, rule::rule,
        subject::part, subject::shown, wrapped,
    },
    syntax::{Kind, Message},
};

const COMMENT_MARKS: [&[u8]; 4] = ["//".as_bytes(), "；".as_bytes(), b"--", b"*"];

rule! {
    /// # What it finds
    /// A `name = value` in a context whose name is none of `exten`, `same`, `include`, `ignorepat`,
    /// `switch`, `lswitch`, `eswitch` and `autohints`.
    ///
    /// # Why it hurts
    /// Asterisk skips the line with a warning. If it was a step, the callers never come by it, and
    /// the `n` of the lines below counts on without it.
    ///
    /// # Example
    /// ```text
    /// extem => 6500,n,WaitExten(4)
    /// ```
    /// Better:
    /// ```text
    /// exten => 6500,n,WaitExten(4)
    /// ```
    pub(super) static RULE = {
        name: "unknown-directive",
        code: "L037",
        group: Group::Load,
        severity: Severity::Error,
        origin: Origin::Asterisk,
        fix: Some(Safety::Unsafe),
        check: Check::Message(&[Kind::UnknownDirective], check),
    }
}

fn check(subject: &Subject<'_>, message: &Message, findings: &mut Findings<'_>) {
    let code = subject.code(message.place);
    if let Some(head) = wrapped::head(subject, message.place) {
        findings
            .report(code, "this is the rest of the line above, and Asterisk skips it")
            .help("a line cannot go on below: join the two")
            .note(head, "the line that it belongs to");
        return;
    }
    let Some((_, setting)) = subject.setting(message.place) else { return };
    let name = subject.bytes(setting.name);
    let place = subject.dialplan.files.place(setting.name).unwrap_or(code);
    let text = format!("no dialplan has lines named `{}`: Asterisk skips it", shown(name));
    let finding = findings.report(place, text);
    if let Some(mark) = COMMENT_MARKS.into_iter().find(|mark| name.starts_with(mark)) {
        let mark = part(code, 0, mark.len());
        finding.help("comments begin with ;").fix(Safety::Safe, "make it a comment", mark, ";");
    } else if let Some(near) = nearest(name, wrapped::DIRECTIVES) {
        finding.fix(Safety::Unsafe, format!("write {}", shown(near)), place, near);
    } else {
        finding.help("a context has exten, same, include, ignorepat, switch and autohints");
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lint::testing::{check, check_fix};

    #[test]
    fn only_some_names_are_known() {
        check(
            &RULE,
            "
                [a]
                EXTEN => 1,1,Answer()
                extem => 1,2,Answer()
                ^^^^^ no dialplan has lines named `extem`: Asterisk skips it
                exten => 1,3,ExecIf($[${A} =
                yes]?Set(A=1))
                ^^^^^^^^^^^^^^ this is the rest of the line above, and Asterisk skips it
                writeprotect = no
                ^^^^^^^^^^^^ no dialplan has lines named `writeprotect`: Asterisk skips it
                ",
        );
    }

    #[test]
    fn it_is_mended() {
        check_fix(
            &RULE,
            "
                [a]
                extem => 1,1,Answer()
                saem = n,Answer()
                // a = b
                ",
            "
                [a]
                exten => 1,1,Answer()
                same = n,Answer()
                ; a = b
                ",
        );
    }
}
