//! Tabs and blanks mixed before a line.

use crate::{
    diagnostic::Severity,
    lint::{Check, Findings, Group, Origin, Signs, Written, rule::rule},
};

rule! {
    /// # What it finds
    /// A line that begins with blanks and a tab, or the other way round.
    ///
    /// # Why it hurts
    /// Asterisk does not mind. The lines stand elsewhere in each editor.
    ///
    /// # Example
    /// ` <tab>same => n,Hangup()`: begin the lines of a file with blanks, or with tabs.
    pub(super) static RULE = {
        name: "mixed-indentation",
        code: "Y006",
        group: Group::Style,
        severity: Severity::Hint,
        origin: Origin::Asterisklint,
        fix: None,
        check: Check::Written(check),
    }
}

fn check(line: &Written<'_>, findings: &mut Findings<'_>) {
    if !line.signs.has(Signs::TAB) {
        return;
    }
    let length = line.bytes.iter().take_while(|byte| b" \t".contains(byte)).count();
    let indentation = &line.bytes[..length];
    if indentation.contains(&b' ') && indentation.contains(&b'\t') && length < line.bytes.len() {
        findings
            .report(line.place(0..length), "blanks and tabs before one line")
            .help("use the one or the other");
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lint::testing::check_bytes;

    #[test]
    fn one_of_them_is_fine() {
        let text = b"[a]\n \tb = c\n\tb =\tc \td\n  b = c\n";
        check_bytes(&RULE, text, &["2:1 blanks and tabs before one line"], text);
    }
}
