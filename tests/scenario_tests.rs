//! `ivrkit test` as a user runs it, and the tests of the shipped scenario.

use assert_cmd::Command;
use ivrkit_dialplan::scenario_test;
use serde_json::Value;
use std::{fs, path::Path, time::Duration};
use tempfile::TempDir;

const MENU: &str = "\
[menu]
exten => s,1,Background(welcome)
same => n,WaitExten(2)
exten => 1,1,Playback(thanks)
same => n,Hangup()
exten => 2,1,Playback(sorry)
exten => t,1,Playback(bye)
";

const TESTS: &str = "\
ivrkit-test: 1
dialplan: menu.conf
defaults: { given: { entry: 'menu,s' } }
tests:
- name: one
  when: [after welcome, 1]
  then: { heard: [welcome, thanks], ended_by: application }
- name: silence
  then:
    heard: [welcome, bye]
";

struct Run {
    code: i32,
    out: String,
    errors: String,
}

fn test_in(folder: &Path, arguments: &[&str]) -> Run {
    let mut command = Command::new(assert_cmd::cargo::cargo_bin!("ivrkit"));
    command.current_dir(folder).arg("test").args(arguments);
    let output = command.timeout(Duration::from_mins(2)).output().expect("ivrkit starts");
    let text = |bytes| String::from_utf8(bytes).expect("ivrkit writes UTF-8");
    Run {
        code: output.status.code().expect("ended by itself and in time"),
        out: text(output.stdout),
        errors: text(output.stderr),
    }
}

/// Runs `ivrkit test` in a folder with these files beside the menu.
fn test(files: &[(&str, &str)], arguments: &[&str]) -> Run {
    let folder = TempDir::new().expect("a folder");
    let put = |name: &str, text: &str| fs::write(folder.path().join(name), text).expect("a file");
    put("menu.conf", MENU);
    for (name, text) in files {
        put(name, text);
    }
    test_in(folder.path(), arguments)
}

#[test]
fn tests_that_pass_are_counted() {
    let run = test(&[("menu.test.yaml", TESTS)], &[]);
    assert_eq!((run.out.as_str(), run.errors.as_str()), ("2 tests, 2 passed, 0 failed\n", ""));
    assert_eq!(run.code, 0);
    let run = test(&[("menu.test.yaml", TESTS)], &["--filter", "one"]);
    assert_eq!((run.code, run.out.as_str()), (0, "1 test, 1 passed, 0 failed\n"));
}

#[test]
fn a_failure_shows_the_first_difference_and_the_call_there() {
    let tests = TESTS.replace("[welcome, thanks]", "[welcome, sorry]");
    let run = test(&[("menu.test.yaml", &tests)], &[]);
    assert_eq!(
        run.out,
        "FAILED menu.test.yaml: one
  menu.test.yaml:7: heard: found `thanks (whole)` as no. 2, expected `sorry`
        expected    found
        welcome     welcome (whole)
      > sorry     > thanks (whole)
  the call there:
          0.00  menu,s,1  BackGround(welcome)
          0.00            hears welcome
          3.00            has heard welcome
          3.00  menu,s,2  WaitExten(2)
          3.10            presses 1
          3.10  menu,1,1  Playback(thanks)
    >     3.10            hears thanks
          6.10            has heard thanks
          6.10  menu,1,2  Hangup()
          6.10            ends at menu,1,2, cause 16: an application ended it

2 tests, 1 passed, 1 failed
"
    );
    assert_eq!(run.code, 1);
}

#[test]
fn results_are_json_for_programs() {
    let tests = TESTS.replace("[welcome, thanks]", "[welcome, sorry]");
    let run = test(&[("menu.test.yaml", &tests)], &["--format", "json"]);
    let mut results: Value = serde_json::from_str(&run.out).expect("one JSON object");
    let events = results["tests"][0]["events"].take();
    assert_eq!(events.as_array().map(Vec::len), Some(10));
    results["tests"][0].as_object_mut().unwrap().remove("events");
    assert_eq!(
        results,
        serde_json::json!({
            "passed": 1, "failed": 1, "errors": [],
            "tests": [
                {
                    "file": "menu.test.yaml", "line": 5, "name": "one", "passed": false,
                    "length_s": 6.1,
                    "failures": [{
                        "expectation": "heard", "line": 7,
                        "message": "found `thanks (whole)` as no. 2, expected `sorry`",
                        "expected": ["welcome", "sorry"],
                        "found": ["welcome (whole)", "thanks (whole)"],
                        "expected_at": 1, "found_at": 1,
                    }],
                },
                {
                    "file": "menu.test.yaml", "line": 8, "name": "silence", "passed": true,
                    "length_s": 8.0, "failures": [],
                },
            ],
        })
    );
    assert_eq!(run.code, 1);
}

