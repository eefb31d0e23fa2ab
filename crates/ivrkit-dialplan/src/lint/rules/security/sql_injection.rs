//! A caller's text in a database statement.

use super::tell_origin;
use crate::{
    diagnostic::Severity,
    lint::{Check, Findings, Group, Origin, Subject, rule::rule, taint::Risk},
};
use std::collections::HashSet;

rule! {
    /// # What it finds
    /// A text that the caller controls and that goes into a statement of `MYSQL`; as a hint, and once for each
    /// function, where it goes into one of `func_odbc.conf`, whose statements are not seen from here.
    ///
    /// # Why it hurts
    /// A caller whose name is
    /// ```text
    /// x'; DROP TABLE calls; --
    /// ```
    /// ends the statement and begins his own. Where a password is looked up, `' OR '1'='1` opens the door.
    ///
    /// # Example
    /// ```text
    /// exten => 100,1,MYSQL(Query r ${c} SELECT pin FROM users WHERE name='${CALLERID(name)}')
    /// ```
    /// Better, let through only what belongs there:
    /// ```text
    /// exten => 100,1,MYSQL(Query r ${c} SELECT pin FROM users WHERE name='${FILTER(a-zA-Z0-9,${CALLERID(name)})}')
    /// ```
    /// or keep the statement in `func_odbc.conf` with `${SQL_ESC(${ARG1})}` in it. Where it is so, allow this
    /// rule.
    pub(super) static RULE = {
        name: "sql-injection",
        code: "S002",
        group: Group::Security,
        severity: Severity::Error,
        origin: Origin::New,
        fix: None,
        check: Check::Dialplan(check),
    }
}

fn check(subject: &Subject<'_>, findings: &mut Findings<'_>) {
    let mut told = HashSet::new();
    for hit in subject.taints().hits(Risk::Sql) {
        let is_seen = hit.sink.eq_ignore_ascii_case("MYSQL");
        // One look at func_odbc.conf answers for all calls of a function.
        if !is_seen && !told.insert(&hit.sink) {
            continue;
        }
        let message = if is_seen {
            format!("a database runs `{}`: callers can put statements into it", hit.written)
        } else {
            format!("{} is given `{}`, which callers choose", hit.sink, hit.written)
        };
        let finding = findings.report(hit.place, message);
        let least = match (is_seen, hit.taint.is_certain) {
            (true, true) => Severity::Error,
            (true, false) => Severity::Warning,
            (false, _) => Severity::Hint,
        };
        finding.severity = finding.severity.max(least);
        finding.help(if is_seen {
            "let only harmless characters through: ${FILTER(a-zA-Z0-9,...)}"
        } else {
            "see that func_odbc.conf has it in SQL_ESC()"
        });
        tell_origin(hit, finding);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lint::testing::check;

    #[test]
    fn a_statement_is_no_place_for_a_caller() {
        check(
            &RULE,
            "
            [a]
            exten => 1,1,MYSQL(Query r ${c} SELECT x WHERE n='${CALLERID(name)}')
                                                              ^^^^^^^^^^^^^^^^^ a database runs `${CALLERID(name)}`: callers can put statements into it
             same => n,Set(X=${ODBC_PIN(${CALLERID(num)})})
                                        ^^^^^^^^^^^^^^^^ ODBC_PIN is given `${CALLERID(num)}`, which callers choose
             same => n,Set(Y=${ODBC_PIN(${CALLERID(name)})})
             same => n,Set(X=${ODBC_PIN(${SQL_ESC(${CALLERID(num)})})})
             same => n,Set(X=${ODBC_PIN(${FILTER(0-9,${CALLERID(num)})})})
             same => n,Set(X=${ODBC_FETCH(${Y})})
            ",
        );
    }
}
