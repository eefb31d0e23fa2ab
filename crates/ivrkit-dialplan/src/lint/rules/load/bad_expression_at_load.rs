//! An expression that cannot be read, at load.

use crate::{
    diagnostic::Severity,
    lint::{Check, Findings, Group, Origin, Subject, rule::rule},
    syntax::{Kind, Message},
};

rule! {
    /// # What it finds
    /// A `$[...]` that Asterisk cannot read or compute where it is read while the dialplan loads: in
    /// `[globals]`, in names of extensions, in includes, switches and hints.
    ///
    /// # Why it hurts
    /// It gives 0 or nothing, once and for all.
    ///
    /// # Example
    /// ```text
    /// [globals]
    /// LINES = $[2 +]
    /// ```
    /// Better:
    /// ```text
    /// [globals]
    /// LINES = $[2 + 1]
    /// ```
    pub(super) static RULE = {
        name: "bad-expression-at-load",
        code: "L043",
        group: Group::Load,
        severity: Severity::Error,
        origin: Origin::Asterisk,
        fix: None,
        check: Check::Message(KINDS, check),
    }
}

const KINDS: &[Kind] = &[
    Kind::ExpressionSyntax,
    Kind::ExpressionNumber,
    Kind::ExpressionDivision,
    Kind::ExpressionOverflow,
    Kind::ExpressionRegex,
    Kind::ExpressionArguments,
    Kind::ExpressionFunction,
];

fn check(subject: &Subject<'_>, message: &Message, findings: &mut Findings<'_>) {
    let finding = findings.report(subject.code(message.place), message.text.clone());
    if message.kind == Kind::ExpressionSyntax {
        finding.help("an operator stands between two values");
    }
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
                A = $[2 +]
                ^^^^^^^^^^ $[2 +]: found the end, expected an operand; the whole counts as 0
                B = $[2 + 1]
                ",
        );
    }
}
