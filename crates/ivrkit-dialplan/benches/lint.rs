//! How long it takes to lint dialplans of many shapes with all rules, and how much memory.
//!
//! `cargo bench -p ivrkit-dialplan --bench lint -- [SHAPE...] [LINES...]` prints for each shape and
//! number of lines the CPU time of reading and linting on one core, the time for each line and the
//! peak of memory; for 100,000 lines also what asterisklint takes as a process, if it is on `PATH` or
//! named by `IVRKIT_ASTERISKLINT`. The bar: 100,000 lines in under 150 ms and 100 MB, and the same
//! time for each line of a million.

#![expect(clippy::disallowed_types, clippy::disallowed_methods, reason = "a benchmark runs things")]

#[path = "load/measure.rs"]
mod measure;
#[path = "load/shapes.rs"]
mod shapes;

use ivrkit_dialplan::{
    lint::{self, Group, Level, Settings},
    syntax::Nothing,
};
use measure::{Cost, best, counted, measured, named, process, program};
use shapes::{SHAPES, Shape};
use std::{env, fs, path::Path, process::exit};

/// How many lines are linted unless numbers are given.
const LINES: [usize; 3] = [10_000, 100_000, 1_000_000];
/// For so many lines the other program is run too.
const COMPARED_LINES: usize = 100_000;
/// Best of so many runs; one of a million lines is long enough to be told once.
const RUNS: usize = 5;

fn main() {
    let arguments: Vec<String> = env::args().skip(1).filter(|one| one != "--bench").collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    match arguments.as_slice() {
        ["--lint", shape, lines] => lint(named(shape), counted(lines)),
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
    let asterisklint = program("IVRKIT_ASTERISKLINT", "asterisklint");
    println!("{:>20} {:>9} {:>10} {:>9} {:>8}", "shape", "lines", "CPU ms", "ns/line", "MB");
    for shape in SHAPES.iter().filter(|one| names.is_empty() || names.contains(&&one.name)) {
        for &lines in &numbers {
            let runs = if lines < 1_000_000 { RUNS } else { 1 };
            let own = best(runs, &["--lint", shape.name, &lines.to_string()]);
            let Some(own) = own else { exit(1) };
            let Cost { cpu_ms, peak_mb } = own;
            #[expect(clippy::cast_precision_loss, reason = "lines are counted in millions")]
            let line_ns = cpu_ms * 1e6 / lines as f64;
            println!("{:>20} {lines:>9} {cpu_ms:>10.1} {line_ns:>9.0} {peak_mb:>8.1}", shape.name);
            if let (COMPARED_LINES, Some(program)) = (lines, &asterisklint) {
                compare(shape, own, program);
            }
        }
    }
}

/// Runs the other program over a file.
fn compare(shape: &Shape, own: Cost, program: &Path) {
    let folder = env::temp_dir().join(format!("ivrkit-lint-{}", std::process::id()));
    fs::create_dir_all(&folder).expect("a temporary folder can be made");
    let file = folder.join("extensions.conf");
    fs::write(&file, shape.text(COMPARED_LINES)).expect("a temporary file can be written");
    let names = [program, &file].map(|path| path.to_str().expect("such paths have plain names"));
    match best(1, &["--process", names[0], "dialplan-check", names[1]]) {
        Some(Cost { cpu_ms, peak_mb }) => {
            println!("{:>20} {:>9} {cpu_ms:>10.1} {:>9} {peak_mb:>8.1}", "", "asterisklint", "");
            let (time, memory) = (cpu_ms / own.cpu_ms, peak_mb / own.peak_mb);
            println!("{:>20} it takes {time:.0} times the time, {memory:.1} the memory", "");
        }
        None => println!("{:>20} asterisklint fails", ""),
    }
    fs::remove_dir_all(&folder).expect("a temporary folder can be removed");
}

/// Reads and lints once with all rules, and prints what that took.
fn lint(shape: &Shape, lines: usize) {
    let bytes = shape.text(lines);
    let levels = Group::ALL.map(|group| (group.name().to_owned(), Level::On)).into();
    let settings = Settings { levels, ..Settings::default() };
    let (reading, found) = measured(|| {
        let reading = lint::read(b"extensions.conf", bytes, &mut Nothing);
        let found = reading.lint(&settings);
        (reading, found)
    });
    assert!(!reading.dialplan.is_refused, "{:?}", reading.dialplan.messages.last());
    // The memory goes with the process.
    std::mem::forget((reading, found));
}
