//! `ivrkit check`: every mistake of a scenario.

use crate::error::{Error, Exit};
use clap::Args;
use ivrkit_dialplan::{diagnostic::Severity, scenario::Reading};
use std::path::PathBuf;

/// Checks a scenario and shows every mistake.
#[derive(Debug, Args)]
pub(super) struct Arguments {
    /// The scenario, a YAML file.
    scenario: PathBuf,
}

pub(super) fn run(arguments: &Arguments) -> Result<Exit, Error> {
    super::sound_scenario(&arguments.scenario)?;
    Ok(Exit::Done)
}

/// Shows the findings on standard error.
pub(super) fn show(reading: &Reading) {
    for finding in &reading.diagnostics {
        let place = reading.source.position(finding.span.start);
        eprintln!("{}:{}:{}: {}", reading.source.name(), place.line, place.column, finding.message);
    }
}

/// How many findings are errors.
pub(super) fn errors(reading: &Reading) -> usize {
    reading.diagnostics.iter().filter(|finding| finding.severity == Severity::Error).count()
}
