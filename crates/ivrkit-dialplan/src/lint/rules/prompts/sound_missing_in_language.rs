//! A sound that is there, but not in the language of the call.

use crate::{
    diagnostic::Severity,
    dialplan::Context,
    lint::{Call, Check, Findings, Group, Origin, Played, Sounds, Step, Subject, rule::rule},
};

rule! {
    /// # What it finds
    /// A sound that the media folders have in other languages, but not in the one that an earlier step of
    /// the same extension sets with `Set(CHANNEL(language)=...)`.
    ///
    /// # Why it hurts
    /// The caller chose a language and hears another one: without a file in the call's language Asterisk
    /// takes the English one, and if there is none either, nothing is played.
    ///
    /// # Example
    /// ```text
    /// exten => 6500,1,Set(CHANNEL(language)=zh)
    ///  same => n,Playback(welcome)
    /// ```
    /// with `en/welcome.wav` alone. Better: add `zh/welcome.wav`.
    pub(super) static RULE = {
        name: "sound-missing-in-language",
        code: "P005",
        group: Group::Prompts,
        severity: Severity::Warning,
        origin: Origin::New,
        fix: None,
        check: Check::Context(check),
    }
}

fn check(subject: &Subject<'_>, context: &Context, findings: &mut Findings<'_>) {
    let Some(sounds) = &subject.settings.sounds else { return };
    for extension in &context.extensions {
        let mut language = None;
        for priority in extension.priorities.iter().filter(|one| one.number > 0) {
            let step = Step { subject, context, extension, priority };
            for call in step.calls() {
                if let Some(set) = language_set(&call) {
                    // What is set at run time is not known, nor whether an inner application runs.
                    let is_known = !call.is_inner && memchr::memchr(b'$', set).is_none();
                    language = (is_known && !set.is_empty()).then_some(set);
                }
                let played = call.behaviour.and_then(|behaviour| Played::of(&call, behaviour));
                if let (Some(language), Some(played)) = (language, played) {
                    look(sounds, language, &played, findings);
                }
            }
        }
    }
}

fn look(sounds: &Sounds, language: &[u8], played: &Played<'_>, findings: &mut Findings<'_>) {
    for (number, name) in played.names() {
        let known: Vec<_> = sounds.languages(name).collect();
        // Asterisk tries `zh_CN`, then `zh`.
        let is_there = known.iter().any(|one| {
            language
                .strip_prefix(*one)
                .is_some_and(|rest| matches!(rest.first(), None | Some(b'_')))
        });
        if known.is_empty() || is_there || sounds.is_for_all(name) {
            continue;
        }
        let (name, language) = (name.escape_ascii(), language.escape_ascii());
        let comes = if known.contains(&&b"en"[..]) {
            "the caller hears English"
        } else {
            "the caller hears nothing"
        };
        let message = format!("{name} is not there in the language {language}: {comes}");
        let known: Vec<_> = known.into_iter().map(String::from_utf8_lossy).collect();
        findings
            .report(played.place(number), message)
            .help(format!("it is there in: {}; add it in {language}", known.join(", ")));
    }
}

/// The language that a call is given, as written.
fn language_set<'a>(call: &Call<'a>) -> Option<&'a [u8]> {
    if !call.is("Set") {
        return None;
    }
    let data = call.data();
    let equals = memchr::memchr(b'=', data)?;
    let (name, value) = (data[..equals].trim_ascii(), &data[equals + 1..]);
    let is_language = [&b"CHANNEL(language)"[..], b"LANGUAGE()"].contains(&name);
    is_language.then_some(value)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lint::{rules::prompts::tests::with_sounds, testing::check_with};

    #[test]
    fn the_language_of_the_call_counts() {
        check_with(
            &with_sounds(None, &["en/a.wav", "zh/a.wav", "en/b.wav", "de/c.wav", "d.wav"]),
            &RULE,
            "
            [x]
            exten => 1,1,Playback(b)
             same => n,Set(CHANNEL(language)=zh_CN)
             same => n,Playback(a&b&c&d&none)
                                  ^ b is not there in the language zh_CN: the caller hears English
                                    ^ c is not there in the language zh_CN: the caller hears nothing
             same => n,Set(CHANNEL(language)=${CHOSEN})
             same => n,Playback(b)
            exten => 2,1,Playback(b)
            ",
        );
    }
}
