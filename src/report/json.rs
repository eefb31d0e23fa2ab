//! Findings as one JSON object. Its fields are stable: others may be added, none is renamed.

use super::counts;
use ivrkit_dialplan::{diagnostic::Located, scenario::Reading};
use serde::Serialize;
use std::io;

#[derive(Serialize)]
struct Report<'a> {
    findings: Vec<Located<'a>>,
    errors: usize,
    warnings: usize,
}

/// Writes `{"findings": [...], "errors": n, "warnings": n}` and a newline.
///
/// # Errors
/// Those of `out`.
pub fn write_json(out: &mut impl io::Write, reading: &Reading) -> io::Result<()> {
    let (errors, warnings) = counts(reading);
    let findings = reading.diagnostics.iter().map(|one| one.located(&reading.source)).collect();
    serde_json::to_writer_pretty(&mut *out, &Report { findings, errors, warnings })?;
    writeln!(out)
}
