//! Numbers of `$[...]`: C's `long double` as x86-64 has it, 64 bits of significand.
//!
//! They print as `%.18Lg` does. Where Asterisk was built for another processor, digits beyond the
//! fifteenth may differ. Follows C99's `<math.h>`; knows nothing of expressions.

mod decimal;
mod power;

use rustc_apfloat::{Float, Round, ieee::X87DoubleExtended};

/// Every whole number of so many digits is exact.
const MOST_SHORT_DIGITS: usize = 18;

/// One number.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Number(X87DoubleExtended);

impl Number {
    pub(crate) const ZERO: Self = Self(X87DoubleExtended::ZERO);

    pub(crate) fn flag(is_so: bool) -> Self {
        Self::from(u64::from(is_so))
    }

    /// `strtold` of digits, points and a sign after blanks; what follows the number is left.
    pub(crate) fn read(text: &[u8]) -> Self {
        let text = text.trim_ascii_start();
        let (is_negative, unsigned) = match text {
            [b'-', rest @ ..] => (true, rest),
            [b'+', rest @ ..] | rest => (false, rest),
        };
        let digits = |from: &[u8]| from.iter().take_while(|byte| byte.is_ascii_digit()).count();
        let whole = digits(unsigned);
        let end = match unsigned.get(whole) {
            Some(b'.') => whole + 1 + digits(&unsigned[whole + 1..]),
            _ => whole,
        };
        let digits = &unsigned[..end];
        if let Some(whole) = short(digits) {
            let number = Self::from(whole);
            return if is_negative { number.negated() } else { number };
        }
        let number = String::from_utf8_lossy(digits);
        let read = X87DoubleExtended::from_str_r(&number, Round::NearestTiesToEven);
        // A point alone is no number, which is 0.
        let read = read.map_or(X87DoubleExtended::ZERO, |read| read.value);
        Self(if is_negative { -read } else { read })
    }

    pub(crate) fn is_zero(self) -> bool {
        self.0.is_zero()
    }

    pub(crate) fn is_negative(self) -> bool {
        self.0.is_negative()
    }

    pub(crate) fn is_finite(self) -> bool {
        self.0.is_finite()
    }

    pub(crate) fn plus(self, other: Self) -> Self {
        Self((self.0 + other.0).value)
    }

    pub(crate) fn minus(self, other: Self) -> Self {
        Self((self.0 - other.0).value)
    }

    pub(crate) fn times(self, other: Self) -> Self {
        Self((self.0 * other.0).value)
    }

    pub(crate) fn divided(self, other: Self) -> Self {
        Self((self.0 / other.0).value)
    }

    /// `fmodl`: the remainder has the sign of the dividend.
    pub(crate) fn modulo(self, other: Self) -> Self {
        Self((self.0 % other.0).value)
    }

    /// `remainderl`: of the quotient that is nearest, the even one if two are.
    pub(crate) fn remainder(self, other: Self) -> Self {
        let divisor = other.absolute();
        if divisor.is_zero() || !self.is_finite() {
            return Self::invalid();
        }
        let mut rest = self.modulo(divisor.plus(divisor)).absolute();
        if rest.plus(rest) > divisor {
            rest = rest.minus(divisor);
            if rest.plus(rest) >= divisor {
                rest = rest.minus(divisor);
            }
        }
        if self.is_negative() { rest.negated() } else { rest }
    }

    pub(crate) fn negated(self) -> Self {
        Self(-self.0)
    }

    pub(crate) fn absolute(self) -> Self {
        Self(self.0.abs())
    }

    pub(crate) fn floor(self) -> Self {
        self.rounded(Round::TowardNegative)
    }

    pub(crate) fn ceiling(self) -> Self {
        self.rounded(Round::TowardPositive)
    }

    pub(crate) fn truncated(self) -> Self {
        self.rounded(Round::TowardZero)
    }

    /// `roundl`: halves go away from 0.
    pub(crate) fn nearest(self) -> Self {
        self.rounded(Round::NearestTiesToAway)
    }

    /// `rintl`: halves go to the even one.
    pub(crate) fn nearest_even(self) -> Self {
        self.rounded(Round::NearestTiesToEven)
    }

    /// As `%.18Lg` prints it.
    pub(crate) fn printed(self) -> Vec<u8> {
        decimal::printed(self, 18)
    }

    /// What the processor makes of an invalid operation: its sign is set.
    fn invalid() -> Self {
        Self(-X87DoubleExtended::NAN)
    }

    fn rounded(self, round: Round) -> Self {
        Self(self.0.round_to_integral(round).value)
    }

    /// A finite number as a significand and the power of 2 that it is multiplied by.
    fn parts(self) -> (u64, i32) {
        let bits = self.0.to_bits();
        let significand = u64::try_from(bits & u128::from(u64::MAX)).expect("it is masked");
        let exponent = i32::try_from((bits >> 64) & 0x7fff).expect("it is masked");
        (significand, exponent.max(1) - 16_383 - 63)
    }

    /// The number from its parts; the significand has its highest bit.
    fn from_parts(significand: u64, power: i32) -> Self {
        let exponent = u128::try_from(power + 63 + 16_383).expect("it is in range");
        Self(X87DoubleExtended::from_bits(exponent << 64 | u128::from(significand)))
    }
}

/// Whole numbers that need no rounding, which most are.
fn short(digits: &[u8]) -> Option<u64> {
    let is_short = (1..=MOST_SHORT_DIGITS).contains(&digits.len());
    (is_short && digits.iter().all(u8::is_ascii_digit))
        .then(|| digits.iter().fold(0, |number, digit| 10 * number + u64::from(digit - b'0')))
}

impl From<u64> for Number {
    fn from(whole: u64) -> Self {
        Self(X87DoubleExtended::from_u128(u128::from(whole)).value)
    }
}

impl PartialEq for Number {
    fn eq(&self, other: &Self) -> bool {
        self.0 == other.0
    }
}

impl PartialOrd for Number {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        self.0.partial_cmp(&other.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_print_as_c_prints_them() {
        let check = |text: &str, expected: &str| {
            let printed = Number::read(text.as_bytes()).printed();
            assert_eq!(String::from_utf8_lossy(&printed), expected, "{text}");
        };
        check("0", "0");
        check("-0", "-0");
        check("1.50", "1.5");
        check("0.1", "0.1");
        check("123456789012345678", "123456789012345678");
        check("1234567890123456785", "1.23456789012345678e+18");
        check("1000000000000000000", "1e+18");
        check("0.00001", "1e-05");
        check("0.0001", "0.0001");
        check("12.", "12");
        check(".", "0");
        check(" -1.2.3", "-1.2");
    }

    #[test]
    fn remainders_are_those_of_the_nearest_quotient() {
        let check = |one: &str, other: &str, expected: &str| {
            let read = |text: &str| Number::read(text.as_bytes());
            let rest = read(one).remainder(read(other)).printed();
            assert_eq!(String::from_utf8_lossy(&rest), expected, "{one} {other}");
        };
        check("5", "3", "-1");
        check("4", "3", "1");
        check("1.5", "1", "-0.5");
        check("2.5", "1", "0.5");
        check("-5", "3", "1");
        check("7", "2", "-1");
    }
}
