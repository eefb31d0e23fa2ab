//! How long it takes to lint dialplans with all rules, and how much memory.
//!
//! `cargo bench -p ivrkit-dialplan --bench lint -- [SHAPE...] [LINES...]` prints for each shape the
//! CPU time of reading and of linting, and the peak of memory. `FILE` in place of a shape lints that
//! file. The bar: 100,000 lines in under 150 ms and 100 MB, and the same time for each line at any
//! number of lines.
//!
//! CPU time counts, for it hardly depends on what else a machine does. Each is measured in a
//! process of its own, for a peak belongs to a process.

#![expect(clippy::disallowed_types, clippy::disallowed_methods, reason = "a benchmark runs things")]

#[path = "load/shapes.rs"]
mod load_shapes;
#[path = "lint/shapes.rs"]
mod shapes;

use ivrkit_dialplan::{
    lint::{self, Level, Settings, rules},
    syntax::Nothing,
};
use nix::sys::resource::{UsageWho, getrusage};
use std::{
    env, fs,
    process::{Command, Stdio},
};

/// How many lines are linted unless numbers are given.
const LINES: [usize; 2] = [10_000, 100_000];
/// Best of so many runs.
const RUNS: usize = 7;

/// What one run took.
#[derive(Debug, Clone, Copy)]
struct Cost {
    /// CPU time of reading.
    read_ms: f64,
    /// CPU time of all rules.
    lint_ms: f64,
    peak_mb: f64,
}

fn main() {
    let arguments: Vec<String> = env::args().skip(1).filter(|one| one != "--bench").collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    match arguments.as_slice() {
        ["--lint", shape, lines] => lint(shape, lines.parse().expect("a number of lines")),
        wanted => report(wanted),
    }
}

fn report(wanted: &[&str]) {
    let numbers: Vec<usize> = wanted.iter().filter_map(|one| one.parse().ok()).collect();
    let numbers = if numbers.is_empty() { LINES.to_vec() } else { numbers };
    let mut names: Vec<&str> =
        wanted.iter().copied().filter(|one| one.parse::<usize>().is_err()).collect();
    if names.is_empty() {
        names = shapes::NAMES.to_vec();
    }
    println!(
        "{:>16} {:>9} {:>9} {:>9} {:>9} {:>7}",
        "shape", "lines", "read ms", "lint ms", "all", "MB"
    );
    for name in names {
        for &lines in &numbers {
            let Cost { read_ms, lint_ms, peak_mb } = best(name, lines);
            let all = read_ms + lint_ms;
            println!(
                "{name:>16} {lines:>9} {read_ms:>9.1} {lint_ms:>9.1} {all:>9.1} {peak_mb:>7.1}"
            );
        }
    }
}

/// The lowest costs among several runs.
fn best(name: &str, lines: usize) -> Cost {
    let own = env::current_exe().expect("a program knows where it is");
    let costs = (0..RUNS).map(|_| {
        let mut command = Command::new(&own);
        let command = command.args(["--lint", name, &lines.to_string()]).stderr(Stdio::inherit());
        let output = command.output().expect("this program can be started again");
        let text = String::from_utf8(output.stdout).expect("numbers are text");
        let numbers: Vec<f64> =
            text.split_whitespace().map(|one| one.parse().expect("a number")).collect();
        Cost { read_ms: numbers[0], lint_ms: numbers[1], peak_mb: numbers[2] }
    });
    let lower = |one: Cost, other: Cost| {
        let is_lower = one.read_ms + one.lint_ms < other.read_ms + other.lint_ms;
        Cost { peak_mb: one.peak_mb.min(other.peak_mb), ..if is_lower { one } else { other } }
    };
    costs.reduce(lower).expect("there are runs")
}

/// Lints once and prints what that took.
fn lint(name: &str, lines: usize) {
    let bytes = shapes::text(name, lines)
        .unwrap_or_else(|| fs::read(name).expect("a shape, or a file that can be read"));
    let mut settings = Settings::default();
    for rule in rules::ALL.iter() {
        settings.levels.insert(rule.name.to_owned(), Level::On);
    }
    let start = cpu_ms();
    let reading = lint::read(b"extensions.conf", bytes, &mut Nothing);
    let read = cpu_ms();
    let found = reading.lint(&settings);
    let end = cpu_ms();
    let usage = getrusage(UsageWho::RUSAGE_SELF).expect("a process knows what it used");
    #[expect(clippy::cast_precision_loss, reason = "gigabytes are far from it")]
    let peak_mb = usage.max_rss() as f64 / 1024.0;
    println!("{} {} {peak_mb} {}", read - start, end - read, found.len());
    // The memory goes with the process.
    std::mem::forget((reading, found));
}

fn cpu_ms() -> f64 {
    let usage = getrusage(UsageWho::RUSAGE_SELF).expect("a process knows what it used");
    let (user, system) = (usage.user_time(), usage.system_time());
    let micros = (user.tv_sec() + system.tv_sec()) * 1_000_000 + user.tv_usec() + system.tv_usec();
    #[expect(clippy::cast_precision_loss, reason = "hours are far from it")]
    let ms = micros as f64 / 1e3;
    ms
}
