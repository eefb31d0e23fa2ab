//! `ivrkit test`: the tests of scenarios and dialplans.

use crate::{
    error::{Error, Exit},
    files,
    report::{self, test_results},
    test_run::{self, Coverage, Options, Outcome},
};
use clap::{Args, ValueEnum};
use ivrkit_dialplan::scenario;
use std::{
    io::{self, IsTerminal as _, Write as _},
    path::PathBuf,
};

/// Runs the tests of scenarios and dialplans: whole calls under a virtual clock.
///
/// In folders, every file whose name ends in `.test.yaml` is run. The exit code is 0 if all tests
/// passed, 1 if one failed or fewer priorities were reached than --min-coverage says, and 2 if tests
/// could not be run; all others are run then, too. docs/testing.md describes test files.
#[derive(Debug, Args)]
pub(super) struct Arguments {
    /// Test files, and folders with them.
    #[arg(default_value = ".")]
    paths: Vec<PathBuf>,
    /// How the results are written.
    #[arg(long, value_enum, default_value_t = Format::Text)]
    format: Format,
    /// Runs only tests with this in their names.
    #[arg(long, value_name = "TEXT")]
    filter: Option<String>,
    /// Tells which priorities no test reached.
    #[arg(long, value_enum, value_name = "FORM")]
    coverage: Option<CoverageForm>,
    /// File for what --coverage tells, in place of standard output.
    #[arg(short, long, value_name = "FILE", requires = "coverage")]
    output: Option<PathBuf>,
    /// Fails if fewer per cent of all priorities were reached.
    #[arg(long, value_name = "PERCENT", value_parser = percent)]
    min_coverage: Option<f64>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Format {
    /// Each failure with the call around it, and a summary.
    Text,
    /// One JSON object: `passed`, `failed`, `errors`, `tests`.
    Json,
    /// XML that CI servers show.
    Junit,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum CoverageForm {
    /// A line for each priority that was not reached, and how many were.
    Text,
    /// LCOV, which CI servers show.
    Lcov,
}

pub(super) fn run(arguments: &Arguments) -> Result<Exit, Error> {
    let options = Options { filter: arguments.filter.clone(), ..Options::default() };
    let outcome = test_run::run(&arguments.paths, &options);
    complain(&outcome);
    super::printed(arguments.write(&outcome))?;
    let mut coverage = Coverage::default();
    for suite in &outcome.suites {
        coverage.join(&suite.coverage);
    }
    arguments.write_coverage(&coverage)?;
    let is_covered = arguments.min_coverage.is_none_or(|least| coverage.percent() >= least);
    if let (false, Some(least)) = (is_covered, arguments.min_coverage) {
        let (reached, all) = coverage.counts();
        eprintln!("ivrkit: {reached} of {all} priorities were reached, fewer than {least} %");
    }
    Ok(match outcome.failed() {
        _ if !outcome.errors.is_empty() => Exit::Usage,
        0 if is_covered => Exit::Done,
        _ => Exit::Found,
    })
}

impl Arguments {
    fn write(&self, outcome: &Outcome) -> io::Result<()> {
        let stdout = io::stdout();
        let look = report::Look::of(&stdout);
        let is_terminal = stdout.is_terminal();
        let mut out = io::BufWriter::new(stdout.lock());
        match self.format {
            Format::Text => test_results::write_text(&mut out, outcome, look, is_terminal)?,
            Format::Json => test_results::write_json(&mut out, outcome)?,
            Format::Junit => test_results::write_junit(&mut out, outcome)?,
        }
        out.flush()
    }

    fn write_coverage(&self, coverage: &Coverage) -> Result<(), Error> {
        let Some(form) = self.coverage else { return Ok(()) };
        let mut text = Vec::new();
        let written = match form {
            CoverageForm::Text => test_results::write_missed(&mut text, coverage),
            CoverageForm::Lcov => test_results::write_lcov(&mut text, coverage),
        };
        written.expect("a vector takes all");
        match &self.output {
            Some(path) => Ok(files::write(path, &text)?),
            None => super::printed(io::stdout().lock().write_all(&text)),
        }
    }
}

/// What is wrong with test files, and what kept tests from being run.
fn complain(outcome: &Outcome) {
    let mut errors = io::stderr().lock();
    let look = report::Look::of(&errors);
    for reading in &outcome.readings {
        let reading = scenario::Reading {
            source: reading.source.clone(),
            scenario: None,
            diagnostics: reading.diagnostics.clone(),
        };
        // There is no place left to complain in when standard error is closed.
        let _ = report::write_text(&mut errors, &reading, look);
    }
    for error in &outcome.errors {
        let _ = writeln!(errors, "ivrkit: {error}");
    }
}

fn percent(text: &str) -> Result<f64, String> {
    let percent = text.parse().ok().filter(|percent| (0.0..=100.0).contains(percent));
    percent.ok_or_else(|| "expected per cent from 0 to 100".to_owned())
}
