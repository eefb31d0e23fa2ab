//! The applications that say something piece by piece: `SayDigits`, `SayAlpha`, `SayAlphaCase`,
//! `SayPhonetic`, `SayNumber`, `SayOrdinal`, `SayMoney`, `SayUnixTime` and `DateTime`.
//!
//! Which sounds they play follows Asterisk's `main/say.c`. Digits and letters have the same names in
//! all languages; numbers are modelled in English and Chinese, dates in English, which is also what
//! Asterisk speaks in a language that it does not know.

mod date;
mod letters;
mod number;

use super::{
    super::line::{Line, Played},
    Outcome,
    given::Given,
};
use crate::{application::Version, number::scanned_with_end};

/// Languages that have an own way to say numbers, by their first letters.
const OTHER_NUMBERS: &[&[u8]] = &[
    b"cs", b"da", b"de", b"es", b"fr", b"gr", b"ja", b"he", b"hu", b"is", b"it", b"ka", b"nl",
    b"no", b"pl", b"pt", b"ru", b"se", b"th", b"ur", b"vi", b"dr", b"ps",
];

/// A sound that is said.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Word {
    name: Vec<u8>,
    /// Whether nothing more is said without it.
    is_needed: bool,
}

/// A character of what is spelt, and its sound.
struct Letter {
    /// Where in the text it stands.
    at: usize,
    byte: u8,
    name: Vec<u8>,
}

/// What came of saying something.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Said {
    Whole,
    Key(u8),
    /// A sound is missing, or the channel is asked to stop.
    Failed,
}

/// `SayDigits(digits)`.
pub(super) async fn digits(line: &Line, data: &[u8]) -> Outcome {
    spell(line, data, letters::digit).await
}

/// `SayAlpha(text)`.
pub(super) async fn alpha(line: &Line, data: &[u8]) -> Outcome {
    spell(line, data, letters::character).await
}

/// `SayPhonetic(text)`.
pub(super) async fn phonetic(line: &Line, data: &[u8]) -> Outcome {
    spell(line, data, letters::phonetic).await
}

/// `SayAlphaCase(case,text)`: tells capitals (`u`), small letters (`l`) or both (`a`) apart, or
/// none (`n`).
pub(super) async fn alpha_case(line: &Line, data: &[u8]) -> Outcome {
    let given = Given::new(data, 2);
    let [case @ (b'a' | b'l' | b'n' | b'u')] = given.text(0)[..] else {
        line.complain(None, "SayAlphaCase is given no a, l, n or u".to_owned());
        return Outcome::Next;
    };
    let mut names = Vec::new();
    for (at, &byte) in given.text(1).iter().enumerate() {
        if byte.is_ascii_uppercase() && matches!(case, b'a' | b'u') {
            names.push(Letter { at, byte, name: b"uppercase".to_vec() });
        } else if byte.is_ascii_lowercase() && matches!(case, b'a' | b'l') {
            names.push(Letter { at, byte, name: b"lowercase".to_vec() });
        }
        names.extend(letters::character(byte).map(|name| Letter { at, byte, name }));
    }
    let language = language(line);
    let words = present(line, names, &language, true);
    say(line, words, &language, permits_interrupt(line)).await.into()
}

/// `SayNumber(number,gender)`.
pub(super) async fn number(line: &Line, data: &[u8]) -> Outcome {
    count(line, data, "SayNumber", |number, language| {
        if starts_with(language, b"en_gb") {
            Some(number::british(number))
        } else if starts_with(language, b"zh") {
            Some(number::chinese(number))
        } else if OTHER_NUMBERS.iter().any(|known| starts_with(language, known)) {
            None
        } else {
            Some(number::cardinal(number))
        }
    })
    .await
}

/// `SayOrdinal(number,gender)`; in English whatever the language is.
pub(super) async fn ordinal(line: &Line, data: &[u8]) -> Outcome {
    count(line, data, "SayOrdinal", |number, _| Some(number::ordinal(number))).await
}

