//! `Playback(sounds,options)`: plays sounds; keys are lost.

use super::{
    super::line::{Line, Played},
    Outcome,
};
use crate::application::arguments::{self, Text};

/// Plays all of them, whichever are missing.
pub(super) async fn run(line: &Line, data: &[u8]) -> Outcome {
    let arguments = arguments::split(data, Text::Expanded);
    let sounds = arguments.first().map_or(&b""[..], |range| &data[range.clone()]);
    let language = line.with(|channel| channel.setup.language.clone());
    let mut status = &b"SUCCESS"[..];
    for name in sounds.split(|&byte| byte == b'&').map(<[u8]>::trim_ascii) {
        match line.play(name, &language, &|_| false).await {
            Played::Missing => status = b"FAILED",
            Played::Gone => return Outcome::HangUp,
            Played::Whole | Played::Key(_) => {}
        }
    }
    line.set(b"PLAYBACKSTATUS", status);
    Outcome::Next
}
