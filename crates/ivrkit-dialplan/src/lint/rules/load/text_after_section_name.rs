//! Text after a section header.

use crate::{
    diagnostic::Severity,
    lint::{Check, Findings, Group, Origin, Signs, Written, rule::rule},
};

rule! {
    /// # What it finds
    /// Text after the `]` of a section header, or after the `)` of its options, that is no comment.
    ///
    /// # Why it hurts
    /// Asterisk does not read it and says nothing. If it was a step, the callers never come by it.
    ///
    /// # Example
    /// ```text
    /// [ivr_6500] exten => 6500,1,Answer()
    /// ```
    /// Write it on a line of its own, or make it a comment with `;`.
    pub(super) static RULE = {
        name: "text-after-section-name",
        code: "L070",
        group: Group::Load,
        severity: Severity::Warning,
        origin: Origin::New,
        fix: None,
        check: Check::Written(check),
    }
}

fn check(line: &Written<'_>, findings: &mut Findings<'_>) {
    let code = line.code();
    if !line.signs.has(Signs::BRACKET) || !code.starts_with(b"[") {
        return;
    }
    let Some(mut end) = code.iter().position(|&byte| byte == b']') else { return };
    if code.get(end + 1) == Some(&b'(') {
        let Some(close) = code[end..].iter().position(|&byte| byte == b')') else { return };
        end += close;
    }
    let rest = code[end + 1..].trim_ascii_start();
    if !rest.is_empty() && !rest.starts_with(b"(") {
        let place = line.place(line.code.end - rest.len()..line.code.end);
        findings
            .report(place, "Asterisk does not read what follows a section header")
            .help("write it on a line of its own, or make it a comment with ;");
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lint::testing::check;

    #[test]
    fn it_is_not_read() {
        check(
            &RULE,
            "
                [a] //menu
                    ^^^^^^ Asterisk does not read what follows a section header
                [b](!) exten => 1,1,Answer()
                       ^^^^^^^^^^^^^^^^^^^^^ Asterisk does not read what follows a section header
                [c](a) ; menu
                ",
        );
    }
}
