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
use crate::{
    diagnostic::{Diagnostic, Severity},
    source::Source,
};
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
    fn new(finding: &Diagnostic, reading: &Reading) -> Self {
        assert!(CODES.contains(&finding.code), "`{}` is not in the list of codes", finding.code);
        let at = finding.located(&reading.source);
        assert_eq!(at.line, at.end_line, "a finding points at one line: {finding:?}");
        let severity = match finding.severity {
            Severity::Error => "error",
            Severity::Warning => "warning",
            Severity::Hint => "hint",
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

const SHIPPED: &str = include_str!("../../../../scenarios/driving-test.yaml");

#[test]
fn the_shipped_scenario_has_no_findings() {
    let reading = check_whole(SHIPPED);
    let scenario = reading.scenario.expect("no finding, so a scenario");
    let numbers: Vec<_> = scenario.ivrs.keys().map(ToString::to_string).collect();
    assert_eq!(numbers, ["6500", "6501", "6502", "6503"]);
    assert_eq!(scenario.ivrs["6501"].entry, scenario.ivrs["6503"].entry);
}

#[test]
fn the_schema_accepts_the_shipped_scenario() {
    let schema = super::schema().to_value();
    let scenario: serde_json::Value = serde_yaml::from_str(SHIPPED).unwrap();
    let validator = jsonschema::draft202012::new(&schema).unwrap();
    let errors: Vec<_> = validator.iter_errors(&scenario).map(|error| error.to_string()).collect();
    assert_eq!(errors, Vec::<String>::new());
}

#[test]
fn all_mistakes_are_found_in_one_run() {
    check(
        r"
calls:
  outbound: 100
  inbund: 100
# ^^^^^^ error[unknown-key]
prompts:
  welcome: {}
  ok.wav: {}
# ^^^^^^ error[prompt-name]
ivrs:
  100:
    prompts: [welcome, missing]
#                      ^^^^^^^ error[unknown-prompt]
    plays: three
#          ^^^^^ error[wrong-type]
    keys: { 1: 999, 12: 100 }
#           ^ error[keys-wait]
#              ^^^ error[unknown-ivr]
    on_timeout: 101
#               ^^^ error[endless-loop]
  101: { prompts: [ok.wav], on_timeout: 100 }
  102: { prompts: [welcome] }
# ^^^ error[unreachable-ivr]
",
    );
}

mod properties {
    use super::*;
    use proptest::prelude::*;

    /// Whatever the text: reading ends without a panic, its findings are well-formed, and there is a
    /// scenario exactly if no finding is an error.
    fn holds(text: &str) {
        let reading = read(Source::new("test.yaml", text));
        let is_error = |finding: &Diagnostic| finding.severity == Severity::Error;
        assert_eq!(reading.scenario.is_none(), reading.diagnostics.iter().any(is_error), "{text}");
        for finding in &reading.diagnostics {
            assert!(text.get(finding.span.range()).is_some(), "{finding:?}");
            assert!(!text[finding.span.range()].contains('\n'), "{finding:?}");
            assert!(!finding.message.contains(char::is_control), "{finding:?}");
            assert!(!finding.message.starts_with("this is not a scenario"), "{finding:?}\n{text}");
            assert!(CODES.contains(&finding.code), "{finding:?}");
        }
    }

    /// A change of a text: what is at a place is replaced.
    #[derive(Debug, Clone)]
    struct Change {
        at: prop::sample::Index,
        length: usize,
        with: String,
    }

    fn change() -> impl Strategy<Value = Change> {
        let words = prop::sample::select(vec![
            "",
            " ",
            "\n",
            "\n  ",
            ":",
            ": ",
            "- ",
            "[",
            "]",
            "{",
            "}",
            "#",
            "\"",
            "'",
            "&a ",
            "*a",
            "*code",
            "|\n",
            "~",
            "null",
            "true",
            "-1",
            "0650",
            "6500.0",
            "1e3",
            "0x1F",
            ".inf",
            "99999999999999999999",
            "replay",
            "hangup",
            "6501",
            "<<",
            "!!str ",
            "---\n",
            "\t",
            "\r",
            "\u{feff}",
            "\0",
            "验",
            "\u{2028}",
        ]);
        let with = prop_oneof![4 => words.prop_map(str::to_owned), 1 => "\\PC{0,6}"];
        (any::<prop::sample::Index>(), 0_usize..12, with).prop_map(|(at, length, with)| Change {
            at,
            length,
            with,
        })
    }

    fn changed(text: &str, changes: &[Change]) -> String {
        let mut characters: Vec<char> = text.chars().collect();
        for change in changes {
            let at = change.at.index(characters.len() + 1);
            let end = (at + change.length).min(characters.len());
            characters.splice(at..end, change.with.chars());
        }
        characters.into_iter().collect()
    }

    proptest! {
        #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

        #[test]
        fn any_text_can_be_read(text in "\\PC{0,200}") {
            holds(&text);
        }

        #[test]
        fn any_arrangement_of_yaml_can_be_read(
            text in "([a-c*&!|>'\"\\[\\]{}:,?#~0-9 -]|\n|\n  |: |- |\t|\r\n|&a |\\*a){0,120}",
        ) {
            holds(&text);
        }

        #[test]
        fn any_change_of_the_shipped_scenario_can_be_read(
            changes in prop::collection::vec(change(), 1..6),
        ) {
            holds(&changed(SHIPPED, &changes));
        }

        #[test]
        fn any_value_in_place_of_any_other_can_be_read(
            line in any::<prop::sample::Index>(),
            value in prop::sample::select(vec![
                "", "~", "[]", "{}", "[a]", "{ a: b }", "-1", "0", "7", "0650", "6500.0", "6500.5",
                "1e3", "-0.0", "0x1", "0o7", ".inf", ".nan", "99999999999999999999", "yes", "true",
                "'x'", "replay", "hangup", "\"\\e[31m\"", "[[[[]]]]", "|\n      text",
            ]),
        ) {
            let lines: Vec<&str> = SHIPPED.lines().collect();
            let at = line.index(lines.len());
            let replaced = lines[at].split_once(": ").map(|(key, _)| format!("{key}: {value}"));
            let mut text: Vec<String> = lines.iter().map(ToString::to_string).collect();
            text[at] = replaced.unwrap_or_else(|| lines[at].to_owned());
            holds(&text.join("\n"));
        }
    }
}
