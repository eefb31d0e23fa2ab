//! Tests of scenarios and dialplans at work: which files, many side by side, what they cover.
//!
//! Must not decide whether a call was right: that is the core's
//! [`scenario_test`]; nor how results look.

mod coverage;
mod found;

pub use coverage::{Coverage, FileCoverage, Step};
pub use found::is_test_file;

use crate::{
    error::Exit,
    files,
    simulation::{self, Subject},
};
use coverage::Reached;
use ivrkit_dialplan::{
    application::Version,
    rehearsal::Record,
    scenario::Profile,
    scenario_test::{self, Case, Failure, Tests, World},
};
use rayon::prelude::*;
use std::{
    path::{Path, PathBuf},
    sync::Arc,
    time::{Duration, Instant},
};

/// Something that kept tests from being run.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// A file cannot be read.
    #[error(transparent)]
    File(#[from] files::Error),
    /// A folder cannot be gone through.
    #[error("cannot read {}: {reason}", path.display())]
    Folder {
        /// The folder, or what is in it.
        path: PathBuf,
        /// Why.
        reason: String,
    },
    /// No test file in a folder.
    #[error("no test file in {}: their names end in `.test.yaml`", path.display())]
    Nothing {
        /// The folder.
        path: PathBuf,
    },
    /// A test file has mistakes.
    #[error(
        "the test file {} has {count} mistake{}",
        path.display(), if *.count == 1 { "" } else { "s" }
    )]
    Mistakes {
        /// The test file.
        path: PathBuf,
        /// How many.
        count: usize,
    },
    /// What is tested cannot be used.
    #[error("cannot run the tests of {}: {source}", path.display())]
    Subject {
        /// The test file.
        path: PathBuf,
        /// Why.
        source: Box<simulation::Error>,
    },
    /// No test has what was asked for in its name.
    #[error("no test of {} has `{filter}` in its name", path.display())]
    NoneLeft {
        /// What was asked for.
        path: PathBuf,
        /// The filter.
        filter: String,
    },
}

impl Error {
    /// The exit code this ends a command with: the tests could not be run.
    pub fn exit(&self) -> Exit {
        Exit::Usage
    }
}

/// Which tests are run.
#[derive(Debug, Clone, Default)]
pub struct Options {
    /// Only tests with this in their names.
    pub filter: Option<String>,
    /// Whether the calls of tests that passed are kept, too.
    pub keeps_records: bool,
}

/// What became of all tests.
#[derive(Debug)]
pub struct Outcome {
    /// One for each test file and kind of PBX, in their order.
    pub suites: Vec<Suite>,
    /// What kept tests from being run, and the findings in test files.
    pub errors: Vec<Error>,
    /// Test files with their findings, to be shown.
    pub readings: Vec<scenario_test::Reading>,
    /// How long all calls took.
    pub took: Duration,
}

/// The tests of a file for one kind of PBX.
#[derive(Debug)]
pub struct Suite {
    /// The test file.
    pub path: PathBuf,
    /// The kind of PBX, for scenarios.
    pub profile: Option<Profile>,
    /// What was tested.
    pub subject: Arc<Subject>,
    /// What became of each test.
    pub results: Vec<TestResult>,
    /// Which priorities were reached.
    pub coverage: Coverage,
}

/// What became of a test.
#[derive(Debug)]
pub struct TestResult {
    /// Its name.
    pub name: String,
    /// Its line in the test file, from 1.
    pub line: usize,
    /// Expectations that were not met; none if it passed.
    pub failures: Vec<Failure>,
    /// How long the call was, in milliseconds of its own clock.
    pub length_ms: u64,
    /// How long it took to simulate.
    pub took: Duration,
    /// The call, if the test failed.
    pub record: Option<Record>,
    reached: Reached,
}

impl Outcome {
    /// All results.
    pub fn results(&self) -> impl Iterator<Item = &TestResult> {
        self.suites.iter().flat_map(|suite| &suite.results)
    }

    /// How many tests failed.
    pub fn failed(&self) -> usize {
        self.results().filter(|result| !result.failures.is_empty()).count()
    }
}

/// Runs the tests of files and folders, side by side.
pub fn run(paths: &[PathBuf], options: &Options) -> Outcome {
    let (files, mut errors) = found::test_files(paths);
    let loaded: Vec<Loaded> = files.into_par_iter().map(Loaded::read).collect();
    let begun = Instant::now();
    let suites: Vec<Suite> = loaded.par_iter().flat_map_iter(|one| one.suites(options)).collect();
    let took = begun.elapsed();
    let mut readings = Vec::new();
    for one in loaded {
        errors.extend(one.errors);
        readings.extend(one.reading);
    }
    let is_empty = suites.iter().all(|suite| suite.results.is_empty());
    if let (true, Some(filter), Some(first)) = (is_empty, &options.filter, suites.first()) {
        errors.push(Error::NoneLeft { path: first.path.clone(), filter: filter.clone() });
    }
    Outcome { suites, errors, readings, took }
}

