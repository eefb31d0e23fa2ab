//! What must hold of every call through every dialplan, whatever its bytes.
//!
//! Used by the fuzz target `call` and by `tests/fuzz.rs`. The first byte says how many deeds follow;
//! each is a byte for what and a byte for when, in steps of half a second. The rest is the dialplan.

use ivrkit_dialplan::{
    application::Version,
    call::{Call, Event, Input, Limits, Pbx, Redirect, Setup, Sounds, What},
    dialplan,
    syntax::Nothing,
};
use std::sync::Arc;

const LIMITS: Limits = Limits { steps: 500, time_ms: 600_000 };
const KEYS: &[u8] = b"0123456789*#ABCD";
/// Most contexts and extensions that calls begin at.
const MAX_ENTRIES: usize = 4;

/// A sound lasts as many seconds as its name is long; those that begin with `x` are missing.
struct ByName;

impl Sounds for ByName {
    fn length_ms(&self, name: &[u8], _: &[u8]) -> Option<u64> {
        (!name.starts_with(b"x")).then_some(1_000 * name.len() as u64)
    }
}

/// Loads the dialplan and runs calls through it.
pub(crate) fn check(bytes: &[u8]) {
    let Some((&count, rest)) = bytes.split_first() else { return };
    let deeds = usize::from(count % 16).min(rest.len() / 2);
    let (deeds, source) = rest.split_at(2 * deeds);
    let dialplan = dialplan::load(b"extensions.conf", source.to_vec(), &mut Nothing);
    let version = if count < 128 { Version::V22 } else { Version::V16 };
    let pbx = Arc::new(Pbx::new(dialplan, version, Arc::new(ByName)));
    for (context, exten) in entries(&pbx) {
        check_call(&pbx, &context, &exten, deeds);
    }
}

/// Some contexts with their extensions, and one that is not there.
fn entries(pbx: &Pbx) -> Vec<(Vec<u8>, Vec<u8>)> {
    let dialplan = pbx.dialplan();
    let entries = dialplan.contexts.iter().flat_map(|context| {
        let name = dialplan.files.bytes(context.name);
        let names = context.extensions.iter().map(|extension| extension.key.pattern.name());
        names.map(|exten| (name.to_vec(), exten.to_vec()))
    });
    entries.take(MAX_ENTRIES).chain([(b"none".to_vec(), Vec::new())]).collect()
}

fn check_call(pbx: &Arc<Pbx>, context: &[u8], exten: &[u8], deeds: &[u8]) {
    let setup = Setup {
        context: context.to_vec(),
        exten: exten.to_vec(),
        caller_number: Some(b"55".to_vec()),
        limits: LIMITS,
        ..Setup::default()
    };
    let mut call = Call::begin(Arc::clone(pbx), setup);
    let mut at_ms = 0;
    for deed in deeds.chunks_exact(2) {
        at_ms += 500 * u64::from(deed[1]);
        call.feed(at_ms, input(deed[0], context));
    }
    call.advance(u64::MAX);
    assert!(call.is_over() && call.wake_at_ms().is_none(), "every call ends");
    let events: Vec<Event> = std::iter::from_fn(|| call.next_event()).collect();
    assert!(events.is_sorted_by_key(|event| event.at_ms), "time goes on");
    let count = |is_it: fn(&What) -> bool| events.iter().filter(|one| is_it(&one.what)).count();
    assert!(count(|what| matches!(what, What::Step { .. })) <= LIMITS.steps as usize);
    assert_eq!(count(|what| matches!(what, What::Ended { .. })), 1, "a call ends once");
    for event in &events {
        if let What::Step { data, .. } = &event.what {
            assert!(data.len() < 8192, "data fits into Asterisk's buffer");
        }
    }
}

fn input(what: u8, context: &[u8]) -> Input {
    match what {
        0 => Input::HangUp,
        1..=3 => Input::Redirect(Redirect {
            context: context.to_vec(),
            exten: b"s".to_vec(),
            priority: i32::from(what),
        }),
        key => Input::Key(KEYS[usize::from(key) % KEYS.len()]),
    }
}
