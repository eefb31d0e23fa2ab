//! The end of a call: the tone after the last priority, `h`, hang-up handlers, and what is told.

use super::{Spawned, spawn};
use crate::call::{
    application::Outcome,
    exchange::{What, Why},
    line::Line,
    subroutine,
};

/// How long a caller hears that nobody could be reached.
const TONE_MS: u64 = 10_000;
/// Cause 17 of Q.850: the callee is busy.
const BUSY: u32 = 17;
/// Cause 34 of Q.850: there is no line.
const CONGESTION: u32 = 34;

/// There is no further priority: the caller hears what became of the last `Dial`, if it failed.
pub(super) async fn fall_through(line: &Line) {
    line.with(|channel| channel.why.get_or_insert(Why::FellOff).clone());
    let status = line.variable(b"DIALSTATUS").unwrap_or_default().to_ascii_uppercase();
    let cause = match &status[..] {
        b"BUSY" => BUSY,
        b"CONGESTION" | b"CHANUNAVAIL" => CONGESTION,
        _ => return,
    };
    line.with(|channel| {
        if !channel.is_answered {
            channel.cause = cause;
        }
    });
    line.sleep(TONE_MS).await;
}

/// What is done once a call is over: `h`, the hang-up handlers, and the end itself.
pub(super) async fn end(line: &Line) {
    line.with(|channel| {
        channel.hangup.is_over = true;
        channel.why.get_or_insert(Why::FellOff);
    });
    if !line.with(|channel| channel.is_stopped) && line.exists_here(b"h", 1) {
        end_record(line);
        line.with(|channel| channel.set_place(b"h", 1));
        while let Spawned::Ran(Outcome::Next) = spawn(line).await {
            line.with(|channel| channel.priority += 1);
        }
    }
    while let Some(handler) = next_handler(line) {
        end_record(line);
        subroutine::run(line, &handler, true).await;
    }
    tell_end(line);
}

/// What runs from here on is not part of the call's record.
fn end_record(line: &Line) {
    line.with(|channel| channel.facts.end_record(channel.now_ms, &channel.context, &channel.exten));
}

/// The hang-up handler that is next, which is gone then.
fn next_handler(line: &Line) -> Option<Vec<u8>> {
    line.with(|channel| {
        let is_left = !channel.is_stopped && !channel.hangup_handlers.is_empty();
        is_left.then(|| channel.hangup_handlers.remove(0))
    })
}

/// Tells where the call ended and why.
pub(super) fn tell_end(line: &Line) {
    line.with(|channel| {
        let why = channel.why.clone().unwrap_or(Why::FellOff);
        channel.tell(What::Ended {
            cause: channel.cause,
            context: channel.context.to_vec(),
            exten: channel.exten.to_vec(),
            priority: channel.priority,
            why,
        });
    });
}
