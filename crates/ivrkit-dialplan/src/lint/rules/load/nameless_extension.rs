//! An extension without a name.

use crate::{
    diagnostic::Severity,
    lint::{Check, Findings, Group, Origin, Subject, rule::rule},
    syntax::{Kind, Message},
};

rule! {
    /// # What it finds
    /// An `exten` line whose name is empty, by itself or because its variable is.
    ///
    /// # Why it hurts
    /// Asterisk drops the line.
    ///
    /// # Example
    /// ```text
    /// exten => ${MENU},1,Answer()
    /// ```
    /// Variables in names are looked up once, at load, in `[globals]`: define it there.
    pub(super) static RULE = {
        name: "nameless-extension",
        code: "L032",
        group: Group::Load,
        severity: Severity::Error,
        origin: Origin::Asterisk,
        fix: None,
        check: Check::Message(&[Kind::EmptyExtension], check),
    }
}

fn check(subject: &Subject<'_>, message: &Message, findings: &mut Findings<'_>) {
    findings
        .report(subject.code(message.place), "the extension has no name: Asterisk drops the step")
        .help("variables in a name are looked up at load, in [globals]");
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lint::testing::check;

    #[test]
    fn an_unset_variable_is_nothing() {
        check(
            &RULE,
            "
                [globals]
                A = 1
                [a]
                exten => ${A},1,Answer()
                exten => ${B},1,Answer()
                ^^^^^^^^^^^^^^^^^^^^^^^^ the extension has no name: Asterisk drops the step
                ",
        );
    }
}
