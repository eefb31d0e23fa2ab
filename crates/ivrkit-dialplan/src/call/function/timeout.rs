//! `TIMEOUT(digit)`, `TIMEOUT(response)` and `TIMEOUT(absolute)`, in seconds.

use super::{DONE, failed};
use crate::{
    call::line::Line,
    function::{Called, calculation},
    number::scanned_with_end,
};

/// What a time-out is, with three decimals; 0 if there is no absolute one.
pub(super) fn read(line: &Line, which: &[u8]) -> Called {
    let ms = line.with(|channel| match which.first().map(u8::to_ascii_lowercase) {
        Some(b'd') => Some(Some(channel.digit_timeout_ms)),
        Some(b'r') => Some(Some(channel.response_timeout_ms)),
        Some(b'a') => Some(channel.absolute_ms.map(|at_ms| at_ms.saturating_sub(channel.now_ms))),
        _ => None,
    });
    match ms {
        None => failed(line, "TIMEOUT takes digit, response or absolute"),
        Some(None) => Called::Value(b"0".to_vec()),
        Some(Some(ms)) => Called::Value(format!("{}.{:03}", ms / 1000, ms % 1000).into_bytes()),
    }
}

/// Sets a time-out; what is no number, or negative, is 0.
pub(super) fn write(line: &Line, which: &[u8], value: &[u8]) -> Called {
    let ms = milliseconds(value);
    let is_known = line.with(|channel| {
        match which.first().map(u8::to_ascii_lowercase) {
            Some(b'd') => channel.digit_timeout_ms = ms,
            Some(b'r') => channel.response_timeout_ms = ms,
            Some(b'a') => {
                channel.absolute_ms = (ms > 0).then(|| channel.now_ms.saturating_add(ms));
            }
            _ => return false,
        }
        true
    });
    if is_known { DONE } else { failed(line, "TIMEOUT takes digit, response or absolute") }
}

/// `%30ld%30lf`: whole seconds, and what follows them as a part of one.
fn milliseconds(text: &[u8]) -> u64 {
    let Some((seconds, end)) = scanned_with_end(text, 30) else { return 0 };
    let Ok(seconds) = u64::try_from(seconds) else { return 0 };
    let part = calculation::number(&text[end..]).unwrap_or(0.0) * 1000.0;
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "it saturates")]
    let part_ms = part as u64;
    seconds * 1000 + part_ms.min(u64::from(u32::MAX))
}
