//! `Wait(seconds)`; keys are lost.

use super::{super::line::Line, Outcome};

/// Waits, unless the time is none or 0.
pub(super) async fn run(line: &Line, data: &[u8]) -> Outcome {
    match milliseconds(data) {
        Some(ms) if ms > 0 && !line.sleep(ms).await => Outcome::HangUp,
        _ => Outcome::Next,
    }
}

/// A time in seconds, as milliseconds.
pub(super) fn milliseconds(text: &[u8]) -> Option<u64> {
    let text = std::str::from_utf8(text.trim_ascii()).ok()?;
    let seconds: f64 = text.parse().ok()?;
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "it saturates")]
    let ms = (seconds * 1000.0) as u64;
    Some(ms)
}
