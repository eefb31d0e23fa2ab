//! `CALLERID`: who calls, and whom he dialled.
//!
//! Follows Asterisk's `funcs/func_callerid.c` and `main/callerid.c`. The caller's number and name are
//! those of the call's setup; the rest begins as on a call that says nothing of it.

use super::{Called, DONE, arguments, number_text, truth};
use crate::{
    call::{channel::Channel, exchange::What, line::Line},
    function::arguments::divided,
    number::{parsed, scanned},
    syntax::{Kind, strip},
};

/// What is known of a caller besides number and name.
#[derive(Debug, Default)]
pub(super) struct CallerId {
    ani_number: Option<Vec<u8>>,
    ani_name: Option<Vec<u8>>,
    ani2: i32,
    dialled: Option<Vec<u8>>,
    redirecting: Option<Vec<u8>>,
    tag: Vec<u8>,
    number_plan: i32,
    number_presentation: i32,
    name_presentation: i32,
}

impl CallerId {
    /// A caller is billed by his number.
    pub(super) fn new(number: Option<&[u8]>) -> Self {
        Self { ani_number: number.map(<[u8]>::to_vec), ..Self::default() }
    }
}

/// Presentations by their names.
const PRESENTATIONS: [(i32, &str); 9] = [
    (0x00, "allowed_not_screened"),
    (0x01, "allowed_passed_screen"),
    (0x02, "allowed_failed_screen"),
    (0x03, "allowed"),
    (0x20, "prohib_not_screened"),
    (0x21, "prohib_passed_screen"),
    (0x22, "prohib_failed_screen"),
    (0x23, "prohib"),
    (UNAVAILABLE, "unavailable"),
];
const UNAVAILABLE: i32 = 0x43;
/// The bits that say whether anything may be shown.
const RESTRICTION: i32 = 0x60;

/// Most parts of what is asked for.
const MAX_PARTS: usize = 10;

/// `CALLERID(what)`, or `CALLERID(what,text)` for what a text says.
pub(super) fn read(line: &Line, given: &[u8]) -> Called {
    let [what, text] = arguments(given);
    if what.is_empty() {
        return Called::Failed;
    }
    if given.len() > what.len() && !text.is_empty() {
        return read_from(&what, &text);
    }
    let parts = parts(&what);
    let parts: Vec<&[u8]> = parts.iter().map(Vec::as_slice).collect();
    line.with(|channel| {
        let value = |text: &Option<Vec<u8>>| Called::Value(text.clone().unwrap_or_default());
        let own = &channel.facts.caller;
        match &parts[..] {
            [b"rdnis"] => value(&own.redirecting),
            [b"dnid"] | [b"dnid", b"num"] => value(&own.dialled),
            [b"ani2"] => Called::Value(format!("{:02}", own.ani2).into_bytes()),
            [b"ani"] | [b"ani", b"num"] => value(&own.ani_number),
            [b"ani", b"name"] => value(&own.ani_name),
            [b"ani", b"all"] => {
                Called::Value(merged(own.ani_name.as_deref(), own.ani_number.as_deref()))
            }
            [b"all"] => Called::Value(merged(
                channel.setup.caller_name.as_deref(),
                channel.setup.caller_number.as_deref(),
            )),
            [b"name"] => value(&channel.setup.caller_name),
            [b"num"] => value(&channel.setup.caller_number),
            [b"name", b"valid"] => truth(channel.setup.caller_name.is_some()),
            [b"num", b"valid"] => truth(channel.setup.caller_number.is_some()),
            [b"name", b"charset"] => Called::Value(b"iso8859-1".to_vec()),
            [b"num", b"plan"] | [b"ton"] => number_text(own.number_plan),
            [b"name", b"pres"] => Called::Value(presentation_name(own.name_presentation)),
            [b"num", b"pres"] => Called::Value(presentation_name(own.number_presentation)),
            [b"pres"] => Called::Value(presentation_name(channel.presentation())),
            [b"tag"] => Called::Value(own.tag.clone()),
            [b"priv", ..] | [.., b"subaddr" | b"subaddress", _] | [b"dnid", b"num", b"plan"] => {
                Called::NotModelled
            }
            [b"subaddr" | b"subaddress", ..] | [b"ani", _, ..] => Called::NotModelled,
            _ => {
                let text = format!("CALLERID knows nothing of {}", what.escape_ascii());
                channel.tell(What::Complaint { kind: Some(Kind::FunctionFailed), text });
                Called::Value(Vec::new())
            }
        }
    })
}

/// `CALLERID(what)=value`.
pub(super) fn write(line: &Line, given: &[u8], value: &[u8]) -> Called {
    let [what, _] = arguments(given);
    if what.is_empty() {
        return Called::Failed;
    }
    let value = value.trim_ascii_start();
    let parts = parts(&what);
    let parts: Vec<&[u8]> = parts.iter().map(Vec::as_slice).collect();
    let text = || Some(value.trim_ascii_end().to_vec());
    line.with(|channel| {
        channel.stay = None;
        let setup = &mut channel.setup;
        let own = &mut channel.facts.caller;
        match &parts[..] {
            [b"rdnis"] => own.redirecting = Some(value.to_vec()),
            [b"dnid"] | [b"dnid", b"num"] => own.dialled = text(),
            [b"ani2"] if starts_with_digit(value) => own.ani2 = parsed(value),
            [b"ani"] | [b"ani", b"num"] => own.ani_number = text(),
            [b"ani", b"name"] => own.ani_name = text(),
            [b"ani", b"all"] => {
                let (name, number) = split(value);
                (own.ani_name, own.ani_number) = (Some(name), Some(number));
            }
            [b"all"] => {
                let (name, number) = split(value);
                (setup.caller_name, setup.caller_number) = (Some(name), Some(number));
            }
            [b"name"] => setup.caller_name = text(),
            [b"num"] => setup.caller_number = text(),
            [b"num", b"plan"] | [b"ton"] if starts_with_digit(value) => {
                own.number_plan = parsed(value);
            }
            [b"name" | b"num", b"pres"] | [b"pres"] => {
                let Some(presentation) = presentation(value.trim_ascii_end()) else {
                    return Called::Failed;
                };
                if parts[0] != b"num" {
                    own.name_presentation = presentation;
                }
                if parts[0] != b"name" {
                    own.number_presentation = presentation;
                }
            }
            [b"tag"] => own.tag = text().unwrap_or_default(),
            _ => return Called::NotModelled,
        }
        DONE
    })
}

