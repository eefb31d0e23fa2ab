//! A byte order mark.

use crate::{
    diagnostic::Severity,
    lint::{Check, Findings, Group, Origin, Safety, Subject, rule::rule},
    syntax::{File, Place},
};

rule! {
    /// # What it finds
    /// A file that begins with the three bytes of a UTF-8 byte order mark.
    ///
    /// # Why it hurts
    /// Asterisk skips it in the first line it reads. It does not in the second file of a wildcard,
    /// nor do the tools that put files together.
    ///
    /// # Example
    /// A file saved as "UTF-8 with BOM". Save it without.
    pub(super) static RULE = {
        name: "byte-order-mark",
        code: "Y011",
        group: Group::Style,
        severity: Severity::Hint,
        origin: Origin::New,
        fix: Some(Safety::Safe),
        check: Check::File(check),
    }
}

fn check(_subject: &Subject<'_>, number: u32, file: &File, findings: &mut Findings<'_>) {
    if file.bytes.starts_with(b"\xef\xbb\xbf") {
        let place = Place { file: number, start: 0, end: 3 };
        findings.report(Place { end: 0, ..place }, "the file begins with a byte order mark").fix(
            Safety::Safe,
            "take it away",
            place,
            "",
        );
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lint::testing::check_bytes;

    #[test]
    fn it_goes() {
        let found = "1:1 the file begins with a byte order mark";
        check_bytes(&RULE, b"\xef\xbb\xbf[a]\n", &[found], b"[a]\n");
        check_bytes(&RULE, b"[a]\n", &[], b"[a]\n");
    }
}
