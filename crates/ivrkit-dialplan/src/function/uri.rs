//! `URIENCODE` and `URIDECODE`.

/// Most bytes of a value.
const MAX_BYTES: usize = 4095;

/// Letters, digits and `-._~` stay; every other byte becomes `%` and two digits.
pub(super) fn encoded(given: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(given.len());
    for &byte in given {
        if byte.is_ascii_alphanumeric() || b"-_.!~*'()".contains(&byte) {
            out.push(byte);
        } else if out.len() + 3 <= MAX_BYTES {
            out.extend(format!("%{byte:02X}").into_bytes());
        } else {
            break;
        }
    }
    out.truncate(MAX_BYTES);
    out
}

/// `%` and two hexadecimal digits become their byte.
pub(super) fn decoded(given: &[u8]) -> Vec<u8> {
    let digit = |byte: u8| char::from(byte).to_digit(16);
    let mut out = Vec::with_capacity(given.len());
    let mut rest = given;
    while let [first, after @ ..] = rest {
        rest = after;
        let [high, low, after @ ..] = after else {
            out.push(*first);
            continue;
        };
        let value = match (digit(*high), digit(*low)) {
            (Some(high), Some(low)) => Some(high * 16 + low),
            // A single digit counts as well, and what follows it is lost.
            (Some(high), None) => Some(high),
            _ => None,
        };
        match value {
            Some(value) if *first == b'%' => {
                out.push(u8::try_from(value).expect("two digits make a byte"));
                rest = after;
            }
            _ => out.push(*first),
        }
    }
    // A byte of 0 ends a text.
    let end = out.iter().position(|&byte| byte == 0).unwrap_or(out.len());
    out.truncate(end);
    out
}
