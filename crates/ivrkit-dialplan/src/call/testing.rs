//! Calls as texts, for tests of this room.

use super::{Call, Event, Input, Pbx, Redirect, Setup, Sounds, What, Why};
use crate::{application::Version, dialplan, syntax::Nothing};
use std::{sync::Arc, time::Duration};

/// `/snd/N` lasts N seconds; nothing else is there.
struct Numbered;

impl Sounds for Numbered {
    fn length_ms(&self, name: &[u8], _: &[u8]) -> Option<u64> {
        let seconds = name.strip_prefix(b"/snd/")?;
        std::str::from_utf8(seconds).ok()?.parse::<u64>().ok().map(|seconds| seconds * 1000)
    }
}

/// Runs a call that enters at an extension of context `m`, or at `context,extension`, perhaps
/// `from` a number, and presses keys: words are keys, or `wait SECONDS`, as in `wait 1 12#`; a key is
/// let go of 0.1 s after it is pressed, the next is pressed 0.1 s later. `hangup` hangs up,
/// `redirect context,extension,priority` sends the call there. The outcome has a line for each thing
/// that happened.
pub(crate) fn transcript(dialplan: &str, exten: &str, keys: &str) -> String {
    events(Version::V22, dialplan, exten, keys).iter().filter_map(line).collect()
}

/// All that happens in such a call.
pub(crate) fn events(version: Version, dialplan: &str, exten: &str, keys: &str) -> Vec<Event> {
    let dialplan = dialplan::load(b"extensions.conf", dialplan.into(), &mut Nothing);
    let pbx = Arc::new(Pbx::new(dialplan, version, Arc::new(Numbered)));
    let (place, caller) = exten.split_once(" from ").unwrap_or((exten, ""));
    let (context, exten) = place.split_once(',').unwrap_or(("m", place));
    let setup = Setup {
        context: context.into(),
        exten: exten.into(),
        caller_number: (!caller.is_empty()).then(|| caller.into()),
        ..Setup::default()
    };
    let mut call = Call::begin(Arc::clone(&pbx), setup);
    let mut at_ms = 0;
    let mut words = keys.split_whitespace();
    while let Some(word) = words.next() {
        match word {
            "wait" => {
                let seconds: f64 = words.next().expect("wait SECONDS").parse().expect("SECONDS");
                let ms = Duration::from_secs_f64(seconds).as_millis();
                at_ms += u64::try_from(ms).expect("calls are short");
            }
            "hangup" => call.feed(at_ms, Input::HangUp),
            "redirect" => {
                let place: Vec<&str> = words.next().expect("a place").split(',').collect();
                let [context, exten, priority] = place[..] else { panic!("{place:?}") };
                let numbered = priority.parse().ok();
                let labelled =
                    || pbx.label(context.as_bytes(), exten.as_bytes(), priority.as_bytes());
                let priority = numbered.or_else(labelled).expect("a number or a label");
                let to = Redirect { context: context.into(), exten: exten.into(), priority };
                call.feed(at_ms, Input::Redirect(to));
            }
            keys => {
                for key in keys.bytes() {
                    call.feed(at_ms + 100, Input::Key(key));
                    at_ms += 200;
                }
            }
        }
    }
    call.advance(u64::MAX);
    std::iter::from_fn(|| call.next_event()).collect()
}

fn line(event: &Event) -> Option<String> {
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    let what = match &event.what {
        What::Step { context, exten, priority, application, data, .. } => {
            format!("{},{},{priority} {application}({})", text(context), text(exten), text(data))
        }
        What::Key { key, .. } => format!("digit {}", char::from(*key)),
        What::UserEvent { name, fields } => {
            let fields: Vec<String> = fields
                .iter()
                .map(|(name, value)| format!("{}: {}", text(name), text(value)))
                .collect();
            format!("event {} {}", text(name), fields.join(", "))
        }
        What::Ended { cause, context, exten, priority, why } => {
            let unknown = match why {
                Why::NotModelled(name) => format!(", {name} is not modelled"),
                _ => String::new(),
            };
            format!("end, cause {cause}, at {},{},{priority}{unknown}", text(context), text(exten))
        }
        _ => return None,
    };
    Some(format!("{:>5}.{:02} {what}\n", event.at_ms / 1000, event.at_ms % 1000 / 10))
}
