//! A POSIX pattern in the syntax of the `regex-automata` crate.

use super::{Mistake, bracket};
use std::fmt::Write as _;

const BAD_REPEAT: Mistake = Mistake::Refused("Invalid preceding regular expression");
const BAD_BRACES: Mistake = Mistake::Refused("Invalid content of \\{\\}");
const OPEN_BRACE: Mistake = Mistake::Refused("Unmatched \\{");

/// Most repetitions that glibc takes in braces.
const MOST_REPETITIONS: u32 = 0x7fff;

struct Translation<'a> {
    rest: &'a [u8],
    out: String,
    /// Where the last thing that can be repeated begins.
    atom: Option<usize>,
    /// Where the groups begin that are open.
    open: Vec<usize>,
    groups: usize,
}

/// The pattern, and how many groups it has.
pub(super) fn translated(pattern: &[u8]) -> Result<(String, usize), Mistake> {
    let mut translation = Translation {
        rest: pattern,
        out: String::with_capacity(pattern.len() * 2),
        atom: None,
        open: Vec::new(),
        groups: 0,
    };
    while let [first, rest @ ..] = translation.rest {
        translation.rest = rest;
        translation.token(*first)?;
    }
    if !translation.open.is_empty() {
        return Err(Mistake::Refused("Unmatched ( or \\("));
    }
    Ok((translation.out, translation.groups))
}

impl Translation<'_> {
    fn token(&mut self, first: u8) -> Result<(), Mistake> {
        match first {
            b'(' => {
                self.open.push(self.out.len());
                self.groups += 1;
                self.out.push('(');
                self.atom = None;
            }
            b')' if !self.open.is_empty() => {
                self.out.push(')');
                self.atom = self.open.pop();
            }
            b'|' => {
                self.out.push('|');
                self.atom = None;
            }
            b'^' => self.anchor(r"\A"),
            b'$' => self.anchor(r"\z"),
            b'*' => self.repeat("*")?,
            b'+' => self.repeat("+")?,
            b'?' => self.repeat("?")?,
            b'{' => {
                let braces = self.braces()?;
                self.repeat(&braces)?;
            }
            b'.' => self.atom("."),
            b'[' => {
                let (class, rest) = bracket::class(self.rest)?;
                self.rest = rest;
                self.atom(&class);
            }
            b'\\' => self.escaped()?,
            byte => self.literal(byte),
        }
        Ok(())
    }

    fn escaped(&mut self) -> Result<(), Mistake> {
        let [byte, rest @ ..] = self.rest else {
            return Err(Mistake::Refused("Trailing backslash"));
        };
        self.rest = rest;
        match byte {
            b'w' => self.atom(r"[0-9A-Za-z_]"),
            b'W' => self.atom(r"[^0-9A-Za-z_]"),
            b's' => self.atom(r"[[:space:]]"),
            b'S' => self.atom(r"[[:^space:]]"),
            b'b' => self.anchor(r"\b"),
            b'B' => self.anchor(r"\B"),
            b'<' => self.anchor(r"\b{start}"),
            b'>' => self.anchor(r"\b{end}"),
            b'`' => self.anchor(r"\A"),
            b'\'' => self.anchor(r"\z"),
            b'1'..=b'9' => {
                let is_known = usize::from(byte - b'0') <= self.groups - self.open.len();
                let refused = Mistake::Refused("Invalid back reference");
                return Err(if is_known { Mistake::Unsupported } else { refused });
            }
            &byte => self.literal(byte),
        }
        Ok(())
    }

    /// `2}`, `2,}`, `,3}` or `2,3}`.
    fn braces(&mut self) -> Result<String, Mistake> {
        let end = self.rest.iter().position(|&byte| byte == b'}');
        let is_content = |byte: &u8| byte.is_ascii_digit() || *byte == b',';
        let content = &self.rest[..end.unwrap_or(self.rest.len())];
        if !content.iter().all(is_content) {
            return Err(BAD_BRACES);
        }
        let Some(end) = end else { return Err(OPEN_BRACE) };
        let content = String::from_utf8_lossy(content);
        self.rest = &self.rest[end + 1..];
        let (least, most) = content.split_once(',').unwrap_or((&content, &content));
        let number = |text: &str| text.parse().unwrap_or(u32::MAX);
        let from = if least.is_empty() && content.contains(',') { 0 } else { number(least) };
        let to = if most.is_empty() { from.max(1) } else { number(most) };
        if content.is_empty()
            || content == "," && least.is_empty() && most.contains(',')
            || from > to
        {
            return Err(BAD_BRACES);
        }
        if from.max(to) > MOST_REPETITIONS {
            return Err(Mistake::Refused("Regular expression too big"));
        }
        Ok(match most {
            "" => format!("{{{from},}}"),
            _ => format!("{{{from},{to}}}"),
        })
    }

    fn repeat(&mut self, operator: &str) -> Result<(), Mistake> {
        let start = self.atom.ok_or(BAD_REPEAT)?;
        self.out.insert_str(start, "(?:");
        write!(self.out, "){operator}").expect("a string takes everything");
        // The outcome can be repeated again.
        self.out.insert_str(start, "(?:");
        self.out.push(')');
        Ok(())
    }

    /// glibc lets nothing be repeated right behind an anchor.
    fn anchor(&mut self, anchor: &str) {
        self.out.push_str(anchor);
        self.atom = None;
    }

    fn literal(&mut self, byte: u8) {
        let escaped = format!("\\x{byte:02X}");
        self.atom(&escaped);
    }

    fn atom(&mut self, text: &str) {
        self.atom = Some(self.out.len());
        self.out.push_str(text);
    }
}
