//! Empty lines at the end of a file.

use crate::{
    diagnostic::Severity,
    lint::{Check, Findings, Group, Origin, Safety, Subject, rule::rule},
    syntax::{File, Place},
};

rule! {
    /// # What it finds
    /// A file that ends with empty lines.
    ///
    /// # Why it hurts
    /// Asterisk does not mind; comparisons of versions do.
    ///
    /// # Example
    /// A file with two newlines after its last line. Take one away.
    pub(super) static RULE = {
        name: "blank-lines-at-end",
        code: "Y005",
        group: Group::Style,
        severity: Severity::Hint,
        origin: Origin::Asterisklint,
        fix: Some(Safety::Safe),
        check: Check::File(check),
    }
}

fn check(_subject: &Subject<'_>, number: u32, file: &File, findings: &mut Findings<'_>) {
    let Some(last) = file.bytes.iter().rposition(|byte| !byte.is_ascii_whitespace()) else {
        return;
    };
    let Some(newline) = file.bytes[last..].iter().position(|&byte| byte == b'\n') else { return };
    let at = |offset: usize| u32::try_from(offset).expect("files are shorter than 4 GiB");
    let start = last + newline + 1;
    if start < file.bytes.len() {
        let place = Place { file: number, start: at(start), end: at(file.bytes.len()) };
        findings.report(Place { end: place.start, ..place }, "empty lines at the end").fix(
            Safety::Safe,
            "take them away",
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
    fn they_go() {
        check_bytes(&RULE, b"[a]\n\n \n", &["2:1 empty lines at the end"], b"[a]\n");
        check_bytes(&RULE, b"[a]\n", &[], b"[a]\n");
        check_bytes(&RULE, b"\n", &[], b"\n");
    }
}
