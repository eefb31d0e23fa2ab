//! A NUL byte in a line.

use crate::{
    diagnostic::Severity,
    lint::{Check, Findings, Group, Origin, Signs, Written, rule::rule},
};

rule! {
    /// # What it finds
    /// A byte 0 in a line that is no comment up to there: a damaged file, or one in UTF-16.
    ///
    /// # Why it hurts
    /// Asterisk reads the line up to that byte only, without a word.
    ///
    /// # Example
    /// Save the file as UTF-8 or ASCII.
    pub(super) static RULE = {
        name: "nul-byte",
        code: "L058",
        group: Group::Load,
        severity: Severity::Error,
        origin: Origin::New,
        fix: None,
        check: Check::Written(check),
    }
}

fn check(line: &Written<'_>, findings: &mut Findings<'_>) {
    if !line.signs.has(Signs::CONTROL) {
        return;
    }
    let Some(at) = line.bytes.iter().position(|&byte| byte == 0) else { return };
    if line.comment.is_none_or(|comment| comment > at) {
        findings
            .report(line.place(at..at + 1), "a NUL byte: Asterisk reads the line up to here only")
            .help("save the file as UTF-8");
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lint::testing::check_bytes;

    #[test]
    fn it_cuts_the_line() {
        check_bytes(
            &RULE,
            b"[a]\nexten => 1,1,No\0Op()\n; \0\n",
            &["2:16 a NUL byte: Asterisk reads the line up to here only"],
            b"[a]\nexten => 1,1,No\0Op()\n; \0\n",
        );
    }
}
