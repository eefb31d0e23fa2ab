//! The sort key of a name: compared bytewise, keys have the order of `dialplan show`.
//!
//! A plain name's is its bytes, a pattern's that of each of its places.

use super::units::{Unit, Units, ranges};

/// Plain names come before patterns.
const PLAIN: u8 = 0;
/// What the key of a pattern begins with.
pub(in crate::dialplan) const PATTERN: u8 = 1;
/// What the key of a plain name ends with.
pub(in crate::dialplan) const END_OF_PLAIN: u8 = 0x80;
/// What stands where another extension has the key of its caller; those come first.
pub(in crate::dialplan) const ANY_CALLER: u8 = 2;
/// What stands for bytes that follow each other, and before others.
const IN_A_ROW: u8 = 0;
const ONE_BY_ONE: u8 = 1;
/// Every other place takes a set of bytes, and sorts before these.
const REST: [u8; 3] = [u8::MAX, u8::MAX, 1];
const EARLY: [u8; 3] = [u8::MAX, u8::MAX, 2];
/// Sorts after every other place but a `[` without its `]`.
const END_OF_PATTERN: [u8; 3] = [u8::MAX, u8::MAX, 3];
const UNCLOSED: [u8; 3] = [u8::MAX, u8::MAX, 4];

/// One place of a pattern, as the key has it.
#[derive(Debug, Clone, Copy)]
pub(in crate::dialplan) enum UnitKey<'a> {
    /// How many bytes it takes, the lowest, 0 if they follow each other; else 1, then all of them.
    Members(&'a [u8]),
    /// `.`
    Rest,
    /// `!`
    Early,
    /// The pattern ends.
    End,
    /// A `[` without its `]`.
    Unclosed,
}

impl<'a> UnitKey<'a> {
    /// The place that what is left of a key begins with.
    pub(in crate::dialplan) fn first_of(key: &'a [u8]) -> Self {
        match key {
            [u8::MAX, u8::MAX, 1, ..] => Self::Rest,
            [u8::MAX, u8::MAX, 2, ..] => Self::Early,
            [u8::MAX, u8::MAX, 3, ..] => Self::End,
            [u8::MAX, u8::MAX, ..] => Self::Unclosed,
            [_, _, IN_A_ROW, ..] => Self::Members(&key[..3]),
            [count, ..] => Self::Members(&key[..3 + usize::from(*count)]),
            [] => unreachable!("a key of a pattern ends with its end"),
        }
    }

    /// The byte that it takes, if that is one; no range of it runs backwards.
    pub(in crate::dialplan) fn only(self) -> Option<u8> {
        match self {
            Self::Members(&[1, byte, IN_A_ROW]) => Some(byte),
            _ => None,
        }
    }

    /// Whether it takes this byte.
    pub(in crate::dialplan) fn takes(self, byte: u8) -> bool {
        match self {
            Self::Members([count, lowest, IN_A_ROW]) => {
                byte.checked_sub(*lowest).is_some_and(|above| above < *count)
            }
            Self::Members(bytes) => bytes[3..].contains(&byte),
            Self::Rest | Self::Early => true,
            Self::End | Self::Unclosed => false,
        }
    }

    pub(in crate::dialplan) fn bytes(self) -> &'a [u8] {
        match self {
            Self::Members(bytes) => bytes,
            Self::Rest => &REST,
            Self::Early => &EARLY,
            Self::End => &END_OF_PATTERN,
            Self::Unclosed => &UNCLOSED,
        }
    }
}

/// The key of a name as it is compared.
pub(super) fn of(compared: &[u8]) -> Vec<u8> {
    let mut key = Vec::new();
    append(compared, &mut key);
    key
}

/// Appends the key of a name as it is compared. No key begins with another one.
pub(super) fn append(compared: &[u8], key: &mut Vec<u8>) {
    if let Some(pattern) = compared.strip_prefix(b"_") {
        key.push(PATTERN);
        Units::new(pattern).for_each(|unit| unit.append_key(key));
        key.extend(END_OF_PATTERN);
    } else {
        key.push(PLAIN);
        key.extend(signed(compared));
    }
}

/// The bytes of a plain name and the zero after it, so that they sort as the signed ones do.
pub(super) fn signed(compared: &[u8]) -> impl Iterator<Item = u8> {
    compared.iter().chain(&[0]).map(|byte| byte ^ 0x80)
}

impl Unit<'_> {
    /// Its part of the key: how many bytes it takes, the lowest that a range begins with, then
    /// these bytes from the lowest; a mark stands for bytes that follow each other, as no other
    /// bytes sort before those. A set that takes none counts as nothing.
    fn append_key(self, key: &mut Vec<u8>) {
        match self {
            Unit::Byte(byte) => key.extend([1, byte, IN_A_ROW]),
            Unit::Digits(low) => key.extend([b'9' - low + 1, low, IN_A_ROW]),
            Unit::Set(set) => append_set_key(set, key),
            Unit::Rest => key.extend(REST),
            Unit::Early => key.extend(EARLY),
            Unit::Unclosed => key.extend(UNCLOSED),
        }
    }
}

fn append_set_key(set: &[u8], key: &mut Vec<u8>) {
    if let [low @ 1..=u8::MAX, b'-', high] = *set
        && low <= high
    {
        key.extend([high - low + 1, low, IN_A_ROW]);
        return;
    }
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
    let count = u8::try_from(members.clone().count()).expect("there are 255 bytes but zero");
    if count == 0 {
        return;
    }
    if members.clone().eq((lowest..=u8::MAX).take(usize::from(count))) {
        key.extend([count, lowest, IN_A_ROW]);
    } else {
        key.extend([count, lowest, ONE_BY_ONE]);
        key.extend(members);
    }
}
