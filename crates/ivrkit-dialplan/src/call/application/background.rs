//! `BackGround(sounds,options,language,context)`: plays sounds until a key is pressed.

use super::{
    super::line::{Line, Played},
    Outcome,
};
use crate::application::arguments::{self, Text};

/// Plays; a key that is a whole extension goes there, any other begins one.
pub(super) async fn run(line: &Line, data: &[u8]) -> Outcome {
    let arguments = arguments::split(data, Text::Expanded);
    let argument = |at: usize| arguments.get(at).map_or(&b""[..], |range| &data[range.clone()]);
    let options = argument(1);
    let own = line.with(|channel| (channel.context.clone(), channel.setup.language.clone()));
    let context = if argument(3).is_empty() { own.0 } else { argument(3).to_vec() };
    let language = if argument(2).is_empty() { own.1 } else { argument(2).to_vec() };
    let takes_extensions_only = options.contains(&b'm');
    let stops = |key: u8| {
        !takes_extensions_only
            || (line.can_match(&context, &[key]) && !line.match_more(&context, &[key]))
    };
    let mut status = &b"SUCCESS"[..];
    let mut outcome = Outcome::Next;
    for name in argument(0).split(|&byte| byte == b'&').map(<[u8]>::trim_ascii) {
        match line.play(name, &language, &stops).await {
            Played::Whole => continue,
            Played::Missing => status = b"FAILED",
            Played::Gone => outcome = Outcome::HangUp,
            Played::Key(key) => outcome = Outcome::Key(key),
        }
        break;
    }
    if let Outcome::Key(key) = outcome
        && line.can_match(&context, &[key])
        && !line.match_more(&context, &[key])
    {
        line.with(|channel| {
            channel.context.clone_from(&context);
            channel.set_place(&[key], 0);
        });
        outcome = Outcome::Next;
    }
    line.set(b"BACKGROUNDSTATUS", status);
    outcome
}
