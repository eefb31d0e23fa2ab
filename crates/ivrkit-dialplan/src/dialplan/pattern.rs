//! Names of extensions: how Asterisk orders them and which dialled strings they match.
//!
//! A name that begins with `_` is a pattern; any other is plain and matches itself. The rules are
//! those of `ext_cmp` and `extension_match_core` in Asterisk's `main/pbx.c`, on a machine whose
//! `char` is signed. Must not know of priorities or contexts.

mod language;

pub(crate) use language::{Class, Language, Tail};

use std::{
    cmp::Ordering,
    fmt,
    hash::{Hash, Hasher},
};

/// The name of an extension, or of the caller id it asks for.
///
/// Two names are equal if Asterisk takes them for the same extension: `_x.` and `_X.`, `1-2` and
/// `12`. Their order is that of `dialplan show`: plain names by signed byte, then patterns, the
/// narrower one first at the first place where they differ.
#[derive(Clone)]
pub struct Pattern {
    /// The displayed name, the compared one and the sort key, one after the other.
    bytes: Box<[u8]>,
    name_end: usize,
    compared_end: usize,
}

/// An extension's place in the listing of its context.
///
/// The variants for a caller id come before the one for everybody.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct ExtensionKey {
    /// The name of the extension.
    pub pattern: Pattern,
    /// The caller id it asks for; an empty name asks for a call without one.
    pub caller: Option<Pattern>,
}

/// What a name says to a dialled string, in Asterisk's three ways of asking.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Matching {
    /// The string is what the name stands for: a call can go there.
    pub exact: bool,
    /// The string, or a longer one that begins with it, is what the name stands for.
    pub can_match: bool,
    /// Whether more digits could be of use.
    pub match_more: More,
}

/// Whether a name could match a longer string than the one dialled so far.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum More {
    /// It could not.
    No,
    /// It could, so Asterisk waits for another digit.
    Yes,
    /// `!` was reached: no later name of the context or of its includes is asked.
    Never,
}

/// One place of a pattern.
#[derive(Clone, Copy)]
enum Unit<'a> {
    Byte(u8),
    /// `X`, `Z`, `N`: the digits from this one to `9`.
    Digits(u8),
    /// What stands between `[` and `]`.
    Set(&'a [u8]),
    /// `.`: one or more of anything.
    Rest,
    /// `!`: any number of anything, without waiting for it.
    Early,
    /// A `[` without its `]`; what follows it counts as usual.
    Unclosed,
}

/// The places of a pattern, without its `_`.
struct Units<'a> {
    text: &'a [u8],
    /// How many bytes from the end the last `]` stands, so that no `[` is searched for in vain.
    closed_until: usize,
}

impl Pattern {
    /// Reads a name as `ast_add_extension` does: blanks go, except inside the `[]` of a pattern,
    /// and a zero byte ends it.
    pub fn new(name: &[u8]) -> Self {
        let name = until_zero(name);
        let mut bytes = Vec::with_capacity(2 * name.len() + 8);
        copy_without(name, b" ", &mut bytes);
        let name_end = bytes.len();
        let shown = bytes.clone();
        copy_without(&shown, b"-", &mut bytes);
        let compared_end = bytes.len();
        let compared = bytes[name_end..].to_vec();
        append_key(&compared, &mut bytes);
        Self { bytes: bytes.into(), name_end, compared_end }
    }

    /// The name as `dialplan show` displays it.
    pub fn name(&self) -> &[u8] {
        &self.bytes[..self.name_end]
    }

    /// The name as it is compared: without `-` outside of sets.
    pub fn compared(&self) -> &[u8] {
        &self.bytes[self.name_end..self.compared_end]
    }

    /// Whether it stands for more than itself.
    pub fn is_pattern(&self) -> bool {
        self.compared().first() == Some(&b'_')
    }

    /// What this name says to a dialled string; a `-` in the string counts as nothing.
    pub fn matches(&self, digits: &[u8]) -> Matching {
        let digits = until_zero(digits);
        let Some(pattern) = self.compared().strip_prefix(b"_") else {
            return matches_plain(self.compared(), digits);
        };
        let matching = matches_pattern(pattern, digits);
        // Goto(_X.,1) means the pattern itself.
        let itself = || digits.first() == Some(&b'_') && key(digits) == self.key();
        Matching { exact: matching.exact || itself(), ..matching }
    }

