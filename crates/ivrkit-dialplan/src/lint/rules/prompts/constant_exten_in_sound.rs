//! `${EXTEN}` in the name of a sound, where it is always the same.

use crate::{
    application::arguments::Text,
    diagnostic::Severity,
    lint::{Call, Check, Findings, Group, Origin, rule::rule},
};

rule! {
    /// # What it finds
    /// `${EXTEN}` in the name of a sound that an extension plays which is no pattern.
    ///
    /// # Why it hurts
    /// `${EXTEN}` is the extension that runs: in `6500` it is 6500, whoever calls or is called. If each
    /// callee was to hear a file of his own, all of them hear the same one, or nothing.
    ///
    /// # Example
    /// ```text
    /// exten => 6500,1,Background(appointments/${EXTEN})
    /// ```
    /// Better, if the file is named by the other party's number, where that is the caller id:
    /// ```text
    /// exten => 6500,1,Background(appointments/${FILTER(0-9,${CALLERID(num)})})
    /// ```
    /// If the extension's own file is meant, write its name.
    pub(super) static RULE = {
        name: "constant-exten-in-sound",
        code: "P090",
        group: Group::Prompts,
        severity: Severity::Hint,
        origin: Origin::New,
        fix: None,
        check: Check::CallOf(|application| application.behaviour.is_some_and(|one| !one.sounds.is_empty()), check),
    }
}

fn check(call: &Call<'_>, findings: &mut Findings<'_>) {
    const EXTEN: &[u8] = b"${EXTEN}";
    let (Some(behaviour), data) = (call.behaviour, call.data()) else { return };
    let pattern = &call.step.extension.key.pattern;
    if pattern.is_pattern() || memchr::memmem::find(data, EXTEN).is_none() {
        return;
    }
    for sound in behaviour.sounds(data, call.version(), Text::Source) {
        let Some(at) = memchr::memmem::find(&data[sound.clone()], EXTEN) else { continue };
        let start = sound.start + at;
        let name = pattern.name().escape_ascii();
        findings
            .report(
                call.data_place(start..start + EXTEN.len()),
                format!("this is always `{name}`: everybody hears the same"),
            )
            .help("${EXTEN} is the extension that runs, not the number of who calls or is called");
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lint::testing::check;

    #[test]
    fn the_extension_that_runs_is_known() {
        check(
            &RULE,
            "
            [a]
            exten => 6500,1,Background (media/${EXTEN}&beep)
                                              ^^^^^^^^ this is always `6500`: everybody hears the same
             same => n,Playback(media/${CALLERID(num)})
             same => n,SayDigits(${EXTEN})
             same => n,Playback(beep,${EXTEN})
            exten => _65XX,1,Background(media/${EXTEN})
            ",
        );
    }
}
