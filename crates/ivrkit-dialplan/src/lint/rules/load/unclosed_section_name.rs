//! A section header without `]`.

use crate::{
    diagnostic::Severity,
    lint::{Check, Findings, Group, Origin, Safety, Subject, rule::rule, subject::part},
    syntax::{Kind, Message},
};

rule! {
    /// # What it finds
    /// A section header without its `]`.
    ///
    /// # Why it hurts
    /// Asterisk stops at this line. In the main file it refuses the whole dialplan: after a reload
    /// every caller still meets the old one, after a restart there is none and each call fails. In
    /// an included file all that follows in that file is missing.
    ///
    /// # Example
    /// ```text
    /// [ivr_6500
    /// exten => 6500,1,Answer()
    /// ```
    /// Better:
    /// ```text
    /// [ivr_6500]
    /// exten => 6500,1,Answer()
    /// ```
    pub(super) static RULE = {
        name: "unclosed-section-name",
        code: "L001",
        group: Group::Load,
        severity: Severity::Error,
        origin: Origin::Asterisk,
        fix: Some(Safety::Unsafe),
        check: Check::Message(&[Kind::HeaderBracket], check),
    }
}

fn check(subject: &Subject<'_>, message: &Message, findings: &mut Findings<'_>) {
    let code = subject.code(message.place);
    let header = subject.at(code);
    let end = header.iter().position(|&byte| byte == b'(').unwrap_or(header.len());
    let at = part(code, end, end);
    findings
        .report(
            code,
            format!("section header without `]`: {}", subject.cost_of_stopping(message.place)),
        )
        .fix(Safety::Unsafe, "close the name", at, "]");
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lint::testing::{check, check_fix};

    #[test]
    fn the_header_is_found() {
        check(
            &RULE,
            "
                [a
                ^^ section header without `]`: Asterisk refuses the whole dialplan and keeps the old one
                exten => 1,1,Answer()
                ",
        );
        check(
            &RULE,
            "
                [a]
                exten => 1,1,Answer()
                ",
        );
    }

    #[test]
    fn the_name_is_closed() {
        check_fix(
            &RULE,
            "
                [a(!) ; a template
                ",
            "
                [a](!) ; a template
                ",
        );
    }
}
