//! What is allowed, and what is left.

use super::*;
use crate::{
    lint::{Level, read},
    syntax::{Contents, Found, Nothing, Provider},
};
use std::sync::Arc;

/// The rules that these tests are about, and those about suppressions; there will be more of the
/// others.
fn settings() -> Settings {
    let mut settings = Settings::default();
    for rule in rules::ALL.iter() {
        let is_about = ["A001", "L024", "Y001"].contains(&rule.code) || rule.code.starts_with("L9");
        if !is_about {
            settings.levels.insert(rule.name.to_owned(), Level::Off);
        }
    }
    settings
}

/// The findings as `line code`, those of other files with their names before.
fn found(text: &str, provider: &mut dyn Provider, settings: &Settings) -> (Reading, Vec<Finding>) {
    let reading = read(b"extensions.conf", text.into(), provider);
    let found = reading.lint(settings);
    (reading, found)
}

fn shown(reading: &Reading, found: &[Finding]) -> Vec<String> {
    let mut lines = crate::syntax::Lines::new(&reading.dialplan.files);
    let shown = found.iter().map(|finding| {
        let at = lines.excerpt(finding.place);
        let file = match finding.place.file {
            0 => String::new(),
            _ => format!("{}:", String::from_utf8_lossy(at.file)),
        };
        format!("{file}{} {}", at.line, finding.rule.code)
    });
    shown.collect()
}

#[track_caller]
fn check(text: &str, expected: &[&str]) {
    let (reading, found) = found(text, &mut Nothing, &settings());
    assert_eq!(shown(&reading, &found), expected, "{found:#?}");
}

/// The fixes turn the text into `after`, round by round, and nothing is unused then.
#[track_caller]
fn check_fix(text: &str, after: &str) {
    let mut text = text.as_bytes().to_vec();
    for _ in 0..9 {
        let reading = read(b"extensions.conf", text.clone(), &mut Nothing);
        let found = reading.lint(&settings());
        let Some(fix) = found.iter().find_map(|finding| finding.fix.as_ref()) else { break };
        assert_eq!(fix.safety, Safety::Safe);
        for edit in &fix.edits {
            let range = edit.place.start as usize..edit.place.end as usize;
            text.splice(range, edit.text.iter().copied());
        }
    }
    assert_eq!(String::from_utf8(text).unwrap(), after);
}

const BAD: &str = "exten => 1,1,Set (X=1)";

#[test]
fn a_line_is_allowed() {
    check(&format!("[a]\n{BAD}\n"), &["2 A001"]);
    check(&format!("[a]\n{BAD} ; ivrkit: allow(blank-before-parenthesis) why\n"), &[]);
    check(&format!("[a]\n{BAD};ivrkit:allow(A001)why"), &[]);
    check(&format!("[a]\r\n{BAD} ; ivrkit: allow(a001, L024) why\r\n"), &["2 L902"]);
    check(&format!("[a]\n{BAD} ; ivrkit: allow(A001) why\n same => n,Set (Y=1)\n"), &["3 A001"]);
}

#[test]
fn the_next_line_is_allowed() {
    let next = "[a]\n; ivrkit: allow(A001) why\n; and more\n\n";
    check(&format!("{next}{BAD}\n"), &[]);
    check(&format!("{next}{BAD}\n same => n,Set (Y=1)\n"), &["6 A001"]);
    let twice = "; ivrkit: allow(L024) one\n; ivrkit: allow(A001) two\n";
    check(&format!("[a]\n{twice}{BAD}\n"), &["2 L902"]);
    check("[a]\n; ivrkit: allow(A001) why\n", &["2 L902"]);
}

#[test]
fn a_context_is_allowed() {
    let rest = format!("{BAD}\n same => n,Set (Y=1)\n[b]\n{BAD}\n");
    let check = |before: &str| {
        let text = format!("{before}{rest}");
        let line = text.lines().count();
        check(&text, &[&format!("{line} A001")]);
    };
    check("[a] ; ivrkit: allow-context(A001) why\n");
    check("; ivrkit: allow-context(A001) why\n[a]\n");
    check("[a]\n; ivrkit: allow-context(A001) why\n");
    check("[x]\nexten => 1,1,Answer()\n; ivrkit: allow-context(A001) why\n\n  [a]\n");
}

