//! Lints many inputs side by side, and puts together what was found.

use super::{
    Fixing, Kept, Linted, LocatedFinding,
    config::{Configs, Levels},
    cores,
    inputs::{self, Dialplan, Found, Input, Kind, Rendering},
    located, merged,
    sounds::MediaFolder,
    surroundings::Surroundings,
};
use crate::files;
use ivrkit_dialplan::{
    application::Version,
    diagnostic::Severity,
    lint::{Finding, Reading, Settings},
};
use rayon::prelude::*;
use std::{
    collections::{BTreeMap, BTreeSet},
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
    /// How scenarios are rendered.
    pub rendering: Rendering,
    /// Folders of sounds, in place of those of configurations.
    pub media: Vec<MediaFolder>,
    /// Whether the PBX has Asterisk's own sounds.
    pub stock_sounds: Option<bool>,
    /// What findings keep of their lines.
    pub kept: Kept,
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
    /// How many fixes were made.
    pub fixed: usize,
    /// Files with something to mend that are none of those to be written.
    pub outside: BTreeSet<PathBuf>,
    /// What was read, if there was one input only: to give so much memory back takes a while, and a
    /// process that ends need not.
    pub left: Vec<Dialplan>,
}

/// Told how many inputs are done, of how many.
pub type Progress<'a> = &'a (dyn Fn(u64, u64) + Sync);

/// Lints files and folders.
pub fn run(
    paths: &[PathBuf],
    configs: &mut Configs,
    options: &Options,
    progress: Progress<'_>,
) -> Outcome {
    let Found { inputs, mut errors } = inputs::find(paths, configs);
    let around = Surroundings::of(&inputs, options, &mut errors);
    let (done, all) = (AtomicU64::new(0), inputs.len() as u64);
    let is_only = inputs.len() == 1;
    let parts = inputs.par_iter().map(|input| {
        let mut part = Part::of(input, options, &around);
        if !is_only {
            // The next input needs the memory, but nobody needs to wait for it.
            let left = std::mem::take(&mut part.left);
            rayon::spawn(move || drop(left));
        }
        progress(done.fetch_add(1, Ordering::Relaxed) + 1, all);
        part
    });
    Outcome::of(errors, parts.collect())
}

/// Lints files and folders and mends what it finds, in memory; the findings are those that are left.
/// One dialplan after the other: they may share files.
pub fn mend(
    paths: &[PathBuf],
    configs: &mut Configs,
    options: &Options,
    fixing: &mut Fixing,
    progress: Progress<'_>,
) -> Outcome {
    let Found { inputs, mut errors } = inputs::find(paths, configs);
    let around = Surroundings::of(&inputs, options, &mut errors);
    let all = inputs.len() as u64;
    let parts = (1..).zip(&inputs).map(|(number, input)| {
        let part = match input.kind {
            Kind::Dialplan => Part::mended(input, options, &around, fixing),
            Kind::Scenario => Part::of(input, options, &around),
        };
        progress(number, all);
        part
    });
    Outcome::of(errors, parts.collect())
}

/// Looks at every dialplan among files and folders, in the order of their paths; what cannot be read
/// comes beside.
pub fn each<T: Send>(
    paths: &[PathBuf],
    look: impl Fn(&Reading) -> T + Sync,
) -> (Vec<T>, Vec<inputs::Error>) {
    let Found { inputs, errors } = inputs::find(paths, &mut Configs::default());
    let looked = inputs.par_iter().map(|input| {
        let mut errors = Vec::new();
        let dialplans = input.read(&Rendering::default(), &mut errors);
        (dialplans.iter().map(|one| look(&one.reading)).collect::<Vec<_>>(), errors)
    });
    let (all, more): (Vec<_>, Vec<_>) = looked.unzip();
    let errors = errors.into_iter().chain(more.into_iter().flatten());
    (all.into_iter().flatten().collect(), errors.collect())
}