    /// Whether a caller is asked for by this name; an empty one asks for a call without a number.
    pub fn matches_caller(&self, number: &[u8]) -> bool {
        match until_zero(number) {
            b"" => self.compared().is_empty(),
            number => self.matches(number).exact,
        }
    }

    /// Where a plain name stands beside all those that begin with a dialled string; a pattern
    /// comes after them.
    pub(crate) fn cmp_plain_prefix(&self, digits: &[u8]) -> Ordering {
        let prefix = [0].into_iter().chain(dialled(until_zero(digits)).map(|byte| byte ^ 0x80));
        let start = prefix.clone().zip(self.key()).count();
        self.key()[..start].iter().copied().cmp(prefix)
    }

    /// Sorts bytewise as Asterisk sorts names.
    fn key(&self) -> &[u8] {
        &self.bytes[self.compared_end..]
    }
}

impl PartialEq for Pattern {
    fn eq(&self, other: &Self) -> bool {
        self.key() == other.key()
    }
}

impl Eq for Pattern {}

impl PartialOrd for Pattern {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Pattern {
    fn cmp(&self, other: &Self) -> Ordering {
        self.key().cmp(other.key())
    }
}

impl Hash for Pattern {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.key().hash(state);
    }
}

impl fmt::Debug for Pattern {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Pattern(\"{}\")", self.name().escape_ascii())
    }
}

impl PartialOrd for ExtensionKey {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for ExtensionKey {
    fn cmp(&self, other: &Self) -> Ordering {
        let callers = || match (&self.caller, &other.caller) {
            (Some(caller), Some(other)) => caller.cmp(other),
            (caller, other) => other.is_some().cmp(&caller.is_some()),
        };
        self.pattern.cmp(&other.pattern).then_with(callers)
    }
}

impl Matching {
    const NONE: Self = Self { exact: false, can_match: false, match_more: More::No };
    const PARTIAL: Self = Self { exact: false, can_match: true, match_more: More::Yes };
    const EXACT: Self = Self { exact: true, can_match: true, match_more: More::No };
    const REST: Self = Self { exact: true, can_match: true, match_more: More::Yes };
    const EARLY: Self = Self { exact: true, can_match: true, match_more: More::Never };
}

impl<'a> Units<'a> {
    fn new(text: &'a [u8]) -> Self {
        let last = text.iter().rposition(|&byte| byte == b']');
        Self { text, closed_until: last.map_or(text.len(), |last| text.len() - 1 - last) }
    }

    /// What stands up to the next `]`, which is skipped.
    fn set(&mut self) -> Option<&'a [u8]> {
        if self.text.len() <= self.closed_until {
            return None;
        }
        let end = self.text.iter().position(|&byte| byte == b']')?;
        let set = &self.text[..end];
        self.text = &self.text[end + 1..];
        Some(set)
    }
}

impl<'a> Iterator for Units<'a> {
    type Item = Unit<'a>;

    fn next(&mut self) -> Option<Unit<'a>> {
        while let Some((&byte, rest)) = self.text.split_first() {
            self.text = rest;
            return Some(match byte {
                b'-' => continue,
                b'x' | b'X' => Unit::Digits(b'0'),
                b'z' | b'Z' => Unit::Digits(b'1'),
                b'n' | b'N' => Unit::Digits(b'2'),
                b'.' => Unit::Rest,
                b'!' => Unit::Early,
                b'[' => self.set().map_or(Unit::Unclosed, Unit::Set),
                byte => Unit::Byte(byte),
            });
        }
        None
    }
}

impl Unit<'_> {
    /// Whether it takes this byte.
    ///
    /// Asterisk orders the ends of a range as signed bytes here, and as unsigned ones in a key.
    fn accepts(self, byte: u8) -> bool {
        match self {
            Unit::Byte(own) => own == byte,
            Unit::Digits(low) => (low..=b'9').contains(&byte),
            Unit::Set(set) => ranges(set).any(|(low, high)| {
                (low.cast_signed()..=high.cast_signed()).contains(&byte.cast_signed())
            }),
            Unit::Rest | Unit::Early => true,
            Unit::Unclosed => false,
        }
    }

    /// Its part of the key: how many bytes it takes, the lowest that a range begins with, then
    /// these bytes from the lowest. A set that takes none counts as nothing.
    fn append_key(self, key: &mut Vec<u8>) {
        match self {
            Unit::Byte(byte) => key.extend([1, byte, byte]),
            Unit::Digits(low) => {
                key.extend([b'9' - low + 1, low]);
                key.extend(low..=b'9');
            }
            Unit::Set(set) => append_set_key(set, key),
            Unit::Rest => key.extend([u8::MAX, u8::MAX, 1]),
            Unit::Early => key.extend([u8::MAX, u8::MAX, 2]),
            Unit::Unclosed => key.extend([u8::MAX, u8::MAX, 4]),
        }
    }
}

