//! Two courses of a call: what must be the same in both, and how they differ.

use crate::support::asterisk::{Event, Trace, What};
use std::fmt::Write as _;

/// Longest difference of the times at which the same thing happens.
const TOLERANCE_S: f64 = 0.3;

/// Lines told before and after the first difference.
const AROUND: usize = 6;

/// Numbers from here on are taken for seconds since 1970.
const SECONDS_OF_NOW: u64 = 1_600_000_000;

/// How the simulated course differs from the real one, for people; nothing if it does not.
pub(crate) fn difference(real: &Trace, simulated: &Trace) -> Option<String> {
    let (real, simulated) = (outputs(real), outputs(simulated));
    let length = real.len().max(simulated.len());
    let at = (0..length).find(|&at| match (real.get(at), simulated.get(at)) {
        (Some(real), Some(simulated)) => !is_same(real, simulated),
        _ => true,
    })?;
    let mut text = String::new();
    for event in &real[at.saturating_sub(AROUND)..at] {
        let _ = writeln!(text, "      both {:8.3} {}", event.at_s, event.what);
    }
    for (name, events) in [("real", &real), ("simulated", &simulated)] {
        if at >= events.len() {
            let _ = writeln!(text, "{name:>10} nothing more");
        }
        for event in events.iter().skip(at).take(AROUND / 2) {
            let _ = writeln!(text, "{name:>10} {:8.3} {}", event.at_s, event.what);
        }
    }
    Some(text)
}

/// Whether both went the same way, at whatever times.
pub(crate) fn is_same_way(a: &Trace, b: &Trace) -> bool {
    let (a, b) = (outputs(a), outputs(b));
    a.len() == b.len() && a.iter().zip(&b).all(|(a, b)| is_same_but_now(&a.what, &b.what))
}

/// What the PBX does, without what is done to it, as the manager interface tells it: a step that is
/// at the same place as the one before and has the same application is not told again.
fn outputs(trace: &Trace) -> Vec<&Event> {
    let mut outputs: Vec<&Event> = Vec::new();
    let mut last = None;
    for event in &trace.events {
        match &event.what {
            What::Step { place, application, .. } => {
                let step = Some((place, application));
                if std::mem::replace(&mut last, step) != step {
                    outputs.push(event);
                }
            }
            What::UserEvent { .. } | What::Hangup { .. } | What::Failed(_) => outputs.push(event),
            _ => {}
        }
    }
    outputs
}

fn is_same(real: &Event, simulated: &Event) -> bool {
    (real.at_s - simulated.at_s).abs() <= TOLERANCE_S
        && is_same_but_now(&real.what, &simulated.what)
}

/// Equal, but for seconds since 1970 that are one apart: a real step is some milliseconds late.
fn is_same_but_now(a: &What, b: &What) -> bool {
    match (a, b) {
        (
            What::Step { place, application, data },
            What::Step { place: other_place, application: other_application, data: other_data },
        ) => {
            place == other_place
                && application == other_application
                && (data == other_data || is_same_text_but_now(data, other_data))
        }
        _ => a == b,
    }
}

fn is_same_text_but_now(a: &str, b: &str) -> bool {
    let (a, b) = (pieces(a), pieces(b));
    a.len() == b.len() && a.iter().zip(&b).all(|(a, b)| a == b || is_same_moment(a, b))
}

fn is_same_moment(a: &str, b: &str) -> bool {
    match (a.parse::<u64>(), b.parse::<u64>()) {
        (Ok(a), Ok(b)) => a > SECONDS_OF_NOW && a.abs_diff(b) <= 1,
        _ => false,
    }
}

/// A text cut where digits begin and end.
fn pieces(text: &str) -> Vec<&str> {
    text.as_bytes()
        .chunk_by(|a, b| a.is_ascii_digit() == b.is_ascii_digit())
        .map(|piece| std::str::from_utf8(piece).unwrap_or_default())
        .collect()
}
