//! `ivrkit check`, `schema` and `init` as a user runs them, with good input and bad.

use assert_cmd::Command;
use ivrkit_dialplan::scenario;
use serde_json::Value;
use std::{
    fmt::Write as _,
    fs,
    path::{Path, PathBuf},
    time::Duration,
};

/// How a run of `ivrkit` ended.
struct Run {
    code: i32,
    out: String,
    err: String,
}

/// Runs `ivrkit` in a folder; a minute is an eternity for all that is tested here.
fn ivrkit(dir: &Path, arguments: &[&str]) -> Run {
    let mut command = Command::new(assert_cmd::cargo::cargo_bin!("ivrkit"));
    let output = command
        .current_dir(dir)
        .args(arguments)
        .timeout(Duration::from_mins(1))
        .output()
        .expect("the program of this package starts");
    let text = |bytes| String::from_utf8(bytes).expect("ivrkit writes UTF-8");
    Run {
        code: output.status.code().expect("ended by itself and in time"),
        out: text(output.stdout),
        err: text(output.stderr),
    }
}

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

mod check_command {
    use super::*;

    #[test]
    fn the_shipped_scenario_is_clean() {
        let run = ivrkit(&root(), &["check", "--strict", "scenarios/driving-test.yaml"]);
        assert_eq!((run.code, run.err.as_str()), (0, ""));
        assert_eq!(run.out, "scenarios/driving-test.yaml: no mistakes\n");
    }

    #[test]
    fn mistakes_are_shown_with_their_lines() {
        let run = ivrkit(&root().join("tests/scenario"), &["check", "mistakes.yaml"]);
        assert_eq!((run.code, run.err.as_str()), (1, ""));
        insta::with_settings!({ snapshot_path => "scenario", prepend_module_to_snapshot => false }, {
            insta::assert_snapshot!("mistakes_text", run.out);
        });
    }

    #[test]
    fn machines_get_json() {
        let run =
            ivrkit(&root().join("tests/scenario"), &["check", "mistakes.yaml", "--format=json"]);
        assert_eq!((run.code, run.err.as_str()), (1, ""));
        let report: Value = serde_json::from_str(&run.out).unwrap();
        let findings = report["findings"].as_array().unwrap();
        let of = |severity| findings.iter().filter(|one| one["severity"] == severity).count();
        assert_eq!(report["errors"], of("error"));
        assert_eq!(report["warnings"], of("warning"));
        let slip = findings.iter().find(|one| one["code"] == "unknown-key").unwrap();
        let expected = serde_json::json!({
            "file": "mistakes.yaml", "line": 4, "column": 1, "end_line": 4, "end_column": 9,
            "severity": "error", "code": "unknown-key",
            "message": "found the unknown key `langauge` in the scenario",
            "help": "did you mean `language`?",
        });
        assert_eq!(*slip, expected);
        assert!(!run.out.contains("secret-word"));
    }

    #[test]
    fn a_clean_report_is_json_too() {
        let run = ivrkit(&root(), &["check", "scenarios/driving-test.yaml", "--format", "json"]);
        let report: Value = serde_json::from_str(&run.out).unwrap();
        assert_eq!(report, serde_json::json!({ "findings": [], "errors": 0, "warnings": 0 }));
        assert_eq!(run.code, 0);
    }

    #[test]
    fn warnings_count_when_asked_to() {
        let dir = tempfile::tempdir().unwrap();
        let shipped = fs::read_to_string(root().join("scenarios/driving-test.yaml")).unwrap();
        let unused = shipped.replace("prompts:\n  notice:", "prompts:\n  spare: {}\n  notice:");
        fs::write(dir.path().join("a.yaml"), unused).unwrap();
        let run = ivrkit(dir.path(), &["check", "a.yaml"]);
        assert_eq!(run.code, 0);
        assert!(run.out.contains("warning[unused-prompt]: prompt `spare` is never played"));
        assert!(run.out.ends_with("a.yaml: 1 warning\n"), "{}", run.out);
        assert_eq!(ivrkit(dir.path(), &["check", "a.yaml", "--strict"]).code, 1);
    }

