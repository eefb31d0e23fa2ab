//! The one way in which this room is tested: a scenario with its findings written into it.
//!
//! Under the line in which something is to be found stands a comment, with carets under the place:
//!
//! ```yaml
//! on_timeout: 101
//! #           ^^^ error[unknown-ivr]: there is no IVR `101`
//! #           ^^^ help: did you mean `100`?
//! ```
//!
//! `#^^^` points at the first column. The message may be left out or cut short; each finding needs
//! its line, and each line its finding. A `help` line belongs to the finding above it or, alone, to
//! any finding at its place, whose line may then be missing.

use super::{CODES, Reading, read};
use crate::{diagnostic::Severity, source::Source};
use std::fmt::Write as _;

/// Sections that a test leaves out; together they are a scenario without findings.
const SECTIONS: [(&str, &str); 8] = [
    ("ivrkit", "1"),
    ("name", "test"),
    ("language", "en"),
    ("profile", "yeastar-s"),
    ("calls", "{ outbound: 100 }"),
    ("media", "{ root: /tmp/media/networkdisk1, source: prompts }"),
    ("prompts", "{ welcome: {} }"),
    ("ivrs", "{ 100: { prompts: [welcome] } }"),
];

/// Reads a snippet, with the sections that it does not have, and compares the findings with those
/// that are written in it.
pub(super) fn check(snippet: &str) -> Reading {
    let mut text = snippet.to_owned();
    let has = |section: &str| {
        snippet
            .lines()
            .any(|line| line.strip_prefix(section).is_some_and(|rest| rest.starts_with(':')))
    };
    for (section, value) in SECTIONS {
        if !has(section) {
            writeln!(text, "{section}: {value}").expect("a String takes all");
        }
    }
    check_whole(&text)
}

/// The same for a text that is to be read as it stands.
pub(super) fn check_whole(text: &str) -> Reading {
    let reading = read(Source::new("test.yaml", text));
    let mut found: Vec<Found> =
        reading.diagnostics.iter().map(|one| Found::new(one, &reading)).collect();
    let mut complaints = Vec::new();
    for expected in expectations(text) {
        let matching = |one: &Found| one.matches(&expected);
        match found.iter_mut().find(|one| matching(one)) {
            Some(one) => one.expected = true,
            None => complaints.push(format!("not found: {expected:?}")),
        }
    }
    let surprises = found.iter().filter(|one| !one.expected);
    complaints.extend(surprises.map(|one| format!("found and not expected: {one:?}")));
    assert!(complaints.is_empty(), "{}\nin\n{text}", complaints.join("\n"));
    reading
}

#[derive(Debug)]
struct Found {
    line: usize,
    column: usize,
    end_column: usize,
    text: String,
    help: String,
    expected: bool,
}

#[derive(Debug)]
struct Expected {
    line: usize,
    column: usize,
    end_column: usize,
    text: String,
}

impl Found {
    fn new(finding: &crate::diagnostic::Diagnostic, reading: &Reading) -> Self {
        assert!(CODES.contains(&finding.code), "`{}` is not in the list of codes", finding.code);
        let at = finding.located(&reading.source);
        assert_eq!(at.line, at.end_line, "a finding points at one line: {finding:?}");
        let severity = match finding.severity {
            Severity::Error => "error",
            Severity::Warning => "warning",
        };
        Self {
            line: at.line,
            column: at.column,
            end_column: at.end_column,
            text: format!("{severity}[{}]: {}", finding.code, finding.message),
            help: format!("help: {}", finding.help.as_deref().unwrap_or_default()),
            expected: false,
        }
    }

    fn matches(&self, expected: &Expected) -> bool {
        (self.line, self.column, self.end_column)
            == (expected.line, expected.column, expected.end_column)
            && (self.text.starts_with(&expected.text) || self.help.starts_with(&expected.text))
    }
}

/// The comments with carets, each with the line above that is no such comment.
fn expectations(text: &str) -> Vec<Expected> {
    let mut expectations = Vec::new();
    let mut above = 0;
    for (at, line) in text.lines().enumerate() {
        let Some(expected) = expectation(line, above) else {
            above = at + 1;
            continue;
        };
        expectations.push(expected);
    }
    expectations
}

fn expectation(line: &str, above: usize) -> Option<Expected> {
    let comment = line.strip_prefix('#')?;
    let spaces = comment.len() - comment.trim_start_matches(' ').len();
    let carets = comment.trim_start_matches(' ').bytes().take_while(|&byte| byte == b'^').count();
    if carets == 0 {
        return None;
    }
    // `#^^^` stands for the first column, where `#` itself is.
    let (column, length) = if spaces == 0 { (1, carets + 1) } else { (spaces + 2, carets) };
    let text = comment[spaces + carets..].trim().to_owned();
    Some(Expected { line: above, column, end_column: column + length, text })
}

/// The sections are sound without a snippet, or every test would be wrong.
#[test]
fn the_sections_have_no_findings() {
    assert!(check("").scenario.is_some());
}
