//! An option letter that an application does not know.

use crate::{
    application::{arguments, letters},
    diagnostic::Severity,
    lint::{Application, Call, Check, Findings, Group, Origin, rule::rule},
};

rule! {
    /// # What it finds
    /// A letter among the options of an application that it does not know in this version of Asterisk.
    ///
    /// # Why it hurts
    /// Asterisk ignores the letter, with a warning when a call comes by. What was meant by it does not
    /// happen: nobody is recorded, the caller hears no ringing.
    ///
    /// # Example
    /// ```text
    /// same => n,Background(menu,q)
    /// ```
    /// Better: leave it out, or look the letter up in `core show application Background`.
    pub(super) static RULE = {
        name: "unknown-option",
        code: "A007",
        group: Group::Applications,
        severity: Severity::Warning,
        origin: Origin::Asterisklint,
        fix: None,
        check: Check::CallOf(has_letters, check),
    }
}

/// Whether the options of an application are letters: words such as `skip` are of another kind.
fn has_letters(application: &Application<'_>) -> bool {
    let (Some(entry), Some(syntax)) = (application.entry, application.syntax()) else {
        return false;
    };
    let undocumented = entry.undocumented_options(application.version);
    let mut options = syntax.options().iter().chain(undocumented);
    syntax.options_at().is_some() && options.all(|option| option.name.len() == 1)
}

fn check(call: &Call<'_>, findings: &mut Findings<'_>) {
    let Some(entry) = call.entry else { return };
    let Some(syntax) = entry.syntax(call.version()) else { return };
    let Some(at) = syntax.options_at() else { return };
    let known = syntax.options();
    let undocumented = entry.undocumented_options(call.version());
    if memchr::memchr(b',', call.data()).is_none() && at > 0 {
        return;
    }
    let Some(range) = call.argument(at).filter(|range| !range.is_empty()) else { return };
    // As most letters are known, the cheap question comes first.
    let letters = syntax.option_letters() | letters(undocumented);
    let is_unknown = |byte: &u8| {
        let letter = byte & 0x7f;
        letter.is_ascii_alphanumeric() && letters & (1 << letter) == 0
    };
    if !call.data()[range.clone()].iter().any(is_unknown) {
        return;
    }
    let options = arguments::options(call.data(), range, arguments::Text::Source);
    for given in options.given {
        let is_known =
            known.iter().chain(undocumented).any(|option| option.name.as_bytes() == [given.letter]);
        if !is_known && given.letter.is_ascii_alphanumeric() {
            let letter = char::from(given.letter);
            let message = format!("{} has no option {letter}", entry.name());
            findings.report(call.data_place(given.at..given.at + 1), message);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lint::testing::check;

    #[test]
    fn the_letter_is_not_known() {
        check(
            &RULE,
            "
            [a]
            exten => 1,1,Dial(PJSIP/1,20,tT)
             same => n,VoiceMail(100@default,uZ)
                                              ^ VoiceMail has no option Z
             same => n,Dial(PJSIP/1,20,${OPTIONS}U(sub^x)g)
             same => n,Queue(support)
            ",
        );
    }
}
