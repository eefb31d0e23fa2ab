//! A condition that compares without `$[...]`.

use crate::{
    diagnostic::Severity,
    expression::Piece,
    lint::{
        Call, Check, Edit, Findings, Fix, Group, Origin, Safety, Substitutions, conditions,
        may_have_conditions, rule::rule,
    },
    source::Span,
};

rule! {
    /// # What it finds
    /// A condition with a comparison that does not stand in `$[...]`, or only in part.
    ///
    /// # Why it hurts
    /// Asterisk compares nothing outside of `$[...]`. The text is true because it is not empty:
    /// the call always goes the same way, whatever the caller typed. A password menu written so
    /// opens for every password. (It is false only if the text begins with a number that is 0.)
    ///
    /// # Example
    /// ```text
    /// same => n,ExecIf(${Ivr2outbound} = yes]?Set(CDR(userfield)=${Ivr2outbound}))
    /// ```
    /// Better:
    /// ```text
    /// same => n,ExecIf($["${Ivr2outbound}" = "yes"]?Set(CDR(userfield)=${Ivr2outbound}))
    /// ```
    pub(super) static RULE = {
        name: "forgotten-expression",
        code: "E010",
        group: Group::Expressions,
        severity: Severity::Error,
        origin: Origin::New,
        fix: Some(Safety::Unsafe),
        check: Check::Substitutions(check),
    }
}

fn check(call: &Call<'_>, substitutions: &Substitutions, findings: &mut Findings<'_>) {
    let data = call.data();
    if !may_have_conditions(call) {
        return;
    }
    for condition in conditions(call, Some(substitutions)) {
        let compares = |piece: &Piece| match piece {
            Piece::Text(span) => is_operator_in(&data[span.range()]),
            Piece::Variable(_) | Piece::Expression(_) => false,
        };
        if condition.is_plain() || !condition.pieces.iter().any(compares) {
            continue;
        }
        let span = condition.trimmed(data);
        let shown = String::from_utf8_lossy(&data[span.range()]);
        let message = format!("`{shown}` is no comparison without `$[...]`: it is always true");
        let finding = findings.report(call.data_place(span.range()), message);
        finding.help(format!("write {}", mended(&shown)));
        let has_expression =
            condition.pieces.iter().any(|piece| matches!(piece, Piece::Expression(_)));
        if !has_expression {
            finding.fix = Some(fix(call, span, shown.ends_with(']')));
        }
    }
}

/// Whether there is an operator that compares, or joins comparisons.
fn is_operator_in(text: &[u8]) -> bool {
    text.iter().any(|byte| b"=<>&|".contains(byte))
}

fn mended(shown: &str) -> String {
    let inner = shown.strip_suffix(']').unwrap_or(shown);
    format!("$[{inner}]")
}

fn fix(call: &Call<'_>, span: Span, is_closed: bool) -> Fix {
    let insert = |at: usize, text: &str| Edit { place: call.data_place(at..at), text: text.into() };
    let mut edits = vec![insert(span.start, "$[")];
    if !is_closed {
        edits.push(insert(span.end, "]"));
    }
    Fix { title: "compare within $[...]".to_owned(), safety: Safety::Unsafe, edits }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lint::testing::{check, check_fix};

    #[test]
    fn a_comparison_needs_its_brackets() {
        check(
            &RULE,
            r#"
            [a]
            exten => 1,1,ExecIf(${X} = yes]?NoOp())
                                ^^^^^^^^^^^ `${X} = yes]` is no comparison without `$[...]`: it is always true
             same => n,GotoIf( "${X}"="1" ?x:y)
                               ^^^^^^^^^^ `"${X}"="1"` is no comparison without `$[...]`: it is always true
             same => n,Set(Y=${IF(${X}>1?a:b)})
                                  ^^^^^^ `${X}>1` is no comparison without `$[...]`: it is always true
             same => n,GotoIf($[${X}=1] & $[${Y}=1]?x:y)
                              ^^^^^^^^^^^^^^^^^^^^^ `$[${X}=1] & $[${Y}=1]` is no comparison without `$[...]`: it is always true
            "#,
        );
    }

    #[test]
    fn a_value_or_an_expression_may_stand_alone() {
        check(
            &RULE,
            r#"
            [a]
            exten => 1,1,GotoIf($["${X}" = "1"]?x:y)
             same => n,GotoIf(${X}?x:y)
             same => n,GotoIf(${ISNULL(${X})} ?x:y)
             same => n,GotoIf($[ ${X} > 1 ]?Dial(a=b))
             same => n,NoOp(${X} = 1?)
             same => n,Set(Y=${IF($[${X}>1]?a=1:b=2)})
            "#,
        );
    }

    #[test]
    fn the_brackets_are_added() {
        check_fix(
            &RULE,
            r#"
            [a]
            exten => 1,1,ExecIf(${X} = yes]?NoOp())
             same => n,GotoIf( "${X}"="1" ?x:y)
            "#,
            r#"
            [a]
            exten => 1,1,ExecIf($[${X} = yes]?NoOp())
             same => n,GotoIf( $["${X}"="1"] ?x:y)
            "#,
        );
    }
}
