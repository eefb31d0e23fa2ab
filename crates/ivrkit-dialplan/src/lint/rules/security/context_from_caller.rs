//! A jump whose context the caller can say.

use super::tell_origin;
use crate::{
    diagnostic::Severity,
    lint::{Check, Findings, Group, Origin, Subject, rule::rule, taint::Risk},
};

rule! {
    /// # What it finds
    /// A text that the caller controls and that is the first part of a jump's target, where it can hold a
    /// comma.
    ///
    /// # Why it hurts
    /// Asterisk splits the target after the value is put in. With `Goto(${CALLERID(num)},1)` a caller whose
    /// number is `outbound,00881234567` goes to that extension of [outbound], past all that was to stop him:
    /// a target of three parts begins with its context.
    ///
    /// # Example
    /// ```text
    /// exten => s,1,Goto(${CALLERID(num)},1)
    /// ```
    /// Better, say the context, and let only digits through:
    /// ```text
    /// exten => s,1,Goto(callers,${FILTER(0-9,${CALLERID(num)})},1)
    /// ```
    pub(super) static RULE = {
        name: "context-from-caller",
        code: "S007",
        group: Group::Security,
        severity: Severity::Warning,
        origin: Origin::New,
        fix: None,
        check: Check::Dialplan(check),
    }
}

fn check(subject: &Subject<'_>, findings: &mut Findings<'_>) {
    for hit in subject.taints().hits(Risk::Context) {
        let message = format!("with a comma in `{}` callers choose the context", hit.written);
        let finding = findings.report(hit.place, message);
        finding.help(format!("write the context, and ${{FILTER(0-9*#+,{})}}", hit.written));
        tell_origin(hit, finding);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lint::testing::check;

    #[test]
    fn a_comma_makes_a_context() {
        check(
            &RULE,
            "
            [a]
            exten => s,1,Goto(${CALLERID(num)},1)
                              ^^^^^^^^^^^^^^^^ with a comma in `${CALLERID(num)}` callers choose the context
             same => n,Gosub(${PJSIP_HEADER(read,X-To)},s,1)
                             ^^^^^^^^^^^^^^^^^^^^^^^^^^ with a comma in `${PJSIP_HEADER(read,X-To)}` callers choose the context
             same => n,GotoIf($[1]?${CALLERID(dnid)},1)
                                   ^^^^^^^^^^^^^^^^^ with a comma in `${CALLERID(dnid)}` callers choose the context
            ",
        );
    }

    #[test]
    fn a_context_that_is_written_stays() {
        check(
            &RULE,
            "
            [a]
            exten => _X.,1,Goto(b,${EXTEN},1)
             same => n,Goto(${EXTEN},1)
             same => n,Goto(${FILTER(0-9,${CALLERID(num)})},1)
             same => n,GotoIf($[${CALLERID(num)} = 1]?b,s,1)
             same => n,Read(D,please)
             same => n,Goto(${D},1)
            [b]
            exten => _X.,1,Hangup()
            ",
        );
    }
}
