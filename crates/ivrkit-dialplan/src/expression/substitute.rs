//! A text with its `${...}` and `$[...]` replaced.
//!
//! Follows `pbx_substitute_variables_helper_full_location` of Asterisk's `main/pbx_variables.c`.
//! What a variable or a function is worth, and who hears complaints, is the [`Environment`].

use super::evaluate;
use crate::{application::Version, number::scanned_with_end, syntax::Kind};
use memchr::{memchr, memchr_iter};
use std::borrow::Cow;

/// Most bytes of a name, a value or an expression on its way.
const MAX_BYTES: usize = 4095;
/// How deep variables may stand in each other before 22 stops.
const MAX_DEPTH: usize = 15;
/// 16 goes on until its stack is full and it crashes, which it does at 60; how deep that is depends
/// on who asks.
const MAX_DEPTH_MODELLED: usize = 20;

/// What variables and functions are worth.
pub trait Environment {
    /// The value of `${NAME}`; none if it has none, which counts as empty.
    fn variable(&mut self, name: &[u8]) -> Option<Vec<u8>>;

    /// The value of `${NAME(ARGUMENTS)}`; none if it fails, which counts as empty.
    fn function(&mut self, name: &[u8], arguments: &[u8]) -> Option<Vec<u8>>;

    /// The value of `NAME(ARGUMENTS)` within `$[...]`, if it is none of the built-in functions of
    /// expressions; none makes it 0.
    fn called(&mut self, name: &[u8], arguments: &[u8]) -> Option<Vec<u8>>;

    /// Hears what Asterisk would say, or that something is not modelled.
    fn complain(&mut self, kind: Kind, text: &str);

    /// The Asterisk that computes, where versions differ.
    fn version(&self) -> Version {
        Version::newest()
    }
}

/// The text with everything in it replaced, cut at a length in bytes.
pub fn substitute(text: &[u8], most_bytes: usize, environment: &mut dyn Environment) -> Vec<u8> {
    Substitution { environment, depth: 0 }.expand(text, most_bytes)
}

/// Whether nothing in a text is replaced.
pub(crate) fn is_plain(text: &[u8]) -> bool {
    memchr_iter(b'$', text).all(|at| !matches!(text.get(at + 1), Some(b'{' | b'[')))
}

struct Substitution<'a> {
    environment: &'a mut dyn Environment,
    depth: usize,
}

impl Substitution<'_> {
    fn expand(&mut self, text: &[u8], most_bytes: usize) -> Vec<u8> {
        let (kind, most) = match self.environment.version() {
            version if version >= Version::V22 => (Kind::VariableDepth, MAX_DEPTH),
            _ => (Kind::NotModelled, MAX_DEPTH_MODELLED),
        };
        if self.depth == most {
            let text = format!("variables stand in each other more than {most} deep");
            self.environment.complain(kind, &text);
            return Vec::new();
        }
        self.depth += 1;
        let mut out = Vec::with_capacity(text.len());
        let mut rest = text;
        while !rest.is_empty() && out.len() < most_bytes {
            let dollar = memchr(b'$', rest).unwrap_or(rest.len());
            out.extend_from_slice(&rest[..dollar]);
            rest = &rest[dollar..];
            match rest {
                [b'$', b'{', inner @ ..] => {
                    let (inner, after) = self.enclosed(inner, *b"{}", Kind::VariableBrace);
                    out.extend(self.variable(inner));
                    rest = after;
                }
                [b'$', b'[', inner @ ..] => {
                    let (inner, after) = self.enclosed(inner, *b"[]", Kind::ExpressionBracket);
                    let inner = self.inner(inner);
                    out.extend(evaluate(&inner, self.environment));
                    rest = after;
                }
                [dollar, after @ ..] => {
                    out.push(*dollar);
                    rest = after;
                }
                [] => {}
            }
        }
        self.depth -= 1;
        out.truncate(most_bytes);
        out
    }

    /// What stands up to the bracket that closes, and what follows it.
    fn enclosed<'b>(&mut self, text: &'b [u8], marks: [u8; 2], open: Kind) -> (&'b [u8], &'b [u8]) {
        let [opening, closing] = marks;
        let mut depth = 1;
        let mut at = 0;
        while at < text.len() {
            let byte = text[at];
            if byte == opening {
                depth += 1;
            } else if byte == closing {
                depth -= 1;
                if depth == 0 {
                    return (&text[..at], &text[at + 1..]);
                }
            } else if byte == b'$'
                && let Some(next @ (b'{' | b'[')) = text.get(at + 1)
            {
                depth += u32::from(*next == opening);
                at += 1;
            }
            at += 1;
        }
        let mark = char::from(closing);
        self.environment.complain(open, &format!("a variable or expression without its {mark}"));
        (text, &[])
    }

    fn inner<'b>(&mut self, text: &'b [u8]) -> Cow<'b, [u8]> {
        if is_plain(text) {
            Cow::Borrowed(&text[..text.len().min(MAX_BYTES)])
        } else {
            Cow::Owned(self.expand(text, MAX_BYTES))
        }
    }

    fn variable(&mut self, text: &[u8]) -> Vec<u8> {
        let text = self.inner(text);
        let (name, part) = named(&text);
        let value = match memchr(b'(', name) {
            Some(open) => self.function(&name[..open], &name[open + 1..]),
            None => self.environment.variable(name),
        };
        let mut value = value.unwrap_or_default();
        value.truncate(MAX_BYTES);
        substring(value, part)
    }

    fn function(&mut self, name: &[u8], given: &[u8]) -> Option<Vec<u8>> {
        let close = given.iter().rposition(|&byte| byte == b')');
        if close.is_none() {
            let text = format!("the function {} has no )", name.escape_ascii());
            self.environment.complain(Kind::FunctionParenthesis, &text);
        }
        self.environment.function(name, &given[..close.unwrap_or(given.len())])
    }
}

/// A name, and the `:offset:length` after it.
fn named(text: &[u8]) -> (&[u8], Option<&[u8]>) {
    let mut depth = 0;
    for (at, byte) in text.iter().enumerate() {
        match byte {
            b'(' => depth += 1,
            b')' => depth -= 1,
            b':' if depth == 0 => return (&text[..at], Some(&text[at + 1..])),
            _ => {}
        }
    }
    (text, None)
}

fn substring(mut value: Vec<u8>, part: Option<&[u8]>) -> Vec<u8> {
    let Some(part) = part else { return value };
    let offset = scanned_with_end(part, 30);
    let length = match offset.map(|(_, end)| &part[end..]) {
        Some([b':', length @ ..]) => scanned_with_end(length, 30),
        _ => None,
    };
    let count = i64::try_from(value.len()).expect("values are short");
    let offset = i64::from(offset.map_or(0, |(number, _)| number));
    let start = if offset < 0 { (count + offset).max(0) } else { offset.min(count) };
    let left = count - start;
    let length = length.map_or(left, |(number, _)| i64::from(number));
    let kept = if length < 0 { (left + length).max(0) } else { length.min(left) };
    let (start, kept) = (index(start), index(kept));
    value.truncate(start + kept);
    value.drain(..start);
    value
}

fn index(number: i64) -> usize {
    usize::try_from(number).expect("it is not below zero")
}