impl Channel {
    /// What may be shown of the caller: the stricter one of his number's and his name's
    /// presentation.
    pub(in crate::call) fn presentation(&self) -> i32 {
        let own = &self.facts.caller;
        let strictness = |is_known: bool, presentation: i32| match presentation & RESTRICTION {
            _ if !is_known => (3, 0x40),
            0x20 => (0, 0x20),
            0 => (1, 0),
            0x40 => (2, 0x40),
            _ => (3, 0x40),
        };
        let name = strictness(self.setup.caller_name.is_some(), own.name_presentation);
        let number = strictness(self.setup.caller_number.is_some(), own.number_presentation);
        let screening =
            if self.setup.caller_number.is_some() { own.number_presentation & 3 } else { 0 };
        match if name.0 < number.0 { name.1 } else { number.1 } {
            0x40 => UNAVAILABLE,
            value => value | screening,
        }
    }

    /// `${CALLINGANI2}`.
    pub(in crate::call) fn ani2(&self) -> i32 {
        self.facts.caller.ani2
    }

    /// `${CALLINGTON}`.
    pub(in crate::call) fn number_plan(&self) -> i32 {
        self.facts.caller.number_plan
    }
}

/// What is asked for, in small letters; `number` is `num`, `presentation` is `pres`.
fn parts(what: &[u8]) -> Vec<Vec<u8>> {
    let short = |mut part: Vec<u8>| {
        part.make_ascii_lowercase();
        for short in [&b"num"[..], b"pres"] {
            if part.starts_with(short) {
                part.truncate(short.len());
            }
        }
        part
    };
    divided(what, b'-', false, MAX_PARTS).into_iter().map(short).collect()
}

fn read_from(what: &[u8], text: &[u8]) -> Called {
    let (name, number) = split(text);
    let what = what.to_ascii_lowercase();
    Called::Value(match &what[..] {
        b"all" => merged(Some(&name), Some(&number)),
        b"name" => name,
        what if what.starts_with(b"num") => number,
        _ => Vec::new(),
    })
}

fn merged(name: Option<&[u8]>, number: Option<&[u8]>) -> Vec<u8> {
    [b"\"", name.unwrap_or_default(), b"\" <", number.unwrap_or_default(), b">"].concat()
}

/// The name and the number of `"name" <number>`, `name <number>`, or one of both.
fn split(text: &[u8]) -> (Vec<u8>, Vec<u8>) {
    let text = stripped(text);
    let unquoted = without_quotes(text);
    let is_quoted = unquoted.len() < text.len();
    if let Some(open) = unquoted.iter().rposition(|&byte| byte == b'<') {
        let number = &unquoted[open + 1..];
        let close = number.iter().rposition(|&byte| byte == b'>').unwrap_or(number.len());
        let name = without_quotes(stripped(&unquoted[..open]));
        return (unescaped(name), shrunk(&number[..close]));
    }
    let number = shrunk(unquoted);
    let is_number = number.iter().all(|byte| byte.is_ascii_digit() || b"*#+".contains(byte));
    if is_number && !is_quoted && !number.is_empty() {
        (Vec::new(), number)
    } else {
        (unescaped(without_quotes(unquoted)), Vec::new())
    }
}

fn stripped(text: &[u8]) -> &[u8] {
    let (start, end) = strip(text);
    &text[start..end]
}

fn without_quotes(text: &[u8]) -> &[u8] {
    let text = stripped(text);
    match text {
        [b'"', inner @ .., b'"'] => inner,
        text => text,
    }
}

fn unescaped(text: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(text.len());
    let mut rest = text.iter();
    while let Some(&byte) = rest.next() {
        out.extend(if byte == b'\\' { rest.next().copied() } else { Some(byte) });
    }
    out
}

/// A number without blanks, parentheses, points within it and dashes outside of brackets.
fn shrunk(number: &[u8]) -> Vec<u8> {
    let mut depth = 0;
    let kept = number.iter().enumerate().filter(|&(at, &byte)| match byte {
        b'[' => {
            depth += 1;
            true
        }
        b']' => {
            depth -= 1;
            true
        }
        b'-' => depth != 0,
        b'.' => at + 1 == number.len(),
        byte => !b"( )".contains(&byte),
    });
    kept.map(|(_, &byte)| byte).collect()
}

fn presentation(text: &[u8]) -> Option<i32> {
    if starts_with_digit(text) {
        return scanned(text, 30);
    }
    let named = |(_, name): &&(i32, &str)| text.eq_ignore_ascii_case(name.as_bytes());
    PRESENTATIONS.iter().find(named).map(|(value, _)| *value)
}

fn presentation_name(value: i32) -> Vec<u8> {
    let found = PRESENTATIONS.iter().find(|(known, _)| *known == value);
    found.map_or("unknown", |(_, name)| name).as_bytes().to_vec()
}

fn starts_with_digit(text: &[u8]) -> bool {
    text.first().is_some_and(u8::is_ascii_digit)
}
