//! What a caller says of himself: where texts come from that nobody has checked.

use crate::dialplan::{
    Extension,
    pattern::{Class, Language, Tail},
};

/// A value that comes from a caller.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Source {
    /// The characters that it can hold.
    pub(super) class: Class,
    /// Whether it begins with a digit for sure.
    pub(super) begins_with_digit: bool,
    /// Whether it can be as long as the number of somebody outside.
    pub(super) is_long: bool,
}

/// Numbers of subscribers outside have as many digits at least.
const LONG_NUMBER: usize = 7;

impl Source {
    /// A text of any characters.
    const TEXT: Self = Self { class: Class::ALL, begins_with_digit: false, is_long: true };

    /// What can be typed on a telephone.
    pub(super) fn keys() -> Self {
        let class = Class::of_bytes(*b"0123456789*#ABCD");
        Self { class, ..Self::TEXT }
    }

    /// What cannot end a line: the name that is shown comes in a header of one line.
    fn line() -> Self {
        let bytes = (1..=u8::MAX).filter(|byte| !b"\r\n".contains(byte));
        Self { class: Class::of_bytes(bytes), ..Self::TEXT }
    }
}

/// What `${EXTEN}` can be in an extension; nothing where it is always the same.
///
/// The user part of a SIP address can hold any character, so `.` and `!` take more than digits.
pub(super) fn exten(extension: &Extension) -> Option<Source> {
    let pattern = &extension.key.pattern;
    if !pattern.is_pattern() {
        return None;
    }
    let language = Language::new(pattern);
    let digits = Class::of_bytes(b'0'..=b'9');
    let is_open = language.tail != Tail::End;
    let places = language.places.iter();
    let written = places.fold(Class::NONE, |class, &place| class.or(place));
    Some(Source {
        class: if is_open { Class::ALL } else { written },
        begins_with_digit: language.places.first().is_some_and(|&place| digits.contains(place)),
        is_long: is_open || language.places.len() >= LONG_NUMBER,
    })
}

/// What a variable is without being set, if a caller says it. Parts of the caller id are variables
/// here, too: `CALLERID(name)`.
pub(super) fn variable(name: &[u8]) -> Option<Source> {
    match name {
        b"CALLERID(name)" | b"CALLERID(all)" | b"CALLERIDNAME" | b"CALLERID" => {
            Some(Source::line())
        }
        b"CALLERID(num)" | b"CALLERIDNUM" | b"CALLERID(dnid)" | b"CALLERID(rdnis)"
        | b"CALLERID(ani)" | b"CALLERID(subaddr)" | b"DNID" | b"RDNIS" => Some(Source::TEXT),
        b"INVALID_EXTEN" => Some(Source::keys()),
        _ => None,
    }
}

/// The name under which a part of the caller id is followed; `part` is the function's argument.
pub(super) fn caller_id(function: &[u8], part: &[u8]) -> Option<Vec<u8>> {
    if function != b"CALLERID" {
        return None;
    }
    let part = part.split(|&byte| byte == b',').next().unwrap_or_default();
    let part = part.trim_ascii().to_ascii_lowercase();
    let known: &[u8] = match part.as_slice() {
        b"name" => b"CALLERID(name)",
        b"all" => b"CALLERID(all)",
        b"num" | b"number" => b"CALLERID(num)",
        b"dnid" => b"CALLERID(dnid)",
        b"rdnis" => b"CALLERID(rdnis)",
        b"ani" | b"ani-num" | b"ani-all" | b"ani-name" => b"CALLERID(ani)",
        b"subaddr" => b"CALLERID(subaddr)",
        _ => return None,
    };
    Some(known.to_vec())
}

/// What a function gives back that a caller wrote.
pub(super) fn function(name: &[u8], arguments: &[u8]) -> Option<Source> {
    let first = arguments.split(|&byte| byte == b',').next().unwrap_or_default().trim_ascii();
    match name {
        b"SIP_HEADER" | b"PJSIP_HEADER_PARAM" | b"SPEECH_TEXT" => Some(Source::line()),
        b"PJSIP_HEADER" if first.eq_ignore_ascii_case(b"read") => Some(Source::line()),
        b"MESSAGE" | b"MESSAGE_DATA" => Some(Source::TEXT),
        b"REDIRECTING" => {
            let is_text = [&b"from-num"[..], b"from-name", b"to-num", b"to-name"].contains(&first);
            is_text.then_some(Source::TEXT)
        }
        b"CHANNEL" => {
            let is_text = [&b"uri"[..], b"from", b"useragent"].contains(&first);
            is_text.then(Source::line)
        }
        _ => None,
    }
}
