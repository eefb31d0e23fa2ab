//! An application that the caller names.

use super::tell_origin;
use crate::{
    diagnostic::Severity,
    lint::{Check, Findings, Group, Origin, Subject, rule::rule, taint::Risk},
};

rule! {
    /// # What it finds
    /// A text that the caller controls where `ExecIf`, `Exec` or `TryExec` want the name of an application.
    ///
    /// # Why it hurts
    /// The caller says what runs: `System(...)` with a command of his own, or `Dial` to wherever he likes.
    ///
    /// # Example
    /// ```text
    /// same => n,Exec(${PJSIP_HEADER(read,X-Action)})
    /// ```
    /// Better, compare and write the application yourself:
    /// ```text
    /// same => n,ExecIf($["${PJSIP_HEADER(read,X-Action)}" = "echo"]?Echo())
    /// ```
    pub(super) static RULE = {
        name: "application-from-caller",
        code: "S006",
        group: Group::Security,
        severity: Severity::Warning,
        origin: Origin::New,
        fix: None,
        check: Check::Dialplan(check),
    }
}

fn check(subject: &Subject<'_>, findings: &mut Findings<'_>) {
    for hit in subject.taints().hits(Risk::Application) {
        let message = format!("callers choose with `{}` which application runs", hit.written);
        let finding = findings.report(hit.place, message);
        finding.help("compare it, and write the name of the application");
        tell_origin(hit, finding);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lint::testing::check;

    #[test]
    fn a_name_is_written() {
        check(
            &RULE,
            "
            [a]
            exten => 1,1,Exec(${SIP_HEADER(X-Do)})
                              ^^^^^^^^^^^^^^^^^^^ callers choose with `${SIP_HEADER(X-Do)}` which application runs
             same => n,ExecIf($[1]?${X}(1))
             same => n,Exec(Playback(${SIP_HEADER(X-Do)}))
            ",
        );
    }
}
