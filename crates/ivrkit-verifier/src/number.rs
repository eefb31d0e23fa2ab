//! Telephone numbers: read, compared, and shown with all but their end masked.
//!
//! PBXs and people write the same number in several ways: numbers are compared by their digits
//! alone, without spaces, hyphens, brackets and the leading `+`. Country and trunk prefixes are not
//! guessed at: `13900001111` and `8613900001111` are two numbers.

use std::fmt;

/// Fewest digits of a number that is dialled.
const MIN_DIGITS: usize = 2;
/// Most digits: the 15 of E.164 and room for a trunk prefix.
const MAX_DIGITS: usize = 20;

/// A telephone number; `Debug` and `Display` show its last digits only.
#[derive(Clone)]
pub struct PhoneNumber(String);

/// Why a text is no number to dial.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Invalid {
    /// Something that no telephone number has.
    #[error("character {at} is no digit; expected digits with an optional leading `+`")]
    Character {
        /// Which one, from 1.
        at: usize,
    },
    /// Too few or too many digits.
    #[error("it has {digits} digits; expected {MIN_DIGITS} to {MAX_DIGITS}")]
    Length {
        /// How many there are.
        digits: usize,
    },
}

impl PhoneNumber {
    /// A number that somebody wants dialled.
    ///
    /// # Errors
    /// When it is not digits with an optional leading `+`, or too short or long.
    pub fn parse(text: &str) -> Result<Self, Invalid> {
        let mut number = String::with_capacity(text.len());
        for (at, character) in text.trim().chars().enumerate() {
            match character {
                '0'..='9' => number.push(character),
                '+' if number.is_empty() => number.push('+'),
                ' ' | '-' | '(' | ')' => {}
                _ => return Err(Invalid::Character { at: at + 1 }),
            }
        }
        let digits = number.trim_start_matches('+').len();
        if !(MIN_DIGITS..=MAX_DIGITS).contains(&digits) || number.starts_with("++") {
            return Err(Invalid::Length { digits });
        }
        Ok(Self(number))
    }

    /// Whatever a PBX gives as the number of a party; it may be empty, or a word for a withheld one.
    pub fn reported(text: &str) -> Self {
        Self(text.chars().filter(|c| !matches!(c, ' ' | '-' | '(' | ')')).take(64).collect())
    }

    /// As it is dialled: digits, with a leading `+` if it was written with one.
    pub fn dialled(&self) -> &str {
        &self.0
    }

    /// The digits it is compared by.
    pub fn digits(&self) -> &str {
        self.0.trim_start_matches('+')
    }

    /// The number with all but the last four digits, or all but a third of a short one, hidden.
    pub fn masked(&self) -> String {
        let length = self.digits().chars().count();
        let shown = if length >= 8 { 4 } else { length / 3 };
        let end = self.digits().chars().skip(length - shown);
        std::iter::repeat_n('*', length - shown).chain(end).collect()
    }
}

impl PartialEq for PhoneNumber {
    fn eq(&self, other: &Self) -> bool {
        self.digits() == other.digits()
    }
}

impl Eq for PhoneNumber {}

impl std::hash::Hash for PhoneNumber {
    fn hash<H: std::hash::Hasher>(&self, state: &mut H) {
        self.digits().hash(state);
    }
}

impl fmt::Display for PhoneNumber {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.masked())
    }
}

impl fmt::Debug for PhoneNumber {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.masked())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, expected: Result<&str, Invalid>) {
        let number = PhoneNumber::parse(text);
        assert_eq!(number.as_ref().map(PhoneNumber::dialled).map_err(|error| *error), expected);
    }

    #[test]
    fn numbers_are_read_as_people_write_them() {
        check("13900001111", Ok("13900001111"));
        check("+86 139-0000-1111", Ok("+8613900001111"));
        check("(0571) 8888", Ok("05718888"));
        check("139x", Err(Invalid::Character { at: 4 }));
        check("13+9", Err(Invalid::Character { at: 3 }));
        check("١٢٣٤", Err(Invalid::Character { at: 1 }));
        check("", Err(Invalid::Length { digits: 0 }));
        check("123456789012345678901", Err(Invalid::Length { digits: 21 }));
    }

    #[test]
    fn one_number_written_in_two_ways_is_one_number() {
        let numbers = ["+8613900001111", "86 139 0000 1111"];
        let [a, b] = numbers.map(PhoneNumber::reported);
        assert_eq!(a, b);
        assert_ne!(a, PhoneNumber::reported("13900001111"));
    }

    #[test]
    fn only_the_end_is_shown() {
        let number = PhoneNumber::reported("13900001111");
        assert_eq!(format!("{number} {number:?}"), "*******1111 *******1111");
        assert_eq!(PhoneNumber::reported("10086").masked(), "****6");
        assert_eq!(PhoneNumber::reported("").masked(), "");
    }
}
