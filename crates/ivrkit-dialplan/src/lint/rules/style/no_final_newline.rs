//! A file whose last line has no end.

use crate::{
    diagnostic::Severity,
    lint::{Check, Findings, Group, Origin, Safety, Subject, rule::rule},
    syntax::{File, Place},
};

rule! {
    /// # What it finds
    /// A last line without a newline after it.
    ///
    /// # Why it hurts
    /// Asterisk reads it, but what a shell appends to the file (`echo ... >>`) lands in that line.
    ///
    /// # Example
    /// A file that ends with `exten => 1,1,Hangup()` and nothing after the `)`. End it with a
    /// newline.
    pub(super) static RULE = {
        name: "no-final-newline",
        code: "Y001",
        group: Group::Style,
        severity: Severity::Hint,
        origin: Origin::Asterisklint,
        fix: Some(Safety::Safe),
        check: Check::File(check),
    }
}

fn check(_subject: &Subject<'_>, number: u32, file: &File, findings: &mut Findings<'_>) {
    if file.bytes.is_empty() || file.bytes.ends_with(b"\n") {
        return;
    }
    let end = u32::try_from(file.bytes.len()).expect("files are shorter than 4 GiB");
    let end = Place { file: number, start: end, end };
    let is_dos = file.bytes.windows(2).any(|two| two == b"\r\n");
    let newline = if is_dos { "\r\n" } else { "\n" };
    findings.report(end, "the last line has no newline").fix(Safety::Safe, "add it", end, newline);
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lint::testing::check_bytes;

    #[test]
    fn the_newline_is_that_of_the_other_lines() {
        check_bytes(&RULE, b"[a]\r\nb=c", &["2:4 the last line has no newline"], b"[a]\r\nb=c\r\n");
        check_bytes(&RULE, b"[a]", &["1:4 the last line has no newline"], b"[a]\n");
        check_bytes(&RULE, b"[a]\n", &[], b"[a]\n");
        check_bytes(&RULE, b"", &[], b"");
    }
}
