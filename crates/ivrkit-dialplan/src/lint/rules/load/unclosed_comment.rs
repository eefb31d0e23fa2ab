//! A block comment without an end.

use crate::{
    diagnostic::Severity,
    lint::{Check, Findings, Group, Origin, Subject, rule::rule, subject::part},
    syntax::{Kind, Message, Place},
};

rule! {
    /// # What it finds
    /// A `;--` whose `--;` is missing. A line of dashes that begins with `;--` and anything but a
    /// third dash begins such a block too.
    ///
    /// # Why it hurts
    /// All that follows in the file is comment: contexts and extensions are missing, with one
    /// warning that names no line.
    ///
    /// # Example
    /// ```text
    /// ;-- menu of the night
    /// [night]
    /// ```
    /// Begin the comment with `;` alone, or end it with `--;`.
    pub(super) static RULE = {
        name: "unclosed-comment",
        code: "L017",
        group: Group::Load,
        severity: Severity::Error,
        origin: Origin::Asterisk,
        fix: None,
        check: Check::Message(&[Kind::OpenComment], check),
    }
}

fn check(subject: &Subject<'_>, message: &Message, findings: &mut Findings<'_>) {
    if message.line == 0 {
        return;
    }
    let place = opening(subject, message).unwrap_or(message.place);
    findings
        .report(place, "this comment has no end: all that follows is hidden")
        .help("end it with --;, or write ; alone if one line was meant");
}

/// Where the block begins; none if an earlier file of a wildcard has it.
fn opening(subject: &Subject<'_>, message: &Message) -> Option<Place> {
    let file = subject.dialplan.files.file(message.place.file);
    let mut lines = file.bytes.split_inclusive(|&byte| byte == b'\n');
    let line = message.line as usize;
    let above: usize = lines.by_ref().take(line - 1).map(<[u8]>::len).sum();
    let at = lines.next()?.windows(3).rposition(|three| three == b";--")?;
    let whole = Place { file: message.place.file, start: 0, end: 0 };
    Some(part(whole, above + at, above + at + 3))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lint::testing::check;

    #[test]
    fn the_opening_is_marked() {
        check(
            &RULE,
            "
                [a]
                ;-- all of this --;
                ;---------------------
                ;-- and this
                ^^^ this comment has no end: all that follows is hidden
                exten => 1,1,Answer()
                ",
        );
    }
}
