//! Which priorities no test reached: for people, and as LCOV, which CI servers show.

use crate::test_run::{Coverage, Step};
use std::{collections::BTreeMap, io};

/// Writes the priorities that were not reached, each with its place, and how many were.
///
/// # Errors
/// Those of `out`.
pub fn write_missed(out: &mut impl io::Write, coverage: &Coverage) -> io::Result<()> {
    for (name, file) in &coverage.files {
        for step in file.steps.iter().filter(|step| step.hits == 0) {
            writeln!(
                out,
                "{name}:{}: never reached: {} {}",
                step.line, step.name, step.application
            )?;
        }
    }
    let (reached, all) = coverage.counts();
    // Never rounded up to 100: that is for all.
    let percent = (coverage.percent() * 10.0).floor() / 10.0;
    writeln!(out, "{reached} of {all} priorities reached, {percent:.1} %")
}

/// Writes the coverage as LCOV: a line is reached if all of its priorities are.
///
/// # Errors
/// Those of `out`.
pub fn write_lcov(out: &mut impl io::Write, coverage: &Coverage) -> io::Result<()> {
    for (name, file) in &coverage.files {
        let mut lines: BTreeMap<usize, u64> = BTreeMap::new();
        for Step { line, hits, .. } in &file.steps {
            let known = lines.entry(*line).or_insert(*hits);
            *known = (*known).min(*hits);
        }
        writeln!(out, "TN:ivrkit\nSF:{name}")?;
        for (line, hits) in &lines {
            writeln!(out, "DA:{line},{hits}")?;
        }
        let reached = lines.values().filter(|&&hits| hits > 0).count();
        writeln!(out, "LF:{}\nLH:{reached}\nend_of_record", lines.len())?;
    }
    Ok(())
}
