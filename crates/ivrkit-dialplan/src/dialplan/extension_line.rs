//! The fields of `exten => name,priority(label),application(data)`.

use crate::syntax::{Files, Text};

/// What stands after the name.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Step {
    /// The priority's word: a number, `n`, `s`, `hint`, or a label.
    pub(crate) word: Text,
    /// What stands after a `+`.
    pub(crate) added: Option<Text>,
    /// The label in parentheses.
    pub(crate) label: Label,
    /// The application and its data, as written.
    pub(crate) call: Text,
}

/// A priority's label.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Label {
    None,
    Named(Text),
    /// Without its `)`.
    Open,
}

/// An application and what it is given.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Call {
    pub(crate) application: Text,
    pub(crate) data: Text,
    /// Whether a `(` has no `)`.
    pub(crate) is_open: bool,
}

/// Splits off the name: at the first comma outside of `[]` that has no backslash before it.
pub(crate) fn name(files: &Files, value: Text) -> (Text, Text) {
    let bytes = files.bytes(value);
    let (mut at, mut depth) = (0, 0_usize);
    while at < bytes.len() {
        match bytes[at] {
            b'[' => depth += 1,
            b']' => depth = depth.saturating_sub(1),
            b'\\' => at += 1,
            b',' if depth == 0 => {
                return (value.slice(0, at), value.slice(at + 1, value.len()));
            }
            _ => {}
        }
        at += 1;
    }
    (value, Text::default())
}

/// Splits what follows the name.
pub(crate) fn step(files: &Files, rest: Text) -> Step {
    let bytes = files.bytes(rest);
    let comma = bytes.iter().position(|&byte| byte == b',');
    let field = stripped(files, rest.slice(0, comma.unwrap_or(rest.len())));
    let call = comma.map_or(Text::default(), |at| rest.slice(at + 1, rest.len()));
    let bytes = files.bytes(field);
    let (word, label) = match bytes.iter().position(|&byte| byte == b'(') {
        None => (field, Label::None),
        Some(open) => {
            let close = bytes[open + 1..].iter().position(|&byte| byte == b')');
            let label = close.map_or(Label::Open, |length| match length {
                0 => Label::None,
                _ => Label::Named(field.slice(open + 1, open + 1 + length)),
            });
            (field.slice(0, open), label)
        }
    };
    let bytes = files.bytes(word);
    let (word, added) = match bytes.iter().position(|&byte| byte == b'+') {
        None => (word, None),
        Some(plus) => (word.slice(0, plus), Some(word.slice(plus + 1, word.len()))),
    };
    Step { word, added, label, call }
}

/// Splits an application from its data: the first `(` opens it, the last `)` of the line ends it.
pub(crate) fn call(files: &Files, text: Text) -> Call {
    let bytes = files.bytes(text);
    let skipped = |text: Text| {
        let bytes = files.bytes(text);
        let start = bytes.iter().position(|&byte| byte > b' ').unwrap_or(bytes.len());
        text.slice(start, text.len())
    };
    let whole = Call { application: skipped(text), data: Text::default(), is_open: false };
    let Some(open) = bytes.iter().position(|&byte| byte == b'(') else { return whole };
    let has_variable = bytes[..open].windows(2).any(|two| two == b"${" || two == b"$[");
    if has_variable {
        return whole;
    }
    let close = bytes[open + 1..].iter().rposition(|&byte| byte == b')');
    let end = close.map_or(text.len(), |at| open + 1 + at);
    Call {
        application: skipped(text.slice(0, open)),
        data: text.slice(open + 1, end),
        is_open: close.is_none(),
    }
}

fn stripped(files: &Files, text: Text) -> Text {
    let (start, end) = crate::syntax::strip(files.bytes(text));
    text.slice(start, end)
}

/// A caller id without what people write into numbers: blanks, parentheses, dashes, inner dots.
pub(crate) fn shrunk(number: &[u8]) -> Vec<u8> {
    let mut depth = 0;
    let mut kept = Vec::with_capacity(number.len());
    for (at, &byte) in number.iter().enumerate() {
        match byte {
            b'[' => depth += 1,
            b']' => depth -= 1,
            _ => {}
        }
        let goes = match byte {
            b'-' => depth == 0,
            b'.' => at + 1 < number.len(),
            byte => matches!(byte, b'(' | b' ' | b')'),
        };
        if !goes {
            kept.push(byte);
        }
    }
    kept
}
