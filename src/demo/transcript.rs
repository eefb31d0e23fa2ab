//! What a demonstration prints: each call as it went, and the table at the end.

use super::calls::MadeCall;
use ivrkit_dialplan::{
    scenario::Scenario,
    verification::{Direction, Outcome, Step, Verdict},
};
use ivrkit_verifier::pbx::simulated::{Event, Happening};
use std::io::{self, Write};

/// Writes one call: what the PBX saw with its times, and what the server decided.
pub(super) fn call(
    number: usize,
    call: &MadeCall,
    scenario: &Scenario,
    out: &mut dyn Write,
) -> io::Result<()> {
    let way = match call.plan.direction {
        Direction::Outbound => "we call",
        Direction::Inbound => "a call from",
    };
    writeln!(out, "\n{number}. {} ({way} {})", call.plan.title, call.plan.number)?;
    let mut verdicts = verdicts(call).into_iter();
    let mut keys = String::new();
    for (at, event) in call.events.iter().enumerate() {
        if let Happening::Pressed { key, .. } = &event.happening {
            keys += key.as_str();
            if matches!(
                call.events.get(at + 1).map(|next| &next.happening),
                Some(Happening::Pressed { .. })
            ) {
                continue;
            }
            line(event.at_ms, &format!("presses {}", std::mem::take(&mut keys)), out)?;
            continue;
        }
        line(event.at_ms, &words(event, scenario), out)?;
        if let Happening::Entry { .. } = event.happening
            && let Some((attempt, verdict)) = verdicts.next()
        {
            writeln!(
                out,
                "              the server judges entry {attempt}: {}",
                verdict_word(verdict)
            )?;
        }
    }
    Ok(())
}

#[expect(clippy::cast_precision_loss, reason = "a call is shorter than 2^52 ms")]
fn line(at_ms: u64, what: &str, out: &mut dyn Write) -> io::Result<()> {
    writeln!(out, "  {:8.2} s  {what}", at_ms as f64 / 1000.0)
}

/// The event in words, an IVR with its title.
fn words(event: &Event, scenario: &Scenario) -> String {
    let title = |ivr: &str| scenario.ivrs.get(ivr).and_then(|ivr| ivr.title.as_deref());
    let words = event.happening.to_string();
    match &event.happening {
        Happening::Entered { ivr, again: false, .. } => match title(ivr) {
            Some(title) => format!("{words}: {title}"),
            None => words,
        },
        _ => words,
    }
}

fn verdicts(call: &MadeCall) -> Vec<(u8, Verdict)> {
    let steps = call.server.iter().flat_map(|record| &record.steps);
    steps
        .filter_map(|recorded| match recorded.step {
            Step::Judged { attempt, verdict } => Some((attempt, verdict)),
            _ => None,
        })
        .collect()
}

fn verdict_word(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::Match => "right",
        Verdict::Mismatch => "wrong",
        Verdict::Unavailable => "not to be had",
    }
}

fn outcome_word(outcome: Option<Outcome>) -> String {
    let word = serde_json::to_value(outcome).expect("an outcome is plain data");
    word.as_str().unwrap_or("still up").to_owned()
}

/// Writes the closing table.
pub(super) fn table(calls: &[MadeCall], out: &mut dyn Write) -> io::Result<()> {
    let rows: Vec<[String; 5]> = calls.iter().map(row).collect();
    let head =
        ["call", "path through the IVRs", "verdicts", "outcome", "as planned"].map(str::to_owned);
    let widths: Vec<usize> = (0..head.len())
        .map(|at| rows.iter().chain([&head]).map(|row| row[at].chars().count()).max().unwrap_or(0))
        .collect();
    writeln!(out)?;
    for row in std::iter::once(&head).chain(&rows) {
        let padded: Vec<String> =
            row.iter().zip(&widths).map(|(cell, &width)| format!("{cell:<width$}")).collect();
        writeln!(out, "{}", padded.join("  ").trim_end())?;
    }
    let good = calls.iter().filter(|call| call.is_as_planned()).count();
    writeln!(out, "\n{good} of {} calls ended where they should.", calls.len())
}

fn row(call: &MadeCall) -> [String; 5] {
    let path = call.pbx.as_ref().map(|record| record.path.join(" > ")).unwrap_or_default();
    let verdicts: Vec<&str> =
        verdicts(call).into_iter().map(|(_, verdict)| verdict_word(verdict)).collect();
    let verdicts = if verdicts.is_empty() { "none".to_owned() } else { verdicts.join(", ") };
    let as_planned = if call.is_as_planned() {
        "yes".to_owned()
    } else {
        let path: Vec<String> = call.plan.path.iter().map(ToString::to_string).collect();
        format!("NO: {}, {}", path.join(" > "), outcome_word(Some(call.plan.outcome)))
    };
    [call.plan.title.to_owned(), path, verdicts, outcome_word(call.outcome()), as_planned]
}
