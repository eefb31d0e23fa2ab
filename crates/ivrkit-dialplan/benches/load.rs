//! How long it takes to load dialplans of many shapes and sizes, and how much memory.
//!
//! `cargo bench -p ivrkit-dialplan --bench load -- [SHAPE...] [LINES...]` prints for each shape and
//! number of lines the CPU time, the time for each line, and the peak of memory; for 100,000 lines
//! also what `ivrkit show --format json` and asterisklint take as processes. Those are found by
//! `IVRKIT` and `IVRKIT_ASTERISKLINT`, or on `PATH`. The bar: 100,000 lines in under 60 ms and
//! 60 MB, and the same time for each line up to ten million.
//!
//! CPU time counts, for it hardly depends on what else a machine does. Each load is measured in a
//! process of its own, for a peak belongs to a process.

#![expect(clippy::disallowed_types, clippy::disallowed_methods, reason = "a benchmark runs things")]

#[path = "load/shapes.rs"]
mod shapes;

use ivrkit_dialplan::{dialplan, syntax::Nothing};
use nix::sys::resource::{Usage, UsageWho, getrusage};
use shapes::{SHAPES, Shape};
use std::{
    env, fs,
    path::{Path, PathBuf},
    process::{Command, Stdio, exit},
};

/// How many lines are loaded unless numbers are given.
const LINES: [usize; 3] = [10_000, 100_000, 1_000_000];
/// For so many lines other programs are run too.
const COMPARED_LINES: usize = 100_000;
/// Best of so many runs; one of a million lines or more is long enough to be told once.
const RUNS: usize = 9;

/// What one run took.
#[derive(Debug, Clone, Copy)]
struct Cost {
    /// In user and in system mode.
    cpu_ms: f64,
    peak_mb: f64,
}

fn main() {
    let arguments: Vec<String> = env::args().skip(1).filter(|one| one != "--bench").collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    match arguments.as_slice() {
        ["--load", shape, lines] => load(named(shape), counted(lines)),
        ["--process", command @ ..] => process(command),
        wanted => report(wanted),
    }
}

fn report(wanted: &[&str]) {
    let numbers: Vec<usize> = wanted.iter().filter_map(|one| one.parse().ok()).collect();
    let numbers = if numbers.is_empty() { LINES.to_vec() } else { numbers };
    let names: Vec<&&str> = wanted.iter().filter(|one| one.parse::<usize>().is_err()).collect();
    for name in &names {
        named(name);
    }
    let ivrkit = program("IVRKIT", "ivrkit");
    let asterisklint = program("IVRKIT_ASTERISKLINT", "asterisklint");
    println!("{:>20} {:>9} {:>10} {:>9} {:>8}", "shape", "lines", "CPU ms", "ns/line", "MB");
    for shape in SHAPES.iter().filter(|one| names.is_empty() || names.contains(&&one.name)) {
        for &lines in &numbers {
            let runs = if lines < 1_000_000 { RUNS } else { 1 };
            let own = best(runs, &["--load", shape.name, &lines.to_string()]);
            let Some(Cost { cpu_ms, peak_mb }) = own else { exit(1) };
            #[expect(clippy::cast_precision_loss, reason = "lines are counted in millions")]
            let line_ns = cpu_ms * 1e6 / lines as f64;
            println!("{:>20} {lines:>9} {cpu_ms:>10.1} {line_ns:>9.0} {peak_mb:>8.1}", shape.name);
            if lines == COMPARED_LINES {
                compare(shape, ivrkit.as_deref(), asterisklint.as_deref());
            }
        }
    }
}

/// Runs the other programs over a file.
fn compare(shape: &Shape, ivrkit: Option<&Path>, asterisklint: Option<&Path>) {
    let folder = env::temp_dir().join(format!("ivrkit-load-{}", std::process::id()));
    fs::create_dir_all(&folder).expect("a temporary folder can be made");
    let file = folder.join("extensions.conf");
    fs::write(&file, shape.text(COMPARED_LINES)).expect("a temporary file can be written");
    let path = file.to_str().expect("temporary folders have plain names");
    let run = |program: Option<&Path>, arguments: &[&str], runs| {
        let name = program?.to_str().expect("programs have plain names");
        let cost = best(runs, &[&["--process", name], arguments, &[path]].concat());
        if cost.is_none() {
            println!("{:>20} {name} fails", "");
        }
        cost
    };
    let own = run(ivrkit, &["show", "--format", "json"], RUNS);
    let other = run(asterisklint, &["dialplan-check"], 1);
    for (name, cost) in [("ivrkit show", own), ("asterisklint", other)] {
        if let Some(Cost { cpu_ms, peak_mb }) = cost {
            println!("{:>20} {name:>9} {cpu_ms:>8.1} {:>9} {peak_mb:>8.1}", "", "");
        }
    }
    if let (Some(own), Some(other)) = (own, other) {
        let (time, memory) = (other.cpu_ms / own.cpu_ms, other.peak_mb / own.peak_mb);
        println!("{:>20} asterisklint takes {time:.0} times the time, {memory:.1} the memory", "");
    }
    fs::remove_dir_all(&folder).expect("a temporary folder can be removed");
}

