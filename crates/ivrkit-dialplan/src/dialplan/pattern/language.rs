//! What a name stands for as a set of strings, so that names can be compared: whether two of them
//! take a string both, and whether one takes all that the other takes.
//!
//! Must not know of contexts; which of two names goes first is the order of [`Pattern`].

use super::{
    Pattern,
    units::{Unit, Units, ranges},
};

/// The bytes that one place of a name takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) struct Class([u64; 4]);

/// What may follow the last place.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Tail {
    /// Nothing.
    End,
    /// One byte or more: `.`.
    More,
    /// Anything or nothing: `!`.
    Any,
}

/// The strings that a name stands for, a dialled `-` left out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Language {
    /// What each place takes.
    pub(crate) places: Vec<Class>,
    /// What may follow.
    pub(crate) tail: Tail,
    /// Whether no string is among them.
    pub(crate) is_empty: bool,
}

impl Class {
    pub(crate) const NONE: Self = Self([0; 4]);
    pub(crate) const ALL: Self = Self([u64::MAX; 4]);

    pub(crate) fn of(byte: u8) -> Self {
        let mut class = Self::NONE;
        class.add(byte);
        class
    }

    pub(crate) fn has(self, byte: u8) -> bool {
        self.0[usize::from(byte >> 6)] >> (byte & 63) & 1 == 1
    }

    pub(crate) fn meets(self, other: Self) -> bool {
        self.0.iter().zip(other.0).any(|(own, other)| own & other != 0)
    }

    pub(crate) fn contains(self, other: Self) -> bool {
        self.0.iter().zip(other.0).all(|(own, other)| other & !own == 0)
    }

    /// What a telephone's keys are: digits, `*`, `#`, and the letters A to D that some have.
    pub(crate) const KEYS: Self = Self([0x03ff_0408_0000_0000, 0x0000_0000_0000_001e, 0, 0]);
    /// These bytes and no others.
    pub(crate) fn of_bytes(bytes: impl IntoIterator<Item = u8>) -> Self {
        let mut class = Self::NONE;
        bytes.into_iter().for_each(|byte| class.add(byte));
        class
    }

    /// What one of both takes.
    pub(crate) fn or(self, other: Self) -> Self {
        Self(std::array::from_fn(|at| self.0[at] | other.0[at]))
    }

    /// What both take.
    pub(crate) fn and(self, other: Self) -> Self {
        Self(std::array::from_fn(|at| self.0[at] & other.0[at]))
    }

    /// The byte it takes, if that is the only one.
    pub(crate) fn only(self) -> Option<u8> {
        let count: u32 = self.0.iter().map(|word| word.count_ones()).sum();
        let (at, word) = (0..).zip(self.0).find(|(_, word)| *word != 0).filter(|_| count == 1)?;
        u8::try_from(word.trailing_zeros()).ok().map(|bit| at * 64 + bit)
    }

    /// The bytes it takes, lowest first.
    pub(crate) fn bytes(self) -> impl Iterator<Item = u8> {
        (0..=u8::MAX).filter(move |&byte| self.has(byte))
    }

    fn add(&mut self, byte: u8) {
        self.0[usize::from(byte >> 6)] |= 1 << (byte & 63);
    }

    /// Adds a range as Asterisk reads it: bytes have a sign, so that those over 127 come first.
    fn add_range(&mut self, low: u8, high: u8) {
        if low.cast_signed() > high.cast_signed() {
            return;
        }
        if low > high {
            self.add_range(low, u8::MAX);
            return self.add_range(0, high);
        }
        for word in low >> 6..=high >> 6 {
            let from = if word == low >> 6 { low & 63 } else { 0 };
            let to = if word == high >> 6 { high & 63 } else { 63 };
            self.0[usize::from(word)] |= u64::MAX << from & u64::MAX >> (63 - to);
        }
    }

    fn from_unit(unit: Unit<'_>) -> Self {
        let mut class = Self::NONE;
        match unit {
            Unit::Byte(byte) => class.add(byte),
            Unit::Digits(low) => class.add_range(low, b'9'),
            Unit::Set(set) => {
                ranges(set).for_each(|(low, high)| class.add_range(low, high));
                // A zero byte ends what is dialled, and a `-` in it counts as nothing.
                class.0[0] &= !(1 | 1 << b'-');
            }
            Unit::Rest | Unit::Early | Unit::Unclosed => {}
        }
        class
    }
}

