//! Test files with their findings, and verdicts about small calls.

use super::{judge::Failure, read};
use crate::{
    application::Version, call::Pbx, dialplan, rehearsal::SoundLengths, scenario_test::World,
    source::Source, syntax::Nothing,
};
use std::sync::Arc;

const DIALPLAN: &str = "\
[menu]
exten => s,1,Set(TRIES=1)
same => n,Background(welcome)
same => n,UserEvent(Asked,Try: ${TRIES},Menu: main)
same => n,WaitExten(2)
exten => 1,1,Set(CHOICE=sales)
same => n,Playback(thanks)
same => n,Hangup()
exten => t,1,Playback(bye)
";

/// The findings in a test file, one on a line: line, column, code, message.
fn findings(text: &str) -> String {
    let reading = read(Source::new("menu.test.yaml", text));
    assert_eq!(reading.tests.is_some(), reading.diagnostics.is_empty(), "{text}");
    let lines = reading.diagnostics.iter().map(|finding| {
        let at = finding.located(&reading.source);
        format!("{}:{} {} {}\n", at.line, at.column, at.code, at.message)
    });
    lines.collect()
}

/// Runs the only test of a file whose `tests` are given, from `given` on.
fn failures(from_given: &str) -> Vec<Failure> {
    let text = format!(
        "ivrkit-test: 1\ndialplan: menu.conf\ndefaults:\n  given: {{ entry: 'menu,s', sound_s: 2 }}\n\
         tests:\n- name: the test\n{from_given}"
    );
    let reading = read(Source::new("menu.test.yaml", text.as_str()));
    let tests = reading.tests.unwrap_or_else(|| panic!("{}", findings(&text)));
    let dialplan = dialplan::load(b"menu.conf", DIALPLAN.into(), &mut Nothing);
    let pbx = Pbx::new(dialplan, Version::V22, Arc::new(SoundLengths::default()));
    let world = World { pbx: Arc::new(pbx), scenario: None };
    let case = tests.cases(None).remove(0);
    case.judge(&world, &case.run(&world))
}

fn check_findings(text: &str, expected: &str) {
    assert_eq!(findings(text), expected, "{text}");
}

fn check(test: &str, expected: &[&str]) {
    let failures = failures(test);
    let found: Vec<String> = failures
        .iter()
        .map(|failure| format!("{} {}: {}", failure.line, failure.expectation, failure.message))
        .collect();
    assert_eq!(found, expected, "{test}");
}

#[test]
fn what_happens_as_expected_is_no_failure() {
    check(
        "  when: [after welcome, wait 0.5, 1]
  then:
    path: ['menu,s', 'menu,1']
    reached: ['menu,1,3']
    never_reached: ['menu,t']
    heard: [welcome (whole), thanks]
    never_heard: [bye]
    events: ['Asked,Menu=main']
    variables: { CHOICE: sales, TRIES: 1, NONE: '' }
    ended_by: application
    ended_at: 'menu,1,3'
    at_most_s: 4.6
    at_least_s: 4.6
    complaints: []
",
        &[],
    );
    check("  then: { path: [menu], heard: [..., bye], ended_by: last-priority }\n", &[]);
    check("  when: [1]\n  then: { heard: [welcome (cut), thanks], events: [] }\n", &[]);
    check("  when: [wait 1, hangup]\n  then: { ended_by: caller, at_most_s: 1 }\n", &[]);
}

