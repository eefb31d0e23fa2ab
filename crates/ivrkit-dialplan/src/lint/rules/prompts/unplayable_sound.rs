//! A sound whose files the PBX does not play.

use crate::{
    diagnostic::Severity,
    lint::{Check, Findings, Group, Origin, Played, rule::rule},
};

rule! {
    /// # What it finds
    /// A sound that is there, but in no file that the PBX plays whole: 22050 Hz or stereo in a `.wav`,
    /// A-law inside WAV, a header that Asterisk's reader stumbles over, an end that it cuts off. The checks
    /// are those of `ivrkit media check`.
    ///
    /// # Why it hurts
    /// Asterisk refuses the file, and the caller hears silence; or it does not look closely enough, and
    /// the caller hears noise, or a prompt that is cut off.
    ///
    /// # Example
    /// ```text
    /// exten => 6500,1,Playback(custom/welcome)
    /// ```
    /// with a `welcome.wav` of 44.1 kHz stereo. Better: convert it with `ivrkit media convert`.
    pub(super) static RULE = {
        name: "unplayable-sound",
        code: "P003",
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
        let files = sounds.files(name);
        // A file that plays is taken when another cannot be opened.
        if files.iter().any(|file| file.fault.is_none()) {
            continue;
        }
        let Some((file, fault)) = files.iter().find_map(|one| Some((one, one.fault.as_ref()?)))
        else {
            continue;
        };
        let (name, ending) = (name.escape_ascii(), file.ending.escape_ascii());
        findings
            .report(
                played.place(number),
                format!("the PBX does not play {name}.{ending}: {}", fault.reason),
            )
            .help(fault.cure.clone());
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lint::{
        Settings,
        sounds::{Fault, Folder, Sounds},
        testing::check_with,
    };

    #[test]
    fn a_sound_needs_one_file_that_is_played() {
        let mut folder = Folder::new(None);
        let fault =
            || Some(Fault { reason: "22050 Hz, expected 8000".into(), cure: "convert it".into() });
        folder.add(b"custom/fast.wav", fault());
        folder.add(b"custom/both.wav", fault());
        folder.add(b"custom/both.gsm", None);
        let sounds = Sounds { folders: vec![folder], ..Sounds::default() };
        check_with(
            &Settings { sounds: Some(sounds), ..Settings::default() },
            &RULE,
            "
            [a]
            exten => 1,1,Playback(custom/both&custom/fast&custom/none)
                                              ^^^^^^^^^^^ the PBX does not play custom/fast.wav: 22050 Hz, expected 8000
            ",
        );
    }
}
