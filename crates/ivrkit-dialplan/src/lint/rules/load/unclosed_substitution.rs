//! `${`, `$[` or a function without its end, read at load.

use crate::{
    diagnostic::Severity,
    lint::{Check, Findings, Group, Origin, Subject, rule::rule},
    syntax::{Kind, Message},
};

rule! {
    /// # What it finds
    /// A `${` without `}`, a `$[` without `]` or a function without `)` where Asterisk reads
    /// variables while it loads: in `[globals]`, in names of extensions, in includes, switches and
    /// hints.
    ///
    /// # Why it hurts
    /// What comes out is not what was meant: a global that is cut, an extension that nobody can
    /// dial.
    ///
    /// # Example
    /// ```text
    /// [globals]
    /// MENU = ${PREFIX
    /// ```
    /// Better:
    /// ```text
    /// [globals]
    /// MENU = ${PREFIX}
    /// ```
    pub(super) static RULE = {
        name: "unclosed-substitution",
        code: "L041",
        group: Group::Load,
        severity: Severity::Error,
        origin: Origin::Asterisk,
        fix: None,
        check: Check::Message(&[Kind::VariableBrace, Kind::ExpressionBracket, Kind::FunctionParenthesis], check),
    }
}

fn check(subject: &Subject<'_>, message: &Message, findings: &mut Findings<'_>) {
    findings.report(subject.code(message.place), message.text.clone()).help("close it");
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lint::testing::check;

    #[test]
    fn globals_are_read_at_load() {
        check(
            &RULE,
            "
                [globals]
                A = ${B
                ^^^^^^^ a variable or expression without its }
                C = ${A}
                ",
        );
    }
}
