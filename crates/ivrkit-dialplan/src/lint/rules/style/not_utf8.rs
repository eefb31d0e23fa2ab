//! A line that is no UTF-8.

use crate::{
    diagnostic::Severity,
    lint::{Check, Findings, Group, Origin, Signs, Written, rule::rule},
};

rule! {
    /// # What it finds
    /// Bytes that are no UTF-8: text in GBK, Latin-1 or another old character set.
    ///
    /// # Why it hurts
    /// Asterisk hands bytes on as they are. Events with them are no valid JSON, and programs that
    /// read them fail or show other characters.
    ///
    /// # Example
    /// A note in GBK. Convert the file: `iconv -f GBK -t UTF-8`.
    pub(super) static RULE = {
        name: "not-utf8",
        code: "Y012",
        group: Group::Style,
        severity: Severity::Hint,
        origin: Origin::Asterisklint,
        fix: None,
        check: Check::Written(check),
    }
}

fn check(line: &Written<'_>, findings: &mut Findings<'_>) {
    if !line.signs.has(Signs::HIGH) {
        return;
    }
    if let Err(error) = std::str::from_utf8(line.bytes) {
        let start = error.valid_up_to();
        let end = start + error.error_len().unwrap_or(line.bytes.len() - start);
        findings.report(line.place(start..end), "no UTF-8").help("convert the file to UTF-8");
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lint::testing::check_bytes;

    #[test]
    fn old_character_sets_are_found() {
        let text = b"[a]\n; \xc4\xe3\n; \xe4\xbd\xa0\n";
        check_bytes(&RULE, text, &["2:3 no UTF-8"], text);
    }
}
