//! Exact decimal digits of a number, rounded once.

use super::Number;
use std::{cmp::Ordering, fmt::Write as _};

/// Limbs of nine decimal digits, the lowest first.
struct Limbs(Vec<u32>);

const LIMB: u64 = 1_000_000_000;

/// As `%.{digits}Lg` prints it.
pub(super) fn printed(number: Number, digits: usize) -> Vec<u8> {
    let sign = if number.is_negative() { "-" } else { "" };
    if !number.is_finite() {
        let word = if rustc_apfloat::Float::is_nan(number.0) { "nan" } else { "inf" };
        return format!("{sign}{word}").into_bytes();
    }
    if number.is_zero() {
        return format!("{sign}0").into_bytes();
    }
    let (significand, power) = number.parts();
    if let Some(whole) = whole(significand, power)
        && whole < 10_u64.pow(u32::try_from(digits).expect("it is small"))
    {
        return format!("{sign}{whole}").into_bytes();
    }
    let (exact, point) = exact(significand, power);
    let (rounded, exponent) = rounded(&exact, point, digits);
    format!("{sign}{}", laid_out(&rounded, exponent, digits)).into_bytes()
}

/// `significand * 2^power` if it has no fraction and is below 2^64.
fn whole(significand: u64, power: i32) -> Option<u64> {
    let fraction_bits = power.checked_neg().and_then(|bits| u32::try_from(bits).ok())?;
    let is_whole = fraction_bits <= significand.trailing_zeros();
    is_whole.then(|| significand.checked_shr(fraction_bits)).flatten()
}

/// The digits of `significand * 2^power`, and how many of them stand before the point.
fn exact(significand: u64, power: i32) -> (Vec<u8>, i32) {
    let shift = significand.trailing_zeros();
    let (significand, power) = (significand >> shift, power + shift.cast_signed());
    let mut limbs = Limbs::new(significand);
    // Below the point each power of 2 is one of 5 over one of 10.
    limbs.raise(if power < 0 { 5 } else { 2 }, power.unsigned_abs());
    let digits = limbs.digits();
    let count = i32::try_from(digits.len()).expect("there are some thousands at most");
    (digits, count + power.min(0))
}

/// The first digits, halves rounded to the even one, without zeros at the end; and the power of 10
/// of the first one.
fn rounded(exact: &[u8], point: i32, digits: usize) -> (Vec<u8>, i32) {
    let mut kept = exact[..exact.len().min(digits)].to_vec();
    let mut exponent = point - 1;
    let rest = &exact[kept.len()..];
    let is_up = match rest.first().map(|digit| digit.cmp(&b'5')) {
        Some(Ordering::Greater) => true,
        Some(Ordering::Equal) => {
            let is_more = rest[1..].iter().any(|&digit| digit != b'0');
            is_more || kept.last().is_some_and(|last| last % 2 == 1)
        }
        _ => false,
    };
    if is_up {
        while kept.last() == Some(&b'9') {
            kept.pop();
        }
        if let Some(last) = kept.last_mut() {
            *last += 1;
        } else {
            kept.push(b'1');
            exponent += 1;
        }
    }
    while kept.len() > 1 && kept.last() == Some(&b'0') {
        kept.pop();
    }
    (kept, exponent)
}

fn laid_out(digits: &[u8], exponent: i32, most: usize) -> String {
    let digits = String::from_utf8_lossy(digits);
    let most = i32::try_from(most).expect("it is small");
    if exponent < -4 || exponent >= most {
        let (first, rest) = digits.split_at(1);
        let point = if rest.is_empty() { "" } else { "." };
        let sign = if exponent < 0 { '-' } else { '+' };
        return format!("{first}{point}{rest}e{sign}{:02}", exponent.abs());
    }
    let Ok(before) = usize::try_from(exponent + 1) else {
        let zeros = "0".repeat(usize::try_from(-exponent - 1).expect("it is below the point"));
        return format!("0.{zeros}{digits}");
    };
    if before == 0 {
        return format!("0.{digits}");
    }
    match digits.split_at_checked(before) {
        Some((whole, "")) => whole.to_owned(),
        Some((whole, part)) => format!("{whole}.{part}"),
        None => format!("{digits}{}", "0".repeat(before - digits.len())),
    }
}

impl Limbs {
    fn new(mut whole: u64) -> Self {
        let mut limbs = Vec::new();
        while whole > 0 {
            limbs.push(u32::try_from(whole % LIMB).expect("it is below the limb"));
            whole /= LIMB;
        }
        Self(limbs)
    }

    /// Multiplies by `base` so many times.
    fn raise(&mut self, base: u32, mut times: u32) {
        while times > 0 {
            let step = times.min(12);
            self.multiply(base.pow(step));
            times -= step;
        }
    }

    fn multiply(&mut self, factor: u32) {
        let mut carry = 0;
        for limb in &mut self.0 {
            let product = u64::from(*limb) * u64::from(factor) + carry;
            *limb = u32::try_from(product % LIMB).expect("it is below the limb");
            carry = product / LIMB;
        }
        if carry > 0 {
            self.0.push(u32::try_from(carry).expect("a factor is below 2^32"));
        }
    }

    fn digits(&self) -> Vec<u8> {
        let mut limbs = self.0.iter().rev();
        let mut digits = limbs.next().map(u32::to_string).unwrap_or_default();
        for limb in limbs {
            write!(digits, "{limb:09}").expect("a string takes everything");
        }
        digits.into_bytes()
    }
}
