//! A caller's text that is expanded once more.

use super::{tell_origin, weigh_doubt};
use crate::{
    diagnostic::Severity,
    lint::{Check, Findings, Group, Origin, Subject, rule::rule, taint::Risk},
};

rule! {
    /// # What it finds
    /// A text that the caller controls within `EVAL`.
    ///
    /// # Why it hurts
    /// `EVAL` expands its text once more. A caller whose name is `${SHELL(reboot)}` has Asterisk run that: all
    /// functions are his, those that read files and run programs too.
    ///
    /// # Example
    /// ```text
    /// same => n,Set(GREETING=${EVAL(${CALLERID(name)})})
    /// ```
    /// Better, without `EVAL`, or with the `$`, `{` and `(` taken out:
    /// ```text
    /// same => n,Set(GREETING=${FILTER(a-zA-Z0-9,${CALLERID(name)})})
    /// ```
    pub(super) static RULE = {
        name: "evaluation-injection",
        code: "S005",
        group: Group::Security,
        severity: Severity::Error,
        origin: Origin::New,
        fix: None,
        check: Check::Dialplan(check),
    }
}

fn check(subject: &Subject<'_>, findings: &mut Findings<'_>) {
    for hit in subject.taints().hits(Risk::Evaluation) {
        let message = format!("callers can put functions such as SHELL into `{}`", hit.written);
        let finding = findings.report(hit.place, message);
        finding.help("do not expand once more what a caller says");
        weigh_doubt(hit, finding);
        tell_origin(hit, finding);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lint::testing::check;

    #[test]
    fn a_caller_must_not_write_dialplan() {
        check(
            &RULE,
            "
            [a]
            exten => 1,1,Set(X=${EVAL(${CALLERID(name)})})
                                      ^^^^^^^^^^^^^^^^^ callers can put functions such as SHELL into `${CALLERID(name)}`
             same => n,Set(X=${EVAL(${FILTER(0-9,${CALLERID(num)})})})
             same => n,Set(X=${EVAL(${greeting})})
            ",
        );
    }
}
