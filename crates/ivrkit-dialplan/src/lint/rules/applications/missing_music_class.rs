//! A class of music that `musiconhold.conf` does not have.

use crate::{
    diagnostic::Severity,
    lint::{
        Call, Check, Findings, Group, Origin,
        neighbours::{Defined, plain, plain_argument},
        rule::rule,
    },
};

rule! {
    /// # What it finds
    /// A class of music on hold that is not in the `musiconhold.conf` beside the dialplan. Nothing is said
    /// without that file, or if classes are kept in a database.
    ///
    /// # Why it hurts
    /// Asterisk takes the class `default`, or the caller waits in silence and takes the line for dead.
    ///
    /// # Example
    /// ```text
    /// exten => 6500,1,MusicOnHold(sumer)
    /// ```
    /// Better:
    /// ```text
    /// exten => 6500,1,MusicOnHold(summer)
    /// ```
    pub(super) static RULE = {
        name: "missing-music-class",
        code: "A105",
        group: Group::Applications,
        severity: Severity::Warning,
        origin: Origin::New,
        fix: None,
        check: Check::CallOf(|application| application.is_one_of(&["MusicOnHold", "StartMusicOnHold", "Set"]), check),
    }
}

fn check(call: &Call<'_>, findings: &mut Findings<'_>) {
    let Some(neighbours) = &call.step.subject.settings.neighbours else { return };
    let data = call.data();
    let set = b"CHANNEL(musicclass)=";
    let range = if !call.is("Set") {
        plain_argument(call, 0)
    } else if data.starts_with(set) {
        plain(data, set.len()..data.len())
    } else {
        None
    };
    let Some(range) = range else { return };
    let name = &data[range.clone()];
    if neighbours.lacks(Defined::MusicClass, name) {
        let message = format!("musiconhold.conf has no class {}", name.escape_ascii());
        findings.report(call.data_place(range), message);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lint::{rules::applications::tests::beside, testing::check_with};

    #[test]
    fn a_class_must_be_defined() {
        check_with(
            &beside(&[("musiconhold.conf", "[general]\n[summer]\nmode=files\n")]),
            &RULE,
            "
            [a]
            exten => 1,1,MusicOnHold(summer,5)
             same => n,MusicOnHold(default)
             same => n,Set(CHANNEL(musicclass)=sumer)
                                               ^^^^^ musiconhold.conf has no class sumer
             same => n,StartMusicOnHold(${X})
            ",
        );
    }
}
