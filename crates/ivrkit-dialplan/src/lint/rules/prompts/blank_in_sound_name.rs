//! A blank before or after the name of a sound.

use crate::{
    diagnostic::Severity,
    lint::{Check, Findings, Group, Origin, Played, Safety, rule::rule, variables::blank_ends},
};

rule! {
    /// # What it finds
    /// A blank before or after the name of a sound, as in `a & b`.
    ///
    /// # Why it hurts
    /// The blank belongs to the name: Asterisk looks for a file ` b.wav`, which is not there, and the
    /// caller hears silence.
    ///
    /// # Example
    /// ```text
    /// exten => 6500,1,Background(welcome & choose)
    /// ```
    /// Better:
    /// ```text
    /// exten => 6500,1,Background(welcome&choose)
    /// ```
    pub(super) static RULE = {
        name: "blank-in-sound-name",
        code: "P004",
        group: Group::Prompts,
        severity: Severity::Error,
        origin: Origin::New,
        fix: Some(Safety::Unsafe),
        check: Check::Sounds(check),
    }
}

fn check(played: &Played<'_>, findings: &mut Findings<'_>) {
    for (number, name) in played.names() {
        for blank in blank_ends(name) {
            let place = played.part(number, blank.range());
            let shown = String::from_utf8_lossy(name);
            findings
                .report(
                    place,
                    format!("the blank belongs to the name: there is no sound `{shown}`"),
                )
                .fix(Safety::Unsafe, "remove the blank", place, "");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lint::testing::{check, check_fix};

    #[test]
    fn the_blank_belongs_to_the_name() {
        check(
            &RULE,
            "
            [a]
            exten => 1,1,Background(a& b,m)
                                      ^ the blank belongs to the name: there is no sound ` b`
             same => n,Playback(custom/with blank)
             same => n,Read(digit,please,1)
            ",
        );
    }

    #[test]
    fn the_fix_removes_it() {
        check_fix(
            &RULE,
            "
            [a]
            exten => 1,1,Background(a & b)
            ",
            "
            [a]
            exten => 1,1,Background(a&b)
            ",
        );
    }
}
