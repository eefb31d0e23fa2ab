//! A script that the caller names.

use super::tell_origin;
use crate::{
    diagnostic::Severity,
    lint::{Check, Findings, Group, Origin, Subject, rule::rule, taint::Risk},
};

rule! {
    /// # What it finds
    /// A text that the caller controls within the name of a script of `AGI` and its kin, where it can hold `/`.
    ///
    /// # Why it hurts
    /// The caller chooses which program of the PBX runs, and with `agi://` even on which machine: that machine
    /// then steers his call, up to `EXEC System`.
    ///
    /// # Example
    /// ```text
    /// exten => _X.,1,AGI(${EXTEN}.py)
    /// ```
    /// Better, one script that is given the text as an argument, which no shell sees:
    /// ```text
    /// exten => _X.,1,AGI(menu.py,${EXTEN})
    /// ```
    pub(super) static RULE = {
        name: "program-from-caller",
        code: "S009",
        group: Group::Security,
        severity: Severity::Warning,
        origin: Origin::New,
        fix: None,
        check: Check::Dialplan(check),
    }
}

fn check(subject: &Subject<'_>, findings: &mut Findings<'_>) {
    for hit in subject.taints().hits(Risk::Program) {
        let message =
            format!("callers choose with `{}` which script {} runs", hit.written, hit.sink);
        let finding = findings.report(hit.place, message);
        finding.help("write the name of the script, and give it the text as an argument");
        tell_origin(hit, finding);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lint::testing::check;

    #[test]
    fn a_script_is_written() {
        check(
            &RULE,
            "
            [a]
            exten => _X.,1,AGI(${EXTEN}.py)
                               ^^^^^^^^ callers choose with `${EXTEN}` which script AGI runs
             same => n,AGI(menu.py,${EXTEN})
             same => n,AGI(agi://127.0.0.1/${FILTER(a-z,${EXTEN})})
            ",
        );
    }
}
