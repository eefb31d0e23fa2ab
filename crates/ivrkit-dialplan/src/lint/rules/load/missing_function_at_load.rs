//! A function that does not exist, called at load.

use crate::{
    diagnostic::Severity,
    lint::{Check, Findings, Group, Origin, Subject, rule::rule},
    syntax::{Kind, Message},
};

rule! {
    /// # What it finds
    /// A function that no Asterisk has, where variables are read while the dialplan loads: in
    /// `[globals]`, in names of extensions, in includes, switches and hints.
    ///
    /// # Why it hurts
    /// It gives nothing: a global that is empty, an extension without a name, which is dropped.
    ///
    /// # Example
    /// ```text
    /// [globals]
    /// START = ${STRTFIME(${EPOCH},,%H)}
    /// ```
    /// Better:
    /// ```text
    /// [globals]
    /// START = ${STRFTIME(${EPOCH},,%H)}
    /// ```
    pub(super) static RULE = {
        name: "missing-function-at-load",
        code: "L042",
        group: Group::Load,
        severity: Severity::Error,
        origin: Origin::Asterisk,
        fix: None,
        check: Check::Message(&[Kind::FunctionMissing], check),
    }
}

fn check(subject: &Subject<'_>, message: &Message, findings: &mut Findings<'_>) {
    let finding = findings.report(subject.code(message.place), message.text.clone());
    if message.kind == Kind::FunctionMissing {
        finding.help("what is read at load knows the functions of a stock Asterisk");
    } else {
        finding.severity = finding.severity.max(Severity::Warning);
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
                A = ${STRTFIME(1)}
                ^^^^^^^^^^^^^^^^^^ there is no function STRTFIME
                B = ${LEN(abc)}
                ",
        );
    }
}
