//! The calls of a case on a simulated PBX, with callers that do what they did at the real one, in
//! the same moments.

use super::{
    case::{Case, Outcome},
    sounds,
};
use crate::support::asterisk::{Event, Followed, Trace, Version, What};
use ivrkit_dialplan::{
    application,
    call::{self, Call, Input, Pbx, Redirect, ScriptedOutcome, Setup},
    dialplan,
    syntax::Nothing,
};
use std::{collections::BTreeMap, sync::Arc, time::Duration};

/// How long after the last real event a simulated call may still run.
const PATIENCE_MS: u64 = 60_000;

/// What Asterisk says to a call to an extension that is not there.
const REFUSAL: &str = "Extension does not exist.";

struct Lengths(BTreeMap<String, f64>);

impl call::Sounds for Lengths {
    fn length_ms(&self, name: &[u8], _: &[u8]) -> Option<u64> {
        Some(ms(*self.0.get(std::str::from_utf8(name).ok()?)?))
    }
}

/// A PBX with the dialplan and the sounds of a case.
pub(crate) fn pbx(case: &Case, version: Version) -> Arc<Pbx> {
    let dialplan = dialplan::load(b"extensions.conf", case.file().into(), &mut Nothing);
    let version = match version {
        Version::V16 => application::Version::V16,
        Version::V22 => application::Version::V22,
    };
    Arc::new(Pbx::new(dialplan, version, Arc::new(Lengths(sounds::of(case)))))
}

/// A caller who hesitates, or hurries: from one act of the real one on, all is done so much later.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Hesitation {
    /// What the caller did before at the moments of the real one.
    pub(crate) acts_before: usize,
    /// Seconds, negative for earlier.
    pub(crate) later_s: f64,
}

/// The call of that number, whose caller hesitates.
pub(crate) fn simulate(
    pbx: &Arc<Pbx>,
    case: &Case,
    number: usize,
    real: &Followed,
    hesitation: Hesitation,
) -> Trace {
    let mut call = Call::begin(Arc::clone(pbx), setup(case, number, real));
    let (mut last_s, mut acts) = (0.0, 0);
    for event in &real.trace.events {
        last_s = event.at_s;
        if let Some(input) = input(pbx, &event.what) {
            let later_s = if acts < hesitation.acts_before { 0.0 } else { hesitation.later_s };
            call.feed(ms(event.at_s + later_s), input);
            acts += 1;
        }
    }
    call.advance(ms(last_s) + PATIENCE_MS);
    let start = format!("{},{},1", case.calls[number].context, case.calls[number].exten);
    let mut trace = Trace::default();
    while let Some(event) = call.next_event() {
        if trace.events.is_empty() && is_refused(&event.what, &start) {
            return Trace::begin(Some(REFUSAL.to_owned()));
        }
        let at_s = Duration::from_millis(event.at_ms).as_secs_f64();
        trace.events.extend(what(event.what).map(|what| Event { at_s, what }));
    }
    if !trace.is_over() {
        let what = What::Failed("still running".to_owned());
        trace.events.push(Event { at_s: last_s, what });
    }
    trace
}

fn setup(case: &Case, number: usize, real: &Followed) -> Setup {
    let call = &case.calls[number];
    let (name, caller) = caller(&call.caller_id);
    let began = Duration::from_secs_f64(real.began_at_s);
    let bytes = |text: &str| text.as_bytes().to_vec();
    let given = |text: &str| (!text.is_empty()).then(|| bytes(text));
    Setup {
        context: bytes(&call.context),
        exten: bytes(&call.exten),
        caller_number: given(caller),
        caller_name: given(name),
        variables: call.variables().into_iter().map(|(n, v)| (bytes(n), bytes(v))).collect(),
        unique_id: case.call_id(number).into_bytes(),
        epoch_s: i64::try_from(began.as_secs()).expect("a daemon's clock is right"),
        epoch_part_ms: u16::try_from(began.subsec_millis()).expect("it is below 1000"),
        outcomes: case.outcomes.iter().map(outcome).collect(),
        ..Setup::default()
    }
}

fn outcome(outcome: &Outcome) -> ScriptedOutcome {
    let sets = outcome.sets.iter();
    ScriptedOutcome {
        data_contains: outcome.data.clone().into_bytes(),
        status: outcome.status.clone(),
        takes_ms: outcome.takes_s.map(ms),
        talk_ms: outcome.talk_s.map(ms),
        cause: outcome.cause,
        sets: sets.map(|(name, value)| (name.clone().into(), value.clone().into())).collect(),
        ..ScriptedOutcome::of(&outcome.application)
    }
}

/// Name and number of `"Name" <number>`, or of a number alone.
fn caller(id: &str) -> (&str, &str) {
    match id.split_once('<') {
        Some((name, number)) => (name.trim().trim_matches('"'), number.trim_end_matches('>')),
        None => ("", id),
    }
}

fn input(pbx: &Pbx, what: &What) -> Option<Input> {
    match what {
        What::Release(key) => Some(Input::Key(*key.as_bytes().first()?)),
        What::CallerHangup => Some(Input::HangUp),
        What::Redirect { place } => {
            let parts: Vec<&str> = place.split(',').collect();
            let [context, exten, priority] = parts[..] else { panic!("no place: {place}") };
            let labelled = || pbx.label(context.as_bytes(), exten.as_bytes(), priority.as_bytes());
            let priority = priority.parse().ok().or_else(labelled);
            Some(Input::Redirect(Redirect {
                context: context.into(),
                exten: exten.into(),
                priority: priority.expect("redirects lead to priorities and labels"),
            }))
        }
        _ => None,
    }
}

fn what(what: call::What) -> Option<What> {
    match what {
        call::What::Step { context, exten, priority, application, data, .. } => Some(What::Step {
            place: place(&context, &exten, priority),
            application: application.into_owned(),
            data: text(&data),
        }),
        call::What::UserEvent { name, fields } => Some(What::UserEvent {
            name: text(&name),
            fields: fields.iter().map(|(name, value)| (text(name), text(value))).collect(),
        }),
        call::What::Ended { why: call::Why::NotModelled(name), .. } => {
            Some(What::Failed(format!("{name} is not modelled")))
        }
        call::What::Ended { cause, context, exten, priority, .. } => {
            Some(What::Hangup { cause, place: place(&context, &exten, priority) })
        }
        _ => None,
    }
}

/// The manager interface refuses a call to what is not there; the simulated PBX lets it in, as a
/// trunk does: it goes to i, or ends before its first step.
fn is_refused(first: &call::What, start: &str) -> bool {
    match first {
        call::What::Step { context, exten, priority, .. } => {
            matches!(**exten, [b'i' | b'e']) && place(context, exten, *priority) != start
        }
        call::What::Ended { why, .. } => *why == call::Why::NoExtension,
        _ => false,
    }
}

fn place(context: &[u8], exten: &[u8], priority: i32) -> String {
    format!("{},{},{priority}", text(context), text(exten))
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

fn ms(seconds: f64) -> u64 {
    let ms = Duration::from_secs_f64(seconds.max(0.0)).as_millis();
    u64::try_from(ms).expect("calls are short")
}
