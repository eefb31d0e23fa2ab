//! Findings as SARIF 2.1.0, the OASIS standard that code scanning reads.
//!
//! Paths are relative references, so that the report holds no machine's folders. `{0}` and
//! `[text](1)` mean something in a message of SARIF; braces are left as they are, for readers such
//! as GitHub show a doubled one as two, and links are broken.

use super::{
    Report,
    path::{relative, uri},
};
use crate::lint::{Located, LocatedEdit, LocatedFinding, LocatedFix, fingerprints, safety_name};
use ivrkit_dialplan::{
    diagnostic::Severity,
    lint::{Group, Rule},
};
use serde_json::{Map, Value, json};
use std::{collections::BTreeMap, io, path::Path};

const SCHEMA: &str =
    "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json";

/// Writes one run and a newline.
pub(super) fn write(out: &mut impl io::Write, report: &Report<'_>) -> io::Result<()> {
    let used = report.findings.iter().map(|finding| (finding.rule.code, finding.rule));
    let used: BTreeMap<_, _> = used.collect();
    let rules: Vec<_> = used.values().map(|rule| descriptor(rule)).collect();
    let indices: BTreeMap<_, _> =
        used.keys().zip(0_usize..).map(|(code, at)| (*code, at)).collect();
    let name = |path: &Path| uri(&relative(path, report.folder)).into_bytes();
    let fingerprints = fingerprints(report.findings, name);
    let results = report.findings.iter().zip(fingerprints).map(|(finding, fingerprint)| {
        result(finding, &fingerprint, indices[finding.rule.code], report.folder)
    });
    let results: Vec<_> = results.collect();
    let log = json!({
        "$schema": SCHEMA,
        "version": "2.1.0",
        "runs": [{
            "tool": { "driver": {
                "name": "ivrkit",
                "semanticVersion": env!("CARGO_PKG_VERSION"),
                "informationUri": env!("CARGO_PKG_REPOSITORY"),
                "rules": rules,
            } },
            "columnKind": "unicodeCodePoints",
            "results": results,
        }],
    });
    serde_json::to_writer_pretty(&mut *out, &log)?;
    writeln!(out)
}

fn descriptor(rule: &Rule) -> Value {
    let page = page(rule);
    let first = page.lines().skip_while(|line| line.is_empty() || line.starts_with('#'));
    let first = first.take_while(|line| !line.is_empty()).collect::<Vec<_>>().join(" ");
    let mut properties = json!({
        "tags": [rule.group.name()],
        "precision": "high",
        "problem.severity": problem(rule.severity),
    });
    if rule.group == Group::Security {
        // GitHub shows it as "high": a caller can make the PBX do what its owner does not want.
        properties["security-severity"] = json!("8.0");
    }
    json!({
        "id": rule.code,
        "name": rule.name,
        "shortDescription": { "text": first },
        "help": { "text": page, "markdown": page },
        "defaultConfiguration": { "level": level(rule.severity) },
        "properties": properties,
    })
}

/// The manual page without the blank that a doc comment begins each line with.
fn page(rule: &Rule) -> String {
    let lines = rule.explanation.lines().map(|line| line.strip_prefix(' ').unwrap_or(line));
    lines.collect::<Vec<_>>().join("\n")
}

fn level(severity: Severity) -> &'static str {
    match severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
        Severity::Hint => "note",
    }
}

/// The words of GitHub for it.
fn problem(severity: Severity) -> &'static str {
    match severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
        Severity::Hint => "recommendation",
    }
}

fn result(finding: &LocatedFinding, fingerprint: &str, rule: usize, folder: &Path) -> Value {
    let message = match &finding.help {
        Some(help) => format!("{}: {help}", finding.message),
        None => finding.message.to_string(),
    };
    let mut result = json!({
        "ruleId": finding.rule.code,
        "ruleIndex": rule,
        "level": level(finding.severity),
        "message": text(&message),
        "locations": [{ "physicalLocation": location(&finding.place, folder) }],
        "partialFingerprints": { "ivrkitFinding/v1": fingerprint },
    });
    if !finding.notes.is_empty() {
        let notes = finding.notes.iter().map(|note| {
            json!({
                "physicalLocation": location(&note.place, folder),
                "message": text(&note.text),
            })
        });
        result["relatedLocations"] = notes.collect();
    }
    // A fix has changes, says the standard.
    if let Some(found) = finding.fix.as_ref().filter(|fix| !fix.edits.is_empty()) {
        result["fixes"] = json!([fix(found, folder)]);
    }
    result
}

fn text(text: &str) -> Value {
    json!({ "text": text.replace("](", "]\u{200b}(") })
}

fn location(place: &Located, folder: &Path) -> Value {
    json!({ "artifactLocation": artifact(&place.path, folder), "region": region(place) })
}

fn artifact(path: &Path, folder: &Path) -> Value {
    let path = relative(path, folder);
    let mut location = Map::new();
    location.insert("uri".to_owned(), uri(&path).into());
    if path.is_relative() {
        location.insert("uriBaseId".to_owned(), "%SRCROOT%".into());
    }
    location.into()
}

fn region(place: &Located) -> Value {
    json!({
        "startLine": place.line,
        "startColumn": place.column,
        "endLine": place.end_line,
        "endColumn": place.end_column,
    })
}

fn fix(fix: &LocatedFix, folder: &Path) -> Value {
    let mut files: BTreeMap<&Path, Vec<Value>> = BTreeMap::new();
    for edit in &fix.edits {
        files.entry(&edit.place.path).or_default().push(replacement(edit));
    }
    let changes = files.iter().map(|(path, replacements)| {
        json!({ "artifactLocation": artifact(path, folder), "replacements": replacements })
    });
    json!({
        "description": text(&fix.title),
        "artifactChanges": changes.collect::<Vec<_>>(),
        "properties": { "safety": safety_name(fix.safety) },
    })
}

fn replacement(edit: &LocatedEdit) -> Value {
    json!({ "deletedRegion": region(&edit.place), "insertedContent": { "text": edit.text } })
}
