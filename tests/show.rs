//! `ivrkit show` as a user runs it.

use assert_cmd::Command;
use serde_json::Value;
use std::{path::Path, time::Duration};

/// Runs `ivrkit show` in the folder of a probe: exit code, standard output, standard error.
fn show(probe: &str, arguments: &[&str]) -> (i32, Vec<u8>, String) {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/probes").join(probe);
    let mut command = Command::new(assert_cmd::cargo::cargo_bin!("ivrkit"));
    command.current_dir(folder).args(["show", "extensions.conf"]).args(arguments);
    let output = command.timeout(Duration::from_mins(1)).output().expect("ivrkit starts");
    let errors = String::from_utf8(output.stderr).expect("ivrkit writes UTF-8");
    (output.status.code().expect("ended by itself and in time"), output.stdout, errors)
}

#[test]
fn the_listing_is_asterisks_own() {
    for probe in ["include-sub", "name-order", "bytes"] {
        let recorded = format!("{}/tests/probes/{probe}.show", env!("CARGO_MANIFEST_DIR"));
        let (code, out, _) = show(probe, &[]);
        assert_eq!(out, std::fs::read(recorded).expect("a recorded listing"), "{probe}");
        assert_eq!(code, 0, "{probe}");
    }
}

#[test]
fn complaints_show_their_line_and_what_is_wrong_with_it() {
    let (code, _, errors) = show("mission-line", &[]);
    let expected = "\
warning[dup-priority]: 6500 has priority 3 already, since line 4
 --> extensions.conf:7:1
  |
7 | exten = 6500, n, ExecIf ($[${Ivr2outbound} = yes]?Set (CDR (Ivr2outbound)=yes))
  | ^^^";
    assert!(errors.starts_with(expected), "{errors}");
    assert_eq!(code, 0);
}

#[test]
fn a_refused_file_lists_nothing() {
    let (code, out, errors) = show("header-open", &[]);
    assert_eq!((code, out), (1, Vec::new()));
    assert!(errors.starts_with("warning[header-no-bracket]: "), "{errors}");
    assert!(errors.ends_with("ivrkit: Asterisk does not load extensions.conf\n"), "{errors}");
}

#[test]
fn what_is_not_there_is_said_as_asterisk_says_it() {
    let check = |arguments: &[&str], expected: &str| {
        let (code, out, _) = show("prio-dup", arguments);
        assert_eq!((code, String::from_utf8_lossy(&out).as_ref()), (1, expected));
    };
    check(&["--context", "b"], "There is no existence of 'b' context\n");
    check(&["--context", "a", "--exten", "99"], "There is no existence of 99@a extension\n");
    check(&["--exten", "99"], "There is no existence of '99' extension in all contexts\n");
    assert_eq!(show("prio-dup", &["--exten", ""]).0, 2);
}

#[test]
fn machines_get_one_object() {
    let (code, out, errors) = show("include-missing-inner", &["--format", "json"]);
    let listing: Value = serde_json::from_slice(&out).expect("one JSON object");
    assert_eq!((code, errors.as_str()), (0, ""));
    let first = &listing["contexts"][0]["extensions"][1]["priorities"][0];
    assert_eq!(first["application"], "NoOp");
    assert_eq!((&first["file"], &first["line"]), (&"inc.conf".into(), &1.into()));
    let message = &listing["messages"][0];
    assert_eq!((&message["code"], &message["line"]), (&"include-missing-file".into(), &2.into()));
    assert_eq!(message["severity"], "error");
}

/// The text listing is held against real daemons; the object has the same extensions.
#[test]
fn machines_get_one_extension_when_they_ask_for_one() {
    let check = |exten: &str, count: usize| {
        let asked = ["--context", "a", "--exten", exten];
        let (code, text, _) = show("name-order", &asked);
        assert_eq!(code, 0, "{exten}");
        let text = String::from_utf8(text).expect("a listing of UTF-8");
        let listed: Vec<&str> =
            text.lines().filter_map(|line| line.strip_prefix("  '")?.split('\'').next()).collect();
        let (code, out, _) = show("name-order", &[&asked[..], &["--format", "json"]].concat());
        assert_eq!(code, 0, "{exten}");
        let object: Value = serde_json::from_slice(&out).expect("one JSON object");
        let contexts = object["contexts"].as_array().expect("a list of contexts");
        let extensions = contexts.iter().flat_map(|context| {
            assert_eq!(context["name"], "a", "{exten}");
            context["extensions"].as_array().expect("a list of extensions")
        });
        let found: Vec<&str> = extensions
            .map(|extension| {
                assert_eq!(extension["priorities"][0]["priority"], 1, "{exten}");
                extension["name"].as_str().expect("a name")
            })
            .collect();
        assert_eq!(found, listed, "{exten}");
        assert_eq!(found.len(), count, "{exten}");
    };
    check("1", 11);
    check("s", 3);
    let (code, _, _) = show("name-order", &["--format", "json", "--exten", "nothing-of-that-name"]);
    assert_eq!(code, 0, "a pattern takes every name");
}

#[test]
fn the_version_that_loads_it_can_be_named() {
    let check = |version: &str, expected: i32| {
        let (code, _, _) = show("header-filter-end", &["--asterisk", version]);
        assert_eq!(code, expected, "{version}");
    };
    check("16", 0);
    check("22", 1);
    check("18", 2);
}
