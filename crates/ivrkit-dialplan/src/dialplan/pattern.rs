//! Names of extensions: how Asterisk orders them and which dialled strings they match.
//!
//! A name that begins with `_` is a pattern; any other is plain and matches itself. The rules are
//! those of `ext_cmp` and `extension_match_core` in Asterisk's `main/pbx.c`, on a machine whose
//! `char` is signed. Must not know of priorities or contexts.

mod extension;
mod key;
mod language;
mod matching;
mod units;

pub(crate) use language::{Class, Language, Tail};

use matching::{dialled, matches_pattern, matches_plain};
use memchr::{memchr, memchr2};
use std::{
    cmp::Ordering,
    fmt,
    hash::{Hash, Hasher},
    sync::Arc,
};
use units::{Unit, Units};

pub use extension::ExtensionKey;
pub use matching::{Matching, More};

pub(super) use key::{ANY_CALLER, END_OF_PLAIN, PATTERN, UnitKey};

/// The name of an extension, or of the caller id it asks for.
///
/// Two names are equal if Asterisk takes them for the same extension: `_x.` and `_X.`, `1-2` and
/// `12`. Their order is that of `dialplan show`: plain names by signed byte, then patterns, the
/// narrower one first at the first place where they differ.
#[derive(Clone)]
pub struct Pattern {
    /// The displayed name; the compared one, if that is another; the sort key of a pattern.
    /// Shared, as a context and the lines below its first one both keep it.
    bytes: Arc<[u8]>,
    name_end: u32,
    /// Where the compared name begins: with the displayed one, or after it.
    compared_start: u32,
    compared_end: u32,
}

impl Pattern {
    /// Reads a name as `ast_add_extension` does: blanks go, except inside the `[]` of a pattern,
    /// and a zero byte ends it.
    pub fn new(name: &[u8]) -> Self {
        let name = until_zero(name);
        let is_pattern = name.first() == Some(&b'_');
        let has_more = memchr2(b' ', b'-', name).is_some() && loses_bytes(name);
        if !is_pattern && !has_more {
            let end = narrow(name.len());
            return Self {
                bytes: name.into(),
                name_end: end,
                compared_start: 0,
                compared_end: end,
            };
        }
        let mut bytes = Vec::with_capacity(4 * name.len() + 8);
        copy_without(name, b' ', &mut bytes);
        let name_end = bytes.len();
        let compared_start = if has_more {
            let shown = bytes.clone();
            copy_without(&shown, b'-', &mut bytes);
            name_end
        } else {
            0
        };
        let compared_end = bytes.len();
        if has_more && bytes.get(compared_start) == Some(&b'_') {
            let compared = bytes[compared_start..].to_vec();
            key::append(&compared, &mut bytes);
        } else if is_pattern && !has_more {
            key::append(name, &mut bytes);
        }
        Self {
            bytes: bytes.into(),
            name_end: narrow(name_end),
            compared_start: narrow(compared_start),
            compared_end: narrow(compared_end),
        }
    }

    /// The name as `dialplan show` displays it.
    pub fn name(&self) -> &[u8] {
        &self.bytes[..self.name_end as usize]
    }

    /// The name as it is compared: without `-` outside of sets.
    pub fn compared(&self) -> &[u8] {
        &self.bytes[self.compared_start as usize..self.compared_end as usize]
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
        let itself = || digits.first() == Some(&b'_') && key::of(digits) == self.pattern_key();
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
        if self.is_pattern() {
            return Ordering::Greater;
        }
        let mut name = self.compared().iter().copied();
        // A zero byte ends what was dialled.
        for digit in dialled(digits).take_while(|&digit| digit != 0) {
            // A name ends with a zero byte as well, which is below every other ASCII character.
            let byte = name.next().unwrap_or(0);
            let order = byte.cast_signed().cmp(&digit.cast_signed());
            if order != Ordering::Equal {
                return order;
            }
        }
        Ordering::Equal
    }

    /// Appends the sort key: bytewise, the keys of names have the order of the names.
    pub(super) fn append_key(&self, key: &mut Vec<u8>) {
        if self.is_pattern() {
            key.extend_from_slice(self.pattern_key());
        } else {
            key::append(self.compared(), key);
        }
    }

    /// The beginning of the sort key as a number: a name that has a lower one comes before.
    pub(super) fn rank(&self) -> u128 {
        let mut first = [0; 16];
        if self.is_pattern() {
            let key = self.pattern_key();
            let len = key.len().min(first.len());
            first[..len].copy_from_slice(&key[..len]);
        } else {
            let places = first[1..].iter_mut();
            places.zip(key::signed(self.compared())).for_each(|(place, byte)| *place = byte);
        }
        u128::from_be_bytes(first)
    }

    /// Whether its key tells all that it can match: no set has a range that runs backwards, and no
    /// `/` ends it early.
    pub(super) fn is_told_by_key(&self) -> bool {
        let Some(pattern) = self.compared().strip_prefix(b"_") else { return true };
        Units::new(pattern).all(|unit| match unit {
            Unit::Set(set) => units::ranges(set).all(|(low, high)| low <= high),
            unit => !matches!(unit, Unit::Byte(b'/')),
        })
    }

    /// The sort key of a pattern; a plain name sorts by itself.
    fn pattern_key(&self) -> &[u8] {
        &self.bytes[self.compared_end as usize..]
    }

    /// What names are compared by, if both are patterns or neither is.
    fn compared_by(&self) -> &[u8] {
        if self.is_pattern() { self.pattern_key() } else { self.compared() }
    }
}

impl PartialEq for Pattern {
    fn eq(&self, other: &Self) -> bool {
        self.is_pattern() == other.is_pattern() && self.compared_by() == other.compared_by()
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
        match (self.is_pattern(), other.is_pattern()) {
            (true, true) => self.pattern_key().cmp(other.pattern_key()),
            (false, false) => key::signed(self.compared()).cmp(key::signed(other.compared())),
            (is_pattern, is_other) => is_pattern.cmp(&is_other),
        }
    }
}

impl Hash for Pattern {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.compared_by().hash(state);
    }
}

impl fmt::Debug for Pattern {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Pattern(\"{}\")", self.name().escape_ascii())
    }
}

/// Whether a blank or a `-` stands in a name, and not inside the `[]` of a pattern.
fn loses_bytes(name: &[u8]) -> bool {
    let is_pattern = name.first() == Some(&b'_');
    let mut in_set = false;
    name.iter().any(|byte| {
        match byte {
            b'[' => in_set = is_pattern,
            b']' => in_set = false,
            _ => {}
        }
        !in_set && matches!(byte, b' ' | b'-')
    })
}

/// Copies a name without some byte; inside the `[]` of a pattern it stays.
fn copy_without(name: &[u8], dropped: u8, copy: &mut Vec<u8>) {
    let is_pattern = name.first() == Some(&b'_');
    let mut in_set = false;
    for &byte in name {
        match byte {
            b'[' => in_set = is_pattern,
            b']' => in_set = false,
            _ => {}
        }
        if in_set || byte != dropped {
            copy.push(byte);
        }
    }
}

fn until_zero(text: &[u8]) -> &[u8] {
    &text[..memchr(0, text).unwrap_or(text.len())]
}

fn narrow(number: usize) -> u32 {
    u32::try_from(number).expect("names are shorter than 4 GiB")
}

#[cfg(test)]
mod tests;
