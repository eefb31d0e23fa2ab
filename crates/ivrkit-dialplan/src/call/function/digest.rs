//! `MD5`, `SHA1` and Base64.

use super::{MAX_VALUE_BYTES, failed};
use crate::{call::line::Line, function::Called};
use md5::{Digest, Md5};
use sha1::Sha1;

const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

/// `MD5(text)`, in hexadecimal digits.
pub(super) fn md5(line: &Line, text: &[u8]) -> Called {
    if text.is_empty() {
        return failed(line, "MD5 takes a text");
    }
    Called::Value(hexadecimal(&Md5::digest(text)))
}

/// `SHA1(text)`, in hexadecimal digits.
pub(super) fn sha1(line: &Line, text: &[u8]) -> Called {
    if text.is_empty() {
        return failed(line, "SHA1 takes a text");
    }
    Called::Value(hexadecimal(&Sha1::digest(text)))
}

/// `BASE64_ENCODE(text)`.
pub(super) fn base64_encoded(line: &Line, text: &[u8]) -> Called {
    if text.is_empty() {
        return failed(line, "BASE64_ENCODE takes a text");
    }
    let mut encoded = Vec::with_capacity(text.len().div_ceil(3) * 4);
    for three in text.chunks(3) {
        let bits = three.iter().fold(0, |bits, byte| bits << 8 | usize::from(*byte));
        let bits = bits << (8 * (3 - three.len()));
        for place in 0..4 {
            let at = bits >> (18 - 6 * place) & 63;
            encoded.push(if place <= three.len() { ALPHABET[at] } else { b'=' });
        }
    }
    encoded.truncate(MAX_VALUE_BYTES);
    Called::Value(encoded)
}

/// `BASE64_DECODE(text)`: what is no letter of the alphabet counts as nothing but zeros; a zero byte
/// ends the value.
pub(super) fn base64_decoded(text: &[u8]) -> Called {
    let (mut bits, mut count, mut decoded) = (0_u32, 0, Vec::new());
    for byte in text.iter().take_while(|&&byte| byte != b'=') {
        let at = ALPHABET.iter().position(|letter| letter == byte).unwrap_or(0);
        bits = bits << 6 | u32::try_from(at).expect("there are 64 letters");
        count += 6;
        if count >= 8 {
            count -= 8;
            decoded.push((bits >> count).to_le_bytes()[0]);
        }
    }
    decoded.truncate(decoded.iter().position(|&byte| byte == 0).unwrap_or(decoded.len()));
    Called::Value(decoded)
}

fn hexadecimal(bytes: &[u8]) -> Vec<u8> {
    let digits = bytes.iter().flat_map(|byte| [byte >> 4, byte & 15]);
    digits.map(|digit| b"0123456789abcdef"[usize::from(digit)]).collect()
}
