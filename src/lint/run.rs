//! Lints many inputs side by side, and puts together what was found.

use super::{
    LocatedFinding,
    config::{Configs, Levels},
    inputs::{self, Dialplan, Input},
    located,
};
use ivrkit_dialplan::{
    application::Version, diagnostic::Severity, lint::Reading, scenario::Profile,
};
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
    /// The Asterisk that dialplans are for.
    pub asterisk: Option<Version>,
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

/// Looks at every dialplan among files and folders, in the order of their paths; what cannot be read
/// comes beside.
pub fn each<T: Send>(
    paths: &[PathBuf],
    configs: &mut Configs,
    profiles: &[Profile],
    look: impl Fn(&Reading) -> T + Sync,
) -> (Vec<T>, Vec<inputs::Error>) {
    let found = inputs::find(paths, configs);
    let looked = found.inputs.par_iter().map(|input| {
        let mut errors = Vec::new();
        let dialplans = input.read(profiles, &mut errors);
        (dialplans.iter().map(|one| look(&one.reading)).collect::<Vec<_>>(), errors)
    });
    let (all, more): (Vec<_>, Vec<_>) = looked.unzip();
    let errors = found.errors.into_iter().chain(more.into_iter().flatten());
    (all.into_iter().flatten().collect(), errors.collect())
}

fn lint(input: &Input, options: &Options) -> Outcome {
    let mut outcome = Outcome::default();
    for dialplan in input.read(&options.profiles, &mut outcome.errors) {
        outcome.lint(&dialplan, input, options);
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

    fn lint(&mut self, dialplan: &Dialplan, input: &Input, options: &Options) {
        let Input { path, config, .. } = input;
        let reading = &dialplan.reading;
        let mut settings = config.settings(path, &options.levels);
        settings.version = options.asterisk.unwrap_or(settings.version);
        settings.external_contexts.extend(dialplan.pbx_contexts.iter().map(ToString::to_string));
        let found = reading.lint(&settings);
        self.findings.extend(located(reading, &found));
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
