//! Subroutines that the PBX itself runs, such as hang-up handlers: from a `Gosub` to its `Return`.
//!
//! Follows `gosub_run` of Asterisk's `apps/app_stack.c`.

use super::{
    application::{self, Outcome},
    line::Line,
    routine::{Spawned, spawn},
};
use std::sync::Arc;

/// Runs `[[context,]extension,]priority[(arguments)]`, after which the channel is where it was.
/// What is waited for inside ends at once if the call is over, and so does the subroutine unless
/// `ignores_hangup`.
pub(super) async fn run(line: &Line, place: &[u8], ignores_hangup: bool) {
    let before =
        line.with(|channel| (channel.context.clone(), channel.exten.clone(), channel.priority));
    let Some(gosub) = application::find(line, b"Gosub") else { return };
    // Boxed, for a subroutine may run applications that run subroutines.
    if Box::pin(gosub.execute(line, place)).await == Outcome::Next {
        line.with(|channel| channel.flow.frames.mark_special());
        if !body(line, ignores_hangup, &before).await {
            line.complain(None, "a subroutine of the PBX ended without Return".to_owned());
            line.with(|channel| {
                channel.flow.frames.balance(&mut channel.variables);
                channel.variables.set(b"GOSUB_RETVAL", Some(b""));
            });
        }
    }
    let (context, exten, priority) = before;
    line.with(|channel| {
        if !channel.hangup.is_redirected {
            channel.context = context;
            channel.exten = exten;
            channel.priority = priority;
        }
    });
}

/// Runs the steps; whether the subroutine returned.
async fn body(line: &Line, ignores_hangup: bool, before: &(Arc<[u8]>, Arc<[u8]>, i32)) -> bool {
    loop {
        let (is_asked, is_redirected) =
            line.with(|channel| (channel.hangup.is_asked(), channel.hangup.is_redirected));
        if is_redirected || (is_asked && !ignores_hangup) {
            return false;
        }
        line.with(|channel| channel.priority += 1);
        let outcome = Box::pin(spawn(line)).await;
        let is_back = line.with(|channel| {
            (&channel.context, &channel.exten, channel.priority) == (&before.0, &before.1, before.2)
        });
        if is_back || !matches!(outcome, Spawned::Ran(Outcome::Next)) {
            return is_back;
        }
    }
}
