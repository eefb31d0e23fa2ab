//! The path of a sound that leads out of the media folders.

use crate::{
    diagnostic::Severity,
    lint::{Check, Findings, Group, Origin, Played, rule::rule},
};

rule! {
    /// # What it finds
    /// An absolute path of a sound that is below none of the media folders, where all of them are known by
    /// their place on the PBX.
    ///
    /// # Why it hurts
    /// Nothing that ivrkit pushes gets there. The sound is missing, or somebody put it there by hand and
    /// nobody will remember after the next installation.
    ///
    /// # Example
    /// ```text
    /// exten => 6500,1,Playback(/tmp/media/networkdisk/notice)
    /// ```
    /// Better, with a folder at `/tmp/media/networkdisk1`:
    /// ```text
    /// exten => 6500,1,Playback(/tmp/media/networkdisk1/notice)
    /// ```
    pub(super) static RULE = {
        name: "sound-outside-media",
        code: "P006",
        group: Group::Prompts,
        severity: Severity::Warning,
        origin: Origin::New,
        fix: None,
        check: Check::Sounds(check),
    }
}

fn check(played: &Played<'_>, findings: &mut Findings<'_>) {
    let Some(sounds) = &played.call.step.subject.settings.sounds else { return };
    if !sounds.are_places_known() {
        return;
    }
    for (number, name) in played.names() {
        let places = || sounds.folders.iter().filter_map(|folder| folder.at.as_deref());
        let is_below =
            |at: &[u8]| name.strip_prefix(at).is_some_and(|rest| rest.first() == Some(&b'/'));
        if name.first() != Some(&b'/') || places().any(is_below) {
            continue;
        }
        let known: Vec<_> = places().map(String::from_utf8_lossy).collect();
        findings
            .report(played.place(number), "this path is below no media folder of the PBX")
            .help(format!("known are: {}", known.join(", ")));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lint::{rules::prompts::tests::with_sounds, testing::check_with};

    const TEXT: &str = "
        [a]
        exten => 1,1,Playback(/tmp/media/networkdisk1/a)
         same => n,Playback(/tmp/media/networkdisk/a)
        ";

    #[test]
    fn a_path_must_lead_into_a_media_folder() {
        check_with(
            &with_sounds(Some("/tmp/media/networkdisk1"), &[]),
            &RULE,
            &(TEXT.trim_end().to_owned()
                + "\n                            ^^^^^^^^^^^^^^^^^^^^^^^^ this path is below no media folder of the PBX\n"),
        );
    }

    #[test]
    fn a_folder_may_be_anywhere() {
        check_with(&with_sounds(None, &[]), &RULE, TEXT);
    }
}
