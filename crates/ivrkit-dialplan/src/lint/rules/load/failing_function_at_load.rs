//! A function that fails while the dialplan loads.

use crate::{
    diagnostic::Severity,
    lint::{Check, Findings, Group, Origin, Subject, rule::rule},
    syntax::{Kind, Message},
};

rule! {
    /// # What it finds
    /// A function that refuses what it is given, or can be set alone, where variables are read while the dialplan loads: in
    /// `[globals]`, in names of extensions, in includes, switches and hints.
    ///
    /// # Why it hurts
    /// It gives nothing, once and for all: a global that is empty, a name that is not there.
    ///
    /// # Example
    /// `X = ${FILTER(z-a,${Y})}` has a range that runs backwards. Write `a-z`.
    pub(super) static RULE = {
        name: "failing-function-at-load",
        code: "L072",
        group: Group::Load,
        severity: Severity::Warning,
        origin: Origin::Asterisk,
        fix: None,
        check: Check::Message(&[Kind::FunctionFailed, Kind::FunctionWriteOnly], check),
    }
}

fn check(subject: &Subject<'_>, message: &Message, findings: &mut Findings<'_>) {
    findings.report(subject.code(message.place), message.text.clone());
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lint::testing::check;

    #[test]
    fn what_it_is_given_is_refused() {
        check(
            &RULE,
            r"
            [globals]
            A = ${QUOTE()}
            ^^^^^^^^^^^^^^ QUOTE of nothing
            B = ${LEN(1)}
            C = ${PUSH(LIST)}
            ^^^^^^^^^^^^^^^^^ the function PUSH can be set, not read
            ",
        );
    }
}
