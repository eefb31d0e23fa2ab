//! `Hangup(cause)`.

use super::{super::line::Line, Outcome};
use crate::number::scanned;

/// Cause 16 of Q.850: a normal end.
const NORMAL_CLEARING: u32 = 16;

/// Ends the call with the cause that is given, or had, or the normal one.
pub(super) fn run(line: &Line, data: &[u8]) -> Outcome {
    let given = scanned(data, 30).and_then(|cause| u32::try_from(cause).ok());
    line.with(|channel| {
        let cause = [given.unwrap_or(0), channel.cause];
        channel.cause = cause.into_iter().find(|&cause| cause > 0).unwrap_or(NORMAL_CLEARING);
        channel.hangup.is_over = true;
    });
    Outcome::HangUp
}
