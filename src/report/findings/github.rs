//! Findings as workflow commands, which GitHub shows beside the changed lines.
//!
//! See "Workflow commands" in GitHub's documentation; what is escaped is what the runner turns
//! back.

use super::{
    Report,
    path::{on_one_line, relative},
};
use ivrkit_dialplan::diagnostic::Severity;
use std::io;

/// Writes one command a line.
pub(super) fn write(out: &mut impl io::Write, report: &Report<'_>) -> io::Result<()> {
    for finding in report.findings {
        let command = match finding.severity {
            Severity::Error => "error",
            Severity::Warning => "warning",
            Severity::Hint => "notice",
        };
        let path = relative(finding.path(), report.folder);
        let file = property(&path.to_string_lossy());
        let (line, end_line) = (finding.place.line, finding.place.end_line);
        write!(out, "::{command} file={file},line={line},endLine={end_line}")?;
        // GitHub takes columns of one line only.
        if line == end_line {
            let (column, end) = (finding.place.column, finding.place.end_column);
            write!(out, ",col={column},endColumn={end}")?;
        }
        let title = property(&format!("{} {}", finding.rule.code, finding.rule.name));
        write!(out, ",title={title}::{}", data(&on_one_line(&finding.message)))?;
        match &finding.help {
            Some(help) => writeln!(out, "%0A{}", data(&on_one_line(help)))?,
            None => writeln!(out)?,
        }
    }
    Ok(())
}

fn data(text: &str) -> String {
    text.replace('%', "%25").replace('\r', "%0D").replace('\n', "%0A")
}

fn property(text: &str) -> String {
    data(text).replace(':', "%3A").replace(',', "%2C")
}