/// `SayMoney(dollars)`; in dollars whatever the language is.
pub(super) async fn money(line: &Line, data: &[u8]) -> Outcome {
    let is_old = line.pbx.version < Version::V18;
    if data.is_empty() && !is_old {
        return Outcome::HangUp;
    }
    let language = language(line);
    let cents = if is_old { number::cents_of_double(data) } else { number::cents(data) };
    say(line, number::money(cents), &language, permits_interrupt(line)).await.into()
}

/// `SayUnixTime(seconds,zone,format,options)` and `DateTime`.
pub(super) async fn unix_time(line: &Line, data: &[u8]) -> Outcome {
    let given = Given::new(data, 4);
    let interrupts = permits_interrupt(line) || given.flags(3).has(b'j');
    let now_s = line.with(|channel| {
        let passed_s = i64::try_from(channel.now_ms / 1000).unwrap_or(i64::MAX);
        channel.setup.epoch_s.saturating_add(passed_s)
    });
    let time_s = scanned_seconds(&given.text(0)).unwrap_or(now_s);
    if !line.answer(0).await {
        return Outcome::HangUp;
    }
    let language = language(line);
    let offset_s = |at_s| line.with(|channel| channel.utc_offset_s(&given.text(1), at_s));
    let (Some(now_offset_s), Some(offset_s)) = (offset_s(now_s), offset_s(time_s)) else {
        line.not_modelled("SayUnixTime in another time zone");
        return Outcome::HangUp;
    };
    if !starts_with(&language, b"en") && is_other_date(&language) {
        line.not_modelled("SayUnixTime in another language");
        return Outcome::HangUp;
    }
    let format = given.text(2);
    let format: &[u8] = if format.is_empty() { b"ABdY 'digits/at' IMp" } else { &format };
    let clock = date::Clock {
        now_s: now_s + i64::from(now_offset_s),
        time_s: time_s + i64::from(offset_s),
    };
    let is_british = starts_with(&language, b"en_gb");
    let (words, unknown) = date::words(format, &clock, is_british);
    for letter in unknown {
        let shown = letter.escape_ascii();
        line.complain(None, format!("{shown} is no part of a date or time"));
    }
    say(line, words, &language, interrupts).await.into()
}

impl Word {
    fn needed(name: impl Into<Vec<u8>>) -> Self {
        Self { name: name.into(), is_needed: true }
    }

    fn optional(name: impl Into<Vec<u8>>) -> Self {
        Self { name: name.into(), is_needed: false }
    }
}

impl From<Said> for Outcome {
    fn from(said: Said) -> Self {
        match said {
            Said::Whole => Self::Next,
            Said::Key(key) => Self::Key(key),
            Said::Failed => Self::HangUp,
        }
    }
}

/// Says a text letter by letter; what has no sound is left out.
async fn spell(line: &Line, data: &[u8], name: fn(u8) -> Option<Vec<u8>>) -> Outcome {
    let letter = |(at, &byte): (usize, &u8)| name(byte).map(|name| Letter { at, byte, name });
    let letters = data.iter().enumerate().filter_map(letter).collect();
    let language = language(line);
    let is_character = std::ptr::fn_addr_eq(name, letters::character as fn(u8) -> Option<Vec<u8>>);
    let words = present(line, letters, &language, is_character);
    say(line, words, &language, permits_interrupt(line)).await.into()
}

/// The sounds that are there; for those that are not the one of their code may be.
fn present(line: &Line, letters: Vec<Letter>, language: &[u8], has_codes: bool) -> Vec<Word> {
    let mut words = Vec::with_capacity(letters.len());
    // Asterisk 16 leaves an empty name where the first sound is missing.
    let leaves_gap = line.pbx.version < Version::V18;
    for Letter { at, byte, name } in letters {
        let code = || {
            let code = format!("letters/ascii{}", byte.cast_signed()).into_bytes();
            (has_codes && line.has_sound(&code, language)).then_some(code)
        };
        let found = if line.has_sound(&name, language) { Some(name) } else { code() };
        let Some(found) = found else { continue };
        if leaves_gap && at > 0 && words.is_empty() {
            words.push(Word::needed(""));
        }
        words.push(Word::needed(found));
    }
    words
}

