//! A function that `func_odbc.conf` does not have.

use crate::{
    application::third_party::is_configured_function,
    diagnostic::Severity,
    lint::{Call, Check, Findings, Group, Origin, Substitutions, neighbours::Defined, rule::rule},
};

rule! {
    /// # What it finds
    /// A function `ODBC_...` that the `func_odbc.conf` beside the dialplan does not define. Nothing is said
    /// without that file.
    ///
    /// # Why it hurts
    /// Asterisk logs an error when a call comes by and puts nothing in its place: the look-up finds nobody.
    ///
    /// # Example
    /// ```text
    /// same => n,Set(name=${ODBC_LOKUP(${EXTEN})})
    /// ```
    /// Better, with `[LOOKUP]` in `func_odbc.conf`:
    /// ```text
    /// same => n,Set(name=${ODBC_LOOKUP(${EXTEN})})
    /// ```
    pub(super) static RULE = {
        name: "missing-odbc-function",
        code: "A107",
        group: Group::Applications,
        severity: Severity::Error,
        origin: Origin::New,
        fix: None,
        check: Check::Substitutions(check),
    }
}

fn check(call: &Call<'_>, substitutions: &Substitutions, findings: &mut Findings<'_>) {
    let Some(neighbours) = &call.step.subject.settings.neighbours else { return };
    let data = call.data();
    for variable in substitutions.variables() {
        let span = variable.name.span;
        let name = &data[span.range()];
        let is_odbc = variable.arguments.is_some() && is_configured_function(name);
        if is_odbc && neighbours.lacks(Defined::OdbcFunction, name) {
            let message = format!("func_odbc.conf has no function {}", name.escape_ascii());
            findings.report(call.data_place(span.range()), message);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lint::{rules::applications::tests::beside, testing::check_with};

    #[test]
    fn a_function_must_be_defined() {
        check_with(
            &beside(&[("func_odbc.conf", "[LOOKUP]\nreadsql=SELECT 1\n")]),
            &RULE,
            "
            [a]
            exten => 1,1,NoOp(${ODBC_LOOKUP(1)} ${ODBC_FETCH(x)})
             same => n,NoOp(${LEN(${ODBC_LOKUP(1)})})
                                    ^^^^^^^^^^ func_odbc.conf has no function ODBC_LOKUP
            ",
        );
    }
}
