//! A file that the caller names.

use super::{offer_filter, tell_origin};
use crate::{
    diagnostic::Severity,
    lint::{Check, Findings, Group, Origin, Safety, Subject, rule::rule, taint::Risk},
};

rule! {
    /// # What it finds
    /// A text that the caller controls within the name of a file that is played, recorded or read, where it
    /// can hold `/`.
    ///
    /// # Why it hurts
    /// `../` leads out of the folder: a caller hears recordings that are not his, or his recording replaces
    /// another one. A comma in the name of `MixMonitor` goes on to its third argument, which a shell runs.
    /// With `${EXTEN}` of a bounded pattern such as `_XXXX` none of that can happen.
    ///
    /// # Example
    /// ```text
    /// exten => _X.,1,Background(/var/ivr/${EXTEN})
    /// ```
    /// Better:
    /// ```text
    /// exten => _X.,1,Background(/var/ivr/${FILTER(0-9,${EXTEN})})
    /// ```
    pub(super) static RULE = {
        name: "file-name-from-caller",
        code: "S008",
        group: Group::Security,
        severity: Severity::Warning,
        origin: Origin::New,
        fix: Some(Safety::Unsafe),
        check: Check::Dialplan(check),
    }
}

fn check(subject: &Subject<'_>, findings: &mut Findings<'_>) {
    for hit in subject.taints().hits(Risk::File) {
        let message =
            format!("with `../` in `{}` callers choose the file of {}", hit.written, hit.sink);
        let finding = findings.report(hit.place, message);
        offer_filter(hit, finding, "0-9a-zA-Z", "let only digits and letters through");
        tell_origin(hit, finding);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lint::testing::{check, check_fix};

    #[test]
    fn a_folder_can_be_left() {
        check(
            &RULE,
            "
            [a]
            exten => _X.,1,Background(/var/ivr/${EXTEN})
                                               ^^^^^^^^ with `../` in `${EXTEN}` callers choose the file of Background
             same => n,Record(${CALLERID(name)}.wav)
                              ^^^^^^^^^^^^^^^^^ with `../` in `${CALLERID(name)}` callers choose the file of Record
             same => n,MixMonitor(/var/${CALLERID(num)}-${UNIQUEID}.wav)
                                       ^^^^^^^^^^^^^^^^ with `../` in `${CALLERID(num)}` callers choose the file of MixMonitor
            exten => _XXXX,1,Background(/var/ivr/${EXTEN})
            exten => _XX.,1,Background(/var/ivr/${FILTER(0-9,${EXTEN})})
             same => n,Read(D,please)
             same => n,Playback(codes/${D})
            ",
        );
    }

    #[test]
    fn the_name_is_filtered() {
        check_fix(
            &RULE,
            "
            [a]
            exten => _X.,1,Playback(ivr/${EXTEN})
            ",
            "
            [a]
            exten => _X.,1,Playback(ivr/${FILTER(0-9a-zA-Z,${EXTEN})})
            ",
        );
    }
}
