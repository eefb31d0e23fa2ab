//! An application without an argument that it needs.

use crate::{
    application::Syntax,
    diagnostic::Severity,
    lint::{Call, Check, Findings, Group, Origin, rule::rule},
};

rule! {
    /// # What it finds
    /// A call without an argument that the application cannot do without.
    ///
    /// # Why it hurts
    /// Most applications log a warning and do nothing, some end the call. What was meant does not happen.
    ///
    /// # Example
    /// ```text
    /// same => n,Playback()
    /// ```
    /// plays nothing. Name the sound: `Playback(welcome)`.
    pub(super) static RULE = {
        name: "too-few-arguments",
        code: "A005",
        group: Group::Applications,
        severity: Severity::Error,
        origin: Origin::Asterisklint,
        fix: None,
        check: Check::CallOf(|application| application.syntax().is_some_and(needs_argument), check),
    }
}

fn needs_argument(syntax: &Syntax) -> bool {
    syntax.arguments.first().is_some_and(|first| first.required) && syntax.separator == ","
}

fn check(call: &Call<'_>, findings: &mut Findings<'_>) {
    let Some(syntax) = call.entry.and_then(|entry| entry.syntax(call.version())) else { return };
    let first = syntax.arguments.first();
    // What a variable holds may bring any number of arguments.
    if !call.data().trim_ascii().is_empty() || takes_nothing(call) {
        return;
    }
    let name = call.entry.map_or("", |entry| entry.name());
    let argument = first.map_or("", |first| first.name);
    let message = format!("{name} does nothing without its {argument}");
    findings.report(call.application_place(), message);
}

/// What does something sensible when it is given nothing, whatever its documentation asks for.
fn takes_nothing(call: &Call<'_>) -> bool {
    TAKING_NOTHING.iter().any(|name| call.is(name))
}

/// Some take a default (the class of music, the file that was recorded), some ask the caller (which
/// mailbox), some have nothing to say.
const TAKING_NOTHING: [&str; 19] = [
    "Dial",
    "Else",
    "ExtenSpy",
    "Gosub",
    "Goto",
    "Log",
    "MinivmDelete",
    "MusicOnHold",
    "NoOp",
    "ParkedCall",
    "RaiseException",
    "SpeechCreate",
    "StartMusicOnHold",
    "UserEvent",
    "VMAuthenticate",
    "Verbose",
    "VoiceMail",
    "VoiceMailMain",
    "Zapateller",
];

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lint::testing::check;

    #[test]
    fn what_it_needs_is_missed() {
        check(
            &RULE,
            "
            [a]
            exten => 1,1,Playback()
                         ^^^^^^^^ Playback does nothing without its filenames
             same => n,Playback(hello)
             same => n,Playback(${SOUND})
             same => n,Hangup()
             same => n,WaitExten()
            ",
        );
    }
    #[test]
    fn what_takes_a_default_or_asks_the_caller_misses_nothing() {
        check(
            &RULE,
            "
            [a]
            exten => 1,1,VoiceMailMain()
             same => n,VMAuthenticate()
             same => n,MusicOnHold()
             same => n,StartMusicOnHold()
             same => n,Zapateller()
             same => n,MinivmDelete()
             same => n,Else()
            ",
        );
    }
}
