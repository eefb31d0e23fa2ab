//! A variable that is read and never set.

use crate::{
    diagnostic::Severity,
    lint::{Check, Findings, Group, Origin, Subject, rule::rule},
};

rule! {
    /// # What it finds
    /// A variable that is read, that nothing in the dialplan sets, and that is none of those which
    /// Asterisk sets itself.
    ///
    /// # Why it hurts
    /// It is empty, unless a channel, an AGI script or a manager action sets it. This rule cannot
    /// know, so it is off unless asked for.
    ///
    /// # Example
    /// `Dial(PJSIP/${TARGET})` with no `Set(TARGET=...)` anywhere dials nothing.
    pub(super) static RULE = {
        name: "unset-variable",
        code: "Y901",
        group: Group::Style,
        severity: Severity::Hint,
        origin: Origin::New,
        fix: None,
        check: Check::Dialplan(check),
    }
}

fn check(subject: &Subject<'_>, findings: &mut Findings<'_>) {
    let variables = subject.variables();
    if variables.has_computed_names {
        return;
    }
    for (name, &place) in &variables.read {
        if !name.is_empty() && !variables.is_known(name) {
            let name = String::from_utf8_lossy(name);
            findings.report(place, format!("nothing in this dialplan sets {name}"));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lint::testing::check;

    #[test]
    fn what_nothing_sets_is_told_once() {
        check(
            &RULE,
            "
            [a]
            exten => 1,1,Dial(PJSIP/${TARGET})
                                      ^^^^^^ nothing in this dialplan sets TARGET
             same => n,NoOp(${TARGET} ${EXTEN} ${DIALSTATUS} ${CALLERID(num)})
             same => n,Set(X=1)
             same => n,NoOp(${X})
            ",
        );
    }
}
