//! Lengths of time as applications are given them: `2`, `1.5`, `500ms`, `1m`, `1h`.

/// The unit of a number without one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Unit {
    Milliseconds,
    Seconds,
}

/// Most bytes of a unit that are read.
const MOST_UNIT_BYTES: usize = 9;

/// A length of time in milliseconds, which may be negative (`ast_app_parse_timelen` of
/// `main/app.c`); none for what is no number, or has an unknown unit.
pub(super) fn milliseconds(text: &[u8], unit: Unit) -> Option<i64> {
    let (amount, end) = number(text)?;
    let rest = text[end..].trim_ascii_start();
    let word_end = rest.iter().position(u8::is_ascii_whitespace).unwrap_or(rest.len());
    let word = rest[..word_end.min(MOST_UNIT_BYTES)].to_ascii_lowercase();
    let factor = match (&word[..], unit) {
        (b"", Unit::Milliseconds) | (b"ms", _) => 1.0,
        (b"", Unit::Seconds) | (b"s", _) => 1000.0,
        (b"m", _) => 60_000.0,
        (b"h", _) => 3_600_000.0,
        _ => return None,
    };
    Some(whole(amount * factor))
}

/// Seconds as `sscanf("%lf")` reads them, whatever follows, in milliseconds; none if there is no
/// number.
pub(super) fn seconds(text: &[u8]) -> Option<i64> {
    number(text).map(|(amount, _)| whole(amount * 1000.0))
}

#[expect(clippy::cast_possible_truncation, reason = "it is cut to the range of C's int")]
fn whole(amount: f64) -> i64 {
    amount.clamp(f64::from(i32::MIN), f64::from(i32::MAX)) as i64
}

/// The number that a text begins with, after blanks, and where it ends.
fn number(text: &[u8]) -> Option<(f64, usize)> {
    let is_blank = |byte: &&u8| byte.is_ascii_whitespace() || **byte == 0x0b;
    let start = text.iter().take_while(is_blank).count();
    let mut at = start + usize::from(matches!(text.get(start), Some(b'+' | b'-')));
    let digits_at = |at: usize| text[at..].iter().take_while(|byte| byte.is_ascii_digit()).count();
    let before = digits_at(at);
    at += before;
    let mut after = 0;
    if text.get(at) == Some(&b'.') {
        after = digits_at(at + 1);
        at += 1 + after;
    }
    if before + after == 0 {
        return None;
    }
    let mut end = at;
    if matches!(text.get(at), Some(b'e' | b'E')) {
        at += 1 + usize::from(matches!(text.get(at + 1), Some(b'+' | b'-')));
        let digits = digits_at(at);
        // An exponent without digits spoils the number before it.
        if digits == 0 {
            return None;
        }
        end = at + digits;
    }
    let written = std::str::from_utf8(&text[start..end]).ok()?;
    written.parse().ok().map(|amount| (amount, end))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, expected: Option<i64>) {
        assert_eq!(milliseconds(text.as_bytes(), Unit::Seconds), expected, "{text}");
    }

    #[test]
    fn units_follow_the_number() {
        check("2", Some(2000));
        check("1.5", Some(1500));
        check(".5", Some(500));
        check("5.", Some(5000));
        check("500ms", Some(500));
        check("500 MS", Some(500));
        check("1m", Some(60_000));
        check("2S", Some(2000));
        check("1h", Some(3_600_000));
        check("1e1", Some(10_000));
        check(" 3 ", Some(3000));
        check("-1", Some(-1000));
        check("9999999999", Some(2_147_483_647));
        assert_eq!(milliseconds(b"250", Unit::Milliseconds), Some(250));
    }

    #[test]
    fn other_words_spoil_it() {
        check("", None);
        check("x", None);
        check("2x", None);
        check("2 sec", None);
        check("1.5.5", None);
        check("2,x", None);
        check("1e", None);
        check("-", None);
        check("2 s x", Some(2000));
    }

    #[test]
    fn seconds_end_where_they_end() {
        assert_eq!(seconds(b"1.5 and more"), Some(1500));
        assert_eq!(seconds(b"x"), None);
        assert_eq!(seconds(b"-2"), Some(-2000));
    }
}
