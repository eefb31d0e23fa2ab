//! `${...}` and `$[...]` as they are expanded at load: with the globals and without a call.
//!
//! Only names, includes, switches, hints and globals are expanded then; what applications are given
//! is expanded when they run.

use super::{arithmetic, number::scanned};
use crate::{
    application::{self, Presence, Version},
    syntax::Kind,
};
use std::collections::HashMap;

/// Most bytes of a name, a value or an expression on its way.
const MAX_BYTES: usize = 4095;
/// How deep variables may stand in each other before Asterisk stops.
const MAX_DEPTH: usize = 15;

/// What a hint knows of the extension it belongs to.
#[derive(Debug)]
pub(super) struct Call {
    pub(super) exten: Vec<u8>,
    pub(super) context: Vec<u8>,
}

/// One expansion.
#[derive(Debug)]
pub(super) struct Substitution<'a> {
    globals: &'a HashMap<Vec<u8>, Vec<u8>>,
    call: Option<&'a Call>,
    mistakes: Vec<(Kind, String)>,
    depth: usize,
}

impl<'a> Substitution<'a> {
    pub(super) fn new(globals: &'a HashMap<Vec<u8>, Vec<u8>>, call: Option<&'a Call>) -> Self {
        Self { globals, call, mistakes: Vec::new(), depth: 0 }
    }

    /// What Asterisk said on the way.
    pub(super) fn into_mistakes(self) -> Vec<(Kind, String)> {
        self.mistakes
    }

    /// The text with everything in it expanded, cut at a length.
    pub(super) fn expand(&mut self, text: &[u8], most_bytes: usize) -> Vec<u8> {
        if self.depth == MAX_DEPTH {
            return Vec::new();
        }
        self.depth += 1;
        let mut out = Vec::with_capacity(text.len());
        let mut rest = text;
        while !rest.is_empty() && out.len() < most_bytes {
            let dollar = rest.iter().position(|&byte| byte == b'$').unwrap_or(rest.len());
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
                    out.extend(self.expression(inner));
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
        while at < text.len() && depth > 0 {
            let byte = text[at];
            let next = text.get(at + 1).copied();
            if byte == b'$' && next.is_some_and(|next| next == b'{' || next == b'[') {
                depth += u32::from(next == Some(opening));
                at += 1;
            } else if byte == opening {
                depth += 1;
            } else if byte == closing {
                depth -= 1;
            }
            at += 1;
        }
        if depth == 0 {
            return (&text[..at - 1], &text[at..]);
        }
        let mark = char::from(closing);
        self.mistakes.push((open, format!("a variable or expression without its {mark}")));
        (text, &[])
    }

    fn inner(&mut self, text: &[u8]) -> Vec<u8> {
        if text.windows(2).any(|two| two == b"${" || two == b"$[") {
            self.expand(text, MAX_BYTES)
        } else {
            text[..text.len().min(MAX_BYTES)].to_vec()
        }
    }

    fn variable(&mut self, text: &[u8]) -> Vec<u8> {
        let text = self.inner(text);
        let (name, part) = named(&text);
        let value = if name.contains(&b'(') { self.function(name) } else { self.value(name) };
        substring(value, part)
    }

    fn value(&self, name: &[u8]) -> Vec<u8> {
        let known = match (self.call, name) {
            (Some(call), b"EXTEN") => Some(&call.exten),
            (Some(call), b"CONTEXT") => Some(&call.context),
            _ => self.globals.get(name),
        };
        known.cloned().unwrap_or_default()
    }

    fn function(&mut self, text: &[u8]) -> Vec<u8> {
        let open = text.iter().position(|&byte| byte == b'(').expect("it was seen");
        let (name, given) = (&text[..open], &text[open + 1..]);
        let close = given.iter().rposition(|&byte| byte == b')');
        if close.is_none() {
            let text = format!("the function {} has no )", name.escape_ascii());
            self.mistakes.push((Kind::FunctionParenthesis, text));
        }
        let given = &given[..close.unwrap_or(given.len())];
        match name {
            b"LEN" => given.len().to_string().into_bytes(),
            b"GLOBAL" => self.globals.get(given).cloned().unwrap_or_default(),
            b"TOUPPER" => given.to_ascii_uppercase(),
            b"TOLOWER" => given.to_ascii_lowercase(),
            b"EXISTS" => flag(!given.is_empty()),
            b"ISNULL" => flag(given.is_empty()),
            b"IF" => chosen(given).to_vec(),
            // The others need a call, a channel or a data base: nothing of that is there at load.
            name if is_function(name) => Vec::new(),
            name => {
                let text = format!("there is no function {}", name.escape_ascii());
                self.mistakes.push((Kind::FunctionMissing, text));
                Vec::new()
            }
        }
    }

    fn expression(&mut self, text: &[u8]) -> Vec<u8> {
        let text = self.inner(text);
        arithmetic::evaluate(&text).unwrap_or_else(|| {
            let text = format!("$[{}] is no expression that can be evaluated", text.escape_ascii());
            self.mistakes.push((Kind::ExpressionSyntax, text));
            Vec::new()
        })
    }
}

/// Whether one of the versions that load alike has a function of that name.
fn is_function(name: &[u8]) -> bool {
    application::function(name).is_some_and(|function| {
        [Version::V16, Version::V22].map(|one| function.presence(one)).contains(&Presence::There)
    })
}

fn flag(is_so: bool) -> Vec<u8> {
    vec![if is_so { b'1' } else { b'0' }]
}

/// `condition?yes:no`; a condition is false if it is empty or 0.
fn chosen(given: &[u8]) -> &[u8] {
    let mut halves = given.splitn(2, |&byte| byte == b'?');
    let condition = halves.next().unwrap_or_default().trim_ascii();
    let mut values = halves.next().unwrap_or_default().splitn(2, |&byte| byte == b':');
    let (yes, no) = (values.next().unwrap_or_default(), values.next().unwrap_or_default());
    let is_number = condition.first().is_some_and(u8::is_ascii_digit);
    if condition.is_empty() || (is_number && super::number::parsed(condition) == 0) {
        no.trim_ascii()
    } else {
        yes.trim_ascii()
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
    let offset = scanned(part, 30);
    let length = part
        .iter()
        .position(|&byte| byte == b':')
        .filter(|_| offset.is_some())
        .and_then(|at| scanned(&part[at + 1..], 30));
    let count = i64::try_from(value.len()).expect("values are short");
    let offset = i64::from(offset.unwrap_or(0));
    let start = if offset < 0 { (count + offset).max(0) } else { offset.min(count) };
    let left = count - start;
    let length = length.map_or(left, i64::from);
    let kept = if length < 0 { (left + length).max(0) } else { length.min(left) };
    let (start, kept) = (index(start), index(kept));
    value.truncate(start + kept);
    value.drain(..start);
    value
}

fn index(number: i64) -> usize {
    usize::try_from(number).expect("it is not below zero")
}
