//! A simulated call as JSON; docs/simulate.md describes each field.

use ivrkit_dialplan::{
    call::{Signal, SoundEnd, What, Why},
    rehearsal::{Happened, Happening, Record},
    syntax::{Files, Kind, Lines},
    verification::Step,
};
use serde::{Serialize, Serializer, ser::SerializeMap as _};
use serde_json::{Map, Value, json};
use std::{cell::RefCell, io};

/// Writes a call as one JSON object on a line.
///
/// # Errors
/// Those of `out`.
pub fn write_json(
    out: &mut impl io::Write,
    file: &str,
    files: &Files,
    record: &Record,
) -> io::Result<()> {
    let call = Call { file, files, record };
    serde_json::to_writer(&mut *out, &call)?;
    writeln!(out)
}

struct Call<'a> {
    file: &'a str,
    files: &'a Files,
    record: &'a Record,
}

impl Serialize for Call<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut object = serializer.serialize_map(None)?;
        object.serialize_entry("file", self.file)?;
        object.serialize_entry("length_s", &seconds(self.record.length_ms()))?;
        if let Some(undone) = &self.record.undone {
            object.serialize_entry("undone", undone)?;
        }
        if let Some(verified) = self.record.verification {
            let outcome = verified.outcome.map(super::outcome_said);
            let server = json!({ "outcome": outcome, "attempts": verified.attempts });
            object.serialize_entry("server", &server)?;
        }
        object.serialize_entry("events", &Events::new(self.files, &self.record.happenings))?;
        object.end()
    }
}

/// What happened in a call, as a JSON array.
pub struct Events<'a> {
    lines: RefCell<Lines<'a>>,
    happenings: &'a [Happening],
}

impl<'a> Events<'a> {
    /// What happened on a dialplan that was read from these files.
    pub fn new(files: &'a Files, happenings: &'a [Happening]) -> Self {
        Self { lines: RefCell::new(Lines::new(files)), happenings }
    }

    fn event(&self, happening: &Happening) -> Value {
        let mut event = match &happening.what {
            Happened::Call(what) => self.of_call(what),
            Happened::Server(step) => of_server(step),
        };
        event.insert("at_s".to_owned(), seconds(happening.at_ms).into());
        Value::Object(event)
    }

    fn of_call(&self, what: &What) -> Map<String, Value> {
        let value = match what {
            What::Step { context, exten, priority, application, data, place } => {
                let mut lines = self.lines.borrow_mut();
                let line = lines.excerpt(*place);
                json!({
                    "kind": "step", "context": text(context), "exten": text(exten),
                    "priority": priority, "application": application, "data": text(data),
                    "file": text(line.file), "line": line.line,
                })
            }
            What::Answered => json!({ "kind": "answered" }),
            What::SoundBegins { name } => json!({ "kind": "sound-begins", "sound": text(name) }),
            What::SoundEnds { name, end } => {
                let end = match end {
                    SoundEnd::Whole => "whole",
                    SoundEnd::CutShort => "cut",
                    SoundEnd::Missing => "missing",
                };
                json!({ "kind": "sound-ends", "sound": text(name), "end": end })
            }
            What::Key { key, is_heard } => {
                json!({ "kind": "key", "key": char::from(*key), "heard": is_heard })
            }
            What::Signal(signal) => of_signal(signal),
            What::Redirected(to) => json!({
                "kind": "redirected", "context": text(&to.context), "exten": text(&to.exten),
                "priority": to.priority,
            }),
            What::UserEvent { name, fields } => {
                let fields: Vec<Value> = fields
                    .iter()
                    .map(|(name, value)| json!({ "name": text(name), "value": text(value) }))
                    .collect();
                json!({ "kind": "event", "name": text(name), "fields": fields })
            }
            What::Logged { level, text: said } => {
                json!({ "kind": "logged", "level": level, "text": text(said) })
            }
            What::Complaint { kind, text } => {
                let code = kind.map(Kind::name);
                json!({ "kind": "complaint", "code": code, "text": text })
            }
            What::Ended { cause, context, exten, priority, why } => json!({
                "kind": "ended", "cause": cause, "context": text(context), "exten": text(exten),
                "priority": priority, "why": why_name(why), "not_modelled": not_modelled(why),
            }),
        };
        object(value)
    }
}

impl Serialize for Events<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(self.happenings.iter().map(|happening| self.event(happening)))
    }
}

fn of_signal(signal: &Signal) -> Value {
    let (name, detail) = match signal {
        Signal::Ringing => ("ringing", None),
        Signal::Progress => ("progress", None),
        Signal::Proceeding => ("proceeding", None),
        Signal::Busy => ("busy", None),
        Signal::Congestion => ("congestion", None),
        Signal::Music { class } => ("music", Some(text(class))),
        Signal::MusicEnds => ("music-ends", None),
        Signal::Tone { tone } => ("tone", Some(text(tone))),
        Signal::ToneEnds => ("tone-ends", None),
        Signal::Key(key) => ("key", Some(char::from(*key).to_string())),
        Signal::PeerAnswers => ("peer-answers", None),
        Signal::PeerLeaves => ("peer-leaves", None),
        Signal::Unnoticed { application } => ("unnoticed", Some(application.clone())),
    };
    json!({ "kind": "signal", "signal": name, "detail": detail })
}

fn of_server(step: &Step) -> Map<String, Value> {
    let mut event = object(serde_json::to_value(step).expect("a step is JSON"));
    event.insert("kind".to_owned(), "server".into());
    event
}

fn why_name(why: &Why) -> &'static str {
    match why {
        Why::Application => "application",
        Why::FellOff => "last-priority",
        Why::NoExtension => "no-extension",
        Why::NoTimeout => "no-timeout",
        Why::Caller => "caller",
        Why::AbsoluteTimeout => "absolute-timeout",
        Why::NotModelled(_) => "not-modelled",
        Why::TooManySteps => "too-many-steps",
        Why::TooLong => "too-long",
    }
}

fn not_modelled(why: &Why) -> Option<&str> {
    match why {
        Why::NotModelled(name) => Some(name),
        _ => None,
    }
}

fn object(value: Value) -> Map<String, Value> {
    match value {
        Value::Object(mut object) => {
            object.retain(|_, value| !value.is_null());
            object
        }
        _ => Map::new(),
    }
}

/// JSON knows characters only: a byte that is none becomes `\u{fffd}`.
fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

#[expect(clippy::cast_precision_loss, reason = "calls last days, not millennia")]
pub(super) fn seconds(ms: u64) -> f64 {
    ms as f64 / 1000.0
}
