//! A function that no known Asterisk has.

use crate::{
    application::{function, nearest_function, third_party::is_configured_function},
    diagnostic::Severity,
    lint::{
        Call, Check, Findings, Group, Origin, Safety, Substitutions, neighbours::Defined,
        rule::rule,
    },
};

rule! {
    /// # What it finds
    /// A function in `${...}` that is in no version of Asterisk that ivrkit knows, and does not come from
    /// `func_odbc.conf`. Names of functions are told apart by case.
    ///
    /// # Why it hurts
    /// Asterisk logs an error when a call comes by and puts nothing in its place: the number is not
    /// dialled, the condition is false.
    ///
    /// # Example
    /// ```text
    /// same => n,NoOp(${callerid(num)})
    /// ```
    /// Better:
    /// ```text
    /// same => n,NoOp(${CALLERID(num)})
    /// ```
    pub(super) static RULE = {
        name: "unknown-function",
        code: "A012",
        group: Group::Applications,
        severity: Severity::Error,
        origin: Origin::Asterisklint,
        fix: Some(Safety::Unsafe),
        check: Check::Substitutions(check),
    }
}

fn check(call: &Call<'_>, substitutions: &Substitutions, findings: &mut Findings<'_>) {
    let data = call.data();
    for variable in substitutions.variables() {
        if variable.arguments.is_none() || !variable.name.is_plain() {
            continue;
        }
        let span = variable.name.span;
        let name = &data[span.range()];
        // Functions of a `func_odbc.conf` may have prefixes of their own.
        let neighbours = call.step.subject.settings.neighbours.as_ref();
        let is_known = function(name).is_some()
            || is_configured_function(name)
            || neighbours.is_some_and(|all| all.has(Defined::OdbcFunction, name));
        let is_name = !name.is_empty() && name.iter().all(|&byte| is_name_byte(byte));
        if is_known || !is_name {
            continue;
        }
        let place = call.data_place(span.range());
        let shown = String::from_utf8_lossy(name);
        let finding = findings
            .report(place, format!("there is no function {shown}: nothing takes its place"));
        if let Some(meant) = nearest_function(name, call.version()) {
            finding.help(format!("{} is the nearest that there is", meant.name()));
            finding.fix(Safety::Unsafe, format!("use {}", meant.name()), place, meant.name());
        } else {
            // A function of somebody else's module, or of a func_odbc.conf with prefixes of its own.
            finding.severity = Severity::Warning;
        }
    }
}

fn is_name_byte(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'_'
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lint::testing::{check, check_fix};

    #[test]
    fn nothing_of_that_name_is_known() {
        check(
            &RULE,
            "
            [a]
            exten => 1,1,NoOp(${callerid(num)} ${LENGHT(x)})
                                ^^^^^^^^ there is no function callerid: nothing takes its place
                                                 ^^^^^^ there is no function LENGHT: nothing takes its place
             same => n,NoOp(${ODBC_SQL(x)} ${CALLERID(num)} ${${F}(x)})
             same => n,NoOp(${ACME_LOOKUP(1)})
                              ^^^^^^^^^^^ there is no function ACME_LOOKUP: nothing takes its place
            ",
        );
    }

    #[test]
    fn the_nearest_is_taken() {
        check_fix(
            &RULE,
            "
            [a]
            exten => 1,1,NoOp(${callerid(num)})
            ",
            "
            [a]
            exten => 1,1,NoOp(${CALLERID(num)})
            ",
        );
    }
}
