//! Findings as a JSON array, for scripts: see the `Serialize` of [`crate::lint::LocatedFinding`].

use super::Report;
use crate::lint::LocatedFinding;
use rayon::prelude::*;
use std::io;

/// So many findings are put into words by one core in one go.
const PART: usize = 128;
/// So many are put into words before they are written: a megabyte or two.
const BATCH: usize = 4_096;

/// Writes the array, one finding a line, and a newline.
pub(super) fn write(out: &mut impl io::Write, report: &Report<'_>) -> io::Result<()> {
    out.write_all(b"[")?;
    let mut separator = "\n";
    for findings in report.findings.chunks(BATCH) {
        let parts = findings.par_chunks(PART).map(lines).collect::<io::Result<Vec<_>>>()?;
        for part in parts {
            out.write_all(separator.as_bytes())?;
            out.write_all(&part)?;
            separator = ",\n";
        }
    }
    out.write_all(if report.findings.is_empty() { b"]\n" } else { b"\n]\n" })
}

/// Some findings, a comma and a newline between them.
fn lines(findings: &[LocatedFinding]) -> io::Result<Vec<u8>> {
    let mut lines = Vec::new();
    for (number, finding) in findings.iter().enumerate() {
        if number > 0 {
            lines.extend_from_slice(b",\n");
        }
        serde_json::to_writer(&mut lines, finding)?;
    }
    Ok(lines)
}
