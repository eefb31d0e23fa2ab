//! A blank before or after the name of a sound.

use crate::{
    application::Version,
    diagnostic::Severity,
    lint::{Check, Findings, Group, Origin, Played, Safety, rule::rule, variables::blank_ends},
};

rule! {
    /// # What it finds
    /// A blank before or after the name of a sound, as in `a & b`.
    ///
    /// # Why it hurts
    /// Older versions of Asterisk take the blank for a part of the name: they look for a file ` b.wav`,
    /// which is not there, and the caller hears silence.
    ///
    /// # Example
    /// ```text
    /// exten => 6500,1,Background(welcome & choose)
    /// ```
    /// Better:
    /// ```text
    /// exten => 6500,1,Background(welcome&choose)
    /// ```
    /// # Versions
    /// Asterisk 13 and 16 do not find the sound, 22 takes the blanks away; releases of 18 and 20 do the one
    /// or the other. It is a hint for 18 and later.
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
    let is_old = played.call.version() <= Version::V16;
    for (number, name) in played.names() {
        for blank in blank_ends(name) {
            let place = played.part(number, blank.range());
            let shown = String::from_utf8_lossy(name);
            let message = if is_old {
                format!("the blank belongs to the name: there is no sound `{shown}`")
            } else {
                "older versions of Asterisk take this blank for a part of the name".to_owned()
            };
            let finding = findings.report(place, message);
            finding.fix(Safety::Unsafe, "remove the blank", place, "");
            if !is_old {
                finding.severity = Severity::Hint;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        lint::{
            Level, Settings, read,
            testing::{check, check_fix, check_with},
        },
        syntax::Nothing,
    };

    #[test]
    fn the_blank_belongs_to_the_name() {
        check_with(
            &Settings { version: Version::V16, ..Settings::default() },
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
    fn newer_versions_take_it_away() {
        check(
            &RULE,
            "
            [a]
            exten => 1,1,Background(a& b,m)
                                      ^ older versions of Asterisk take this blank for a part of the name
            ",
        );
    }

    #[test]
    fn the_operators_level_counts() {
        let check = |said: Option<Level>, expected: Severity| {
            let levels = said.map(|level| (RULE.name.to_owned(), level)).into_iter().collect();
            let text = b"[a]\nexten => 1,1,Background(a& b)\n".to_vec();
            let reading = read(b"extensions.conf", text, &mut Nothing);
            let found = reading.lint(&Settings { levels, ..Settings::default() });
            let own = found.iter().find(|one| one.rule.name == RULE.name).expect("it is found");
            assert_eq!(own.severity, expected, "{said:?}");
        };
        check(None, Severity::Hint);
        check(Some(Level::On), Severity::Hint);
        check(Some(Level::Error), Severity::Error);
        check(Some(Level::Warning), Severity::Warning);
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
