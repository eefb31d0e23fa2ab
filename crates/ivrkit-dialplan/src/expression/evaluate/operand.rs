//! An operand on its way: a number, a text that looks like one, or a text.

use crate::expression::number::Number;
use std::borrow::Cow;

/// A value of Asterisk's expressions.
#[derive(Debug, Clone)]
pub(super) enum Operand<'a> {
    Number(Number),
    /// Digits, perhaps with points: a number as soon as one is needed, until then as written.
    Numeric(Cow<'a, [u8]>),
    Text(Cow<'a, [u8]>),
}

impl<'a> Operand<'a> {
    pub(super) fn flag(is_so: bool) -> Self {
        Self::Number(Number::flag(is_so))
    }

    /// The outcome of a match or a function: a text that is made of digits and points is numeric.
    pub(super) fn made(text: &[u8]) -> Self {
        let is_numeric =
            !text.is_empty() && text.iter().all(|byte| byte.is_ascii_digit() || *byte == b'.');
        let text = Cow::Owned(text.to_vec());
        if is_numeric { Self::Numeric(text) } else { Self::Text(text) }
    }

    /// The number that this is; none for a text.
    pub(super) fn number(&self) -> Option<Number> {
        match self {
            Self::Number(number) => Some(*number),
            Self::Numeric(digits) => Some(Number::read(digits)),
            Self::Text(_) => None,
        }
    }

    /// Turns what looks like a number into one, as every look at it does in Asterisk.
    pub(super) fn into_number(self) -> Self {
        self.number().map_or(self, Self::Number)
    }

    pub(super) fn is_text(&self) -> bool {
        matches!(self, Self::Text(_))
    }

    /// Whether `|` and `&` take it for nothing.
    pub(super) fn is_zero_or_empty(&self) -> bool {
        match self {
            Self::Text(text) => text.is_empty(),
            _ => self.number().is_some_and(Number::is_zero),
        }
    }

    /// Whether it makes `? ::` take the first value.
    pub(super) fn holds(&self) -> bool {
        match self {
            Self::Text(text) => !matches!(&text[..], b"" | b"\"\"" | b"0"),
            _ => self.number().is_some_and(|number| !number.is_zero()),
        }
    }

    pub(super) fn into_bytes(self) -> Cow<'a, [u8]> {
        match self {
            Self::Number(number) => Cow::Owned(number.printed()),
            Self::Numeric(text) | Self::Text(text) => text,
        }
    }

    /// As a text; quotes go, all of them, if it begins and ends with one.
    pub(super) fn into_unquoted(self) -> Cow<'a, [u8]> {
        let mut text = self.into_bytes();
        if text.first() == Some(&b'"') && text.last() == Some(&b'"') {
            text.to_mut().retain(|&byte| byte != b'"');
        }
        text
    }
}
