//! How rules are tested: the expectation stands in the dialplan, below what it is about.
//!
//! ```text
//! exten => 1,1,Set (X=1)
//!                 ^ there is no application `Set `: the call ends here
//! ```
//! Carets mark the place, the message follows; a place without width has one caret. Only the rule
//! under test looks, and anything it finds beside what is marked fails the test. The text may be
//! indented as a whole. A line `//- name.conf` begins another file that `#include` finds.

use super::{Finding, Level, Reading, Rule, Settings, read, rules};
use crate::syntax::{Contents, Found, Lines, Provider};
use std::{fmt::Write as _, sync::Arc};

/// The rule finds what is marked, and nothing else.
#[track_caller]
pub(crate) fn check(rule: &'static Rule, annotated: &str) {
    check_with(&Settings::default(), rule, annotated);
}

/// The rule finds what is marked under these settings, and nothing else.
#[track_caller]
pub(crate) fn check_with(settings: &Settings, rule: &'static Rule, annotated: &str) {
    let annotated = unindented(annotated);
    let clean: Vec<_> = annotated.lines().filter(|line| !is_annotation(line)).collect();
    let files = Files::new(&clean.join("\n"));
    let reading = files.read();
    let found = lint(&reading, settings, rule);
    assert_eq!(marked(&files, &reading, &found), annotated, "left: found, right: expected");
}

/// The fixes of what the rule finds turn the one text into the other, on which it finds nothing
/// more.
#[track_caller]
pub(crate) fn check_fix(rule: &'static Rule, before: &str, after: &str) {
    let (before, after) = (unindented(before), unindented(after));
    let reading = Files::new(&before).read();
    let settings = Settings::default();
    let fixed = fixed(&reading, &lint(&reading, &settings, rule));
    assert_eq!(String::from_utf8_lossy(&fixed), after);
    let again = Files::new(&after).read();
    let left = lint(&again, &settings, rule);
    assert!(left.is_empty(), "the fix leaves {left:?}");
}

/// For rules that look at bytes: each finding as `line:column message`, and the text after fixes.
#[track_caller]
pub(crate) fn check_bytes(rule: &'static Rule, bytes: &[u8], expected: &[&str], after: &[u8]) {
    let reading = Files { all: vec![("extensions.conf".into(), bytes.to_vec())] }.read();
    let found = lint(&reading, &Settings::default(), rule);
    let mut lines = Lines::new(&reading.dialplan.files);
    let shown = found.iter().map(|finding| {
        let at = lines.excerpt(finding.place);
        format!("{}:{} {}", at.line, at.column(), finding.message)
    });
    assert_eq!(shown.collect::<Vec<_>>(), expected);
    assert_eq!(
        fixed(&reading, &found).escape_ascii().to_string(),
        after.escape_ascii().to_string()
    );
}

/// What the rule says of a text whose `#include`s all find these.
#[track_caller]
pub(crate) fn check_contents(
    rule: &'static Rule,
    text: &str,
    contents: &[Contents],
    expected: &[&str],
) {
    struct Everywhere<'a>(&'a [Contents]);
    impl Provider for Everywhere<'_> {
        fn find(&mut self, name: &[u8]) -> Vec<Found> {
            let numbered = (0..).zip(self.0.iter().cloned());
            let path = |number: u32| match number {
                0 => name.to_vec(),
                number => [name, number.to_string().as_bytes()].concat(),
            };
            numbered.map(|(number, contents)| Found { path: path(number), contents }).collect()
        }
    }
    let reading = read(b"extensions.conf", text.into(), &mut Everywhere(contents));
    let found = lint(&reading, &Settings::default(), rule);
    let messages: Vec<_> = found.iter().map(|finding| finding.message.as_ref()).collect();
    assert_eq!(messages, expected);
}

/// What the rule says of a text whose `#include`s all find these files.
#[track_caller]
pub(crate) fn check_wildcard(rule: &'static Rule, text: &str, files: &[&str], expected: &[&str]) {
    let file = |text: &&str| Contents::File(Arc::new(text.as_bytes().to_vec()));
    check_contents(rule, text, &files.iter().map(file).collect::<Vec<_>>(), expected);
}

