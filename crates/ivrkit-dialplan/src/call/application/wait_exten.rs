//! `WaitExten(seconds,options)`: waits for the first digit of an extension.

use super::{
    super::{
        exchange::Why,
        line::{Line, Woken},
    },
    Outcome,
    wait::milliseconds,
};
use crate::application::arguments::{self, Text};

/// Waits for a key; without one on at the next priority, `t` or `e`, whichever is there first.
pub(super) async fn run(line: &Line, data: &[u8]) -> Outcome {
    let arguments = arguments::split(data, Text::Expanded);
    let time = arguments.first().map_or(&b""[..], |range| &data[range.clone()]);
    let default_ms = line.with(|channel| channel.response_timeout_ms);
    let ms = milliseconds(time).filter(|&ms| ms > 0).unwrap_or(default_ms);
    match line.wait_for_key(Some(ms)).await {
        Woken::Key(key) => return Outcome::Key(key),
        Woken::Gone => return Outcome::HangUp,
        Woken::Time => {}
    }
    let (context, exten, priority) =
        line.with(|channel| (channel.context.clone(), channel.exten.clone(), channel.priority));
    if line.exists(&context, &exten, priority + 1) {
    } else if line.exists(&context, b"t", 1) {
        line.with(|channel| channel.set_place(b"t", 0));
    } else if line.exists(&context, b"e", 1) {
        line.with(|channel| channel.raise("RESPONSETIMEOUT", 0));
    } else {
        let context = context.escape_ascii();
        line.complain(None, format!("no key came, and {context} has neither t nor e"));
        line.with(|channel| channel.why.get_or_insert(Why::NoTimeout).clone());
        return Outcome::HangUp;
    }
    Outcome::Next
}
