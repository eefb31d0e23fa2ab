//! Holds the linter against any folder of dialplans. Run by `tests/lint-ecosystem DIR...`, which
//! names the folders in `IVRKIT_DIALPLANS`.
//!
//! What Asterisk says is what our loader says, which `tests/ecosystem` holds against real ones.

#![allow(clippy::unwrap_used, reason = "test code panics where it cannot go on")]

#[path = "support/complained_lines.rs"]
mod complained_lines;
#[path = "support/dialplans.rs"]
mod dialplans;

use complained_lines::{found_lines, lines, read};
use indicatif::ProgressBar;
use ivrkit_dialplan::{
    diagnostic::Severity,
    lint::{Finding, Reading, Settings},
    syntax::Lines,
};
use std::{
    collections::{BTreeMap, BTreeSet},
    panic,
    path::{Path, PathBuf},
};

/// How many findings a rule has, and in how many files.
#[derive(Debug, Default)]
struct Count {
    findings: usize,
    files: BTreeSet<PathBuf>,
    /// Of these, files that Asterisk says nothing about.
    silent_files: BTreeSet<PathBuf>,
}

/// What came of all files.
#[derive(Debug, Default)]
struct Figures {
    files: usize,
    crashes: usize,
    silent: usize,
    silent_with_error: usize,
    complaints: usize,
    unfound: usize,
    by_rule: BTreeMap<(Severity, &'static str, &'static str), Count>,
}

#[test]
#[ignore = "needs folders of dialplans: tests/lint-ecosystem DIR..."]
fn every_complaint_is_found_and_nothing_crashes() {
    let files = dialplans::named_by("IVRKIT_DIALPLANS");
    let progress = ProgressBar::new(files.len() as u64);
    let mut figures = Figures { files: files.len(), ..Figures::default() };
    for path in &files {
        let linted = panic::catch_unwind(|| {
            let reading = read(path);
            let found = reading.lint(&Settings::default());
            (reading, found)
        });
        if let Ok((reading, found)) = linted {
            figures.take(path, &reading, &found);
        } else {
            println!("{}: crash", path.display());
            figures.crashes += 1;
        }
        progress.inc(1);
    }
    progress.finish_and_clear();
    figures.print();
    assert_eq!((figures.crashes, figures.unfound), (0, 0), "crashes, complaints without a finding");
}

impl Figures {
    fn take(&mut self, path: &Path, reading: &Reading, found: &[Finding]) {
        let is_silent = reading.dialplan.messages.is_empty();
        for finding in found {
            let key = (finding.severity, finding.rule.code, finding.rule.name);
            let count = self.by_rule.entry(key).or_default();
            count.findings += 1;
            count.files.insert(path.to_owned());
            if is_silent {
                count.silent_files.insert(path.to_owned());
            }
        }
        self.silent += usize::from(is_silent);
        if is_silent {
            self.silent_with_error += usize::from(print_errors(reading, found));
        }
        self.take_complaints(reading, found);
    }

    fn take_complaints(&mut self, reading: &Reading, found: &[Finding]) {
        let found = found_lines(reading, found);
        for message in &reading.dialplan.messages {
            self.complaints += 1;
            let lines = lines(reading, message);
            if !lines.iter().any(|line| found.contains(line)) {
                let (file, line) = &lines[0];
                let file = String::from_utf8_lossy(file);
                println!("{file}:{line}: no finding where Asterisk says: {}", message.text);
                self.unfound += 1;
            }
        }
    }

    fn print(&self) {
        println!("\nfindings  files  silent files  rule");
        for ((severity, code, name), count) in &self.by_rule {
            let (all, silent) = (count.files.len(), count.silent_files.len());
            let severity = format!("{severity:?}").to_lowercase();
            println!("{:8} {all:6} {silent:13}  {severity} {code} {name}", count.findings);
        }
        let Self { files, crashes, silent, silent_with_error, complaints, unfound, .. } = self;
        println!("\n{files} files, {crashes} crashes");
        println!(
            "{silent} files that Asterisk says nothing about, {silent_with_error} with errors"
        );
        println!("{complaints} complaints of Asterisk, {unfound} without a finding on their line");
    }
}

/// Prints the errors of a file; whether there are any.
fn print_errors(reading: &Reading, found: &[Finding]) -> bool {
    let mut lines = Lines::new(&reading.dialplan.files);
    let mut has_errors = false;
    for finding in found.iter().filter(|finding| finding.severity == Severity::Error) {
        let at = lines.excerpt(finding.place);
        let file = String::from_utf8_lossy(at.file);
        println!("{file}:{}: {} {}", at.line, finding.rule.name, finding.message);
        has_errors = true;
    }
    has_errors
}
