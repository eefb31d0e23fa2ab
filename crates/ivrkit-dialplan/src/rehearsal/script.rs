//! What the caller does, as one writes it: `wait 2; 1; after password; 56789#`.

use crate::call::Redirect;
use std::fmt;

/// What the caller does, in order.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Script {
    /// Each with the text that says it.
    pub(super) actions: Vec<(Action, String)>,
}

/// Something that the caller does, or waits for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Action {
    /// Does nothing for so many milliseconds.
    Wait(u64),
    /// Waits for something to happen.
    Until(Cue),
    /// Presses a key.
    Key(u8),
    /// Hangs up.
    HangUp,
    /// Not the caller but an application: sends the call to another place.
    Redirect(Redirect),
}

/// What a caller can wait for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Cue {
    /// A sound was played to its end, or turned out to be missing.
    SoundEnds(String),
    /// A sound has begun.
    SoundBegins(String),
    /// The call is at a place, see [`is_place`](super::is_place).
    At(String),
    /// The dialplan told an event of that name.
    Event(String),
}

/// A script that cannot be understood.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("found {found}, expected {expected}")]
pub struct ScriptError {
    /// Where, in bytes from the start.
    pub at: usize,
    /// How many bytes.
    pub len: usize,
    /// What stands there.
    pub found: String,
    /// What should.
    pub expected: &'static str,
}

const ACTION: &str = "keys of 0-9, A-D, * and #, `wait SECONDS`, `after SOUND`, `during SOUND`, \
                      `in PLACE`, `event NAME`, `hangup` or `redirect CONTEXT,EXTEN,PRIORITY`";
/// Longest wait in seconds: a week.
const MAX_WAIT_S: f64 = 604_800.0;

impl Script {
    /// Reads a script. Actions stand one after the other, with `;` or blanks between.
    ///
    /// # Errors
    /// The first word that is no action.
    pub fn parse(text: &str) -> Result<Self, ScriptError> {
        let mut words = words(text);
        let mut actions = Vec::new();
        while let Some(word) = words.next() {
            let mut argument = |expected: &'static str| {
                words.next().ok_or_else(|| ScriptError {
                    at: word.at,
                    len: word.text.len(),
                    found: format!("`{}` at the end", word.text),
                    expected,
                })
            };
            let (action, said) = match word.text {
                "wait" => with(word, argument("seconds after it")?, wait)?,
                "after" => with(word, argument("the name of a sound after it")?, |name| {
                    Ok(Action::Until(Cue::SoundEnds(name.text.to_owned())))
                })?,
                "during" => with(word, argument("the name of a sound after it")?, |name| {
                    Ok(Action::Until(Cue::SoundBegins(name.text.to_owned())))
                })?,
                "in" => with(word, argument("a place after it")?, |place| {
                    Ok(Action::Until(Cue::At(place.text.to_owned())))
                })?,
                "event" => with(word, argument("the name of an event after it")?, |name| {
                    Ok(Action::Until(Cue::Event(name.text.to_owned())))
                })?,
                "redirect" => with(word, argument("a place after it")?, redirect)?,
                "hangup" => (Action::HangUp, word.text.to_owned()),
                _ => {
                    actions.extend(keys(word)?);
                    continue;
                }
            };
            actions.push((action, said));
        }
        Ok(Self { actions })
    }

    /// Goes on with another script.
    pub fn append(&mut self, other: Self) {
        self.actions.extend(other.actions);
    }

    /// The actions.
    pub fn actions(&self) -> impl Iterator<Item = &Action> {
        self.actions.iter().map(|(action, _)| action)
    }
}

/// Some actions as a script says them.
pub(super) fn said(actions: &[(Action, String)]) -> String {
    let mut text = String::new();
    let mut last_was_key = false;
    for (action, said) in actions {
        let is_key = matches!(action, Action::Key(_));
        if !(text.is_empty() || is_key && last_was_key) {
            text.push_str("; ");
        }
        text.push_str(said);
        last_was_key = is_key;
    }
    text
}

#[derive(Clone, Copy)]
struct Word<'a> {
    at: usize,
    text: &'a str,
}

impl Word<'_> {
    fn refused(self, expected: &'static str) -> ScriptError {
        let shown: String = self.text.chars().flat_map(char::escape_default).take(40).collect();
        ScriptError { at: self.at, len: self.text.len(), found: format!("`{shown}`"), expected }
    }
}

fn words(text: &str) -> impl Iterator<Item = Word<'_>> {
    let words = text.split(|c: char| c == ';' || c.is_whitespace());
    let words = words.filter(|word| !word.is_empty());
    words.map(move |word| Word { at: word.as_ptr() as usize - text.as_ptr() as usize, text: word })
}

