//! How long it takes to load dialplans of many shapes and sizes, and how much memory.
//!
//! `cargo bench -p ivrkit-dialplan --bench load -- [SHAPE...] [LINES...]` prints for each shape and
//! number of lines the CPU time, the time for each line, and the peak of memory; for 100,000 lines
//! also what `ivrkit show --format json` and asterisklint take as processes. Those are found by
//! `IVRKIT` and `IVRKIT_ASTERISKLINT`, or on `PATH`. The bar: 100,000 lines in under 60 ms and
//! 60 MB, and the same time for each line up to ten million.

#![expect(clippy::disallowed_types, clippy::disallowed_methods, reason = "a benchmark runs things")]

#[path = "load/bench.rs"]
mod bench;
#[path = "load/measure.rs"]
mod measure;
#[path = "load/shapes.rs"]
mod shapes;

use bench::Bench;
use ivrkit_dialplan::{dialplan, syntax::Nothing};
use measure::measured;
use shapes::Shape;

fn main() {
    Bench { work: load, runs: 9, command: &["show", "--format", "json"] }.main();
}

/// Loads once and prints what that took.
fn load(shape: &Shape, lines: usize) {
    let bytes = shape.text(lines);
    let dialplan = measured(|| dialplan::load(b"extensions.conf", bytes, &mut Nothing));
    assert!(!dialplan.is_refused, "{:?}", dialplan.messages.last());
    // The memory goes with the process.
    std::mem::forget(dialplan);
}
