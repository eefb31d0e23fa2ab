//! The sounds of single letters and digits.

/// The sound of a digit; none for what `SayDigits` leaves out.
pub(super) fn digit(byte: u8) -> Option<Vec<u8>> {
    match byte {
        b'*' => Some(b"digits/star".to_vec()),
        b'#' => Some(b"digits/pound".to_vec()),
        b'-' => Some(b"digits/minus".to_vec()),
        b'0'..=b'9' => Some([b"digits/", &[byte][..]].concat()),
        _ => None,
    }
}

/// The sound of a character as it is spelt.
#[expect(clippy::unnecessary_wraps, reason = "the sisters leave some out")]
pub(super) fn character(byte: u8) -> Option<Vec<u8>> {
    Some(match byte {
        b'0'..=b'9' => [b"digits/", &[byte][..]].concat(),
        _ => sign(byte).unwrap_or_else(|| [b"letters/", &[byte.to_ascii_lowercase()][..]].concat()),
    })
}

/// The sound of a character in the spelling alphabet; a 9 is asked for there, too.
#[expect(clippy::unnecessary_wraps, reason = "the sisters leave some out")]
pub(super) fn phonetic(byte: u8) -> Option<Vec<u8>> {
    Some(match byte {
        b'0'..=b'8' => [b"digits/", &[byte][..]].concat(),
        _ => sign(byte)
            .unwrap_or_else(|| [b"phonetic/", &[byte.to_ascii_lowercase()][..], b"_p"].concat()),
    })
}

fn sign(byte: u8) -> Option<Vec<u8>> {
    let name: &[u8] = match byte {
        b'*' => b"digits/star",
        b'#' => b"digits/pound",
        // Spelt like this in Asterisk's sounds.
        b'!' => b"letters/exclaimation-point",
        b'@' => b"letters/at",
        b'$' => b"letters/dollar",
        b'-' => b"letters/dash",
        b'.' => b"letters/dot",
        b'=' => b"letters/equals",
        b'+' => b"letters/plus",
        b'/' => b"letters/slash",
        b' ' => b"letters/space",
        _ => return None,
    };
    Some(name.to_vec())
}
