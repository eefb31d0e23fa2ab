//! Findings as a JSON array, for scripts: see the `Serialize` of [`crate::lint::LocatedFinding`].

use super::Report;
use std::io;

/// So many bytes are written at once.
const PART_BYTES: usize = 64 << 10;

/// Writes the array, one finding a line, and a newline.
pub(super) fn write(out: &mut impl io::Write, report: &Report<'_>) -> io::Result<()> {
    // A buffer of our own takes the many short pieces sooner than a writer does.
    let mut buffer = b"[".to_vec();
    for (number, finding) in report.findings.iter().enumerate() {
        buffer.extend_from_slice(if number == 0 { b"\n" } else { b",\n" });
        serde_json::to_writer(&mut buffer, finding)?;
        if buffer.len() >= PART_BYTES {
            out.write_all(&buffer)?;
            buffer.clear();
        }
    }
    out.write_all(&buffer)?;
    out.write_all(if report.findings.is_empty() { b"]\n" } else { b"\n]\n" })
}