#[test]
fn a_file_is_allowed_from_anywhere_in_it() {
    let text = format!("[a]\n{BAD}\n[b]\n{BAD}\n; ivrkit: allow-file(A001) why\n");
    check(&text, &[]);
    let main = format!("[a]\n{BAD}\n#include inc.conf\n");
    let included = format!("[b]\n{BAD}\n; ivrkit: allow-file(A001) why\n");
    let mut other = One(included.into());
    let (reading, found) = found(&main, &mut other, &settings());
    assert_eq!(shown(&reading, &found), ["2 A001"]);
}

#[test]
fn a_file_read_twice_has_each_suppression_once() {
    let included = format!("{BAD} ; ivrkit: allow(A001) why\n");
    let main = "[a]\n#include inc.conf\n[b]\n#include inc.conf\n";
    let mut other = One(included.into());
    let (reading, found) = found(main, &mut other, &settings());
    let codes: Vec<_> = found.iter().map(|finding| finding.rule.code).collect();
    assert!(!codes.contains(&"A001") && !codes.contains(&"L902"), "{:?}", shown(&reading, &found));
    assert_eq!(reading.remarks.len(), 2);
}

struct One(Vec<u8>);

impl Provider for One {
    fn find(&mut self, name: &[u8]) -> Vec<Found> {
        let contents = Contents::File(Arc::new(self.0.clone()));
        vec![Found { path: name.to_vec(), contents }]
    }
}

#[test]
fn the_narrower_and_the_first_count() {
    let line = format!("[a] ; ivrkit: allow-context(A001) wide\n{BAD} ; ivrkit: allow(A001) x\n");
    check(&line, &["1 L902"]);
    check(&format!("[a]\n{BAD} ; ivrkit: allow(A001, A001) x\n"), &["2 L902"]);
}

#[test]
fn what_allows_can_be_allowed() {
    check("[a]\n; ivrkit: allow-file(unused-suppression, A001) generated\n", &[]);
    check("[a] ; ivrkit: allow-context(L903, L902)\n", &[]);
    check("[a]\n; ivrkit: allow(A001)\n", &["2 L903", "2 L902"]);
}

#[test]
fn rules_that_are_off_are_not_unused() {
    check("[a]\n; ivrkit: allow-file(Y001) why", &[]);
    let mut settings = settings();
    settings.levels.insert("blank-before-parenthesis".to_owned(), Level::Off);
    let (_, found) = found("[a]\n; ivrkit: allow(A001) why\n", &mut Nothing, &settings);
    assert!(found.is_empty(), "{found:#?}");
}

#[test]
fn a_refused_dialplan_has_nothing_unused() {
    let (reading, found) = found("[a]\n; ivrkit: allow(A001) why\n[b\n", &mut Nothing, &settings());
    assert!(reading.dialplan.is_refused);
    assert!(found.iter().all(|finding| finding.rule.code != "L902"), "{found:#?}");
}

#[test]
fn what_nothing_needs_is_taken_out_whole() {
    check_fix("[a]\n; ivrkit: allow(A001) why\nb=c\n", "[a]\nb=c\n");
    check_fix("[a]\r\n  ; ivrkit: allow(A001) why\r\nb=c\r\n", "[a]\r\nb=c\r\n");
    check_fix("[a] \t; ivrkit: allow(A001) why\r\n", "[a]\r\n");
    check_fix("[a] ; old ; ivrkit: allow(A001) why\n", "[a] ; old\n");
    check_fix("; ivrkit: allow(A001) why ; ivrkit: allow(L024) why\n[a]\n", "[a]\n");
    check_fix("; ivrkit: allow-file(A001,L024) why", "");
    let kept = format!("[a]\n{BAD} ; ivrkit: allow(A001) why\n");
    check_fix(&kept.replace("A001", "L024 , A001"), &kept);
    check_fix(&kept.replace("A001", "A001 ,L024"), &kept);
}

#[test]
fn ten_thousand_suppressions_are_looked_through_quickly() {
    let line = |number| format!("exten => {number},1,Set (X=1) ; ivrkit: allow(A001) why\n");
    let text = "[a]\n".to_owned() + &(1..=10_000).map(line).collect::<String>();
    check(&text, &[]);
    let alone = "; ivrkit: allow(A001) why\n".repeat(10_000);
    let (_, found) = found(&format!("[a]\n{alone}{BAD}\n"), &mut Nothing, &settings());
    assert_eq!(found.len(), 9_999);
}
