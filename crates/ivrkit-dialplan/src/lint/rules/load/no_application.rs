//! A step without an application.

use crate::{
    diagnostic::Severity,
    lint::{Check, ExtensionLine, Findings, Group, Origin, rule::rule},
};

rule! {
    /// # What it finds
    /// An `exten` or `same` line that ends with its priority, or has nothing before the `(`.
    ///
    /// # Why it hurts
    /// Asterisk loads it and says nothing. A call that comes here ends: there is no application
    /// without a name.
    ///
    /// # Example
    /// ```text
    /// exten => 6500,1
    ///  same => n,Answer()
    /// ```
    /// Better:
    /// ```text
    /// exten => 6500,1,NoOp()
    ///  same => n,Answer()
    /// ```
    pub(super) static RULE = {
        name: "no-application",
        code: "L066",
        group: Group::Load,
        severity: Severity::Error,
        origin: Origin::New,
        fix: None,
        check: Check::Extension(check),
    }
}

fn check(line: &ExtensionLine<'_>, findings: &mut Findings<'_>) {
    let word = line.bytes(line.priority);
    let is_step = matches!(word, b"n" | b"next" | b"s" | b"same")
        || word.first().is_some_and(u8::is_ascii_digit);
    if is_step && line.application.is_empty() {
        let place = line.place(line.priority);
        findings
            .report(place, "no application follows: the call ends here")
            .help("NoOp() does nothing");
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lint::testing::check;

    #[test]
    fn a_step_does_something() {
        check(
            &RULE,
            "
                [a]
                exten => 1,1
                           ^ no application follows: the call ends here
                exten => 1,n,
                           ^ no application follows: the call ends here
                exten => 1,n,(a)
                           ^ no application follows: the call ends here
                exten => 1,n,NoOp
                exten => 1,n,${A}(b)
                exten => 1,hint
                ",
        );
    }
}
