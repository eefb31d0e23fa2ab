//! A `//` note that becomes a part of the line.

use crate::{
    diagnostic::Severity,
    lint::{Check, ExtensionLine, Findings, Group, Origin, Safety, rule::rule},
};

rule! {
    /// # What it finds
    /// A note that begins with `//` and has a `)`, or stands behind an application without
    /// parentheses.
    ///
    /// # Why it hurts
    /// `//` is no comment, `;` is. The data of an application goes up to the last `)` of the line,
    /// so it holds the note up to there: a prompt of that name is not there, a jump misses. Without
    /// parentheses the note belongs to the name of the application, which does not exist: the call
    /// ends here.
    ///
    /// # Example
    /// ```text
    /// exten => 6500,n,Background(notice) //the notice (for all)
    /// ```
    /// Better:
    /// ```text
    /// exten => 6500,n,Background(notice) ;the notice (for all)
    /// ```
    pub(super) static RULE = {
        name: "slash-comment-in-data",
        code: "L052",
        group: Group::Load,
        severity: Severity::Error,
        origin: Origin::New,
        fix: Some(Safety::Unsafe),
        check: Check::Extension(check),
    }
}

fn check(line: &ExtensionLine<'_>, findings: &mut Findings<'_>) {
    let place = match line.note {
        Some(note) => {
            let text = line.bytes(note);
            if !text.starts_with(b"//") || !text.contains(&b')') {
                return;
            }
            line.place(note.slice(0, 2))
        }
        None => match after_name(line) {
            Some(at) => line.place(line.application.slice(at, at + 2)),
            None => return,
        },
    };
    findings
        .report(place, "`//` begins no comment: this note is a part of what the step does")
        .fix(Safety::Unsafe, "write ;", place, ";");
}

/// Where a note begins behind an application without parentheses.
fn after_name(line: &ExtensionLine<'_>) -> Option<usize> {
    let name = line.bytes(line.application);
    if !line.data.is_empty() || name.contains(&b'$') || line.bytes(line.priority) == b"hint" {
        return None;
    }
    let at = name.windows(3).position(|three| three == b" //")?;
    name[..at].iter().all(u8::is_ascii_alphanumeric).then_some(at + 1)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lint::testing::{check, check_fix};

    #[test]
    fn the_note_counts() {
        check(
            &RULE,
            "
                [a]
                exten => 1,1,Background(a) //note (b)
                                           ^^ `//` begins no comment: this note is a part of what the step does
                exten => 1,n,Hangup //note
                                    ^^ `//` begins no comment: this note is a part of what the step does
                exten => 1,n,Background(a) //note
                ",
        );
    }

    #[test]
    fn a_semicolon_begins_one() {
        check_fix(
            &RULE,
            "
                [a]
                exten => 1,1,Background(a) //note (b)
                ",
            "
                [a]
                exten => 1,1,Background(a) ;note (b)
                ",
        );
    }
}
