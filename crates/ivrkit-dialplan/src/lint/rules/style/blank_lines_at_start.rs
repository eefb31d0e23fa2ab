//! Empty lines at the beginning of a file.

use crate::{
    diagnostic::Severity,
    lint::{Check, Findings, Group, Origin, Safety, Subject, rule::rule},
    syntax::{File, Place},
};

rule! {
    /// # What it finds
    /// A file that begins with empty lines.
    ///
    /// # Why it hurts
    /// Asterisk does not mind; they are left over from something.
    ///
    /// # Example
    /// A file whose first line is empty. Take it away.
    pub(super) static RULE = {
        name: "blank-lines-at-start",
        code: "Y004",
        group: Group::Style,
        severity: Severity::Hint,
        origin: Origin::Asterisklint,
        fix: Some(Safety::Safe),
        check: Check::File(check),
    }
}

fn check(_subject: &Subject<'_>, number: u32, file: &File, findings: &mut Findings<'_>) {
    let content = file.bytes.iter().position(|byte| !byte.is_ascii_whitespace());
    let end = content.unwrap_or(file.bytes.len());
    let Some(newline) = file.bytes[..end].iter().rposition(|&byte| byte == b'\n') else { return };
    let end = u32::try_from(newline + 1).expect("files are shorter than 4 GiB");
    let place = Place { file: number, start: 0, end };
    findings.report(Place { end: 0, ..place }, "empty lines at the beginning").fix(
        Safety::Safe,
        "take them away",
        place,
        "",
    );
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lint::testing::check_bytes;

    #[test]
    fn they_go() {
        check_bytes(&RULE, b"\n \r\n  [a]\n", &["1:1 empty lines at the beginning"], b"  [a]\n");
        check_bytes(&RULE, b"[a]\n\n[b]\n", &[], b"[a]\n\n[b]\n");
        check_bytes(&RULE, b"", &[], b"");
    }
}
