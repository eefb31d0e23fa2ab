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

#[path = "load/measure.rs"]
mod measure;
#[path = "load/shapes.rs"]
mod shapes;

use ivrkit_dialplan::{dialplan, syntax::Nothing};
use measure::{Cost, best, counted, measured, named, process, program};
use shapes::{SHAPES, Shape};
use std::{env, fs, path::Path, process::exit};

/// How many lines are loaded unless numbers are given.
const LINES: [usize; 3] = [10_000, 100_000, 1_000_000];
/// For so many lines other programs are run too.
const COMPARED_LINES: usize = 100_000;
/// Best of so many runs; one of a million lines or more is long enough to be told once.
const RUNS: usize = 9;

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

/// Loads once and prints what that took.
fn load(shape: &Shape, lines: usize) {
    let bytes = shape.text(lines);
    let dialplan = measured(|| dialplan::load(b"extensions.conf", bytes, &mut Nothing));
    assert!(!dialplan.is_refused, "{:?}", dialplan.messages.last());
    // The memory goes with the process.
    std::mem::forget(dialplan);
}
