//! `[...]` in a POSIX pattern.

use super::Mistake;
use std::fmt::Write as _;

const OPEN: Mistake = Mistake::Refused("Unmatched [, [^, [:, [., or [=");

const CLASSES: [&str; 12] = [
    "alnum", "alpha", "blank", "cntrl", "digit", "graph", "lower", "print", "punct", "space",
    "upper", "xdigit",
];

/// What stands between the brackets, and what follows them.
enum Element {
    Byte(u8),
    Class(&'static str),
}

/// The class that begins behind a `[`, and what follows its `]`.
pub(super) fn class(text: &[u8]) -> Result<(String, &[u8]), Mistake> {
    let (is_negated, mut rest) = match text {
        [b'^', rest @ ..] => (true, rest),
        rest => (false, rest),
    };
    let mut out = String::from(if is_negated { "[^" } else { "[" });
    let mut is_first = true;
    loop {
        if let [b']', after @ ..] = rest
            && !is_first
        {
            out.push(']');
            return Ok((out, after));
        }
        is_first = false;
        let (from, after) = element(rest)?;
        rest = after;
        match (from, rest) {
            (Element::Byte(from), [b'-', last, ..]) if *last != b']' => {
                let (to, after) = element(&rest[1..])?;
                rest = after;
                match to {
                    Element::Byte(to) if from <= to => {
                        write!(out, "\\x{from:02X}-\\x{to:02X}").expect("a string takes it");
                    }
                    _ => return Err(Mistake::Refused("Invalid range end")),
                }
            }
            (Element::Byte(byte), _) => write!(out, "\\x{byte:02X}").expect("a string takes it"),
            (Element::Class(name), _) => write!(out, "[:{name}:]").expect("a string takes it"),
        }
    }
}

fn element(text: &[u8]) -> Result<(Element, &[u8]), Mistake> {
    match text {
        [] => Err(OPEN),
        [b'[', mark @ (b':' | b'.' | b'='), rest @ ..] => {
            let end = rest.windows(2).position(|two| two == [*mark, b']']).ok_or(OPEN)?;
            let (name, after) = (&rest[..end], &rest[end + 2..]);
            let element = match (mark, name) {
                (b':', name) => {
                    let known = CLASSES.into_iter().find(|known| known.as_bytes() == name);
                    let unknown = Mistake::Refused("Invalid character class name");
                    Element::Class(known.ok_or(unknown)?)
                }
                (_, [byte]) => Element::Byte(*byte),
                _ => return Err(Mistake::Refused("Invalid collation character")),
            };
            Ok((element, after))
        }
        [byte, after @ ..] => Ok((Element::Byte(*byte), after)),
    }
}