    #[test]
    fn a_reader_that_has_seen_enough_is_no_error() {
        let dir = tempfile::tempdir().unwrap();
        fs::write(dir.path().join("a.yaml"), "a: 1\n".repeat(20_000)).unwrap();
        let program = assert_cmd::cargo::cargo_bin!("ivrkit");
        let script =
            format!("'{}' check a.yaml | head -n 1; exit ${{PIPESTATUS[0]}}", program.display());
        let output = std::process::Command::new("bash")
            .args(["-c", &script])
            .current_dir(dir.path())
            .output()
            .unwrap();
        assert_eq!(output.status.code(), Some(1));
        assert_eq!(String::from_utf8(output.stderr).unwrap(), "");
    }
}

mod bad_input {
    use super::*;

    /// What stands in a file, one message that is to be found in the answer, and the exit code.
    fn check(contents: impl AsRef<[u8]>, expected: &str, code: i32) {
        let dir = tempfile::tempdir().expect("a temporary folder");
        fs::write(dir.path().join("bad.yaml"), contents).expect("a file in it");
        check_path(dir.path(), "bad.yaml", expected, code);
    }

    fn check_path(dir: &Path, path: &str, expected: &str, code: i32) {
        let run = ivrkit(dir, &["check", path]);
        let all = format!("{}{}", run.out, run.err);
        assert!(all.contains(expected), "expected {expected:?}, found {all}");
        assert_eq!(run.code, code, "{all}");
        assert!(all.lines().count() < 12, "one message is enough: {all}");
        assert!(!all.contains("panicked"), "{all}");
    }

    #[test]
    fn no_file_at_all() {
        let dir = tempfile::tempdir().unwrap();
        check_path(dir.path(), "none.yaml", "cannot read none.yaml: No such file", 3);
        check_path(dir.path(), ".", "cannot read .: it is a folder, expected a file", 3);
        assert_eq!(ivrkit(dir.path(), &["check"]).code, 2);
    }

    #[test]
    fn a_fifo_and_a_device_do_not_hang() {
        let dir = tempfile::tempdir().unwrap();
        let made =
            std::process::Command::new("mkfifo").arg(dir.path().join("fifo")).status().unwrap();
        assert!(made.success());
        let expected = "it is not a regular file, expected a file";
        check_path(dir.path(), "fifo", expected, 3);
        check_path(dir.path(), "/dev/zero", expected, 3);
    }

    #[test]
    fn text_that_is_not_yaml() {
        check("ivrs: [6500\nname: a\n", "error[yaml-syntax]: this is not YAML", 1);
        check("calls:\n\toutbound: 6500\n", "indent with spaces", 1);
        check("", "error[yaml-empty]: found nothing, expected a scenario", 1);
        check("# nothing\n", "error[yaml-empty]", 1);
        check("Dear all,\nthe meeting is at 9.\n", "error[wrong-type]: found the text", 1);
    }

    #[test]
    fn binary() {
        check([0x7f, b'E', b'L', b'F', 2, 1, 1, 0, 0xff, 0xfe], "byte 8 is not UTF-8", 3);
        check(b"RIFF\0\0\0\0WAVE", "found the control character U+0000", 1);
        check([0xff, 0xfe, b'a', 0], "byte 0 is not UTF-8; save the file as UTF-8", 3);
    }

    #[test]
    fn ten_megabytes() {
        let text = "- this is one of very many lines\n".repeat(320_000);
        assert!(text.len() > 10_000_000);
        check(text, "it has more than 1048576 bytes, the most that is read", 3);
        check("- x\n".repeat(250_000), "error[yaml-too-large]: the text has more than", 1);
    }

