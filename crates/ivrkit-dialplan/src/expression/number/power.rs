//! Square roots, exact to the last bit.

use super::Number;

impl Number {
    /// `sqrtl`.
    pub(crate) fn square_root(self) -> Self {
        if self.is_zero() || !self.is_finite() {
            return self;
        }
        if self.is_negative() {
            return Self::invalid();
        }
        let (significand, power) = self.parts();
        let shift = significand.leading_zeros();
        let (significand, power) = (significand << shift, power - shift.cast_signed());
        // 127 or 128 bits and an even power: the root has 64 bits.
        let widening = if (power - 64) % 2 == 0 { 64 } else { 63 };
        let radicand = u128::from(significand) << widening;
        let root = radicand.isqrt();
        let is_up = radicand - root * root > root;
        let root = u64::try_from(root).expect("a root has half of the bits");
        let half_power = (power - widening) / 2;
        match root.checked_add(u64::from(is_up)) {
            Some(root) => Self::from_parts(root, half_power),
            None => Self::from_parts(1 << 63, half_power + 1),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn roots_are_those_of_c() {
        let check = |text: &str, expected: &str| {
            let root = Number::read(text.as_bytes()).square_root().printed();
            assert_eq!(String::from_utf8_lossy(&root), expected, "{text}");
        };
        check("4", "2");
        check("2", "1.41421356237309505");
        check("0.25", "0.5");
        check("3", "1.73205080756887729");
        check("0", "0");
        check("-1", "-nan");
    }
}