/// Says a number that is the first argument; none from `words` for what is not modelled.
async fn count(
    line: &Line,
    data: &[u8],
    application: &str,
    words: impl Fn(i32, &[u8]) -> Option<Vec<Word>>,
) -> Outcome {
    if data.is_empty() {
        line.complain(None, format!("{application} is given no number"));
        return Outcome::HangUp;
    }
    let mut arguments = data.splitn(3, |&byte| byte == b',');
    let text = arguments.next().unwrap_or_default();
    let Some(number) = whole_number(text) else {
        let shown = text.escape_ascii();
        line.complain(None, format!("{application} is given {shown}, which is no number"));
        return Outcome::Next;
    };
    let gender = arguments.next();
    let is_gender =
        |text: &[u8]| matches!(text.to_ascii_lowercase()[..], [b'f' | b'm' | b'c' | b'n']);
    if gender.is_some_and(|gender| !is_gender(gender)) {
        line.complain(None, format!("{application} knows the genders f, m, c and n"));
        return Outcome::HangUp;
    }
    let language = language(line);
    let Some(words) = words(number, &language) else {
        line.not_modelled(&format!("{application} in another language"));
        return Outcome::HangUp;
    };
    let interrupts = permits_interrupt(line);
    let said = say(line, words, &language, interrupts).await;
    if interrupts { said.into() } else { Outcome::Next }
}

/// Plays the sounds one after the other.
async fn say(line: &Line, words: Vec<Word>, language: &[u8], interrupts: bool) -> Said {
    for word in words {
        match line.play(&word.name, language, &|_| interrupts).await {
            Played::Whole => {}
            Played::Missing if !word.is_needed => {}
            Played::Missing | Played::Refused | Played::Gone => return Said::Failed,
            Played::Key(key) => return Said::Key(key),
        }
    }
    Said::Whole
}

/// Whether `SAY_DTMF_INTERRUPT` says that keys end what is said.
fn permits_interrupt(line: &Line) -> bool {
    let value = line.plain_variable(b"SAY_DTMF_INTERRUPT").unwrap_or_default();
    let yes: [&[u8]; 6] = [b"yes", b"true", b"y", b"t", b"1", b"on"];
    yes.iter().any(|yes| value.eq_ignore_ascii_case(yes))
}

fn language(line: &Line) -> Vec<u8> {
    line.with(|channel| channel.setup.language.clone())
}

fn starts_with(language: &[u8], beginning: &[u8]) -> bool {
    let start = language.get(..beginning.len());
    start.is_some_and(|start| start.eq_ignore_ascii_case(beginning))
}

/// Whether dates are said in an own way in a language.
fn is_other_date(language: &[u8]) -> bool {
    let known: [&[u8]; 16] = [
        b"da", b"de", b"es", b"he", b"fr", b"gr", b"is", b"ja", b"it", b"nl", b"pl", b"pt", b"th",
        b"zh", b"vi", b"ka",
    ];
    known.iter().any(|known| starts_with(language, known))
}

/// A text that is a number and nothing else.
fn whole_number(text: &[u8]) -> Option<i32> {
    let (_, end) = scanned_with_end(text, usize::MAX)?;
    let written = std::str::from_utf8(&text[..end]).ok()?.trim_start();
    let number = written.trim_start_matches('+').parse().ok();
    number.filter(|_| end == text.len())
}

/// Seconds, which are more than 32 bits hold.
fn scanned_seconds(text: &[u8]) -> Option<i64> {
    let (_, end) = scanned_with_end(text, 30)?;
    let written = std::str::from_utf8(&text[..end]).ok()?.trim_start();
    written.trim_start_matches('+').parse().ok()
}

#[cfg(test)]
mod tests;
