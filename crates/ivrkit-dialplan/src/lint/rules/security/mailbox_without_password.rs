//! A mailbox that opens without a password.

use crate::{
    application::arguments::{self, Text},
    diagnostic::Severity,
    lint::{Call, Check, Findings, Group, Origin, Safety, rule::rule},
};

rule! {
    /// # What it finds
    /// `VoiceMailMain` with the option `s`, which skips the password; a hint where the mailbox does not depend
    /// on the caller id.
    ///
    /// # Why it hurts
    /// With `VoiceMailMain(${CALLERID(num)},s)` the caller id is the key, and anybody can send any: who calls with
    /// the number of another one hears his messages and changes his greeting.
    ///
    /// # Example
    /// ```text
    /// exten => 800,1,VoiceMailMain(${CALLERID(num)}@default,s)
    /// ```
    /// Better:
    /// ```text
    /// exten => 800,1,VoiceMailMain(${CALLERID(num)}@default)
    /// ```
    pub(super) static RULE = {
        name: "mailbox-without-password",
        code: "S015",
        group: Group::Security,
        severity: Severity::Warning,
        origin: Origin::New,
        fix: Some(Safety::Unsafe),
        check: Check::CallOf(|application| application.is("VoiceMailMain"), check),
    }
}

fn check(call: &Call<'_>, findings: &mut Findings<'_>) {
    let (data, arguments) = (call.data(), call.arguments());
    let [mailbox, options, ..] = arguments.as_slice() else { return };
    let options = arguments::options(data, options.clone(), Text::Source);
    let Some(option) = options.option(b's') else { return };
    let is_by_caller = memchr::memmem::find(&data[mailbox.clone()], b"CALLERID(").is_some();
    let message = if is_by_caller {
        "`s` asks no password: whoever sends this number hears the messages"
    } else {
        "`s` asks no password: whoever gets here hears the messages"
    };
    let place = call.data_place(option.at..option.at + 1);
    let finding = findings.report(place, message);
    finding.help("take the option away");
    if place.end == place.start + 1 {
        finding.fix(Safety::Unsafe, "take the option away", place, "");
    }
    if !is_by_caller {
        finding.severity = Severity::Hint;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lint::testing::{check, check_fix};

    #[test]
    fn a_mailbox_wants_a_password() {
        check(
            &RULE,
            "
            [a]
            exten => 1,1,VoiceMailMain(${CALLERID(num)}@default,s)
                                                                ^ `s` asks no password: whoever sends this number hears the messages
             same => n,VoiceMailMain(100@default,sp)
                                                 ^ `s` asks no password: whoever gets here hears the messages
             same => n,VoiceMailMain(${CALLERID(num)}@default)
             same => n,VoiceMailMain(sales@default,p)
             same => n,VoiceMail(100,s)
            ",
        );
    }

    #[test]
    fn the_option_is_taken_away() {
        check_fix(
            &RULE,
            "
            [a]
            exten => 1,1,VoiceMailMain(${CALLERID(num)}@default,sp)
            ",
            "
            [a]
            exten => 1,1,VoiceMailMain(${CALLERID(num)}@default,p)
            ",
        );
    }
}
