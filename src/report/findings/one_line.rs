//! Findings one a line, as compilers are asked to write them for editors.

use super::{
    Report,
    path::{on_one_line, shown},
};
use crate::lint::severity_name;
use std::io;

/// Writes `file:line:column: severity[code rule]: message` for each.
pub(super) fn write(out: &mut impl io::Write, report: &Report<'_>) -> io::Result<()> {
    for finding in report.findings {
        let (file, severity) = (shown(finding.path()), severity_name(finding.severity));
        let (line, column) = (finding.place.line, finding.place.column);
        let (code, rule) = (finding.rule.code, finding.rule.name);
        let message = on_one_line(&finding.message);
        writeln!(out, "{file}:{line}:{column}: {severity}[{code} {rule}]: {message}")?;
    }
    Ok(())
}
