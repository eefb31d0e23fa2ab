//! An operand that is gone when its variable is empty.

use crate::{
    diagnostic::Severity,
    expression::{BinaryOperator, NodeKind, Value},
    lint::{Call, Check, Edit, Findings, Fix, Group, Origin, Safety, Substitutions, rule::rule},
};

rule! {
    /// # What it finds
    /// A `${...}` without quotes beside a comparison in `$[...]`, where a text is compared.
    ///
    /// # Why it hurts
    /// If the variable is empty, the operator has lost its operand: Asterisk logs a syntax error,
    /// and the condition is false, even if it asks whether the variable is empty or other than
    /// something. A value with a blank in it is a syntax error too.
    ///
    /// # Example
    /// ```text
    /// same => n,GotoIf($[${ANSWER} != yes]?again)
    /// ```
    /// A callee who says nothing is not asked again. Better:
    /// ```text
    /// same => n,GotoIf($["${ANSWER}" != "yes"]?again)
    /// ```
    /// Between `<` and `>` quotes do harm: what stands in them is a text, and as texts `"10"` is less
    /// than `"9"`, even if the other side has no quotes. For a number write a `0` before it:
    /// ```text
    /// same => n,GotoIf($[0${TRIES} < 3]?again)
    /// ```
    pub(super) static RULE = {
        name: "vanishing-operand",
        code: "E012",
        group: Group::Expressions,
        severity: Severity::Hint,
        origin: Origin::New,
        fix: Some(Safety::Unsafe),
        check: Check::Substitutions(check),
    }
}

fn check(call: &Call<'_>, substitutions: &Substitutions, findings: &mut Findings<'_>) {
    if call.is_inner {
        return;
    }
    for expression in substitutions.expressions() {
        for node in &expression.nodes {
            let NodeKind::Binary(operator, left, right) = node.kind else { continue };
            if !compares(operator) {
                continue;
            }
            let value = |side| match &expression.node(side).kind {
                NodeKind::Value(value) => Some(value),
                _ => None,
            };
            for (side, other) in [(left, right), (right, left)] {
                if let Some(found) = value(side).filter(|value| value.may_vanish()) {
                    report(call, (found, value(other)), operator, findings);
                }
            }
        }
    }
}

fn compares(operator: BinaryOperator) -> bool {
    use BinaryOperator::{Equal, Greater, GreaterOrEqual, Less, LessOrEqual, NotEqual};
    matches!(operator, Equal | NotEqual | Greater | Less | GreaterOrEqual | LessOrEqual)
}

fn report(
    call: &Call<'_>,
    (value, other): (&Value, Option<&Value>),
    operator: BinaryOperator,
    findings: &mut Findings<'_>,
) {
    let span = value.template.span;
    let shown = String::from_utf8_lossy(&call.data()[span.range()]);
    if shown.starts_with("$[") || is_never_empty(&shown) {
        return;
    }
    let name = shown.strip_prefix("${").and_then(|rest| rest.strip_suffix('}'));
    let variables = call.step.subject.variables();
    if name.is_some_and(|name| variables.is_never_empty(name.as_bytes())) {
        return;
    }
    let symbol = operator.symbol();
    let place = call.data_place(span.range());
    let help = match operator {
        BinaryOperator::Equal | BinaryOperator::NotEqual => {
            format!("write \"{shown}\", and quotes on the other side too")
        }
        // What stands in quotes is compared as a text: "10" is less than "9".
        _ => format!("write 0{shown}, which is a number even then"),
    };
    let message = format!("if {shown} is empty, `{symbol}` has nothing to compare");
    let finding = findings.report(place, message);
    finding.help(help);
    let is_equality = matches!(operator, BinaryOperator::Equal | BinaryOperator::NotEqual);
    if let Some(other) = other.filter(|_| is_equality) {
        finding.fix = quotes(call, value, other);
    }
}

/// Puts quotes around both sides, if the other one is a word: numbers in quotes are compared as texts.
fn quotes(call: &Call<'_>, value: &Value, other: &Value) -> Option<Fix> {
    let word = &call.data()[other.template.span.range()];
    let is_word = word.first().is_some_and(u8::is_ascii_alphabetic)
        && word.iter().all(|&byte| byte.is_ascii_alphanumeric() || byte == b'_');
    let ends = [value, other].map(|side| [side.template.span.start, side.template.span.end]);
    let quote = |at: usize| Edit { place: call.data_place(at..at), text: b"\"".to_vec() };
    let edits = ends.into_iter().flatten().map(quote).collect();
    let title = "compare in quotes".to_owned();
    is_word.then_some(Fix { title, safety: Safety::Unsafe, edits })
}

/// Functions whose answer is a number or a word, whatever they are asked.
const ANSWERING: [&str; 10] = [
    "DB_EXISTS",
    "DEVICE_STATE",
    "DIALPLAN_EXISTS",
    "EXISTS",
    "FIELDQTY",
    "ISNULL",
    "LEN",
    "REGEX",
    "STAT",
    "VALID_EXTEN",
];

fn is_never_empty(shown: &str) -> bool {
    let called = shown.strip_prefix("${").and_then(|rest| rest.split_once('('));
    called.is_some_and(|(name, _)| ANSWERING.contains(&name))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lint::testing::{check, check_fix};

    #[test]
    fn a_bare_variable_may_vanish() {
        check(
            &RULE,
            r#"
            [a]
            exten => 1,1,GotoIf($[${X} = 1]?x)
                                  ^^^^ if ${X} is empty, `=` has nothing to compare
             same => n,GotoIf($["${X}" = "1" & 0${Y} > 1 & ${LEN(${Z})} > 0]?x)
             same => n,GotoIf($[${DB_EXISTS(a/b)} = 1 & ${STAT(e,/tmp/x)} = 1]?x)
             same => n,GotoIf($[${DB(a/b)} = 1]?x)
                                ^^^^^^^^^^ if ${DB(a/b)} is empty, `=` has nothing to compare
             same => n,Set(N=$[${N} + 1])
            "#,
        );
    }

    #[test]
    fn what_is_never_empty_cannot_vanish() {
        check(
            &RULE,
            "
            [a]
            exten => 1,1,Set(TRIES=0)
             same => n,Set(TRIES=$[${TRIES} + 1])
             same => n,GotoIf($[${TRIES} < 3 & ${EPOCH} > ${UNTIL}]?x)
                                                          ^^^^^^^^ if ${UNTIL} is empty, `>` has nothing to compare
             same => n,Set(UNTIL=${OTHER})
            ",
        );
    }

    #[test]
    fn words_are_compared_in_quotes() {
        check_fix(
            &RULE,
            r#"
            [a]
            exten => 1,1,ExecIf($[${X} = yes]?NoOp())
             same => n,ExecIf($[no!=${X} | "${Y}" = ""]?NoOp())
            "#,
            r#"
            [a]
            exten => 1,1,ExecIf($["${X}" = "yes"]?NoOp())
             same => n,ExecIf($["no"!="${X}" | "${Y}" = ""]?NoOp())
            "#,
        );
    }
}
