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
    for Output { event, .. } in &real[at.saturating_sub(AROUND)..at] {
        let _ = writeln!(text, "      both {:8.3} {}", event.at_s, event.what);
    }
    for (name, events) in [("real", &real), ("simulated", &simulated)] {
        if at >= events.len() {
            let _ = writeln!(text, "{name:>10} nothing more");
        }
        for Output { event, .. } in events.iter().skip(at).take(AROUND / 2) {
            let _ = writeln!(text, "{name:>10} {:8.3} {}", event.at_s, event.what);
        }
    }
    Some(text)
}

/// What a PBX does.
#[derive(Debug, Clone, Copy)]
struct Output<'a> {
    event: &'a Event,
    /// Nothing but its place is known of a step.
    is_place_only: bool,
}

/// What the PBX does, without what is done to it, as the manager interface tells it: a step that is
/// at the same place as the one before is not told again. A call that is sent elsewhere in a
/// conversation is told to be there with the application that it comes from, so that of the first
/// step there the place alone is told.
fn outputs(trace: &Trace) -> Vec<Output<'_>> {
    let mut outputs: Vec<Output<'_>> = Vec::new();
    let mut last: Option<(&String, &String, &String)> = None;
    let mut is_redirected = false;
    for event in &trace.events {
        match &event.what {
            What::Step { place, application, data } => {
                let is_repeated = last.is_some_and(|last| *last.0 == *place);
                let is_carried = last.is_some_and(|last| (last.1, last.2) == (application, data));
                if !is_repeated {
                    let is_place_only = is_redirected && is_carried;
                    outputs.push(Output { event, is_place_only });
                }
                last = Some((place, application, data));
                is_redirected = false;
            }
            What::UserEvent { .. } | What::Hangup { .. } | What::Failed(_) => {
                outputs.push(Output { event, is_place_only: false });
            }
            What::Redirect { .. } => is_redirected = true,
            What::Press(_) | What::Release(_) | What::CallerHangup => {}
        }
    }
    outputs
}

fn is_same(a: &Output<'_>, b: &Output<'_>) -> bool {
    if (a.event.at_s - b.event.at_s).abs() > TOLERANCE_S {
        return false;
    }
    match (&a.event.what, &b.event.what) {
        (What::Step { place, .. }, What::Step { place: other, .. })
            if a.is_place_only || b.is_place_only =>
        {
            place == other
        }
        (a, b) => is_same_but_now(a, b),
    }
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