/// Sorts after every other place but a `[` without its `]`.
const END_OF_PATTERN: [u8; 3] = [u8::MAX, u8::MAX, 3];

fn key(compared: &[u8]) -> Vec<u8> {
    let mut key = Vec::with_capacity(2 * compared.len() + 4);
    append_key(compared, &mut key);
    key
}

fn append_key(compared: &[u8], key: &mut Vec<u8>) {
    if let Some(pattern) = compared.strip_prefix(b"_") {
        key.push(1);
        Units::new(pattern).for_each(|unit| unit.append_key(key));
        key.extend(END_OF_PATTERN);
    } else {
        // Signed bytes, and the zero that ends the name comes after the negative ones.
        key.push(0);
        key.extend(compared.iter().map(|byte| byte ^ 0x80));
        key.push(0x80);
    }
}

fn append_set_key(set: &[u8], key: &mut Vec<u8>) {
    let mut members = [false; 256];
    let mut lowest = u8::MAX;
    for (low, high) in ranges(set) {
        // Also the beginning of a range that runs backwards and takes nothing.
        lowest = lowest.min(low);
        if low <= high {
            members[usize::from(low)..=usize::from(high)].fill(true);
        }
    }
    let members = (1..=u8::MAX).filter(|&byte| members[usize::from(byte)]);
    let count = members.clone().count();
    if count > 0 {
        key.extend([u8::try_from(count).expect("there are 255 bytes but zero"), lowest]);
        key.extend(members);
    }
}

/// The ranges of a set; a single byte is a range of one, and a `-` at either end is itself.
fn ranges(set: &[u8]) -> impl Iterator<Item = (u8, u8)> {
    let mut rest = set;
    std::iter::from_fn(move || {
        let (range, after) = match rest {
            [low, b'-', high, after @ ..] => ((*low, *high), after),
            [byte, after @ ..] => ((*byte, *byte), after),
            [] => return None,
        };
        rest = after;
        Some(range)
    })
}

fn matches_plain(name: &[u8], digits: &[u8]) -> Matching {
    let mut digits = dialled(digits);
    for &byte in name {
        match digits.next() {
            None => return Matching::PARTIAL,
            Some(digit) if digit != byte => return Matching::NONE,
            Some(_) => {}
        }
    }
    if digits.next().is_none() { Matching::EXACT } else { Matching::NONE }
}

fn matches_pattern(pattern: &[u8], digits: &[u8]) -> Matching {
    let mut digits = dialled(digits);
    // A `/` would begin the caller id.
    for unit in Units::new(pattern).take_while(|unit| !matches!(unit, Unit::Byte(b'/'))) {
        let empty = matches!(unit, Unit::Set(b""));
        match (digits.clone().next(), unit) {
            (_, Unit::Early) => return Matching::EARLY,
            (None, _) => return Matching::PARTIAL,
            (Some(_), Unit::Rest) => return Matching::REST,
            (Some(_), _) if empty => {}
            (Some(digit), unit) if unit.accepts(digit) => {
                digits.next();
            }
            (Some(_), _) => return Matching::NONE,
        }
    }
    if digits.next().is_none() { Matching::EXACT } else { Matching::NONE }
}

fn dialled(digits: &[u8]) -> impl Iterator<Item = u8> + Clone {
    digits.iter().copied().filter(|&byte| byte != b'-')
}

/// Copies a name without some bytes; inside the `[]` of a pattern they stay.
fn copy_without(name: &[u8], dropped: &[u8], copy: &mut Vec<u8>) {
    let is_pattern = name.first() == Some(&b'_');
    let mut in_set = false;
    for &byte in name {
        match byte {
            b'[' => in_set = is_pattern,
            b']' => in_set = false,
            _ => {}
        }
        if in_set || !dropped.contains(&byte) {
            copy.push(byte);
        }
    }
}

fn until_zero(text: &[u8]) -> &[u8] {
    text.split(|&byte| byte == 0).next().unwrap_or_default()
}

#[cfg(test)]
mod tests;