    #[test]
    fn anchors_that_explode() {
        let mut text = "a0: &a0 [lol, lol, lol, lol, lol, lol, lol, lol, lol]\n".to_owned();
        for level in 1..=9 {
            let aliases = vec![format!("*a{}", level - 1); 9].join(", ");
            writeln!(text, "a{level}: &a{level} [{aliases}]").unwrap();
        }
        check(text, "error[yaml-too-large]: with this alias expanded", 1);
        check("a: &a [*a]\n", "error[yaml-alias-loop]", 1);
    }

    #[test]
    fn nests() {
        check("[".repeat(200) + &"]".repeat(200), "error[yaml-too-deep]: values are nested", 1);
        let levels: Vec<_> = (0..200).map(|depth| " ".repeat(depth) + "a:\n").collect();
        check(levels.concat(), "error[yaml-too-deep]", 1);
        check("[".repeat(1_000_000), "error[yaml-too-deep]", 1);
    }

    #[test]
    fn an_ivr_that_is_no_number() {
        let shipped = fs::read_to_string(root().join("scenarios/driving-test.yaml")).unwrap();
        let text =
            shipped.replace("  6502:\n", "  abc:\n").replace("on_match: 6502", "on_match: hangup");
        check(
            text,
            "found the key `abc` in `ivrs`, expected the number of an IVR: 1 to 10 digits",
            1,
        );
    }
}

mod schema_command {
    use super::*;

    #[test]
    fn the_shipped_schema_is_the_generated_one() {
        let shipped = fs::read_to_string(root().join("scenarios/scenario.schema.json")).unwrap();
        let printed = ivrkit(&root(), &["schema"]);
        assert_eq!(printed.code, 0);
        assert!(
            shipped == printed.out,
            "regenerate it: cargo run -- schema > scenarios/scenario.schema.json"
        );
        let run = ivrkit(&root(), &["schema", "--check", "scenarios/scenario.schema.json"]);
        assert_eq!((run.code, run.out.as_str(), run.err.as_str()), (0, "", ""));
    }

    #[test]
    fn another_schema_is_told_apart() {
        let dir = tempfile::tempdir().unwrap();
        fs::write(dir.path().join("old.json"), "{}\n").unwrap();
        let run = ivrkit(dir.path(), &["schema", "--check", "old.json"]);
        assert_eq!(run.code, 1);
        assert!(run.err.contains("`ivrkit schema > old.json` writes it"), "{}", run.err);
        assert_eq!(ivrkit(dir.path(), &["schema", "--check", "none.json"]).code, 3);
    }

    #[test]
    fn the_shipped_scenario_names_its_schema() {
        let scenario = fs::read_to_string(root().join("scenarios/driving-test.yaml")).unwrap();
        let first = scenario.lines().next();
        assert_eq!(first, Some("# yaml-language-server: $schema=scenario.schema.json"));
    }
}

mod init_command {
    use super::*;

    #[test]
    fn what_it_writes_is_clean() {
        let dir = tempfile::tempdir().unwrap();
        for (at, profile) in ["yeastar-s", "asterisk"].into_iter().enumerate() {
            for language in ["zh", "en"] {
                let name = format!("{language}-{at}");
                let run = ivrkit(
                    dir.path(),
                    &["init", &name, "--profile", profile, "--language", language],
                );
                assert_eq!((run.code, run.err.as_str()), (0, ""));
                assert!(run.out.ends_with(&format!("next: ivrkit check {name}/scenario.yaml\n")));
                let path = format!("{name}/scenario.yaml");
                let run = ivrkit(dir.path(), &["check", "--strict", &path]);
                assert_eq!(run.out, format!("{path}: no mistakes\n"));
                let schema = format!("{name}/scenario.schema.json");
                assert_eq!(ivrkit(dir.path(), &["schema", "--check", &schema]).code, 0);
                let text = fs::read_to_string(dir.path().join(path)).unwrap();
                assert!(text.contains(&format!("profile: {profile} ")), "{text}");
                assert!(text.starts_with("# yaml-language-server: $schema=scenario.schema.json\n"));
            }
        }
        assert_eq!(fs::read_dir(dir.path()).unwrap().count(), 4, "nothing temporary stays");
    }

