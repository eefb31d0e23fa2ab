//! Functions over the text they are given.

use super::{
    arguments::{decoded, divided},
    flag,
};
use crate::{
    expression::Environment,
    posix_regex::{Mistake, PosixRegex},
    syntax::Kind,
};

/// Most bytes of a value.
const MAX_BYTES: usize = 4095;

/// `FILTER(characters,text)`: the text without all other characters; `a-z` is a range.
pub(super) fn filter(given: &[u8], environment: &mut dyn Environment) -> Option<Vec<u8>> {
    let arguments = divided(given, b',', false, 2);
    let [allowed, text] = &arguments[..] else {
        environment.complain(Kind::FunctionFailed, "FILTER takes characters and a text");
        return None;
    };
    if allowed.first() == Some(&b'"') {
        environment.complain(Kind::FunctionFailed, "FILTER takes quotes for characters");
    }
    let mut is_allowed = [false; 256];
    let mut rest = &allowed[..];
    while !rest.is_empty() {
        let Some((first, after)) = decoded(rest) else {
            environment.complain(Kind::FunctionFailed, "FILTER with a \\x without digits");
            return None;
        };
        rest = after;
        let [b'-', after @ ..] = rest else {
            is_allowed[usize::from(first)] = true;
            continue;
        };
        let (last, after) = decoded(after).unwrap_or((first, &after[after.len().min(1)..]));
        rest = after;
        if last < first {
            environment.complain(Kind::FunctionFailed, "FILTER with a range that is backwards");
        }
        for step in 0..=last.wrapping_sub(first) {
            is_allowed[usize::from(first.wrapping_add(step))] = true;
        }
    }
    let kept = text.iter().copied().filter(|&byte| byte != 0 && is_allowed[usize::from(byte)]);
    Some(kept.take(MAX_BYTES).collect())
}

/// `REGEX("pattern" text)`: whether it is found.
pub(super) fn regex(given: &[u8], environment: &mut dyn Environment) -> Option<Vec<u8>> {
    let arguments = divided(given, b'"', true, 3);
    let [_, pattern, text] = &arguments[..] else {
        environment.complain(Kind::FunctionFailed, "REGEX takes a pattern in quotes and a text");
        return None;
    };
    let text = match &text[..] {
        [b' ' | b'\t', rest @ ..] => rest,
        text => text,
    };
    if !text.is_ascii() || !pattern.is_ascii() {
        let what = "what a letter beyond ASCII matches depends on the language of the PBX";
        environment.complain(Kind::NotModelled, what);
    }
    match PosixRegex::new(pattern, false) {
        Ok(regex) => Some(flag(regex.find(text).is_some())),
        Err(mistake) => {
            let (kind, why) = match mistake {
                Mistake::Refused(why) => (Kind::FunctionFailed, why),
                Mistake::Unsupported => (Kind::NotModelled, "not computed here"),
            };
            let shown = pattern.escape_ascii();
            environment.complain(kind, &format!("the regular expression {shown}: {why}"));
            None
        }
    }
}

/// `TRIM`, `LTRIM`, `RTRIM`: without the blanks around it, before it, after it. They fail if there
/// is nothing; of blanks alone `RTRIM` leaves the first.
pub(super) fn trimmed(name: &[u8], given: &[u8]) -> Option<Vec<u8>> {
    let is_blank = |byte: &u8| matches!(byte, b' ' | b'\t'..=b'\r');
    let mut text = given;
    if name != b"RTRIM" {
        let start = text.iter().position(|byte| !is_blank(byte)).unwrap_or(text.len());
        text = &text[start..];
    }
    if name != b"LTRIM" && !text.is_empty() {
        let last = text.iter().rposition(|byte| !is_blank(byte)).unwrap_or(0);
        text = &text[..=last];
    }
    (!given.is_empty()).then(|| text.to_vec())
}

/// `QUOTE(text)`: in quotes, those within and backslashes with a backslash.
pub(super) fn quote(given: &[u8], environment: &mut dyn Environment) -> Vec<u8> {
    if given.is_empty() {
        environment.complain(Kind::FunctionFailed, "QUOTE of nothing");
    }
    let mut quoted = vec![b'"'];
    for &byte in given {
        if byte == b'\\' || byte == b'"' {
            quoted.push(b'\\');
        }
        quoted.push(byte);
    }
    quoted.push(b'"');
    quoted
}

/// `KEYPADHASH(text)`: the keys that carry its letters.
pub(super) fn keypad_hash(given: &[u8]) -> Vec<u8> {
    let key = |byte: &u8| {
        Some(match byte.to_ascii_uppercase() {
            byte @ b'0'..=b'9' => byte,
            b'A'..=b'C' => b'2',
            b'D'..=b'F' => b'3',
            b'G'..=b'I' => b'4',
            b'J'..=b'L' => b'5',
            b'M'..=b'O' => b'6',
            b'P'..=b'S' => b'7',
            b'T'..=b'V' => b'8',
            b'W'..=b'Z' => b'9',
            _ => return None,
        })
    };
    given.iter().filter_map(key).collect()
}
