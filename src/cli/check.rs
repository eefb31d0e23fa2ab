//! `ivrkit check`: every mistake of a scenario, for people or for machines.

use crate::{
    error::{Error, Exit},
    files, report,
};
use clap::{Args, ValueEnum};
use ivrkit_dialplan::{diagnostic::Severity, scenario, scenario::Reading};
use std::{io, path::PathBuf};

/// Checks a scenario and shows every mistake.
///
/// Findings go to standard output. The exit code is 0 without mistakes, 1 with mistakes, and 3 when
/// the file cannot be read.
#[derive(Debug, Args)]
pub(super) struct Arguments {
    /// The scenario, a YAML file.
    scenario: PathBuf,
    /// How the findings are written.
    #[arg(long, value_enum, default_value_t = Format::Text)]
    format: Format,
    /// Ends with exit code 1 for warnings too.
    #[arg(long)]
    strict: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Format {
    /// Each finding with its line of the scenario, and a summary.
    Text,
    /// One JSON object: `findings`, `errors`, `warnings`.
    Json,
}

pub(super) fn run(arguments: &Arguments) -> Result<Exit, Error> {
    let reading = scenario::read(files::read_source(&arguments.scenario)?);
    let mut out = io::stdout().lock();
    let written = match arguments.format {
        Format::Text => {
            let look = report::Look::of(&out);
            report::write_text(&mut out, &reading, look)
                .and_then(|()| report::write_summary(&mut out, &reading))
        }
        Format::Json => report::write_json(&mut out, &reading),
    };
    super::printed(written)?;
    let is_clean = match errors(&reading) {
        0 => !arguments.strict || reading.diagnostics.is_empty(),
        _ => false,
    };
    Ok(if is_clean { Exit::Done } else { Exit::Found })
}

/// Shows the findings on standard error, for commands that go on with the scenario.
pub(super) fn show(reading: &Reading) {
    let mut out = io::stderr().lock();
    let look = report::Look::of(&out);
    // There is no place left to complain in when standard error is closed.
    let _ = report::write_text(&mut out, reading, look);
}

/// How many findings are errors.
pub(super) fn errors(reading: &Reading) -> usize {
    reading.diagnostics.iter().filter(|finding| finding.severity == Severity::Error).count()
}
