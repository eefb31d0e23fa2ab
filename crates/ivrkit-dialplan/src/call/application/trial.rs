//! Calls of the tests of applications, as texts.

use super::super::{
    Call, EndedBy, Event, Input, Pbx, ScriptedFunction, ScriptedOutcome, Setup, Signal, SoundEnd,
    Sounds, What,
};
use crate::{application::Version, dialplan, syntax::Nothing};
use std::sync::Arc;

/// A call that enters at `s` of context `m`, unless told otherwise.
pub(in crate::call) struct Trial {
    dialplan: String,
    setup: Setup,
    version: Version,
    tells_all: bool,
}

/// `/snd/N` lasts N seconds, and every sound of digits and letters 0.5 s; so do those that
/// applications bring along. Nothing else is there.
struct Numbered;

impl Sounds for Numbered {
    fn length_ms(&self, name: &[u8], _: &[u8]) -> Option<u64> {
        let name = std::str::from_utf8(name).ok()?;
        if let Some(seconds) = name.strip_prefix("/snd/") {
            return seconds.parse::<f64>().ok().map(milliseconds);
        }
        let folders = ["digits/", "letters/", "phonetic/", "agent-", "auth-", "vm-", "beep"];
        let names = ["uppercase", "lowercase", "dollars", "and", "cent", "cents"];
        let is_there =
            folders.iter().any(|folder| name.starts_with(folder)) || names.contains(&name);
        (is_there && name != "letters/space" && name != "digits/8").then_some(500)
    }
}

impl Trial {
    pub(in crate::call) fn of(dialplan: &str) -> Self {
        let setup = Setup { context: b"m".to_vec(), exten: b"s".to_vec(), ..Setup::default() };
        Self { dialplan: dialplan.to_owned(), setup, version: Version::V22, tells_all: false }
    }

    pub(in crate::call) fn unanswered(dialplan: &str) -> Self {
        let mut trial = Self::of(dialplan);
        trial.setup.is_answered = false;
        trial
    }

    pub(in crate::call) fn at(mut self, exten: &str) -> Self {
        self.setup.exten = exten.into();
        self
    }

    pub(in crate::call) fn on_asterisk_16(mut self) -> Self {
        self.version = Version::V16;
        self
    }

    /// Sounds, answers and signals are told, too, and complaints.
    pub(in crate::call) fn heard(mut self) -> Self {
        self.tells_all = true;
        self
    }

    pub(in crate::call) fn speaking(mut self, language: &str) -> Self {
        self.setup.language = language.into();
        self
    }

    pub(in crate::call) fn with(mut self, outcome: ScriptedOutcome) -> Self {
        self.setup.outcomes.push(outcome);
        self
    }

    pub(in crate::call) fn with_function(mut self, function: ScriptedFunction) -> Self {
        self.setup.functions.push(function);
        self
    }

    /// The caller presses keys, as in `wait 1 12# hangup`: a key is let go of 0.1 s after it is
    /// pressed, the next is pressed 0.1 s later. `to EXTEN` is a transfer within the context.
    #[track_caller]
    pub(in crate::call) fn check(self, keys: &str, expected: &[&str]) {
        let shown = format!("\n{}\n{keys}", self.dialplan);
        let found: Vec<String> = self.events(keys);
        assert_eq!(found, expected, "{shown}");
    }

    fn events(self, keys: &str) -> Vec<String> {
        let text = self.dialplan.into_bytes();
        let dialplan = dialplan::load(b"extensions.conf", text, &mut Nothing);
        let pbx = Arc::new(Pbx::new(dialplan, self.version, Arc::new(Numbered)));
        let mut call = Call::begin(pbx, self.setup);
        let mut at_ms = 0;
        let mut words = keys.split_whitespace();
        while let Some(word) = words.next() {
            match word {
                "wait" => {
                    let seconds: f64 = words.next().expect("a number").parse().expect("seconds");
                    at_ms += milliseconds(seconds);
                }
                "hangup" => call.feed(at_ms, Input::HangUp),
                "to" => {
                    let exten = words.next().expect("an extension").into();
                    let to = super::super::Redirect { context: b"m".to_vec(), exten, priority: 1 };
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
        let events = std::iter::from_fn(|| call.next_event());
        events.filter_map(|event| shown(&event, self.tells_all)).collect()
    }
}

fn milliseconds(seconds: f64) -> u64 {
    std::time::Duration::from_secs_f64(seconds).as_millis().try_into().expect("not so long")
}

fn shown(event: &Event, tells_all: bool) -> Option<String> {
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    let what = match &event.what {
        What::Step { context, exten, priority, application, data, .. } => {
            format!("{},{},{priority} {application}({})", text(context), text(exten), text(data))
        }
        What::Key { key, is_heard } => {
            format!("digit {}{}", char::from(*key), if *is_heard { "" } else { " lost" })
        }
        What::Ended { cause, context, exten, priority, why } => {
            let why = match why {
                super::super::Why::NotModelled(what) => format!(", not modelled: {what}"),
                _ => String::new(),
            };
            format!("end, cause {cause}, at {},{},{priority}{why}", text(context), text(exten))
        }
        What::Answered if tells_all => "answered".to_owned(),
        What::SoundBegins { name } if tells_all => format!("hears {}", text(name)),
        What::SoundEnds { name, end: SoundEnd::Missing } if tells_all => {
            format!("misses {}", text(name))
        }
        What::SoundEnds { name, end: SoundEnd::CutShort } if tells_all => {
            format!("stops {}", text(name))
        }
        What::Signal(signal) if tells_all => signalled(signal),
        _ => return None,
    };
    Some(format!("{}.{:02} {what}", event.at_ms / 1000, event.at_ms % 1000 / 10))
}

fn signalled(signal: &Signal) -> String {
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    match signal {
        Signal::Ringing => "ringing".to_owned(),
        Signal::Progress => "progress".to_owned(),
        Signal::Proceeding => "proceeding".to_owned(),
        Signal::Busy => "busy".to_owned(),
        Signal::Congestion => "congestion".to_owned(),
        Signal::Music { class } => format!("music {}", text(class)).trim_end().to_owned(),
        Signal::MusicEnds => "music ends".to_owned(),
        Signal::Tone { tone } => format!("tone {}", text(tone)),
        Signal::ToneEnds => "tone ends".to_owned(),
        Signal::Key(key) => format!("hears key {}", char::from(*key)),
        Signal::PeerAnswers => "peer answers".to_owned(),
        Signal::PeerLeaves => "peer leaves".to_owned(),
        Signal::Unnoticed { application } => format!("unnoticed {application}"),
    }
}

/// An outcome of an application with a status.
pub(in crate::call) fn outcome(application: &str, status: &str) -> ScriptedOutcome {
    let status = (!status.is_empty()).then(|| status.to_owned());
    ScriptedOutcome { status, ended_by: EndedBy::Peer, ..ScriptedOutcome::of(application) }
}