#[test]
fn results_are_junit_for_ci_servers() {
    let tests = TESTS.replace("name: one", "name: 'one <\"&>'").replace("[welcome, thanks]", "[]");
    let run = test(&[("menu.test.yaml", &tests)], &["--format", "junit"]);
    for expected in [
        r#"<testsuites name="ivrkit test" tests="2" failures="1" errors="0""#,
        r#"<testsuite name="menu.test.yaml" tests="2" failures="1""#,
        r#"<testcase name="one &lt;&quot;&amp;&gt;" classname="menu.test.yaml" file="menu.test.yaml" line="5""#,
        r#"<failure type="heard" message="found `welcome (whole)`, expected nothing more">"#,
        r#"<testcase name="silence" classname="menu.test.yaml""#,
    ] {
        assert!(run.out.contains(expected), "{expected}\n{}", run.out);
    }
    assert_eq!(run.code, 1);
}

#[test]
fn coverage_tells_what_no_test_reached() {
    let run = test(&[("menu.test.yaml", TESTS)], &["--coverage", "text"]);
    assert_eq!(
        run.out,
        "2 tests, 2 passed, 0 failed
menu.conf:6: never reached: menu,2,1 Playback
5 of 6 priorities reached, 83.3 %
"
    );
    let folder = TempDir::new().expect("a folder");
    fs::write(folder.path().join("menu.conf"), MENU).expect("a file");
    fs::write(folder.path().join("menu.test.yaml"), TESTS).expect("a file");
    let run =
        test_in(folder.path(), &["--coverage", "lcov", "-o", "lcov.info", "--min-coverage", "83"]);
    assert_eq!((run.code, run.errors.as_str()), (0, ""));
    assert_eq!(
        fs::read_to_string(folder.path().join("lcov.info")).expect("it is written"),
        "TN:ivrkit\nSF:menu.conf\nDA:2,2\nDA:3,2\nDA:4,1\nDA:5,1\nDA:6,0\nDA:7,1\nLF:6\nLH:5\n\
         end_of_record\n"
    );
    let run = test_in(folder.path(), &["--min-coverage", "84"]);
    assert_eq!(run.errors, "ivrkit: 5 of 6 priorities were reached, fewer than 84 %\n");
    assert_eq!(run.code, 1);
}

#[test]
fn mistakes_in_a_test_file_show_their_places_and_other_files_are_run() {
    let bad = TESTS
        .replace("ended_by: application", "ended_by: aplication")
        .replace("after welcome", "aftr welcome");
    let run = test(&[("bad.test.yaml", &bad), ("menu.test.yaml", TESTS)], &[]);
    assert_eq!(run.out, "2 tests, 2 passed, 0 failed\n");
    for expected in [
        "error[wrong-form]: found `aftr`, expected keys of 0-9",
        " --> bad.test.yaml:6:10",
        "error[unknown-value]: found the text `aplication`, expected",
        "did you mean `application`?",
        "ivrkit: the test file bad.test.yaml has 2 mistakes\n",
    ] {
        assert!(run.errors.contains(expected), "{expected}\n{}", run.errors);
    }
    assert_eq!(run.code, 2);
}

#[test]
fn what_cannot_be_run_is_said() {
    let check = |files: &[(&str, &str)], arguments: &[&str], expected: &str| {
        let run = test(files, arguments);
        assert!(run.errors.contains(expected), "{arguments:?}: {}", run.errors);
        assert_eq!(run.code, 2, "{arguments:?}");
    };
    check(&[], &[], "ivrkit: no test file in .: their names end in `.test.yaml`");
    check(&[], &["none.test.yaml"], "ivrkit: cannot read none.test.yaml: No such file");
    let gone = TESTS.replace("menu.conf", "gone.conf");
    check(
        &[("a.test.yaml", &gone)],
        &[],
        "ivrkit: cannot run the tests of a.test.yaml: cannot read gone.conf: No such file",
    );
    let scenario = TESTS.replace("dialplan: menu.conf", "scenario: bad.yaml");
    check(
        &[("a.test.yaml", &scenario), ("bad.yaml", "ivrkit: 1\n")],
        &[],
        "ivrkit: cannot run the tests of a.test.yaml: the scenario bad.yaml has 7 mistakes",
    );
    check(
        &[("a.test.yaml", TESTS)],
        &["--filter", "none"],
        "no test of a.test.yaml has `none` in its name",
    );
    check(&[("a.test.yaml", TESTS)], &["--min-coverage", "101"], "expected per cent from 0 to 100");
    check(&[("a.test.yaml", "\u{0}")], &[], "error[yaml-control-character]");
}

