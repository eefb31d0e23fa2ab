//! A blank between `[section]` and its `(...)`.

use crate::{
    diagnostic::Severity,
    lint::{Check, Findings, Group, Origin, Safety, Signs, Written, rule::rule},
};

rule! {
    /// # What it finds
    /// A section header with a blank before `(!)`, `(+)` or the names of templates.
    ///
    /// # Why it hurts
    /// Asterisk reads nothing after the `]` but a parenthesis, so the section gets no lines of its
    /// template, a template becomes a context that callers may reach, and `(+)` begins anew.
    ///
    /// # Example
    /// ```text
    /// [6500] (menu)
    /// ```
    /// Better:
    /// ```text
    /// [6500](menu)
    /// ```
    pub(super) static RULE = {
        name: "blank-before-section-options",
        code: "L046",
        group: Group::Load,
        severity: Severity::Error,
        origin: Origin::New,
        fix: Some(Safety::Unsafe),
        check: Check::Written(check),
    }
}

fn check(line: &Written<'_>, findings: &mut Findings<'_>) {
    let code = line.code();
    if !line.signs.has(Signs::BRACKET) || !code.starts_with(b"[") {
        return;
    }
    let Some(end) = code.iter().position(|&byte| byte == b']') else { return };
    let rest = &code[end + 1..];
    let blanks = rest.len() - rest.trim_ascii_start().len();
    if blanks > 0 && rest[blanks..].starts_with(b"(") {
        let start = line.code.start + end + 1;
        findings
            .report(
                line.place(start + blanks..line.code.end),
                "a blank stands before it: Asterisk does not read it, this is a plain section",
            )
            .fix(Safety::Unsafe, "remove the blank", line.place(start..start + blanks), "");
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lint::testing::{check, check_fix};

    #[test]
    fn it_is_not_read() {
        check(
            &RULE,
            "
                [t](!)
                [a] (t)
                    ^^^ a blank stands before it: Asterisk does not read it, this is a plain section
                [b](t)
                [c] ; (t)
                ",
        );
    }

    #[test]
    fn the_blank_goes() {
        check_fix(
            &RULE,
            "
                [t] (!)
                [a]  (t)
                ",
            "
                [t](!)
                [a](t)
                ",
        );
    }
}
