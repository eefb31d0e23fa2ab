//! Findings as GitLab's code quality report, shown in merge requests.
//!
//! The fields are those of "Code Quality report format" in GitLab's documentation. GitLab compares
//! two reports by their fingerprints, so these must stay when lines move.

use super::{Report, path::relative};
use crate::lint::{LocatedFinding, fingerprints};
use ivrkit_dialplan::diagnostic::Severity;
use serde_json::{Value, json};
use std::{io, os::unix::ffi::OsStrExt as _};

/// Writes the JSON array and a newline.
pub(super) fn write(out: &mut impl io::Write, report: &Report<'_>) -> io::Result<()> {
    let name =
        |path: &std::path::Path| relative(path, report.folder).into_os_string().as_bytes().to_vec();
    let fingerprints = fingerprints(report.findings, name);
    let issues = report.findings.iter().zip(&fingerprints);
    let issues: Vec<_> = issues.map(|(one, fingerprint)| issue(one, fingerprint, report)).collect();
    serde_json::to_writer_pretty(&mut *out, &issues)?;
    writeln!(out)
}

fn issue(finding: &LocatedFinding, fingerprint: &str, report: &Report<'_>) -> Value {
    let severity = match finding.severity {
        Severity::Error => "major",
        Severity::Warning => "minor",
        Severity::Hint => "info",
    };
    let path = relative(finding.path(), report.folder);
    json!({
        "description": finding.message,
        "check_name": finding.rule.name,
        "fingerprint": fingerprint,
        "severity": severity,
        "location": {
            "path": path.to_string_lossy(),
            "lines": { "begin": finding.place.line, "end": finding.place.end_line },
        },
    })
}
