//! A mailbox that `voicemail.conf` does not have.

use crate::{
    application::arguments::{Text, split_plain},
    diagnostic::Severity,
    lint::{
        Call, Check, Findings, Group, Origin,
        neighbours::{Defined, plain, plain_argument},
        rule::rule,
    },
};

rule! {
    /// # What it finds
    /// A mailbox that is not in the `voicemail.conf` beside the dialplan; without `@` it is one of the
    /// context `default`. Nothing is said without that file, or if mailboxes are kept in a database.
    ///
    /// # Why it hurts
    /// `VoiceMail` does not record and goes on at the next step: the caller leaves no message.
    ///
    /// # Example
    /// ```text
    /// exten => 6500,1,VoiceMail(6502@sales,u)
    /// ```
    /// Better:
    /// ```text
    /// exten => 6500,1,VoiceMail(6502@default,u)
    /// ```
    pub(super) static RULE = {
        name: "missing-mailbox",
        code: "A102",
        group: Group::Applications,
        severity: Severity::Error,
        origin: Origin::New,
        fix: None,
        check: Check::CallOf(|application| application.is("VoiceMail"), check),
    }
}

fn check(call: &Call<'_>, findings: &mut Findings<'_>) {
    let Some(neighbours) = &call.step.subject.settings.neighbours else { return };
    let Some(all) = plain_argument(call, 0) else { return };
    let data = call.data();
    for one in split_plain(&data[all.clone()], b'&', usize::MAX, Text::Source) {
        let Some(range) = plain(data, all.start + one.start..all.start + one.end) else { continue };
        let name = &data[range.clone()];
        let has_context = memchr::memchr(b'@', name).is_some();
        let full = if has_context { name.to_vec() } else { [name, b"@default"].concat() };
        if neighbours.lacks(Defined::Mailbox, &full) {
            let message = format!("voicemail.conf has no mailbox {}", full.escape_ascii());
            findings.report(call.data_place(range), message);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lint::{rules::applications::tests::beside, testing::check_with};

    #[test]
    fn a_mailbox_must_be_defined() {
        check_with(
            &beside(&[("voicemail.conf", "[default]\n100 => 1,A\n[sales]\n200 => 1,B\n")]),
            &RULE,
            "
            [a]
            exten => 1,1,VoiceMail(100&200@sales,u)
             same => n,VoiceMail(100&300,u)
                                     ^^^ voicemail.conf has no mailbox 300@default
             same => n,VoiceMail(${EXTEN}@default)
             same => n,VoiceMail(100@sales)
                                 ^^^^^^^^^ voicemail.conf has no mailbox 100@sales
            ",
        );
    }
}
