//! Numbers as the C library reads them: what is no digit ends them.

/// `sscanf("%30d")`: blanks, a sign, digits; too large ones lose their upper half.
pub(crate) fn scanned(text: &[u8], most_bytes: usize) -> Option<i32> {
    scanned_with_end(text, most_bytes).map(|(number, _)| number)
}

/// [`scanned`], and where in the text the number ends.
#[expect(clippy::cast_possible_truncation, reason = "the C library cuts them off as well")]
pub(crate) fn scanned_with_end(text: &[u8], most_bytes: usize) -> Option<(i32, usize)> {
    long_with_end(text, most_bytes).map(|(number, end)| (number as i32, end))
}

/// `sscanf("%ld")`: too large ones are the largest.
pub(crate) fn scanned_long(text: &[u8]) -> Option<i64> {
    long_with_end(text, usize::MAX).map(|(number, _)| number)
}

fn long_with_end(text: &[u8], most_bytes: usize) -> Option<(i64, usize)> {
    let is_blank = |byte: &u8| byte.is_ascii_whitespace() || *byte == 0x0b;
    let blanks = text.iter().take_while(|byte| is_blank(byte)).count();
    let text = &text[blanks..];
    let text = &text[..text.len().min(most_bytes)];
    let (is_negative, digits) = match text {
        [b'-', digits @ ..] => (true, digits),
        [b'+', digits @ ..] | digits => (false, digits),
    };
    let end = digits.iter().position(|byte| !byte.is_ascii_digit()).unwrap_or(digits.len());
    if end == 0 {
        return None;
    }
    let magnitude = digits[..end].iter().fold(0_i64, |number, byte| {
        let digit = i64::from(byte - b'0');
        if is_negative {
            number.saturating_mul(10).saturating_sub(digit)
        } else {
            number.saturating_mul(10).saturating_add(digit)
        }
    });
    Some((magnitude, blanks + text.len() - digits.len() + end))
}

/// `atoi`: text that is no number is 0.
pub(crate) fn parsed(text: &[u8]) -> i32 {
    scanned(text, usize::MAX).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_end_where_their_digits_end() {
        let check = |text: &str, expected| assert_eq!(scanned(text.as_bytes(), 30), expected);
        check("1abc", Some(1));
        check("0x10", Some(0));
        check(" -3", Some(-3));
        check("- 3", None);
        check("", None);
        check("2147483648", Some(i32::MIN));
        check("99999999999", Some(1_215_752_191));
        check("999999999999999999999999", Some(-1));
        assert_eq!(scanned_long(b" 99999999999x"), Some(99_999_999_999));
        assert_eq!(scanned_long(b"x"), None);
    }
}
