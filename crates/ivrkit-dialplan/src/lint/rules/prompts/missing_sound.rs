//! A sound that the PBX does not have.

use crate::{
    diagnostic::Severity,
    lint::{
        Check, Findings, Group, Origin, Played,
        rule::rule,
        sounds::{Presence, sound_ending},
    },
};

rule! {
    /// # What it finds
    /// The name of a sound that is in none of the folders that ivrkit was shown (`--media`). It is a
    /// warning where the sound may be in a folder that was not shown. Asterisk's own sounds (`beep`,
    /// `digits/1`) are reported only if the settings say that they are not installed. Names with variables
    /// are left alone.
    ///
    /// # Why it hurts
    /// Asterisk logs a warning and goes on: the caller hears silence where the prompt should be.
    /// `Background` leaves out the rest of its list as well, so that a caller does not learn which keys
    /// there are.
    ///
    /// # Example
    /// ```text
    /// exten => 6500,1,Playback(custom/welcom)
    /// ```
    /// Better:
    /// ```text
    /// exten => 6500,1,Playback(custom/welcome)
    /// ```
    pub(super) static RULE = {
        name: "missing-sound",
        code: "P001",
        group: Group::Prompts,
        severity: Severity::Error,
        origin: Origin::New,
        fix: None,
        check: Check::Sounds(check),
    }
}

fn check(played: &Played<'_>, findings: &mut Findings<'_>) {
    let Some(sounds) = &played.call.step.subject.settings.sounds else { return };
    for (number, name) in played.names() {
        let presence = sounds.presence(name);
        if !matches!(presence, Presence::Missing | Presence::Unseen) || has_own_rule(name) {
            continue;
        }
        let shown = String::from_utf8_lossy(name);
        let comes = if ends_list(played) && number + 1 < played.ranges.len() {
            "it and the rest of the list are not played"
        } else {
            "the caller hears nothing"
        };
        let message = match presence {
            Presence::Missing => format!("there is no sound {shown}: {comes}"),
            _ => format!("no known folder has the sound {shown}: without it {comes}"),
        };
        let finding = findings.report(played.place(number), message);
        if let Some(similar) = sounds.similar(name) {
            finding.help(format!("there is {similar}"));
        }
        if presence == Presence::Unseen {
            finding.severity = finding.severity.max(Severity::Warning);
        }
    }
}

/// Whether a missing sound ends the list of this application.
fn ends_list(played: &Played<'_>) -> bool {
    played.call.is("BackGround")
}

/// What another rule says better.
fn has_own_rule(name: &[u8]) -> bool {
    name.ends_with(b"/") || name.trim_ascii().len() != name.len() || sound_ending(name).is_some()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lint::{
        rules::prompts::tests::with_sounds,
        testing::{check, check_with},
    };

    #[test]
    fn what_no_folder_has_is_missing() {
        check_with(
            &with_sounds(Some("/tmp/media/networkdisk1"), &["notice.wav", "zh/bye.wav"]),
            &RULE,
            "
            [a]
            exten => 1,1,Playback(/tmp/media/networkdisk1/notice&/tmp/media/networkdisk1/bye)
             same => n,Playback(/tmp/media/networkdisk1/notise,noanswer)
                                ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ there is no sound /tmp/media/networkdisk1/notise: the caller hears nothing
             same => n,Background(/tmp/media/networkdisk1/x&/tmp/media/networkdisk1/y)
                                  ^^^^^^^^^^^^^^^^^^^^^^^^^ there is no sound /tmp/media/networkdisk1/x: it and the rest of the list are not played
                                                            ^^^^^^^^^^^^^^^^^^^^^^^^^ there is no sound /tmp/media/networkdisk1/y: the caller hears nothing
             same => n,Playback(/tmp/media/networkdisk1/${CALLERID(num)})
             same => n,Playback(beep)
             same => n,Read(digit,elsewhere)
                                  ^^^^^^^^^ no known folder has the sound elsewhere: without it the caller hears nothing
             same => n,Playback(https://host/a.wav)
             same => n,Playback(one two,say)
            ",
        );
    }

    #[test]
    fn nothing_is_said_if_nobody_looked() {
        check(
            &RULE,
            "
            [a]
            exten => 1,1,Playback(custom/none)
            ",
        );
    }

    #[test]
    fn what_may_be_elsewhere_is_a_warning() {
        let settings = with_sounds(Some("/media"), &["a.wav"]);
        let severities = |text: &str| {
            let text = format!("[a]\nexten => 1,1,Playback({text})\n");
            let reading = crate::lint::read(
                b"extensions.conf",
                text.into_bytes(),
                &mut crate::syntax::Nothing,
            );
            let found = reading.lint(&settings);
            let found = found.iter().filter(|one| one.rule.code == RULE.code);
            found.map(|one| one.severity).collect::<Vec<_>>()
        };
        assert_eq!(severities("/media/b"), [Severity::Error]);
        assert_eq!(severities("custom/b"), [Severity::Warning]);
        assert_eq!(severities("/media/a"), []);
    }

    #[test]
    fn stock_sounds_can_be_said_to_be_missing() {
        let mut settings = with_sounds(None, &["a.wav"]);
        settings.sounds.as_mut().expect("there are some").are_stock_installed = Some(false);
        check_with(
            &settings,
            &RULE,
            "
            [a]
            exten => 1,1,Playback(beep)
                                  ^^^^ there is no sound beep: the caller hears nothing
            ",
        );
    }
}
