//! A section header with `(` and no `)`.

use crate::{
    diagnostic::Severity,
    lint::{Check, Findings, Group, Origin, Safety, Subject, rule::rule},
    syntax::{Kind, Message},
};

rule! {
    /// # What it finds
    /// A section header whose `(` has no `)`.
    ///
    /// # Why it hurts
    /// Asterisk stops at this line. In the main file it refuses the whole dialplan: after a reload
    /// every caller still meets the old one, after a restart each call fails.
    ///
    /// # Example
    /// ```text
    /// [ivr_6500](menu
    /// ```
    /// Better:
    /// ```text
    /// [ivr_6500](menu)
    /// ```
    pub(super) static RULE = {
        name: "unclosed-section-options",
        code: "L002",
        group: Group::Load,
        severity: Severity::Error,
        origin: Origin::Asterisk,
        fix: Some(Safety::Unsafe),
        check: Check::Message(&[Kind::HeaderParenthesis], check),
    }
}

fn check(subject: &Subject<'_>, message: &Message, findings: &mut Findings<'_>) {
    let code = subject.code(message.place);
    findings
        .report(
            code,
            format!(
                "section header with `(` and no `)`: {}",
                subject.cost_of_stopping(message.place)
            ),
        )
        .fix(Safety::Unsafe, "close the parenthesis", subject.end_of_code(code), ")");
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
                [a](!
                ^^^^^ section header with `(` and no `)`: Asterisk refuses the whole dialplan and keeps the old one
                ",
        );
        check(
            &RULE,
            "
                [a](!)
                ",
        );
    }

    #[test]
    fn it_is_closed_before_a_comment() {
        check_fix(
            &RULE,
            "
                [a](! ; a template
                ",
            "
                [a](!) ; a template
                ",
        );
    }
}
