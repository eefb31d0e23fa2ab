//! `TIMEOUT(digit)`, `TIMEOUT(response)` and `TIMEOUT(absolute)`, in seconds.

use super::super::line::Line;
use crate::function::Called;

/// What a time-out is, with three decimals.
pub(super) fn read(line: &Line, which: &[u8]) -> Called {
    let ms = line.with(|channel| match which.first().map(u8::to_ascii_lowercase) {
        Some(b'd') => Some(channel.digit_timeout_ms),
        Some(b'r') => Some(channel.response_timeout_ms),
        Some(b'a') => Some(channel.absolute_ms.map_or(0, |at_ms| at_ms - channel.now_ms)),
        _ => None,
    });
    ms.map_or(Called::Failed, |ms| {
        Called::Value(format!("{}.{:03}", ms / 1000, ms % 1000).into_bytes())
    })
}

/// Sets a time-out.
pub(super) fn write(line: &Line, which: &[u8], value: &[u8]) -> Called {
    let Some(ms) = super::super::duration::seconds(value).map(|ms| u64::try_from(ms).unwrap_or(0))
    else {
        return Called::Failed;
    };
    line.with(|channel| match which.first().map(u8::to_ascii_lowercase) {
        Some(b'd') => channel.digit_timeout_ms = ms,
        Some(b'r') => channel.response_timeout_ms = ms,
        Some(b'a') => channel.absolute_ms = (ms > 0).then_some(channel.now_ms + ms),
        _ => {}
    });
    Called::Value(Vec::new())
}
