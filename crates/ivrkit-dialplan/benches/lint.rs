//! How long it takes to lint dialplans of many shapes with all rules, and how much memory.
//!
//! `cargo bench -p ivrkit-dialplan --bench lint -- [SHAPE...] [LINES...]` prints for each shape and
//! number of lines the CPU time of reading and linting on one core, the time for each line and the
//! peak of memory; for 100,000 lines also what `ivrkit lint --enable all --format json` and
//! asterisklint take as processes. Those are found by `IVRKIT` and `IVRKIT_ASTERISKLINT`, or on
//! `PATH`. The bar: 100,000 lines in under 150 ms and 100 MB, and the same time for each line of a
//! million.

#![expect(clippy::disallowed_types, clippy::disallowed_methods, reason = "a benchmark runs things")]

#[path = "load/bench.rs"]
mod bench;
#[path = "load/measure.rs"]
mod measure;
#[path = "load/shapes.rs"]
mod shapes;

use bench::Bench;
use ivrkit_dialplan::{
    lint::{self, Group, Level, Settings},
    syntax::Nothing,
};
use measure::measured;
use shapes::Shape;

fn main() {
    let command = &["lint", "--enable", "all", "--format", "json"];
    Bench { work: lint, runs: 5, command }.main();
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
