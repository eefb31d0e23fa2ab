//! A byte order mark that belongs to a line.

use crate::{
    diagnostic::Severity,
    lint::{Check, Findings, Group, Origin, Safety, Subject, rule::rule},
    syntax::{File, Place},
};

const BYTE_ORDER_MARK: &[u8] = b"\xef\xbb\xbf";

rule! {
    /// # What it finds
    /// A byte order mark at the beginning of a file that Asterisk does not skip: it skips it in the
    /// first line only, and several files of one wildcard share their lines.
    ///
    /// # Why it hurts
    /// The three bytes belong to the first line of the file. That line is no section any more, and
    /// the extensions of the file go to the context before it.
    ///
    /// # Example
    /// Two files with a byte order mark and the line `#include menus/*.conf`: save them without the
    /// mark.
    pub(super) static RULE = {
        name: "byte-order-mark-in-line",
        code: "L069",
        group: Group::Load,
        severity: Severity::Error,
        origin: Origin::New,
        fix: Some(Safety::Unsafe),
        check: Check::File(check),
    }
}

fn check(subject: &Subject<'_>, number: u32, file: &File, findings: &mut Findings<'_>) {
    if !file.bytes.starts_with(BYTE_ORDER_MARK) {
        return;
    }
    let mut messages = subject.dialplan.messages.iter();
    let is_read = messages.any(|message| {
        let Place { file, start, end } = message.place;
        file == number && start == 0 && end > 0
    });
    if is_read {
        let place = Place { file: number, start: 0, end: 3 };
        findings
            .report(place, "Asterisk does not skip this byte order mark: it belongs to the line")
            .fix(Safety::Unsafe, "take it away", place, "");
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lint::testing::check_wildcard;

    #[test]
    fn it_is_skipped_once() {
        let main = "[a]\n#include *.conf\n";
        let file = "\u{feff}[b]\n";
        let found = "Asterisk does not skip this byte order mark: it belongs to the line";
        check_wildcard(&RULE, main, &[file], &[]);
        check_wildcard(&RULE, main, &["", file], &[found]);
        check_wildcard(&RULE, main, &["", "\u{feff}; a comment\n[b]\n"], &[found]);
    }
}
