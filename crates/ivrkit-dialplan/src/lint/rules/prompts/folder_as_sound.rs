//! A folder where a sound is expected.

use crate::{
    diagnostic::Severity,
    lint::{Check, Findings, Group, Origin, Played, rule::rule, sounds::Presence},
};

rule! {
    /// # What it finds
    /// A name that ends with `/`, or that is a folder in the media folders and no sound.
    ///
    /// # Why it hurts
    /// Asterisk does not play folders. It looks for a file of that name with an ending, which is not
    /// there, and the caller hears silence.
    ///
    /// # Example
    /// ```text
    /// exten => 6500,1,Background(custom/)
    /// ```
    /// Better:
    /// ```text
    /// exten => 6500,1,Background(custom/welcome)
    /// ```
    pub(super) static RULE = {
        name: "folder-as-sound",
        code: "P008",
        group: Group::Prompts,
        severity: Severity::Error,
        origin: Origin::New,
        fix: None,
        check: Check::Sounds(check),
    }
}

fn check(played: &Played<'_>, findings: &mut Findings<'_>) {
    let sounds = played.call.step.subject.settings.sounds.as_ref();
    for (number, name) in played.names() {
        let is_known = sounds.is_some_and(|sounds| {
            sounds.is_folder(name) && sounds.presence(name) == Presence::Missing
        });
        if name.ends_with(b"/") || is_known {
            findings.report(
                played.place(number),
                "this is a folder, not a sound: the caller hears nothing",
            );
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lint::{
        rules::prompts::tests::with_sounds,
        testing::{check, check_with},
    };

    #[test]
    fn a_slash_at_the_end_is_a_folder() {
        check(
            &RULE,
            "
            [a]
            exten => 1,1,Background(custom/)
                                    ^^^^^^^ this is a folder, not a sound: the caller hears nothing
             same => n,Background(custom/${X})
             same => n,Background(custom)
            ",
        );
    }

    #[test]
    fn a_known_folder_is_none_either() {
        check_with(
            &with_sounds(Some("/media"), &["menu/a.wav", "both/a.wav", "both.wav"]),
            &RULE,
            "
            [a]
            exten => 1,1,Background(/media/menu&/media/both&/media/none)
                                    ^^^^^^^^^^^ this is a folder, not a sound: the caller hears nothing
            ",
        );
    }
}
