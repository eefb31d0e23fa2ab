//! Findings as `JUnit` XML, which every CI server shows: a suite for each file, a failed case for
//! each finding, and a passed one for a file without any.

use super::{
    Report,
    path::{on_one_line, relative},
};
use crate::lint::{LocatedFinding, severity_name};
use quick_xml::{
    Writer,
    events::{BytesDecl, BytesText, Event},
};
use std::{collections::BTreeMap, io, path::Path};

/// Writes the document and a newline.
pub(super) fn write(out: &mut impl io::Write, report: &Report<'_>) -> io::Result<()> {
    let mut files: BTreeMap<&Path, Vec<&LocatedFinding>> =
        report.checked.iter().map(|&path| (path, Vec::new())).collect();
    for finding in report.findings {
        files.entry(finding.path()).or_default().push(finding);
    }
    let failures = report.findings.len();
    let passed = files.values().filter(|findings| findings.is_empty()).count();
    let mut xml = Writer::new_with_indent(&mut *out, b' ', 2);
    xml.write_event(Event::Decl(BytesDecl::new("1.0", Some("UTF-8"), None)))?;
    let counts = counts(failures + passed, failures);
    let suites = xml.create_element("testsuites").with_attribute(("name", "ivrkit lint"));
    suites.with_attributes(pairs(&counts)).write_inner_content(|xml| {
        files.iter().try_for_each(|(path, findings)| {
            suite(xml, &relative(path, report.folder).to_string_lossy(), findings)
        })
    })?;
    writeln!(out)
}

fn suite<W: io::Write>(
    xml: &mut Writer<W>,
    file: &str,
    findings: &[&LocatedFinding],
) -> io::Result<()> {
    let file = &shown(file);
    let counts = counts(findings.len().max(1), findings.len());
    let suite = xml.create_element("testsuite").with_attribute(("name", file.as_str()));
    suite.with_attributes(pairs(&counts)).write_inner_content(|xml| {
        if findings.is_empty() {
            let case = xml.create_element("testcase").with_attribute(("name", "lint"));
            case.with_attribute(("classname", file.as_str())).write_empty()?;
        }
        findings.iter().try_for_each(|finding| case(xml, file, finding))
    })?;
    Ok(())
}

fn case<W: io::Write>(xml: &mut Writer<W>, file: &str, finding: &LocatedFinding) -> io::Result<()> {
    let (line, column) = (finding.place.line, finding.place.column);
    let name = format!("{} {} {line}:{column}", finding.rule.code, finding.rule.name);
    let message = shown(&finding.message);
    let help = finding.help.as_deref().map(shown);
    let body = format!("{file}:{line}:{column}: {message}\n{}", help.unwrap_or_default());
    let case = xml.create_element("testcase").with_attribute(("name", name.as_str()));
    case.with_attribute(("classname", file)).write_inner_content(|xml| {
        let failure = xml.create_element("failure");
        let failure = failure.with_attribute(("type", severity_name(finding.severity)));
        let failure = failure.with_attribute(("message", message.as_str()));
        failure.write_text_content(BytesText::new(body.trim_end()))?;
        Ok(())
    })?;
    Ok(())
}

fn counts(tests: usize, failures: usize) -> [(&'static str, String); 3] {
    [("tests", tests.to_string()), ("failures", failures.to_string()), ("errors", "0".to_owned())]
}

fn pairs<'a>(counts: &'a [(&'static str, String); 3]) -> impl Iterator<Item = (&'a str, &'a str)> {
    counts.iter().map(|(name, value)| (*name, value.as_str()))
}

/// A text of characters that XML 1.0 can hold, on one line.
fn shown(text: &str) -> String {
    on_one_line(text).replace(['\u{fffe}', '\u{ffff}'], "\u{fffd}")
}