#[test]
fn a_length_for_a_sound_that_no_prompt_has_is_a_mistake() {
    let folder = TempDir::new().expect("a folder");
    let read = |name: &str| fs::read_to_string(root().join("scenarios").join(name)).expect(name);
    let put = |name: &str, text: &str| fs::write(folder.path().join(name), text).expect(name);
    put("driving-test.yaml", &read("driving-test.yaml"));
    put(
        "a.test.yaml",
        "ivrkit-test: 1\nscenario: driving-test.yaml\ntests:\n- name: silence\n  \
         given: { sounds: { pasword: 2, /snd/x: 1 } }\n  then: { outcome: unverified }\n",
    );
    let run = test_in(folder.path(), &[]);
    for expected in [
        "error[unknown-prompt]: there is no prompt `pasword` in the scenario",
        " --> a.test.yaml:5:22",
        "did you mean `password`?",
        "ivrkit: the test file a.test.yaml has 1 mistake\n",
    ] {
        assert!(run.errors.contains(expected), "{expected}\n{}", run.errors);
    }
    assert_eq!(run.code, 2);
}

#[test]
fn a_test_of_what_is_not_simulated_fails_and_says_so() {
    let tests = "ivrkit-test: 1\ndialplan: m.conf\ntests:\n- name: agi\n  given: { entry: 'm,s' }\n  then: { heard: [] }\n";
    let run = test(&[("m.conf", "[m]\nexten => s,1,AGI(x)\n"), ("m.test.yaml", tests)], &[]);
    assert!(
        run.out.contains("`AGI` is not simulated, so nobody knows what comes then"),
        "{}",
        run.out
    );
    assert_eq!(run.code, 1);
}

#[test]
fn the_shipped_scenario_passes_its_tests_and_they_reach_every_priority() {
    let run = test_in(root(), &["scenarios", "--coverage", "text", "--min-coverage", "100"]);
    assert_eq!((run.code, run.errors.as_str()), (0, ""), "{}", run.out);
    assert!(run.out.contains("114 tests, 114 passed, 0 failed\n"), "{}", run.out);
}

#[test]
fn a_broken_scenario_fails_its_tests() {
    let check = |from: &str, to: &str, fails: &[&str]| {
        let folder = TempDir::new().expect("a folder");
        let read = |name: &str| {
            fs::read_to_string(root().join("scenarios").join(name)).expect("it is there")
        };
        let scenario = read("driving-test.yaml");
        assert!(scenario.contains(from), "{from}");
        fs::write(folder.path().join("driving-test.yaml"), scenario.replace(from, to))
            .expect("a file");
        fs::write(folder.path().join("driving-test.test.yaml"), read("driving-test.test.yaml"))
            .expect("a file");
        let run = test_in(folder.path(), &[]);
        assert_eq!(run.code, 1, "{from} -> {to}: {}", run.errors);
        for name in fails {
            assert!(
                run.out.contains(&format!(": {name}\n")),
                "{from} -> {to}: {name}\n{}",
                run.out
            );
        }
    };
    check("      1: 6501", "      2: 6501", &["the right code at the first try"]);
    check("attempts: 3", "attempts: 2", &["three wrong codes end the call"]);
    check(
        "digit_timeout_s: 3",
        "digit_timeout_s: 2",
        &["slow typing is taken as long as each pause is shorter than the digit time-out"],
    );
    check(
        "limit_s: 40",
        "limit_s: 10",
        &["a verdict that never comes leaves the learner on hold, then asks again"],
    );
}

#[test]
fn the_shipped_schema_is_that_of_this_version() {
    let shipped =
        fs::read_to_string(root().join("scenarios/test.schema.json")).expect("it is there");
    assert_eq!(
        shipped,
        scenario_test::schema_text(),
        "regenerate it: cargo run -- schema --tests > scenarios/test.schema.json"
    );
}

#[test]
fn what_init_writes_passes_its_tests() {
    let folder = TempDir::new().expect("a folder");
    for profile in ["yeastar-s", "asterisk"] {
        for language in ["en", "zh"] {
            let name = format!("{profile}-{language}");
            let mut command = Command::new(assert_cmd::cargo::cargo_bin!("ivrkit"));
            command.current_dir(folder.path());
            command.args(["init", &name, "--profile", profile, "--language", language]);
            assert!(command.output().expect("ivrkit starts").status.success());
            let run = test_in(&folder.path().join(&name), &[]);
            assert_eq!((run.code, run.errors.as_str()), (0, ""), "{name}: {}", run.out);
            assert!(run.out.contains("5 tests, 5 passed"), "{name}: {}", run.out);
        }
    }
}

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}