/// Reads one dialplan, or renders one scenario, for who looks at it in another way too; each with the
/// settings that it is linted under.
///
/// # Errors
/// What cannot be read, not wholly, or is neither of both.
pub fn single(
    path: &Path,
    configs: &mut Configs,
    options: &Options,
) -> Result<Vec<(Dialplan, Settings)>, inputs::Error> {
    if path.is_dir() {
        files::read_bytes(path, inputs::MAX_FILE_BYTES)?;
    }
    let Found { inputs, mut errors } = inputs::find(&[path.to_owned()], configs);
    let around = Surroundings::of(&inputs, options, &mut errors);
    let mut all = Vec::new();
    for input in &inputs {
        let mut part = Part::empty(input, options);
        let known = part.settings(input, options, &around);
        for dialplan in input.read(&options.rendering, &mut part.errors) {
            let settings = with_contexts(&known, &dialplan);
            all.push((dialplan, settings));
        }
        errors.extend(part.errors);
    }
    errors.into_iter().next().map_or(Ok(all), Err)
}

/// The settings with the contexts that the PBX itself has.
fn with_contexts(settings: &Settings, dialplan: &Dialplan) -> Settings {
    let mut settings = settings.clone();
    settings.external_contexts.extend(dialplan.pbx_contexts.iter().map(ToString::to_string));
    settings
}

/// What came of one input.
#[derive(Debug)]
struct Part {
    linted: Vec<Linted>,
    fail_on: Severity,
    kept: Kept,
    errors: Vec<inputs::Error>,
    fixed: usize,
    outside: BTreeSet<PathBuf>,
    left: Vec<Dialplan>,
}

impl Part {
    fn of(input: &Input, options: &Options, around: &Surroundings) -> Self {
        let mut part = Self::empty(input, options);
        let known = part.settings(input, options, around);
        for dialplan in input.read(&options.rendering, &mut part.errors) {
            let settings = with_contexts(&known, &dialplan);
            let found = cores::lint(&dialplan.reading, &settings);
            part.add(&dialplan.reading, found);
            part.left.push(dialplan);
        }
        part
    }

    fn mended(
        input: &Input,
        options: &Options,
        around: &Surroundings,
        fixing: &mut Fixing,
    ) -> Self {
        let mut part = Self::empty(input, options);
        let settings = part.settings(input, options, around);
        match fixing.mend(&input.path, |reading| cores::lint(reading, &settings)) {
            Ok(mended) => {
                part.add(&mended.reading, mended.findings);
                part.errors.extend(inputs::left_out(&mended.reading));
                (part.fixed, part.outside) = (mended.fixed, mended.outside);
            }
            Err(error) => part.errors.push(error.into()),
        }
        part
    }

    fn empty(input: &Input, options: &Options) -> Self {
        let fail_on = options.fail_on.or(input.config.fail_on).unwrap_or(Severity::Error);
        let (linted, errors, outside) = (Vec::new(), Vec::new(), BTreeSet::new());
        let kept = options.kept;
        Self { linted, fail_on, kept, errors, fixed: 0, outside, left: Vec::new() }
    }

    /// What cannot be read around the input is added to the errors.
    fn settings(&mut self, input: &Input, options: &Options, around: &Surroundings) -> Settings {
        let mut settings = input.config.settings(&input.path, &options.levels);
        settings.version = options.asterisk.unwrap_or(settings.version);
        self.errors.extend(around.tell(&mut settings, input, options).err());
        settings
    }

    fn add(&mut self, reading: &Reading, found: Vec<Finding>) {
        let files = reading.dialplan.files.all().iter();
        let files = files.map(|file| Path::new(OsStr::from_bytes(&file.name)).to_owned());
        let findings = located(reading, found, self.kept);
        self.linted.push(Linted { files: files.collect(), findings });
    }
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

    fn of(errors: Vec<inputs::Error>, parts: Vec<Part>) -> Self {
        let mut outcome = Self { errors, ..Self::default() };
        let mut all = Vec::new();
        for part in parts {
            for file in part.linted.iter().flat_map(|linted| &linted.files) {
                // Of several main files with the same one in them, the strictest counts.
                let known = outcome.checked.entry(file.clone()).or_insert(part.fail_on);
                *known = part.fail_on.max(*known);
            }
            outcome.errors.extend(part.errors);
            outcome.fixed += part.fixed;
            outcome.outside.extend(part.outside);
            outcome.left.extend(part.left);
            all.extend(part.linted);
        }
        outcome.findings = merged(all);
        outcome
    }
}
