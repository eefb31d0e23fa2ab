//! A password that the caller brings himself.

use super::tell_origin;
use crate::{
    diagnostic::Severity,
    lint::{Check, Findings, Group, Origin, Subject, rule::rule, taint::Risk},
};

rule! {
    /// # What it finds
    /// `Authenticate` or `DISA` with a password that is made of what the caller says of himself: his number,
    /// his name, what he dialled.
    ///
    /// # Why it hurts
    /// A caller id is no secret, and anybody can send any: who knows the number knows the password.
    ///
    /// # Example
    /// ```text
    /// same => n,Authenticate(${CALLERID(num)})
    /// ```
    /// Better, look the password up:
    /// ```text
    /// same => n,Authenticate(${DB(pin/${FILTER(0-9,${CALLERID(num)})})})
    /// ```
    pub(super) static RULE = {
        name: "password-from-caller",
        code: "S011",
        group: Group::Security,
        severity: Severity::Warning,
        origin: Origin::New,
        fix: None,
        check: Check::Dialplan(check),
    }
}

fn check(subject: &Subject<'_>, findings: &mut Findings<'_>) {
    for hit in subject.taints().hits(Risk::Password) {
        let message = format!("the caller chooses `{}`, the password of {}", hit.written, hit.sink);
        tell_origin(hit, findings.report(hit.place, message));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lint::testing::check;

    #[test]
    fn a_number_is_no_password() {
        check(
            &RULE,
            "
            [a]
            exten => s,1,Authenticate(${CALLERID(num)})
                                      ^^^^^^^^^^^^^^^^ the caller chooses `${CALLERID(num)}`, the password of Authenticate
             same => n,Authenticate(${DB(pin/${CALLERID(num)})})
             same => n,Authenticate(${PIN})
            exten => _XXXX,1,DISA(${EXTEN},out)
                                  ^^^^^^^^ the caller chooses `${EXTEN}`, the password of DISA
            ",
        );
    }
}
