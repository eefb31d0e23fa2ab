//! Findings as a JSON array, for scripts: see the `Serialize` of [`crate::lint::LocatedFinding`].

use super::Report;
use std::io;

/// Writes the array, one finding a line, and a newline.
pub(super) fn write(out: &mut impl io::Write, report: &Report<'_>) -> io::Result<()> {
    out.write_all(b"[")?;
    for (number, finding) in report.findings.iter().enumerate() {
        out.write_all(if number == 0 { b"\n" } else { b",\n" })?;
        serde_json::to_writer(&mut *out, finding)?;
    }
    out.write_all(if report.findings.is_empty() { b"]\n" } else { b"\n]\n" })
}
