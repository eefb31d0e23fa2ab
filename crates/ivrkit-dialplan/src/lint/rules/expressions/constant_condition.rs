//! A condition in which nothing varies.

use crate::{
    diagnostic::Severity,
    expression::{Expression, NodeKind, Piece},
    lint::{
        Call, Check, Condition, Findings, Group, Origin, Substitutions, conditions,
        may_have_conditions, rule::rule,
    },
};

rule! {
    /// # What it finds
    /// A condition without a variable or a function: it is the same for every call.
    ///
    /// # Why it hurts
    /// One of the two ways is never gone. Mostly a `${...}` was forgotten: `$["X" = "1"]` compares
    /// two texts that were never equal, and an empty condition is always false.
    ///
    /// # Example
    /// ```text
    /// same => n,GotoIf($["DIALSTATUS" = "BUSY"]?busy)
    /// ```
    /// Better:
    /// ```text
    /// same => n,GotoIf($["${DIALSTATUS}" = "BUSY"]?busy)
    /// ```
    pub(super) static RULE = {
        name: "constant-condition",
        code: "E011",
        group: Group::Expressions,
        severity: Severity::Warning,
        origin: Origin::Asterisklint,
        fix: None,
        check: Check::Call(check),
    }
}

fn check(call: &Call<'_>, findings: &mut Findings<'_>) {
    if !may_have_conditions(call) {
        return;
    }
    let substitutions = Substitutions::of(call);
    for condition in conditions(call, substitutions.as_ref()) {
        let span = condition.trimmed(call.data());
        let shown = String::from_utf8_lossy(&call.data()[span.range()]);
        let is_loop = call.is("While") && is_true(&shown);
        if is_loop || !is_constant(&condition) {
            continue;
        }
        let message = match shown.as_ref() {
            "" => "the condition is empty: it is always false".to_owned(),
            shown => format!("nothing in `{shown}` varies: every call goes the same way"),
        };
        findings.report(call.data_place(span.range()), message);
    }
}

/// `While(1)` is a loop that is left in its middle, and meant so.
fn is_true(shown: &str) -> bool {
    matches!(shown, "1" | "$[1]" | "true" | "TRUE")
}

fn is_constant(condition: &Condition) -> bool {
    condition.pieces.iter().all(|piece| match piece {
        Piece::Text(_) => true,
        Piece::Variable(_) => false,
        Piece::Expression(expression) => is_constant_expression(expression),
    })
}

fn is_constant_expression(expression: &Expression) -> bool {
    expression.nodes.iter().all(|node| match &node.kind {
        NodeKind::Value(value) => value.template.is_plain(),
        // Its name may be that of any function.
        NodeKind::Call(..) => false,
        _ => true,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lint::testing::check;

    #[test]
    fn what_never_varies_is_found() {
        check(
            &RULE,
            r#"
            [a]
            exten => 1,1,GotoIf($["X" = "1"]?x)
                                ^^^^^^^^^^^^ nothing in `$["X" = "1"]` varies: every call goes the same way
             same => n,ExecIf(?NoOp())
                              ^ the condition is empty: it is always false
             same => n,GotoIf(0?x)
                              ^ nothing in `0` varies: every call goes the same way
            "#,
        );
    }

    #[test]
    fn variables_functions_and_endless_loops_are_fine() {
        check(
            &RULE,
            r#"
            [a]
            exten => 1,1,GotoIf($["${X}" = "1"]?x)
             same => n,GotoIf($[LEN(abc) = 3]?x)
             same => n,While(1)
             same => n,GotoIf(x)
            "#,
        );
    }
}
