//! A caller's text in a header.

use super::tell_origin;
use crate::{
    diagnostic::Severity,
    lint::{Check, Findings, Group, Origin, Subject, rule::rule, taint::Risk},
};

rule! {
    /// # What it finds
    /// A text that the caller controls and that can hold the end of a line, within a header that is sent.
    ///
    /// # Why it hurts
    /// In the user part of a SIP address `%0d%0a` stands for the end of a line. Where a channel driver sends it
    /// as it is, what follows is a header of the caller's choice, such as the identity that the other side
    /// trusts.
    ///
    /// # Example
    /// ```text
    /// exten => _X.,1,Set(PJSIP_HEADER(add,X-Dialled)=${EXTEN})
    /// ```
    /// Better:
    /// ```text
    /// exten => _X.,1,Set(PJSIP_HEADER(add,X-Dialled)=${FILTER(0-9*#+,${EXTEN})})
    /// ```
    pub(super) static RULE = {
        name: "header-injection",
        code: "S010",
        group: Group::Security,
        severity: Severity::Hint,
        origin: Origin::New,
        fix: None,
        check: Check::Dialplan(check),
    }
}

fn check(subject: &Subject<'_>, findings: &mut Findings<'_>) {
    for hit in subject.taints().hits(Risk::Header) {
        let message = format!("`{}` can hold the end of a line, and more headers", hit.written);
        let finding = findings.report(hit.place, message);
        finding.help(format!("write ${{FILTER(0-9*#+,{})}}", hit.written));
        tell_origin(hit, finding);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lint::testing::check;

    #[test]
    fn a_header_has_one_line() {
        check(
            &RULE,
            "
            [a]
            exten => _X.,1,SIPAddHeader(X-Dialled: ${EXTEN})
                                                   ^^^^^^^^ `${EXTEN}` can hold the end of a line, and more headers
             same => n,Set(PJSIP_HEADER(add,X-Dialled)=${EXTEN})
                                                       ^^^^^^^^ `${EXTEN}` can hold the end of a line, and more headers
             same => n,Set(PJSIP_HEADER(add,X-Name)=${CALLERID(name)})
             same => n,SIPAddHeader(X-Dialled: ${FILTER(0-9,${EXTEN})})
            ",
        );
    }
}