/// A test file and what it tests.
struct Loaded {
    path: PathBuf,
    reading: Option<scenario_test::Reading>,
    subjects: Vec<Arc<Subject>>,
    errors: Vec<Error>,
}

impl Loaded {
    fn read(path: PathBuf) -> Self {
        let mut loaded = Self { path, reading: None, subjects: Vec::new(), errors: Vec::new() };
        let path = &loaded.path;
        let mut reading = match files::read_source(path) {
            Ok(source) => scenario_test::read(source),
            Err(error) => {
                loaded.errors.push(error.into());
                return loaded;
            }
        };
        let Some(tests) = &reading.tests else {
            let count = reading.diagnostics.len();
            loaded.errors.push(Error::Mistakes { path: path.clone(), count });
            loaded.reading = Some(reading);
            return loaded;
        };
        for subject in subjects(path, tests) {
            match subject {
                Ok(subject) => loaded.subjects.push(Arc::new(subject)),
                Err(source) => {
                    let source = Box::new(source);
                    loaded.errors.push(Error::Subject { path: path.clone(), source });
                }
            }
        }
        let scenario = loaded.subjects.iter().find_map(|subject| subject.scenario.as_ref());
        let unknown = scenario.map_or_else(Vec::new, |scenario| tests.unknown_sounds(scenario));
        if !unknown.is_empty() {
            loaded.errors.push(Error::Mistakes { path: path.clone(), count: unknown.len() });
            loaded.subjects.clear();
        }
        reading.diagnostics.extend(unknown);
        // What is wrong for one kind of PBX is mostly wrong for each.
        loaded.errors.dedup_by_key(|error| error.to_string());
        loaded.reading = Some(reading);
        loaded
    }

    fn suites(&self, options: &Options) -> impl Iterator<Item = Suite> {
        let tests = self.reading.as_ref().and_then(|reading| reading.tests.as_ref());
        let subjects = tests.into_iter().flat_map(|tests| {
            self.subjects.iter().map(move |subject| (tests, Arc::clone(subject)))
        });
        subjects.map(|(tests, subject)| suite(&self.path, tests, subject, options))
    }
}

/// What a test file tests: a dialplan, or a scenario for each kind of PBX.
fn subjects(path: &Path, tests: &Tests) -> Vec<Result<Subject, simulation::Error>> {
    let file = &tests.file;
    let version = if file.asterisk == Some(16) { Version::V16 } else { Version::V22 };
    if let Some(dialplan) = &file.dialplan {
        return vec![Subject::of_dialplan(&path.with_file_name(dialplan), version)];
    }
    let Some(scenario) = &file.scenario else { return Vec::new() };
    let scenario = path.with_file_name(scenario);
    let of =
        |profile, beside: Option<&str>| Subject::of_scenario(&scenario, profile, beside, version);
    if file.profiles.is_empty() {
        return vec![of(None, None)];
    }
    let profiles = file.profiles.iter();
    profiles.map(|(profile, tests)| of(Some(*profile), tests.dialplan.as_deref())).collect()
}

fn suite(path: &Path, tests: &Tests, subject: Arc<Subject>, options: &Options) -> Suite {
    let profile = subject.profile;
    let world = World { pbx: Arc::new(subject.pbx.clone()), scenario: subject.scenario.as_ref() };
    let mut cases = tests.cases(profile);
    if let Some(filter) = &options.filter {
        cases.retain(|case| case.name.contains(filter.as_str()));
    }
    let results: Vec<TestResult> =
        cases.par_iter().map(|case| run_one(case, &world, options)).collect();
    let mut coverage = Coverage::of(subject.pbx.dialplan());
    for result in &results {
        coverage.add(&result.reached);
    }
    drop(world);
    Suite { path: path.to_owned(), profile, subject, results, coverage }
}

fn run_one(case: &Case<'_>, world: &World<'_>, options: &Options) -> TestResult {
    let begun = Instant::now();
    let record = case.run(world);
    let failures = case.judge(world, &record);
    let took = begun.elapsed();
    let reached = Reached::by(&record);
    let length_ms = record.length_ms();
    let is_kept = options.keeps_records || !failures.is_empty();
    let record = is_kept.then_some(record);
    let (name, line) = (case.name.to_owned(), case.line);
    TestResult { name, line, failures, length_ms, took, record, reached }
}
