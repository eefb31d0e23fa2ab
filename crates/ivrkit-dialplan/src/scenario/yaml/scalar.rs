//! What a plain scalar is: nothing, a truth value, a number or text.
//!
//! The core schema of YAML 1.2.2, section 10.3.2, but for numbers with leading zeros and numbers
//! that are none: those stay text.

use super::Kind;
use serde_json::Number;

/// Types a plain scalar.
pub(super) fn typed(text: &str) -> Kind {
    match text {
        "" | "~" | "null" | "Null" | "NULL" => Kind::Null,
        "true" | "True" | "TRUE" => Kind::Bool(true),
        "false" | "False" | "FALSE" => Kind::Bool(false),
        _ => match number(text) {
            Some(number) => Kind::Number(number, text.to_owned()),
            None => Kind::Text(text.to_owned()),
        },
    }
}

/// A number for the decoder. A whole number may be written `3.0`; JSON Schema calls that an
/// integer, so the decoder is given one.
#[expect(clippy::cast_possible_truncation, reason = "whole numbers below 2^53 fit")]
pub(super) fn to_yaml(number: &Number) -> serde_yaml::Value {
    if let Some(value) = number.as_u64() {
        return value.into();
    }
    if let Some(value) = number.as_i64() {
        return value.into();
    }
    let value = number.as_f64().unwrap_or_default();
    if value.fract() == 0.0 && value.abs() < 9e15 { (value as i64).into() } else { value.into() }
}

fn number(text: &str) -> Option<Number> {
    let digits = text.strip_prefix(['-', '+']).unwrap_or(text);
    if let Some(hex) = text.strip_prefix("0x") {
        return radix(hex, 16);
    }
    if let Some(octal) = text.strip_prefix("0o") {
        return radix(octal, 8);
    }
    if digits.len() > 1 && digits.starts_with('0') && digits.as_bytes()[1].is_ascii_digit() {
        return None;
    }
    if !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit()) {
        let plain = text.strip_prefix('+').unwrap_or(text);
        if let Ok(value) = plain.parse::<i64>() {
            return Some(value.into());
        }
        if let Ok(value) = plain.parse::<u64>() {
            return Some(value.into());
        }
    }
    is_float(digits).then(|| text.parse().ok()).flatten().and_then(Number::from_f64)
}

fn radix(digits: &str, radix: u32) -> Option<Number> {
    let all = !digits.is_empty() && digits.chars().all(|digit| digit.is_digit(radix));
    all.then(|| u64::from_str_radix(digits, radix).ok()).flatten().map(Number::from)
}

/// `[0-9]+(\.[0-9]*)?` or `\.[0-9]+`, with an optional exponent.
fn is_float(text: &str) -> bool {
    let (mantissa, exponent) = match text.split_once(['e', 'E']) {
        Some((mantissa, exponent)) => (mantissa, Some(exponent)),
        None => (text, None),
    };
    let all_digits = |part: &str| part.bytes().all(|byte| byte.is_ascii_digit());
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let exponent_fits = exponent.is_none_or(|exponent| {
        let digits = exponent.strip_prefix(['-', '+']).unwrap_or(exponent);
        !digits.is_empty() && all_digits(digits)
    });
    all_digits(whole)
        && all_digits(fraction)
        && !(whole.is_empty() && fraction.is_empty())
        && exponent_fits
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, expected: &str) {
        let found = match typed(text) {
            Kind::Null => "null".to_owned(),
            Kind::Bool(value) => format!("bool {value}"),
            Kind::Number(number, _) => format!("number {number}"),
            Kind::Text(text) => format!("text {text}"),
            other => format!("{other:?}"),
        };
        assert_eq!(found, expected, "{text:?}");
    }

    #[test]
    fn plain_scalars_follow_the_core_schema() {
        check("", "null");
        check("~", "null");
        check("True", "bool true");
        check("yes", "text yes");
        check("on", "text on");
        check("6500", "number 6500");
        check("-3", "number -3");
        check("+3", "number 3");
        check("0", "number 0");
        check("0x1F", "number 31");
        check("0o17", "number 15");
        check("3.5", "number 3.5");
        check(".5", "number 0.5");
        check("3.", "number 3.0");
        check("1e3", "number 1000.0");
        check("18446744073709551615", "number 18446744073709551615");
        check("99999999999999999999", "number 1e+20");
        check("1_000", "text 1_000");
        check("1:30", "text 1:30");
        check("2026-03-12", "text 2026-03-12");
        check(".", "text .");
        check("e5", "text e5");
        check("-", "text -");
        check("0xZZ", "text 0xZZ");
    }

    #[test]
    fn leading_zeros_and_numbers_that_are_none_stay_text() {
        check("0650", "text 0650");
        check("00", "text 00");
        check("-012", "text -012");
        check("01.5", "text 01.5");
        check(".inf", "text .inf");
        check("-.inf", "text -.inf");
        check(".nan", "text .nan");
        check("1e999", "text 1e999");
        check("inf", "text inf");
    }
}