/// The lowest costs among several runs of this program with these arguments.
fn best(runs: usize, arguments: &[&str]) -> Option<Cost> {
    let own = env::current_exe().expect("a program knows where it is");
    let cost = |_| {
        let output = Command::new(&own).args(arguments).stderr(Stdio::inherit()).output();
        let output = output.expect("this program can be started again");
        let text = String::from_utf8(output.stdout).expect("numbers are text");
        let (cpu_ms, peak_mb) = text.trim().split_once(' ')?;
        Some(Cost { cpu_ms: cpu_ms.parse().ok()?, peak_mb: peak_mb.parse().ok()? })
    };
    (0..runs).map(cost).reduce(|one, other| {
        let (one, other) = (one?, other?);
        let (cpu_ms, peak_mb) = (one.cpu_ms.min(other.cpu_ms), one.peak_mb.min(other.peak_mb));
        Some(Cost { cpu_ms, peak_mb })
    })?
}

/// Loads once and prints what that took.
fn load(shape: &Shape, lines: usize) {
    let bytes = shape.text(lines);
    let before = usage(UsageWho::RUSAGE_SELF);
    let dialplan = dialplan::load(b"extensions.conf", bytes, &mut Nothing);
    print(&before, &usage(UsageWho::RUSAGE_SELF));
    assert!(!dialplan.is_refused, "{:?}", dialplan.messages.last());
    // The memory goes with the process.
    std::mem::forget(dialplan);
}

/// Runs a program once, its output thrown away, and prints what that took.
fn process(command: &[&str]) {
    let before = usage(UsageWho::RUSAGE_CHILDREN);
    let (program, arguments) = command.split_first().expect("a program is named");
    let mut command = Command::new(program);
    let command = command.args(arguments).stdout(Stdio::null()).stderr(Stdio::null());
    let status = command.status().expect("the program can be started");
    // 1 is what both say when there is something to complain about.
    if matches!(status.code(), Some(0 | 1)) {
        print(&before, &usage(UsageWho::RUSAGE_CHILDREN));
    }
}

fn usage(who: UsageWho) -> Usage {
    getrusage(who).expect("a process knows what it used")
}

fn print(before: &Usage, after: &Usage) {
    let micros = |usage: &Usage| {
        let (user, system) = (usage.user_time(), usage.system_time());
        (user.tv_sec() + system.tv_sec()) * 1_000_000 + user.tv_usec() + system.tv_usec()
    };
    #[expect(clippy::cast_precision_loss, reason = "hours and gigabytes are far from it")]
    let (cpu_ms, peak_mb) =
        ((micros(after) - micros(before)) as f64 / 1e3, after.max_rss() as f64 / 1024.0);
    println!("{cpu_ms} {peak_mb}");
}

/// A program by a variable, or on the path.
fn program(variable: &str, name: &str) -> Option<PathBuf> {
    let on_path = || {
        let folders = env::var_os("PATH")?;
        env::split_paths(&folders).map(|folder| folder.join(name)).find(|path| path.is_file())
    };
    let found = env::var_os(variable).map(PathBuf::from).or_else(on_path);
    if found.is_none() {
        println!("without {name}: set {variable} to compare with it");
    }
    found
}

fn named(name: &str) -> &'static Shape {
    SHAPES.iter().find(|shape| shape.name == name).unwrap_or_else(|| {
        let names: Vec<&str> = SHAPES.iter().map(|shape| shape.name).collect();
        eprintln!("no shape `{name}`; there are: {}", names.join(", "));
        exit(2)
    })
}

fn counted(lines: &str) -> usize {
    lines.parse().expect("a number of lines")
}
