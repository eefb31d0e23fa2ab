//! A function that can be set and not read.

use crate::{
    application::function,
    diagnostic::Severity,
    lint::{Call, Check, Findings, Group, Origin, Substitutions, rule::rule},
};

rule! {
    /// # What it finds
    /// A function in `${...}` that can only be set with `Set`.
    ///
    /// # Why it hurts
    /// Asterisk logs an error when a call comes by and puts nothing in its place.
    ///
    /// # Example
    /// ```text
    /// same => n,NoOp(${JITTERBUFFER(fixed)})
    /// ```
    /// Better: keep what was set in a variable of your own.
    pub(super) static RULE = {
        name: "unreadable-function",
        code: "A013",
        group: Group::Applications,
        severity: Severity::Error,
        origin: Origin::Asterisklint,
        fix: None,
        check: Check::Substitutions(check),
    }
}

fn check(call: &Call<'_>, substitutions: &Substitutions, findings: &mut Findings<'_>) {
    for variable in substitutions.variables() {
        if variable.arguments.is_none() || !variable.name.is_plain() {
            continue;
        }
        let span = variable.name.span;
        let Some(entry) = function(&call.data()[span.range()]) else { continue };
        if entry.access(call.version()).is_some_and(|access| !access.is_readable()) {
            let message = format!("{} can be set, not read", entry.name());
            findings.report(call.data_place(span.range()), message);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lint::testing::check;

    #[test]
    fn what_can_only_be_set_is_not_read() {
        check(
            &RULE,
            "
            [a]
            exten => 1,1,NoOp(${JITTERBUFFER(fixed)} ${CALLERID(num)})
                                ^^^^^^^^^^^^ JITTERBUFFER can be set, not read
             same => n,Set(JITTERBUFFER(fixed)=default)
            ",
        );
    }
}
