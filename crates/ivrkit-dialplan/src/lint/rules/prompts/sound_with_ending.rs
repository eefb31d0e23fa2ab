//! A sound that is named with the ending of its file.

use crate::{
    diagnostic::Severity,
    lint::{
        Check, Findings, Group, Origin, Played, Safety,
        rule::rule,
        sounds::{Presence, sound_ending},
    },
};

rule! {
    /// # What it finds
    /// The name of a sound that ends in `.wav`, `.gsm` or the like. An error if the sound is known to be
    /// there without the ending.
    ///
    /// # Why it hurts
    /// Asterisk adds the ending of each format that it knows by itself. It looks for `welcome.wav.wav`,
    /// `welcome.wav.gsm` and so on, which are not there: the caller hears silence.
    ///
    /// # Example
    /// ```text
    /// exten => 6500,1,Playback(custom/welcome.wav)
    /// ```
    /// Better:
    /// ```text
    /// exten => 6500,1,Playback(custom/welcome)
    /// ```
    pub(super) static RULE = {
        name: "sound-with-ending",
        code: "P002",
        group: Group::Prompts,
        severity: Severity::Error,
        origin: Origin::New,
        fix: Some(Safety::Unsafe),
        check: Check::Sounds(check),
    }
}

fn check(played: &Played<'_>, findings: &mut Findings<'_>) {
    let sounds = played.call.step.subject.settings.sounds.as_ref();
    for (number, name) in played.names() {
        let Some(ending) = sound_ending(name) else { continue };
        let presence = |name| sounds.map_or(Presence::Unknown, |sounds| sounds.presence(name));
        if presence(name) == Presence::There {
            continue;
        }
        let without = &name[..name.len() - ending.len() - 1];
        let is_certain = presence(without) == Presence::There;
        let place = played.part(number, without.len()..name.len());
        let ending = String::from_utf8_lossy(ending);
        let shown = String::from_utf8_lossy(name);
        let message = format!(
            "Asterisk adds the ending itself and looks for {shown}.{ending}: the caller hears nothing"
        );
        let finding = findings.report(place, message);
        finding.fix(Safety::Unsafe, "remove the ending", place, "");
        if !is_certain {
            finding.severity = finding.severity.max(Severity::Warning);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lint::{
        rules::prompts::tests::with_sounds,
        testing::{check, check_fix, check_with},
    };

    #[test]
    fn asterisk_adds_the_ending() {
        check(
            &RULE,
            "
            [a]
            exten => 1,1,Playback(custom/a.wav&b)
                                          ^^^^ Asterisk adds the ending itself and looks for custom/a.wav.wav: the caller hears nothing
             same => n,Background(version-1.2)
             same => n,Playback(http://host/a.wav)
             same => n,Record(custom/a.wav)
             same => n,Playback(${FILE}.wav)
            ",
        );
    }

    #[test]
    fn a_file_of_two_endings_is_meant() {
        check_with(
            &with_sounds(None, &["a.wav.gsm"]),
            &RULE,
            "
            [a]
            exten => 1,1,Playback(a.wav)
            ",
        );
    }

    #[test]
    fn the_fix_removes_it() {
        check_fix(
            &RULE,
            "
            [a]
            exten => 1,1,Background(a.gsm&b.WAV,m)
            ",
            "
            [a]
            exten => 1,1,Background(a&b,m)
            ",
        );
    }
}
