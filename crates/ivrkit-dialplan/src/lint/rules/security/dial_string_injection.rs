//! A caller's text in a dial string.

use super::{is_trusted, offer_filter, tell_origin};
use crate::{
    diagnostic::Severity,
    lint::{Check, Findings, Group, Origin, Safety, Subject, rule::rule, taint::Risk},
};

rule! {
    /// # What it finds
    /// A text that the caller controls within the callee of `Dial`, `Page`, `Originate` and their kin,
    /// where it can hold `&`, `,` or `/`: most often `${EXTEN}` in a pattern that ends with `.` or `!`. Trusted
    /// contexts of the settings are left out.
    ///
    /// # Why it hurts
    /// A SIP telephone can dial any text, not only digits, and `_X.` takes it. `&` adds a callee, `,` goes on to
    /// the options, `/` chooses the channel. From
    /// ```text
    /// exten => _X.,1,Dial(PJSIP/${EXTEN}@trunk)
    /// ```
    /// the dialled text `1&PJSIP/00881234567@trunk` makes two calls, one of them to an expensive place, and
    /// `1&Local/s@internal` reaches a context that the caller has no business in. Checks that look at the
    /// first digits see nothing of it.
    ///
    /// # Example
    /// ```text
    /// exten => _X.,1,Dial(PJSIP/${EXTEN}@trunk)
    /// ```
    /// Better:
    /// ```text
    /// exten => _X.,1,Dial(PJSIP/${FILTER(0-9*#+,${EXTEN})}@trunk)
    /// ```
    /// A pattern of fixed length such as `_XXXX` takes digits only and needs none of this.
    pub(super) static RULE = {
        name: "dial-string-injection",
        code: "S003",
        group: Group::Security,
        severity: Severity::Warning,
        origin: Origin::New,
        fix: Some(Safety::Unsafe),
        check: Check::Dialplan(check),
    }
}

fn check(subject: &Subject<'_>, findings: &mut Findings<'_>) {
    for hit in subject.taints().hits(Risk::Dial) {
        if is_trusted(subject, hit.context) {
            continue;
        }
        let message =
            format!("with `&` in `{}` callers choose whom else {} calls", hit.written, hit.sink);
        let finding = findings.report(hit.place, message);
        offer_filter(hit, finding, "0-9*#+", "let only digits through");
        tell_origin(hit, finding);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lint::{
        Settings,
        testing::{check, check_fix, check_with},
    };

    #[test]
    fn an_open_pattern_takes_more_than_digits() {
        check(
            &RULE,
            "
            [a]
            exten => _X.,1,Dial(PJSIP/${EXTEN}@trunk,30)
                                      ^^^^^^^^ with `&` in `${EXTEN}` callers choose whom else Dial calls
             same => n,Set(OUT=${EXTEN:1})
             same => n,Dial(SIP/trunk/${OUT})
                                      ^^^^^^ with `&` in `${OUT}` callers choose whom else Dial calls
             same => n,Page(SIP/${CALLERID(num)})
                                ^^^^^^^^^^^^^^^^ with `&` in `${CALLERID(num)}` callers choose whom else Page calls
            ",
        );
    }

    #[test]
    fn digits_and_filtered_texts_do_no_harm() {
        check(
            &RULE,
            "
            [a]
            exten => _XXXX,1,Dial(PJSIP/${EXTEN}@trunk)
            exten => 100,1,Dial(PJSIP/${EXTEN})
            exten => _X.,1,Dial(PJSIP/${FILTER(0-9,${EXTEN})}@trunk,,b(a^${EXTEN}^1))
             same => n,Set(OUT=${FILTER(0-9+,${EXTEN})})
             same => n,Dial(SIP/trunk/${OUT})
            ",
        );
    }

    #[test]
    fn trusted_callers_may() {
        let settings = Settings { trusted_contexts: vec!["in".to_owned()], ..Settings::default() };
        check_with(
            &settings,
            &RULE,
            "
            [in]
            exten => _X.,1,Dial(PJSIP/${EXTEN}@trunk)
            ",
        );
    }

    #[test]
    fn what_is_dialled_is_filtered() {
        check_fix(
            &RULE,
            "
            [a]
            exten => _9X.,1,Dial(PJSIP/${EXTEN:1}@trunk)
            ",
            "
            [a]
            exten => _9X.,1,Dial(PJSIP/${FILTER(0-9*#+,${EXTEN:1})}@trunk)
            ",
        );
    }
}
