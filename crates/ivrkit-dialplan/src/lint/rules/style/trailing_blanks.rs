//! Blanks at the end of a line.

use crate::{
    diagnostic::Severity,
    lint::{Check, Findings, Group, Origin, Safety, Written, rule::rule},
};

rule! {
    /// # What it finds
    /// Blanks or tabs between the last character of a line and its end.
    ///
    /// # Why it hurts
    /// Asterisk does not mind. Comparisons of versions do, and a blank behind a `\` is hard to see.
    ///
    /// # Example
    /// `exten => 1,1,Answer()` with two blanks after it. Take them away.
    pub(super) static RULE = {
        name: "trailing-blanks",
        code: "Y002",
        group: Group::Style,
        severity: Severity::Hint,
        origin: Origin::New,
        fix: Some(Safety::Safe),
        check: Check::Written(check),
    }
}

fn check(line: &Written<'_>, findings: &mut Findings<'_>) {
    let content = line.bytes.trim_ascii_end().len();
    if content == line.bytes.len() {
        return;
    }
    let place = line.place(content..line.bytes.len());
    findings.report(place, "blanks at the end of the line").fix(
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
        check_bytes(
            &RULE,
            b"[a] \t\nexten => 1,1,Answer() \r\n \nb",
            &[
                "1:4 blanks at the end of the line",
                "2:22 blanks at the end of the line",
                "3:1 blanks at the end of the line",
            ],
            b"[a]\nexten => 1,1,Answer()\r\n\nb",
        );
    }
}
