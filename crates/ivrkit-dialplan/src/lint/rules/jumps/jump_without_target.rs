//! `Goto()` or `Gosub()` without a target.

use crate::{
    diagnostic::Severity,
    lint::{Call, Check, Findings, Group, Origin, rule::rule},
};

rule! {
    /// # What it finds
    /// `Goto` or `Gosub` that is given nothing, or nothing but commas.
    ///
    /// # Why it hurts
    /// Asterisk says that it needs an argument, and the call ends. In generated dialplans a name was
    /// probably empty.
    ///
    /// # Example
    /// ```text
    /// same => n,Goto(,,)
    /// ```
    /// Name where to go.
    pub(super) static RULE = {
        name: "jump-without-target",
        code: "J007",
        group: Group::Jumps,
        severity: Severity::Error,
        origin: Origin::New,
        fix: None,
        check: Check::CallOf(|application| application.is_one_of(&["Goto", "Gosub"]), check),
    }
}

fn check(call: &Call<'_>, findings: &mut Findings<'_>) {
    if call.data().iter().all(|&byte| byte == b',' || byte == b' ') {
        let name = String::from_utf8_lossy(call.name());
        let message = format!("{name} without a target: the call ends here");
        findings.report(call.application_place(), message);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lint::testing::check;

    #[test]
    fn nothing_is_no_target() {
        check(
            &RULE,
            "
            [a]
            exten => 1,1,Goto()
                         ^^^^ Goto without a target: the call ends here
             same => n,Gosub(,,)
                       ^^^^^ Gosub without a target: the call ends here
             same => n,Goto(,,1)
             same => n,Goto(${X})
            ",
        );
    }
}