struct Files {
    all: Vec<(String, Vec<u8>)>,
}

impl Files {
    fn new(text: &str) -> Self {
        let mut all = vec![("extensions.conf".to_owned(), Vec::new())];
        for line in text.split_inclusive('\n') {
            if let Some(name) = line.strip_prefix("//- ") {
                all.push((name.trim().to_owned(), Vec::new()));
            } else {
                all.last_mut().expect("there is a first").1.extend(line.as_bytes());
            }
        }
        Self { all }
    }

    fn read(&self) -> Reading {
        let (name, bytes) = &self.all[0];
        read(name.as_bytes(), bytes.clone(), &mut Others(&self.all))
    }
}

struct Others<'a>(&'a [(String, Vec<u8>)]);

impl Provider for Others<'_> {
    fn find(&mut self, name: &[u8]) -> Vec<Found> {
        let named = self.0.iter().filter(|(known, _)| known.as_bytes() == name);
        named
            .map(|(name, bytes)| Found {
                path: name.clone().into_bytes(),
                contents: Contents::File(Arc::new(bytes.clone())),
            })
            .collect()
    }
}

fn lint(reading: &Reading, settings: &Settings, rule: &'static Rule) -> Vec<Finding> {
    assert!(rules::find(rule.name).is_some(), "{} is not in the list of its group", rule.name);
    let mut settings = settings.clone();
    for other in rules::ALL.iter() {
        let level = if other.name == rule.name { Level::On } else { Level::Off };
        settings.levels.insert(other.name.to_owned(), level);
    }
    reading.lint(&settings)
}

/// The files with marks below what was found.
fn marked(files: &Files, reading: &Reading, found: &[Finding]) -> String {
    let mut lines = Lines::new(&reading.dialplan.files);
    let mut marks = Vec::new();
    for finding in found {
        let at = lines.excerpt(finding.place);
        let name = String::from_utf8_lossy(at.file).into_owned();
        let (from, to) = (at.column(), at.end_column());
        let carets = "^".repeat((to - from).max(1));
        let mark = format!("{}{carets} {}", " ".repeat(from - 1), finding.message);
        marks.push((name, at.line, mark));
    }
    let mut out = String::new();
    for (number, (name, bytes)) in files.all.iter().enumerate() {
        if number > 0 {
            writeln!(out, "//- {name}").expect("a string takes all");
        }
        let text = String::from_utf8_lossy(bytes);
        for (line, text) in (1..).zip(text.lines()) {
            writeln!(out, "{text}").expect("a string takes all");
            for (_, _, mark) in marks.iter().filter(|mark| mark.0 == *name && mark.1 == line) {
                writeln!(out, "{mark}").expect("a string takes all");
            }
        }
    }
    out
}

/// The main file with all fixes made.
fn fixed(reading: &Reading, found: &[Finding]) -> Vec<u8> {
    let mut bytes = reading.dialplan.files.file(0).bytes.as_ref().clone();
    let fixes = found.iter().filter_map(|finding| finding.fix.as_ref());
    let mut edits: Vec<_> = fixes.flat_map(|fix| &fix.edits).collect();
    edits.sort_by_key(|edit| std::cmp::Reverse(edit.place));
    edits.dedup();
    for edit in edits {
        let range = edit.place.start as usize..edit.place.end as usize;
        bytes.splice(range, edit.text.iter().copied());
    }
    bytes
}

fn is_annotation(line: &str) -> bool {
    line.trim_start().starts_with('^')
}

/// Without the indentation of the first line and the empty lines at both ends.
fn unindented(text: &str) -> String {
    let text = text.trim_start_matches('\n').trim_end_matches([' ', '\n']);
    let indent = text.len() - text.trim_start_matches(' ').len();
    let lines = text.lines().map(|line| {
        let blanks = line.len() - line.trim_start_matches(' ').len();
        &line[blanks.min(indent)..]
    });
    lines.fold(String::new(), |text, line| text + line + "\n")
}
