//! Lints many inputs side by side, and puts together what was found.

use super::{
    LocatedFinding,
    config::{Config, Configs, Levels},
    inputs::{self, Input},
    located,
};
use ivrkit_dialplan::{diagnostic::Severity, lint::Reading, scenario::Profile};
use rayon::prelude::*;
use std::{
    collections::BTreeMap,
    ffi::OsStr,
    os::unix::ffi::OsStrExt as _,
    path::{Path, PathBuf},
    sync::atomic::{AtomicU64, Ordering},
};

/// What is said on the command line; it counts before configurations.
#[derive(Debug, Clone, Default)]
pub struct Options {
    /// Rules on and off.
    pub levels: Levels,
    /// From which severity on findings fail the command.
    pub fail_on: Option<Severity>,
    /// What scenarios are rendered for.
    pub profiles: Vec<Profile>,
}

/// What came of linting.
#[derive(Debug, Default)]
pub struct Outcome {
    /// The findings, sorted; those in a file that several dialplans include count once.
    pub findings: Vec<LocatedFinding>,
    /// The files that were linted, and from which severity on findings in them fail the command.
    pub checked: BTreeMap<PathBuf, Severity>,
    /// What was not linted, or not wholly.
    pub errors: Vec<inputs::Error>,
}

/// Lints files and folders. `progress` is told how many inputs are done, of how many.
pub fn run(
    paths: &[PathBuf],
    configs: &mut Configs,
    options: &Options,
    progress: &(dyn Fn(u64, u64) + Sync),
) -> Outcome {
    let found = inputs::find(paths, configs);
    let (done, all) = (AtomicU64::new(0), found.inputs.len() as u64);
    let outcomes: Vec<_> = found
        .inputs
        .par_iter()
        .map(|input| {
            let outcome = lint(input, options);
            progress(done.fetch_add(1, Ordering::Relaxed) + 1, all);
            outcome
        })
        .collect();
    let mut whole = Outcome { errors: found.errors, ..Outcome::default() };
    outcomes.into_iter().for_each(|outcome| whole.add(outcome));
    LocatedFinding::sort(&mut whole.findings);
    whole
}

fn lint(input: &Input, options: &Options) -> Outcome {
    let mut outcome = Outcome::default();
    match input.read(&options.profiles) {
        Ok(readings) => {
            for reading in readings {
                outcome.lint(&reading, &input.path, &input.config, options);
            }
        }
        Err(error) => outcome.errors.push(error),
    }
    outcome
}

impl Outcome {
    /// Whether a finding is severe enough to fail the command.
    pub fn has_failed(&self) -> bool {
        let fails = |finding: &LocatedFinding| {
            let fail_on = self.checked.get(finding.path()).copied().unwrap_or(Severity::Error);
            finding.severity <= fail_on
        };
        self.findings.iter().any(fails)
    }

    fn lint(&mut self, reading: &Reading, path: &Path, config: &Config, options: &Options) {
        let settings = config.settings(path, &options.levels);
        let found = reading.lint(&settings);
        self.findings.extend(located(reading, &found));
        self.errors.extend(inputs::left_out(reading));
        let fail_on = options.fail_on.or(config.fail_on).unwrap_or(Severity::Error);
        for file in reading.dialplan.files.all() {
            self.check(Path::new(OsStr::from_bytes(&file.name)), fail_on);
        }
    }

    fn add(&mut self, other: Self) {
        self.findings.extend(other.findings);
        self.errors.extend(other.errors);
        for (path, fail_on) in other.checked {
            self.check(&path, fail_on);
        }
    }

    /// Notes that a file was linted; of several main files the strictest counts.
    fn check(&mut self, path: &Path, fail_on: Severity) {
        let known = self.checked.get(path).copied().unwrap_or(fail_on);
        self.checked.insert(path.to_owned(), known.max(fail_on));
    }
}
