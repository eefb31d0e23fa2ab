//! `GotoIf` and its kin without a `?`.

use crate::{
    diagnostic::Severity,
    lint::{Call, Check, Findings, Group, Origin, rule::rule},
};

rule! {
    /// # What it finds
    /// `GotoIf`, `GosubIf` or `ExecIf` without a `?` between condition and what it decides about.
    ///
    /// # Why it hurts
    /// Without a `?` there is nothing to decide: Asterisk logs a warning when a call comes by and
    /// goes on at the next step.
    ///
    /// # Example
    /// ```text
    /// same => n,GotoIf($["${X}" = "1"],menu,s,1)
    /// ```
    /// Better:
    /// ```text
    /// same => n,GotoIf($["${X}" = "1"]?menu,s,1)
    /// ```
    pub(super) static RULE = {
        name: "missing-question-mark",
        code: "E017",
        group: Group::Expressions,
        severity: Severity::Error,
        origin: Origin::New,
        fix: None,
        check: Check::CallOf(|application| application.is_one_of(&["GotoIf", "GosubIf", "ExecIf"]), check),
    }
}

fn check(call: &Call<'_>, findings: &mut Findings<'_>) {
    let data = call.data();
    // The value of a variable may bring the `?`.
    let is_open = data.first() == Some(&b'$') && memchr::memchr(b']', data).is_none();
    if !is_open && memchr::memchr(b'?', data).is_none() {
        let place = if data.is_empty() { call.application } else { call.data };
        let name = String::from_utf8_lossy(call.name());
        findings
            .report(call.step.place(place), format!("{name} without a `?` decides nothing"))
            .help("write condition?then:otherwise");
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lint::testing::check;

    #[test]
    fn the_question_mark_is_missed() {
        check(
            &RULE,
            r#"
            [a]
            exten => 1,1,GotoIf($["${X}" = "1"],menu,s,1)
                                ^^^^^^^^^^^^^^^^^^^^^^^^ GotoIf without a `?` decides nothing
             same => n,ExecIf()
                       ^^^^^^ ExecIf without a `?` decides nothing
            "#,
        );
    }

    #[test]
    fn it_may_be_there_or_come_from_a_variable() {
        check(
            &RULE,
            "
            [a]
            exten => 1,1,GotoIf(${X}?b)
             same => n,GotoIf(${DECISION})
             same => n,Goto(b)
            ",
        );
    }
}
