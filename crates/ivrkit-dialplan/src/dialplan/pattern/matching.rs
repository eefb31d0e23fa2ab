//! What names say to a dialled string.

use super::units::{Unit, Units};

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

impl Matching {
    pub(super) const NONE: Self = Self { exact: false, can_match: false, match_more: More::No };
    pub(super) const PARTIAL: Self = Self { exact: false, can_match: true, match_more: More::Yes };
    pub(super) const EXACT: Self = Self { exact: true, can_match: true, match_more: More::No };
    pub(super) const REST: Self = Self { exact: true, can_match: true, match_more: More::Yes };
    pub(super) const EARLY: Self = Self { exact: true, can_match: true, match_more: More::Never };
}

/// What a plain name says.
pub(super) fn matches_plain(name: &[u8], digits: &[u8]) -> Matching {
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

/// What a pattern says, without its `_`.
pub(super) fn matches_pattern(pattern: &[u8], digits: &[u8]) -> Matching {
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

/// A dialled string as it is compared: without `-`.
pub(super) fn dialled(digits: &[u8]) -> impl Iterator<Item = u8> + Clone {
    digits.iter().copied().filter(|&byte| byte != b'-')
}