#[test]
fn each_expectation_that_is_not_met_is_told() {
    check(
        "  when:
  - after welcome
  - 1
  - after bye
  - hangup
  then:
    path: ['menu,s']
    heard: [welcome, bye]
    events: []
    reached: ['menu,t']
    never_reached: ['menu,1']
    never_heard: [thanks]
    variables: { CHOICE: service }
    ended_by: caller
    ended_at: 'menu,s'
    cause: 99
    outcome: verified
    attempts: 1
    at_most_s: 4
    at_least_s: 5
    complaints: ['no ...', ...]
",
        &[
            "6 when: the call was over before the caller could do `after bye; hangup`",
            "13 path: found `menu,1`, expected nothing more",
            "14 heard: found `thanks (whole)` as no. 2, expected `bye`",
            "15 events: found `Asked,Try=1,Menu=main`, expected nothing more",
            "27 complaints: found nothing more, expected `no ...`",
            "16 reached: `menu,t` was never reached",
            "17 never_reached: `menu,1` was reached",
            "18 never_heard: `thanks` was heard",
            "19 variables: `CHOICE` is `sales`, expected `service`",
            "20 ended_by: the call was ended by `application`, expected `caller`",
            "22 cause: the cause is 16, expected 99",
            "21 ended_at: the call ended at `menu,1,3`, expected `menu,s`",
            "23 outcome: the outcome is none, expected `verified`",
            "24 attempts: 0 entries were judged, expected 1",
            "25 at_most_s: the call took 4.10 s, expected at most 4 s",
            "26 at_least_s: the call took 4.10 s, expected at least 5 s",
        ],
    );
}

#[test]
fn what_a_test_gives_counts_before_the_defaults() {
    check(
        "  given: { sound_s: 1, sounds: { welcome: 5, bye: missing } }
  then: { heard: [welcome, bye (missing)], at_least_s: 7, at_most_s: 7 }
",
        &[],
    );
}

#[test]
fn a_file_with_mistakes_is_told_where_they_are() {
    check_findings(
        "ivrkit-test: 1\ntests:\n- { name: a, then: { heard: [] } }\n",
        "1:1 missing-key found neither `scenario` nor `dialplan`, expected one\n",
    );
    check_findings(
        "ivrkit-test: 1
scenario: a.yaml
dialplan: b.conf
profiles: { cisco: {} }
defaults: { given: { at: tomorrow } }
tests:
- name: one
  given: { entry: nowhere, lookup: { 1: right }, sounds: { ok: gone } }
  when: [wiat 3, 1, wait]
  then: { herd: [ok] }
- name: one
  then: {}
",
        "3:1 missing-key found both `scenario` and `dialplan`, expected one of them
4:13 wrong-key found the key `cisco` in `profiles`, expected `yeastar-s` or `asterisk`
5:26 wrong-form found `tomorrow`, expected a moment with its offset, such as `2026-01-05T10:00:00+08:00`
8:19 wrong-form found `nowhere`, expected `CONTEXT,EXTEN` or `CONTEXT,EXTEN,PRIORITY`, or the number of an IVR
8:41 unknown-value found the text `right`, expected `match`, `mismatch`, `unavailable` or `never`
8:64 wrong-form found the text `gone`, expected seconds from 0 to 86400, or `missing`
9:10 wrong-form found `wiat`, expected keys of 0-9, A-D, * and #, `wait SECONDS`, `after SOUND`, `during SOUND`, `in PLACE`, `event NAME`, `hangup` or `redirect CONTEXT,EXTEN,PRIORITY`
9:21 wrong-form found `wait` at the end, expected seconds after it
10:11 unknown-key found the unknown key `herd` in `then`
11:9 duplicate-key there is a test `one` in line 7 already
12:3 wrong-length found an empty section, expected at least one key
",
    );
    check_findings("", "1:1 yaml-empty found nothing, expected a test file\n");
}

#[test]
fn the_schema_describes_every_key() {
    let schema = super::schema().to_value();
    jsonschema::draft202012::meta::validate(&schema).unwrap();
    let described = |object: &serde_json::Value| {
        object["properties"].as_object().into_iter().flatten().all(|(_, property)| {
            property["description"].as_str().is_some_and(|text| !text.is_empty())
        })
    };
    assert!(described(&schema));
    assert!(schema["$defs"].as_object().unwrap().values().all(described));
    assert!(!schema.to_string().contains("\"null\""));
}
