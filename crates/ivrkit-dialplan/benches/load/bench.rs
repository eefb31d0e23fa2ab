//! A benchmark over shapes: its command line, its table, and what other programs take.
//!
//! CPU time counts, for it hardly depends on what else a machine does. Each run is measured in a
//! process of its own, for a peak belongs to a process.

use super::{
    measure::{Cost, best, process, program},
    shapes::{SHAPES, Shape},
};
use std::{env, fs, path::Path, process::exit};

/// What is measured.
pub(crate) struct Bench {
    /// Does it once, with a shape of so many lines, and prints what that took.
    pub(crate) work: fn(&Shape, usize),
    /// Best of so many runs; one of a million lines or more is long enough to be told once.
    pub(crate) runs: usize,
    /// What `ivrkit` is given before a file to do the same.
    pub(crate) command: &'static [&'static str],
}

/// How many lines there are unless numbers are given.
const LINES: [usize; 3] = [10_000, 100_000, 1_000_000];
/// For so many lines other programs are run too.
const COMPARED_LINES: usize = 100_000;

impl Bench {
    /// Does what the command line asks for.
    pub(crate) fn main(&self) {
        let arguments: Vec<String> = env::args().skip(1).filter(|one| one != "--bench").collect();
        let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
        match arguments.as_slice() {
            ["--once", shape, lines] => {
                (self.work)(named(shape), lines.parse().expect("a number of lines"));
            }
            ["--process", command @ ..] => process(command),
            wanted => self.report(wanted),
        }
    }

    fn report(&self, wanted: &[&str]) {
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
                self.row(shape, lines);
                if lines == COMPARED_LINES {
                    self.compare(shape, ivrkit.as_deref(), asterisklint.as_deref());
                }
            }
        }
    }

    fn row(&self, shape: &Shape, lines: usize) {
        let runs = if lines < 1_000_000 { self.runs } else { 1 };
        let own = best(runs, &["--once", shape.name, &lines.to_string()]);
        let Some(Cost { cpu_ms, peak_mb }) = own else { exit(1) };
        #[expect(clippy::cast_precision_loss, reason = "lines are counted in millions")]
        let line_ns = cpu_ms * 1e6 / lines as f64;
        println!("{:>20} {lines:>9} {cpu_ms:>10.1} {line_ns:>9.0} {peak_mb:>8.1}", shape.name);
    }

    /// Runs programs over a file.
    fn compare(&self, shape: &Shape, ivrkit: Option<&Path>, asterisklint: Option<&Path>) {
        let folder = env::temp_dir().join(format!("ivrkit-bench-{}", std::process::id()));
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
        let own = run(ivrkit, self.command, self.runs);
        let other = run(asterisklint, &["dialplan-check"], 1);
        let own_name = format!("ivrkit {}", self.command[0]);
        for (name, cost) in [(own_name.as_str(), own), ("asterisklint", other)] {
            if let Some(Cost { cpu_ms, peak_mb }) = cost {
                println!("{:>20} {name:>9} {cpu_ms:>8.1} {:>9} {peak_mb:>8.1}", "", "");
            }
        }
        if let (Some(own), Some(other)) = (own, other) {
            let (time, memory) = (other.cpu_ms / own.cpu_ms, other.peak_mb / own.peak_mb);
            println!(
                "{:>20} asterisklint takes {time:.0} times the time, {memory:.1} the memory",
                ""
            );
        }
        fs::remove_dir_all(&folder).expect("a temporary folder can be removed");
    }
}

fn named(name: &str) -> &'static Shape {
    SHAPES.iter().find(|shape| shape.name == name).unwrap_or_else(|| {
        let names: Vec<&str> = SHAPES.iter().map(|shape| shape.name).collect();
        eprintln!("no shape `{name}`; there are: {}", names.join(", "));
        exit(2)
    })
}