fn with(
    verb: Word<'_>,
    argument: Word<'_>,
    action: impl Fn(Word<'_>) -> Result<Action, ScriptError>,
) -> Result<(Action, String), ScriptError> {
    Ok((action(argument)?, format!("{} {}", verb.text, argument.text)))
}

#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "0 to a week fits")]
fn wait(seconds: Word<'_>) -> Result<Action, ScriptError> {
    let parsed = seconds.text.parse().ok().filter(|s| (0.0..=MAX_WAIT_S).contains(s));
    let seconds = parsed.ok_or_else(|| seconds.refused("seconds, at most 604800"))?;
    Ok(Action::Wait((seconds * 1000.0_f64).round() as u64))
}

fn redirect(place: Word<'_>) -> Result<Action, ScriptError> {
    let redirect = Redirect::parse(place.text);
    redirect.map(Action::Redirect).ok_or_else(|| place.refused("`CONTEXT,EXTEN,PRIORITY`"))
}

fn keys(word: Word<'_>) -> Result<Vec<(Action, String)>, ScriptError> {
    let keys = word.text.chars().map(|key| match key.to_ascii_uppercase() {
        key @ ('0'..='9' | 'A'..='D' | '*' | '#') => {
            u8::try_from(key).ok().map(|byte| (Action::Key(byte), key.to_string()))
        }
        _ => None,
    });
    keys.collect::<Option<_>>().ok_or_else(|| word.refused(ACTION))
}

impl Redirect {
    /// Reads `context,exten,priority`; the priority may be left out.
    pub fn parse(text: &str) -> Option<Self> {
        let mut parts = text.split(',');
        let (context, exten) = (parts.next()?, parts.next()?);
        let priority = parts.next().map_or(Some(1), |number| number.parse().ok())?;
        let is_sound = priority >= 1 && parts.next().is_none();
        (is_sound && !context.is_empty() && !exten.is_empty()).then(|| Self {
            context: context.into(),
            exten: exten.into(),
            priority,
        })
    }
}

impl fmt::Display for Script {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&said(&self.actions))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, expected: &str) {
        let found = Script::parse(text);
        let shown = found.map_or_else(|error| format!("{}: {error}", error.at), |s| s.to_string());
        assert!(shown.starts_with(expected), "{text:?}: {shown}");
    }

    #[test]
    fn actions_stand_one_after_the_other() {
        check("wait 2; 1; wait 1; 56789#", "wait 2; 1; wait 1; 56789#");
        check(
            "wait 0.5 12 ;;\n after password  *d hangup",
            "wait 0.5; 12; after password; *D; hangup",
        );
        check("in 6501 event PlayPromptEnd during ok", "in 6501; event PlayPromptEnd; during ok");
        check(
            "redirect ivrs,6502,1 redirect ivrs,6503",
            "redirect ivrs,6502,1; redirect ivrs,6503",
        );
        check("", "");
    }

    #[test]
    fn what_is_no_action_is_told_with_its_place() {
        check("1; wiat 2", "3: found `wiat`, expected keys of 0-9, A-D");
        check("1; wait", "3: found `wait` at the end, expected seconds after it");
        check("wait -1", "5: found `-1`, expected seconds");
        check("wait nan", "5: found `nan`, expected seconds");
        check("redirect ivrs", "9: found `ivrs`, expected `CONTEXT,EXTEN,PRIORITY`");
        check("redirect a,b,0", "9: found `a,b,0`");
        check("1 \u{1b}[2J", "2: found `\\u{1b}[2J`");
    }

    #[test]
    fn waits_are_in_milliseconds() {
        let script = Script::parse("wait 1.25 7").unwrap();
        let actions: Vec<_> = script.actions().cloned().collect();
        assert_eq!(actions, [Action::Wait(1250), Action::Key(b'7')]);
    }

    proptest::proptest! {
        #[test]
        fn whatever_is_read_is_said_so_that_it_reads_the_same(
            text in "((wait [0-9]{1,3}(\\.[0-9]{1,3})?|after [a-z/]{1,8}|during ok|in [0-9]{4}|event E|\
                     redirect a,b,[1-9]|hangup|[0-9A-Da-d*#]{1,6})[; ]{1,3}){0,8}",
        ) {
            let script = Script::parse(&text).unwrap();
            proptest::prop_assert_eq!(Script::parse(&script.to_string()), Ok(script));
        }

        #[test]
        fn no_text_is_too_much(text in "\\PC{0,60}") {
            if let Err(error) = Script::parse(&text) {
                proptest::prop_assert!(text.get(error.at..error.at + error.len).is_some());
            }
        }
    }
}
