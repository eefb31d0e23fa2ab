//! Baselines of real findings, written, moved and read again.

use super::*;
use crate::lint::{Kept, located};
use ivrkit_dialplan::{
    lint::{Level, Settings, read, rules},
    syntax::Nothing,
};
use std::fs;

const BAD: &str = "[a]\nexten => 1,1,Set (X=1)\nexten => 1,1,Set (X=2)\n";

fn findings(path: &str, text: &str) -> Vec<LocatedFinding> {
    let mut settings = Settings::default();
    for rule in rules::ALL.iter() {
        let is_about = ["blank-before-parenthesis", "duplicate-priority"].contains(&rule.name);
        let level = if is_about { Level::On } else { Level::Off };
        settings.levels.insert(rule.name.to_owned(), level);
    }
    let reading = read(path.as_bytes(), text.into(), &mut Nothing);
    located(&reading, reading.lint(&settings), Kept::ALL)
}

fn compare(baseline: &Baseline, text: &str) -> (usize, usize, usize) {
    let findings = findings("/srv/extensions.conf", text);
    let Compared { new, known, gone } = baseline.compare(findings, Path::new("/srv"), |_| true);
    (new.len(), known, gone.iter().map(|entry| entry.count).sum())
}

#[test]
fn what_was_there_is_known_wherever_it_moves() {
    let baseline = Baseline::of(&findings("/srv/extensions.conf", BAD), Path::new("/srv"));
    assert_eq!(baseline.len(), 2);
    assert_eq!(compare(&baseline, BAD), (0, 2, 0));
    let moved = format!("; more\n\n[b]\nexten => 1,1,Answer()\n{}", BAD.replace("=> 1", " =>  1"));
    assert_eq!(compare(&baseline, &moved.replace("  =>  1", " =>  1")), (0, 2, 0));
    assert_eq!(compare(&baseline, &BAD.replace("X=2", "X=3")), (1, 1, 1));
    assert_eq!(compare(&baseline, "[a]\n"), (0, 0, 2));
    let twice = format!("{BAD}exten => 1,1,Set (X=2)\n");
    assert_eq!(compare(&baseline, &twice), (1, 2, 0));
}

#[test]
fn files_that_were_not_linted_are_not_gone() {
    let baseline = Baseline::of(&findings("/srv/sub/a.conf", BAD), Path::new("/srv"));
    let gone = |linted: bool| {
        let is_linted = |path: &Path| {
            assert_eq!(path, Path::new("/srv/sub/a.conf"));
            linted
        };
        baseline.compare(Vec::new(), Path::new("/srv"), is_linted).gone.len()
    };
    assert_eq!((gone(true), gone(false)), (2, 0));
}

#[test]
fn files_go_by_their_names_from_the_folder_on() {
    let check = |path: &str, expected: &str| {
        assert_eq!(name(Path::new(path), Path::new("/srv/pbx")), expected);
    };
    check("/srv/pbx/conf/a.conf", "conf/a.conf");
    check("/srv/pbx/./conf/../a.conf", "a.conf");
    check("/etc/a.conf", "/etc/a.conf");
    let here = std::env::current_dir().unwrap();
    assert_eq!(name(Path::new("./x/a.conf"), &here), "x/a.conf");
}

#[test]
fn what_is_written_is_read_and_has_one_form() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join(FILE_NAME);
    let two = [findings("/srv/b.conf", BAD), findings("/srv/a.conf", BAD)].concat();
    let baseline = Baseline::of(&two, Path::new("/srv"));
    baseline.write(&path).unwrap();
    assert_eq!(Baseline::read(&path).unwrap(), baseline);
    let text = fs::read_to_string(&path).unwrap();
    let digest = hexadecimal(digest(&two[0]));
    let first = format!(
        "{{\"version\": 1, \"entries\": [\n{{\"file\":\"a.conf\",\"rule\":\
         \"blank-before-parenthesis\",\"fingerprint\":\"{digest}\",\"count\":1}},\n"
    );
    assert!(text.starts_with(&first), "{text}");
    let reversed: Vec<_> = two.into_iter().rev().collect();
    assert_eq!(Baseline::of(&reversed, Path::new("/srv")).text(), text);
    Baseline::default().write(&path).unwrap();
    assert!(Baseline::read(&path).unwrap().is_empty());
}

#[test]
fn what_is_no_baseline_is_refused_with_its_place() {
    let folder = tempfile::tempdir().unwrap();
    let check = |text: &str, expected: &str| {
        let path = folder.path().join("x.json");
        fs::write(&path, text).unwrap();
        let error = Baseline::read(&path).expect_err("it is no baseline").to_string();
        let error = error.strip_prefix(&format!("cannot read {}: ", path.display())).unwrap();
        assert!(error.starts_with(expected), "{error}");
    };
    check("", "line 1, column 0: EOF while parsing a value;");
    check("[]", "line 1, column 2: ");
    check("{\"version\": 2, \"entries\": 1}", "it is a baseline of version 2, this ivrkit reads");
    check("{\"version\": 1}", "line 1, column 14: missing field `entries`;");
    check("{\"version\": 1,\n\"entries\": [{\"file\": 1}]}", "line 2, column 22: invalid type");
    check("{\"version\": 1, \"entries\": [], \"x\": 1}", "line 1, column 33: unknown field `x`");
    assert!(Baseline::read(Path::new("/nonexistent/x.json")).is_err());
}
