//! Line ends of two kinds in one file.

use crate::{
    diagnostic::Severity,
    lint::{Check, Edit, Findings, Fix, Group, Origin, Safety, Subject, rule::rule},
    syntax::{File, Place},
};

rule! {
    /// # What it finds
    /// Lines that end with `\r\n` beside others that end with `\n`.
    ///
    /// # Why it hurts
    /// Asterisk reads both. Editors and comparisons of versions show the file as changed all over.
    ///
    /// # Example
    /// A file of Windows to which a shell has appended lines. Let all lines end with what most of
    /// them end with.
    pub(super) static RULE = {
        name: "mixed-line-ends",
        code: "Y003",
        group: Group::Style,
        severity: Severity::Hint,
        origin: Origin::Asterisklint,
        fix: Some(Safety::Safe),
        check: Check::File(check),
    }
}

fn check(_subject: &Subject<'_>, number: u32, file: &File, findings: &mut Findings<'_>) {
    let is_dos = |at: usize| at > 0 && file.bytes[at - 1] == b'\r';
    let (mut dos, mut unix) = (Vec::new(), Vec::new());
    for at in memchr::memchr_iter(b'\n', &file.bytes) {
        if is_dos(at) { dos.push(at) } else { unix.push(at) }
    }
    let (few, better) = if dos.len() > unix.len() { (unix, "\r\n") } else { (dos, "\n") };
    let Some(&first) = few.first() else { return };
    let is_dos = better == "\n";
    let place = |at: usize| {
        let at = u32::try_from(at).expect("files are shorter than 4 GiB");
        Place { file: number, start: at - u32::from(is_dos), end: at + 1 }
    };
    let found = if is_dos { "\\r\\n" } else { "\\n" };
    let count = few.len();
    let text = format!("{count} lines end with {found}, beginning here, and the others do not");
    let edits = few.iter().map(|&at| Edit { place: place(at), text: better.into() });
    let (title, edits) = ("let all lines end alike".to_owned(), edits.collect());
    let first = place(first);
    let finding = findings.report(Place { end: first.start, ..first }, text);
    finding.fix = Some(Fix { title, safety: Safety::Safe, edits });
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lint::testing::check_bytes;

    #[test]
    fn the_many_win() {
        check_bytes(
            &RULE,
            b"[a]\n[b]\r\n[c]\n",
            &["2:4 1 lines end with \\r\\n, beginning here, and the others do not"],
            b"[a]\n[b]\n[c]\n",
        );
        check_bytes(
            &RULE,
            b"[a]\r\n\n[b]\r\n",
            &["2:1 1 lines end with \\n, beginning here, and the others do not"],
            b"[a]\r\n\r\n[b]\r\n",
        );
        check_bytes(&RULE, b"[a]\r\n[b]\r\n", &[], b"[a]\r\n[b]\r\n");
    }
}
