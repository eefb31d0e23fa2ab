//! A relative name that begins with `sounds/`.

use crate::{
    diagnostic::Severity,
    lint::{Check, Findings, Group, Origin, Played, Safety, rule::rule, sounds::Presence},
};

rule! {
    /// # What it finds
    /// The name of a sound that is no absolute path and begins with `sounds/`.
    ///
    /// # Why it hurts
    /// Such names count from Asterisk's folder `sounds` already: it looks in `sounds/sounds/`, which is
    /// hardly ever there, and the caller hears silence.
    ///
    /// # Example
    /// ```text
    /// exten => 6500,1,Playback(sounds/custom/welcome)
    /// ```
    /// Better:
    /// ```text
    /// exten => 6500,1,Playback(custom/welcome)
    /// ```
    pub(super) static RULE = {
        name: "sounds-folder-in-name",
        code: "P009",
        group: Group::Prompts,
        severity: Severity::Warning,
        origin: Origin::New,
        fix: Some(Safety::Unsafe),
        check: Check::Sounds(check),
    }
}

const FOLDER: &[u8] = b"sounds/";

fn check(played: &Played<'_>, findings: &mut Findings<'_>) {
    let sounds = played.call.step.subject.settings.sounds.as_ref();
    for (number, name) in played.names() {
        let is_there = |name| sounds.is_some_and(|one| one.presence(name) == Presence::There);
        if !name.starts_with(FOLDER) || is_there(name) {
            continue;
        }
        let place = played.part(number, 0..FOLDER.len());
        findings
            .report(place, "names count from the folder `sounds` already: the caller hears nothing")
            .fix(Safety::Unsafe, "remove it", place, "");
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lint::testing::{check, check_fix};

    #[test]
    fn names_count_from_there_already() {
        check(
            &RULE,
            "
            [a]
            exten => 1,1,Playback(sounds/a&/var/lib/asterisk/sounds/a&custom/sounds/a)
                                  ^^^^^^^ names count from the folder `sounds` already: the caller hears nothing
            ",
        );
    }

    #[test]
    fn the_fix_removes_it() {
        check_fix(
            &RULE,
            "
            [a]
            exten => 1,1,Playback(sounds/custom/a)
            ",
            "
            [a]
            exten => 1,1,Playback(custom/a)
            ",
        );
    }
}