impl Language {
    /// What a name stands for.
    pub(crate) fn new(name: &Pattern) -> Self {
        let Some(pattern) = name.compared().strip_prefix(b"_") else {
            return Self::exactly(name.compared());
        };
        // A set has more bytes than places.
        let places = Vec::with_capacity(pattern.len().min(16));
        let mut language = Self { places, tail: Tail::End, is_empty: false };
        // An empty set is passed over by what is dialled, but not by its end.
        let mut has_open_end = false;
        for unit in Units::new(pattern).take_while(|unit| !matches!(unit, Unit::Byte(b'/'))) {
            match unit {
                Unit::Rest | Unit::Early => {
                    let is_rest = matches!(unit, Unit::Rest);
                    language.tail = if is_rest { Tail::More } else { Tail::Any };
                    return language;
                }
                Unit::Set(b"") => has_open_end = true,
                unit => {
                    has_open_end = false;
                    let class = Class::from_unit(unit);
                    language.is_empty |= class == Class::NONE;
                    language.places.push(class);
                }
            }
        }
        language.is_empty |= has_open_end;
        language
    }

    /// One string only.
    pub(crate) fn exactly(text: &[u8]) -> Self {
        let mut places = Vec::with_capacity(text.len());
        places.extend(text.iter().filter(|&&byte| byte != b'-').map(|&byte| Class::of(byte)));
        Self { places, tail: Tail::End, is_empty: false }
    }

    /// Whether some string is in both.
    pub(crate) fn meets(&self, other: &Self) -> bool {
        let (short, long) =
            if self.places.len() <= other.places.len() { (self, other) } else { (other, self) };
        let rest = long.places.len() - short.places.len();
        let is_long_enough = match short.tail {
            Tail::End => rest == 0 && long.tail != Tail::More,
            Tail::More => rest > 0 || long.tail != Tail::End,
            Tail::Any => true,
        };
        is_long_enough
            && !self.is_empty
            && !other.is_empty
            && short.places.iter().zip(&long.places).all(|(one, other)| one.meets(*other))
    }

    /// Whether every string of the other one is in this one.
    pub(crate) fn covers(&self, other: &Self) -> bool {
        if other.is_empty {
            return true;
        }
        let Some(rest) = other.places.len().checked_sub(self.places.len()) else { return false };
        let is_long_enough = match self.tail {
            Tail::End => rest == 0 && other.tail == Tail::End,
            Tail::More => rest > 0 || other.tail == Tail::More,
            Tail::Any => true,
        };
        is_long_enough
            && !self.is_empty
            && self.places.iter().zip(&other.places).all(|(own, other)| own.contains(*other))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(one: &str, other: &str, meets: bool, covers: bool) {
        let [one, other] = [one, other].map(|name| Language::new(&Pattern::new(name.as_bytes())));
        assert_eq!((one.meets(&other), one.covers(&other)), (meets, covers));
        assert_eq!(other.meets(&one), meets, "the other way round");
    }

    #[test]
    fn names_meet_and_cover_as_the_strings_they_stand_for() {
        check("_1XX", "123", true, true);
        check("_1XX", "1234", false, false);
        check("_1XX", "_NXX", false, false);
        check("_XXX", "_[12]0Z", true, true);
        check("_X.", "_X!", true, false);
        check("_X!", "_X.", true, true);
        check("_X.", "5", false, false);
        check("_X.", "_XX", true, true);
        check("_X.", "_XXXX#", true, true);
        check("_1.", "_X1", true, false);
        check("_!", "h", true, true);
        check("1-2", "12", true, true);
    }

    #[test]
    fn sets_take_what_their_ranges_hold() {
        let ends = [1, b'!', b'-', b'0', b'9', b'?', b'@', b'z', 127, 128, 191, 192, 200, 255];
        for (low, high) in ends.iter().flat_map(|&low| ends.map(|high| (low, high))) {
            let class = Class::from_unit(Unit::Set(&[low, b'-', high]));
            let is_in = |byte: &u8| {
                (low.cast_signed()..=high.cast_signed()).contains(&byte.cast_signed())
                    && !matches!(byte, 0 | b'-')
            };
            let expected: Vec<u8> = (0..=u8::MAX).filter(is_in).collect();
            assert_eq!(class.bytes().collect::<Vec<_>>(), expected, "{low}-{high}");
        }
    }

    #[test]
    fn classes_know_their_bytes() {
        let keys: Vec<u8> = Class::KEYS.bytes().collect();
        assert_eq!(keys, b"#*0123456789ABCD");
        for byte in [0, 63, 64, 200, 255] {
            assert_eq!(Class::of(byte).only(), Some(byte));
        }
        assert_eq!((Class::KEYS.only(), Class::NONE.only()), (None, None));
    }

    #[test]
    fn some_names_stand_for_nothing() {
        for name in ["_6[]", "_5[3-1]", "_1[2"] {
            assert!(Language::new(&Pattern::new(name.as_bytes())).is_empty, "{name}");
        }
        for name in ["_6[]1", "_6[].", "6[]", "_"] {
            assert!(!Language::new(&Pattern::new(name.as_bytes())).is_empty, "{name}");
        }
    }
}
