//! What stands between the parentheses, divided.

/// Divides at `mark` outside of parentheses, brackets and quotes into `most` parts or fewer.
///
/// Quotes and backslashes go if `strips`, but never from the last of `most` parts, which is taken
/// as it is. Follows `__ast_app_separate_args` of Asterisk's `main/app.c`.
pub(crate) fn divided(given: &[u8], mark: u8, strips: bool, most: usize) -> Vec<Vec<u8>> {
    let mut parts = Vec::new();
    let mut rest = given;
    let (mut parentheses, mut brackets, mut is_quoted) = (0_usize, 0_usize, false);
    let mut ends_with_mark = false;
    while !rest.is_empty() && parts.len() < most - 1 {
        let mut part = Vec::new();
        ends_with_mark = false;
        while let [byte, after @ ..] = rest {
            rest = after;
            match *byte {
                b'(' => parentheses += 1,
                b')' => parentheses = parentheses.saturating_sub(1),
                b'[' => brackets += 1,
                b']' => brackets = brackets.saturating_sub(1),
                b'"' if mark != b'"' => {
                    is_quoted = !is_quoted;
                    if strips {
                        continue;
                    }
                }
                b'\\' => {
                    if !strips {
                        part.push(b'\\');
                    }
                    if let [next, after @ ..] = rest {
                        part.push(*next);
                        rest = after;
                    }
                    continue;
                }
                byte if byte == mark && parentheses == 0 && brackets == 0 && !is_quoted => {
                    ends_with_mark = true;
                    break;
                }
                _ => {}
            }
            part.push(*byte);
        }
        parts.push(part);
    }
    if !rest.is_empty() || ends_with_mark {
        parts.push(rest.to_vec());
    }
    parts
}

/// Standard arguments: at commas, without quotes and backslashes.
pub(crate) fn standard(given: &[u8], most: usize) -> Vec<Vec<u8>> {
    divided(given, b',', true, most)
}

/// The character a text begins with, `\n`, `\x41` and their like decoded, and what follows it; none
/// at the end of the text or behind a `\x` without digits.
pub(crate) fn decoded(text: &[u8]) -> Option<(u8, &[u8])> {
    let digits = |text: &[u8], base: u32, most: usize| {
        let is_digit = |byte: &&u8| char::from(**byte).is_digit(base);
        let end = text.iter().take(most).take_while(is_digit).count();
        let value = text[..end].iter().fold(0_u32, |value, byte| {
            value.wrapping_mul(base) + char::from(*byte).to_digit(base).unwrap_or(0)
        });
        (u8::try_from(value & 0xff).expect("it is masked"), end)
    };
    match text {
        [] => None,
        [b'\\', rest @ ..] => match rest {
            [b'n', rest @ ..] => Some((b'\n', rest)),
            [b'r', rest @ ..] => Some((b'\r', rest)),
            [b't', rest @ ..] => Some((b'\t', rest)),
            [b'x', rest @ ..] => {
                let (value, end) = digits(rest, 16, 2);
                (end > 0).then(|| (value, &rest[end..]))
            }
            [b'0', rest @ ..] => {
                let (value, end) = digits(rest, 8, usize::MAX);
                Some((value, &rest[end..]))
            }
            [byte, rest @ ..] => Some((*byte, rest)),
            [] => Some((0, &[])),
        },
        [byte, rest @ ..] => Some((*byte, rest)),
    }
}

/// A text with all of its characters decoded.
pub(crate) fn decoded_all(mut text: &[u8]) -> Vec<u8> {
    let mut out = Vec::new();
    while let Some((byte, rest)) = decoded(text) {
        out.push(byte);
        text = rest;
    }
    out
}