    #[test]
    fn it_overwrites_nothing() {
        let dir = tempfile::tempdir().unwrap();
        fs::write(dir.path().join("scenario.yaml"), "mine\n").unwrap();
        let run = ivrkit(dir.path(), &["init", "."]);
        assert_eq!(run.code, 4);
        assert!(run.err.contains("cannot write ./scenario.yaml: it exists already"), "{}", run.err);
        assert_eq!(fs::read_to_string(dir.path().join("scenario.yaml")).unwrap(), "mine\n");
        assert_eq!(fs::read_dir(dir.path()).unwrap().count(), 1);
        let run = ivrkit(dir.path(), &["init", "scenario.yaml"]);
        assert_eq!(run.code, 4);
        assert!(run.err.contains("cannot write into scenario.yaml: it is not a folder"));
        let run = ivrkit(dir.path(), &["init", "no/such/parent"]);
        assert_eq!(run.code, 4);
        assert!(run.err.contains("cannot make the folder no/such/parent"), "{}", run.err);
    }

    #[test]
    fn an_empty_folder_and_one_with_other_files_will_do() {
        let dir = tempfile::tempdir().unwrap();
        fs::write(dir.path().join("notes.txt"), "mine\n").unwrap();
        assert_eq!(ivrkit(dir.path(), &["init", "."]).code, 0);
        assert_eq!(ivrkit(dir.path(), &["check", "--strict", "scenario.yaml"]).code, 0);
        assert_eq!(fs::read_to_string(dir.path().join("notes.txt")).unwrap(), "mine\n");
    }
}

mod documentation {
    use super::*;

    fn doc() -> String {
        fs::read_to_string(root().join("docs/scenario.md")).expect("the document is there")
    }

    /// The first cells of the tables' rows, without backquotes.
    fn first_cells(text: &str) -> Vec<String> {
        let cell = |line: &str| {
            let cell = line.strip_prefix("| `")?.split('`').next()?;
            Some(cell.to_owned())
        };
        text.lines().filter_map(cell).collect()
    }

    #[test]
    fn every_code_is_described_and_no_other() {
        let doc = doc();
        let (_, table) = doc.split_once("\n## Findings\n").unwrap();
        let mut described = first_cells(table);
        let mut codes: Vec<_> = scenario::CODES.iter().map(ToString::to_string).collect();
        described.sort();
        codes.sort();
        assert_eq!(described, codes);
    }

    #[test]
    fn every_key_is_described_with_its_default() {
        let doc = doc();
        let (tables, _) = doc.split_once("\n## Findings\n").unwrap();
        let schema = scenario::schema().to_value();
        let sections = schema["$defs"].as_object().unwrap().values().chain([&schema]);
        for section in sections {
            let Some(properties) = section["properties"].as_object() else { continue };
            for (name, property) in properties {
                let rows: Vec<_> = tables
                    .lines()
                    .filter(|line| line.starts_with(&format!("| `{name}` |")))
                    .collect();
                assert!(!rows.is_empty(), "docs/scenario.md has no row for `{name}`");
                let default = match &property["default"] {
                    Value::Null => continue,
                    Value::String(text) => format!("`{text}`"),
                    Value::Number(number) => format!("`{}`", number.as_f64().unwrap()),
                    other => format!("`{other}`"),
                };
                let is_told = rows.iter().any(|row| row.contains(&format!("| {default} |")));
                assert!(
                    is_told,
                    "docs/scenario.md does not tell the default {default} of `{name}`"
                );
            }
        }
    }

    #[test]
    fn the_example_in_the_document_is_clean() {
        let doc = doc();
        let (_, rest) = doc.split_once("```yaml\n").unwrap();
        let (example, _) = rest.split_once("```").unwrap();
        let dir = tempfile::tempdir().unwrap();
        fs::write(dir.path().join("example.yaml"), example).unwrap();
        let run = ivrkit(dir.path(), &["check", "--strict", "example.yaml"]);
        assert_eq!((run.code, run.out.as_str()), (0, "example.yaml: no mistakes\n"));
    }
}
