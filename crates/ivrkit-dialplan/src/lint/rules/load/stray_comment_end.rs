//! A `--;` without its `;--`.

use crate::{
    diagnostic::Severity,
    lint::{Check, Findings, Group, Origin, Safety, Subject, rule::rule, subject::part},
    syntax::{Comments, Kind, Message, Place},
};

rule! {
    /// # What it finds
    /// A `--;` that ends no block comment.
    ///
    /// # Why it hurts
    /// Asterisk takes it for the end of a comment it does not have, and hides all that follows in
    /// the file, with a warning that names no line.
    ///
    /// # Example
    /// ```text
    /// ; the menu --;
    /// exten => 6500,1,Answer()
    /// ```
    /// Better:
    /// ```text
    /// ; the menu
    /// exten => 6500,1,Answer()
    /// ```
    pub(super) static RULE = {
        name: "stray-comment-end",
        code: "L018",
        group: Group::Load,
        severity: Severity::Error,
        origin: Origin::Asterisk,
        fix: Some(Safety::Unsafe),
        check: Check::Message(&[Kind::OpenComment], check),
    }
}

fn check(subject: &Subject<'_>, message: &Message, findings: &mut Findings<'_>) {
    if message.line != 0 {
        return;
    }
    let Some(place) = stray_end(subject, message.place.file) else {
        findings.report(message.place, "a `--;` without `;--` hides all that follows");
        return;
    };
    findings.report(place, "this `--;` ends no comment: all that follows is hidden").fix(
        Safety::Unsafe,
        "take it away",
        place,
        "",
    );
}

/// The first `--;` outside of blocks.
fn stray_end(subject: &Subject<'_>, file: u32) -> Option<Place> {
    let bytes = subject.dialplan.files.file(file).bytes.as_slice();
    let mut comments = Comments::default();
    let mut start = 0;
    for line in bytes.split_inclusive(|&byte| byte == b'\n') {
        comments.take_out(line, 1, || ());
        if comments.is_open() && comments.opened_at() == 0 {
            let at = start + line.windows(3).position(|three| three == b"--;")?;
            return Some(part(Place { file, start: 0, end: 0 }, at, at + 3));
        }
        start += line.len();
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lint::testing::{check, check_fix};

    #[test]
    fn it_is_marked() {
        check(
            &RULE,
            "
                [a]
                ;-- a comment --;
                exten => 1,1,Answer() --;
                                      ^^^ this `--;` ends no comment: all that follows is hidden
                exten => 1,2,Hangup()
                ",
        );
    }

    #[test]
    fn it_goes() {
        check_fix(
            &RULE,
            "
                [a]
                exten => 1,1,Answer() --;
                exten => 1,2,Hangup()
                ",
            "
                [a]
                exten => 1,1,Answer() 
                exten => 1,2,Hangup()
                ",
        );
    }
}
