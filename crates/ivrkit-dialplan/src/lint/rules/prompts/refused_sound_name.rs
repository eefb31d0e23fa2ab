//! A name of a sound that the PBX does not take.

use crate::{
    diagnostic::Severity,
    lint::{Check, Findings, Group, Origin, Played, rule::rule},
    scenario::Profile,
};

rule! {
    /// # What it finds
    /// A character in the name of a sound that a Yeastar S-series does not take: all but ASCII letters,
    /// digits, `-`, `_`, `.` and the `/` between folders. Looks only if the sounds are judged for that PBX.
    ///
    /// # Why it hurts
    /// The PBX does not take the file in, or its API joins names at the `+`: the caller hears silence.
    ///
    /// # Example
    /// ```text
    /// exten => 6500,1,Playback(custom/+8613900001111)
    /// ```
    /// Better:
    /// ```text
    /// exten => 6500,1,Playback(custom/8613900001111)
    /// ```
    pub(super) static RULE = {
        name: "refused-sound-name",
        code: "P007",
        group: Group::Prompts,
        severity: Severity::Warning,
        origin: Origin::New,
        fix: None,
        check: Check::Sounds(check),
    }
}

fn check(played: &Played<'_>, findings: &mut Findings<'_>) {
    let settings = played.call.step.subject.settings;
    if settings.sounds.as_ref().and_then(|sounds| sounds.profile) != Some(Profile::YeastarS) {
        return;
    }
    for (number, name) in played.names() {
        let text = String::from_utf8_lossy(name.trim_ascii());
        let is_usable = |c: char| c.is_ascii_alphanumeric() || "-_./".contains(c);
        if let Some(bad) = text.chars().find(|&c| !is_usable(c)) {
            let message = format!("the name holds {bad:?}, which a Yeastar S-series does not take");
            findings
                .report(played.place(number), message)
                .help("name it by ASCII letters, digits, `-` and `_`");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lint::{rules::prompts::tests::with_sounds, testing::check_with};

    const TEXT: &str = "
        [a]
        exten => 1,1,Playback(custom/notice_1-a&custom/+86139)";

    #[test]
    fn a_yeastar_takes_few_characters() {
        let mut settings = with_sounds(None, &[]);
        check_with(&settings, &RULE, TEXT);
        settings.sounds.as_mut().expect("there are some").profile = Some(Profile::YeastarS);
        let marked = "\n                                                ^^^^^^^^^^^^^ the name holds '+', which a Yeastar S-series does not take";
        check_with(&settings, &RULE, &format!("{TEXT}{marked}"));
    }
}
