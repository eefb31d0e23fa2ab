//! `ivrkit lint` and the commands around it, as a user runs them.

#![allow(clippy::unwrap_used, reason = "test code panics where it cannot go on")]

use assert_cmd::Command;
use serde_json::Value;
use std::{fs, os::unix::fs::symlink, path::Path, time::Duration};
use tempfile::TempDir;

const CLEAN: &str = "[a]\nexten => 1,1,Answer()\n same => n,Hangup()\n";
/// One error on line 3.
const WRONG: &str = "[a]\nexten => 1,1,Answer()\nexten => 1,1,Hangup()\n";
/// One hint of a rule that is off unless asked for.
const UGLY: &str = "[a]\nexten => 1,1,Hangup()";

/// A folder with files.
struct Room {
    folder: TempDir,
}

/// How a command ended.
struct Ended {
    code: i32,
    out: String,
    errors: String,
}

impl Room {
    fn new(files: &[(&str, &str)]) -> Self {
        let folder = TempDir::new().unwrap();
        for (name, text) in files {
            let path = folder.path().join(name);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, text).unwrap();
        }
        Self { folder }
    }

    fn path(&self, name: &str) -> std::path::PathBuf {
        self.folder.path().join(name)
    }

    /// Runs ivrkit in the folder; only rules that these tests know look.
    fn run(&self, arguments: &[&str]) -> Ended {
        run_in(self.folder.path(), arguments)
    }

    /// Lints with `duplicate-priority` alone, and one finding a line.
    fn lint(&self, arguments: &[&str]) -> Ended {
        let only = ["lint", "--quiet", "--format", "one-line", "--disable", "all"];
        self.run(&[&only, &["--enable", "duplicate-priority"][..], arguments].concat())
    }
}

fn run_in(folder: &Path, arguments: &[&str]) -> Ended {
    let mut command = Command::new(assert_cmd::cargo::cargo_bin!("ivrkit"));
    let output =
        command.current_dir(folder).args(arguments).timeout(Duration::from_mins(2)).output();
    let output = output.expect("ivrkit starts");
    let text = |bytes| String::from_utf8(bytes).expect("ivrkit writes UTF-8");
    let code = output.status.code().expect("ended by itself and in time");
    Ended { code, out: text(output.stdout), errors: text(output.stderr) }
}

/// The places of findings written one a line, as `file:line`.
fn places(out: &str) -> Vec<String> {
    let place = |line: &str| line.splitn(3, ':').take(2).collect::<Vec<_>>().join(":");
    out.lines().map(place).collect()
}

#[track_caller]
fn check_code(files: &[(&str, &str)], arguments: &[&str], expected: i32) {
    let ended = Room::new(files).lint(arguments);
    assert_eq!(ended.code, expected, "{}{}", ended.out, ended.errors);
}

#[test]
fn the_exit_code_says_how_bad_it_is() {
    check_code(&[("extensions.conf", CLEAN)], &[], 0);
    check_code(&[("extensions.conf", WRONG)], &[], 1);
    check_code(&[("extensions.conf", WRONG)], &["--disable", "duplicate-priority"], 0);
    check_code(&[("extensions.conf", UGLY)], &["--enable", "no-final-newline"], 0);
    let strict = ["--enable", "no-final-newline", "--fail-on", "hint"];
    check_code(&[("extensions.conf", UGLY)], &strict, 1);
    check_code(&[("extensions.conf", UGLY)], &["--enable", "Y001", "--fail-on", "warning"], 0);
    check_code(&[("extensions.conf", WRONG)], &["extensions.conf", "missing.conf"], 2);
    check_code(&[("extensions.conf", WRONG)], &["--enable", "no-such-rule"], 2);
    check_code(&[], &[], 2);
}

/// An input that cannot be linted, beside one that can: a message that names it, the findings of the
/// other one, and exit code 2.
#[track_caller]
fn check_bad(room: &Room, arguments: &[&str], expected: &[&str]) {
    fs::write(room.path("wrong.conf"), WRONG).unwrap();
    let ended = room.lint(arguments);
    let found = places(&ended.out);
    assert!(found.contains(&"wrong.conf:3".to_owned()), "{found:?} {}", ended.errors);
    assert_eq!(ended.code, 2, "{}", ended.errors);
    let lines: Vec<_> = ended.errors.lines().collect();
    assert_eq!(lines.len(), expected.len(), "{lines:?}");
    for (line, expected) in lines.iter().zip(expected) {
        assert!(line.starts_with("ivrkit: ") && line.contains(expected), "{line}: {expected}");
    }
}

#[test]
fn what_is_no_text_is_said() {
    let room = Room::new(&[]);
    fs::write(room.path("extensions.conf"), [0, 1, 2, 3, 255]).unwrap();
    fs::write(room.path("extensions_utf16.conf"), b"\xff\xfe[\0a\0]\0\n\0").unwrap();
    check_bad(
        &room,
        &[],
        &[
            "extensions.conf: it is no text, expected a dialplan",
            "extensions_utf16.conf: it is text in UTF-16, expected a dialplan",
        ],
    );
}

#[test]
fn a_file_of_200_mb_is_said() {
    let room = Room::new(&[("extensions.conf", &CLEAN.repeat(10_000))]);
    let file = fs::File::options().write(true).open(room.path("extensions.conf")).unwrap();
    file.set_len(200 << 20).unwrap();
    check_bad(&room, &[], &["extensions.conf: it has more than 67108864 bytes"]);
    let room = Room::new(&[("main.conf", "#include extensions.inc\n"), ("extensions.inc", CLEAN)]);
    let file = fs::File::options().write(true).open(room.path("extensions.inc")).unwrap();
    file.set_len(200 << 20).unwrap();
    let arguments = ["main.conf", "wrong.conf"];
    check_bad(&room, &arguments, &["extensions.inc: it has more than 67108864 bytes"]);
}

#[test]
fn what_is_no_file_is_said() {
    let room = Room::new(&[]);
    let made = std::process::Command::new("mkfifo").arg(room.path("pipe.conf")).status().unwrap();
    assert!(made.success());
    symlink("nowhere.conf", room.path("extensions.conf")).unwrap();
    check_bad(
        &room,
        &[".", "gone.conf"],
        &[
            "extensions.conf: it is a link to nowhere.conf, which is not there",
            "gone.conf: No such file",
            "pipe.conf: it is not a regular file",
        ],
    );
}

#[test]
fn what_cannot_be_read_is_said() {
    let room = Room::new(&[]);
    // A regular file of which reading fails for everybody, root too.
    symlink("/proc/self/mem", room.path("extensions.conf")).unwrap();
    check_bad(&room, &[], &["cannot read extensions.conf: "]);
}

#[test]
fn files_that_include_each_other_are_said() {
    let room = Room::new(&[
        ("a.conf", "[a]\nexten = 1,1,Hangup\n#include b.conf\n"),
        ("b.conf", "#include a.conf\n"),
    ]);
    check_bad(
        &room,
        &[],
        &["a.conf:3: not linted wholly: files include each other deeper than 10"],
    );
}

#[test]
fn ten_thousand_files_are_linted() {
    let room = Room::new(&[]);
    for number in 0..10_000 {
        let text = if number % 1_000 == 7 { WRONG } else { CLEAN };
        fs::write(room.path(&format!("extensions_{number:05}.conf")), text).unwrap();
    }
    let ended = room.lint(&[]);
    let expected: Vec<_> =
        (0..10).map(|number| format!("extensions_{:05}.conf:3", number * 1_000 + 7)).collect();
    assert_eq!((ended.code, places(&ended.out)), (1, expected), "{}", ended.errors);
}

#[test]
fn a_file_in_several_dialplans_is_told_of_once() {
    let room = Room::new(&[
        ("b/extensions.conf", "#include part.conf\n[b]\nexten = 1,1,Hangup\n"),
        ("b/extensions_too.conf", "[c]\nexten = 1,1,Hangup\n#include part.conf\n"),
        ("b/part.conf", WRONG),
        ("a.conf", WRONG),
    ]);
    let ended = room.lint(&["b", "a.conf"]);
    assert_eq!(places(&ended.out), ["a.conf:3", "b/part.conf:3"]);
    assert_eq!((ended.code, ended.errors.as_str()), (1, ""));
    let again = room.lint(&["a.conf", "b", "b/part.conf"]);
    assert_eq!(again.out, ended.out);
}

#[test]
fn the_nearest_configuration_counts_and_the_command_line_before_it() {
    let room = Room::new(&[
        ("ivrkit.toml", "[lint]\nfail-on = 'warning'\nrules.duplicate-priority = 'warning'\n"),
        ("extensions.conf", WRONG),
        ("calm/ivrkit.toml", "[lint]\nrules = { all = 'off' }\n"),
        ("calm/extensions.conf", WRONG),
    ]);
    let check = |arguments: &[&str], expected: (i32, &[&str])| {
        let arguments = [&["lint", "-q", "--format", "one-line"], arguments].concat();
        let ended = room.run(&arguments);
        let about = ended.out.lines().filter(|line| line.contains("duplicate-priority"));
        let about: Vec<_> = about.map(|line| line.split(": ").nth(1).unwrap_or(line)).collect();
        assert_eq!((ended.code, about.as_slice()), expected, "{}", ended.errors);
    };
    check(&["extensions.conf"], (1, &["warning[L024 duplicate-priority]"]));
    check(&["calm"], (0, &[]));
    check(&["calm", "--config", "ivrkit.toml"], (1, &["warning[L024 duplicate-priority]"]));
    check(&["calm", "--enable", "L024"], (1, &["error[L024 duplicate-priority]"]));
    check(&["extensions.conf", "--fail-on", "error"], (0, &["warning[L024 duplicate-priority]"]));
}

#[test]
fn a_wrong_configuration_is_said_with_its_place() {
    let room = Room::new(&[
        ("extensions.conf", WRONG),
        ("other/ivrkit.toml", "[lint]\n  asterix = '16'\n"),
        ("other/extensions.conf", WRONG),
    ]);
    let message = "ivrkit.toml:2:3: unknown key `asterix`, did you mean `asterisk`?\n";
    let ended = room.lint(&[]);
    assert_eq!((ended.code, places(&ended.out)), (2, vec!["extensions.conf:3".to_owned()]));
    assert_eq!(ended.errors, format!("ivrkit: other/{message}"));
    let ended = room.lint(&["--config", "other/ivrkit.toml"]);
    assert_eq!((ended.code, ended.out.as_str()), (2, ""));
    assert_eq!(ended.errors, format!("ivrkit: other/{message}"));
    assert_eq!(room.lint(&["--config", "none.toml"]).code, 2);
}

#[test]
fn machines_get_what_they_ask_for() {
    let room = Room::new(&[("b.conf", WRONG), ("a.conf", WRONG)]);
    let ended = room.run(&["lint", "--format", "json", "--disable", "all", "--enable", "L024"]);
    let found: Vec<Value> = serde_json::from_str(&ended.out).expect("a JSON array");
    let shown: Vec<_> =
        found.iter().map(|one| (&one["file"], &one["line"], &one["rule"])).collect();
    let rule = Value::from("duplicate-priority");
    let expected = ["a.conf", "b.conf"].map(Value::from);
    assert_eq!(shown, [(&expected[0], &3.into(), &rule), (&expected[1], &3.into(), &rule)]);
}

#[test]
fn people_get_a_summary() {
    let room = Room::new(&[("a.conf", WRONG), ("b.conf", CLEAN)]);
    let ended = room.run(&["lint", "--disable", "all", "--enable", "L024"]);
    assert_eq!(ended.errors, "1 error in 2 files\n");
    assert!(ended.out.contains("3 | exten => 1,1,Hangup()"), "{}", ended.out);
    let clean = room.run(&["lint", "b.conf", "--disable", "all"]);
    assert_eq!((clean.out.as_str(), clean.errors.as_str()), ("", "nothing found in 1 file\n"));
}

#[test]
fn the_projects_own_dialplans_are_clean() {
    let project = Path::new(env!("CARGO_MANIFEST_DIR"));
    let every = ["lint", "--enable", "all", "--disable", "style", "--fail-on", "hint"];
    let ended = run_in(project, &[&every[..], &["scenarios"]].concat());
    assert_eq!((ended.code, ended.out.as_str()), (0, ""), "{}", ended.errors);
    assert_eq!(ended.errors, "nothing found in 4 files\n");
    let room = Room::new(&[]);
    assert_eq!(room.run(&["init", "booking"]).code, 0);
    let ended = room.run(&every);
    assert_eq!((ended.code, ended.out.as_str()), (0, ""), "{}", ended.errors);
}

#[test]
fn findings_in_a_scenario_show_the_rendered_dialplan() {
    let shipped = include_str!("../scenarios/driving-test.yaml");
    let room = Room::new(&[
        ("s.yaml", shipped),
        ("bad.yaml", "ivrkit: 1\n"),
        ("templates/dialplan.conf.j2", WRONG),
    ]);
    let own = ["s.yaml", "--templates", "templates"];
    let ended = room.lint(&own);
    let places: Vec<_> = ended.out.lines().filter_map(|line| line.split(": ").next()).collect();
    let expected = ["s.yaml (rendered for asterisk):3:1", "s.yaml (rendered for yeastar-s):3:1"];
    assert_eq!((ended.code, places.as_slice()), (1, &expected[..]), "{}", ended.errors);
    let ended = room.lint(&[&own[..], &["--profile", "yeastar-s"]].concat());
    assert_eq!(ended.out.lines().count(), 1);
    let ended = room.lint(&["bad.yaml"]);
    assert_eq!(ended.code, 2);
    assert!(ended.errors.ends_with("mistakes; see `ivrkit check bad.yaml`\n"), "{}", ended.errors);
}

#[test]
fn a_rule_is_explained_by_name_or_code() {
    let room = Room::new(&[]);
    let page = room.run(&["explain", "duplicate-priority"]);
    assert_eq!((page.code, page.errors.as_str()), (0, ""));
    assert!(page.out.starts_with("L024 duplicate-priority\ngroup load, error"), "{}", page.out);
    assert!(page.out.contains("\n\nWhat it finds\n") && !page.out.contains("```"), "{}", page.out);
    assert!(!page.out.contains("\n\n\n"), "{}", page.out);
    assert_eq!(room.run(&["explain", "l024"]).out, page.out);
    let wrong = room.run(&["explain", "duplicate-priorities"]);
    assert_eq!(wrong.code, 2);
    assert!(wrong.errors.contains("did you mean `duplicate-priority`?"), "{}", wrong.errors);
}

#[test]
fn the_rules_are_listed() {
    let room = Room::new(&[]);
    let text = room.run(&["rules"]).out;
    let json: Vec<Value> =
        serde_json::from_str(&room.run(&["rules", "--format", "json"]).out).unwrap();
    assert_eq!(text.lines().count(), json.len());
    let duplicate = json.iter().find(|rule| rule["code"] == "L024").expect("it is listed");
    assert_eq!(duplicate["name"], "duplicate-priority");
    assert_eq!((&duplicate["group"], &duplicate["severity"]), (&"load".into(), &"error".into()));
    let page = room.run(&["rules", "--format", "markdown"]).out;
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/rules.md");
    if std::env::var_os("IVRKIT_RECORD").is_some() {
        fs::write(&path, &page).unwrap();
    }
    let kept = fs::read_to_string(path).unwrap();
    assert!(page == kept, "run: ivrkit rules --format markdown > docs/rules.md");
}

#[test]
fn names_that_look_alike_are_listed() {
    let text = "[menu]\nexten => 1,1,Set(IvrId=1)\n same => n,NoOp(${Ivrid})\n";
    let room = Room::new(&[("a.conf", text), ("b.conf", CLEAN)]);
    let ended = room.run(&["names"]);
    let expected = "variables `IvrId` (a.conf:2:18) and `Ivrid` (a.conf:3:19) differ in case\n";
    assert_eq!((ended.code, ended.out.as_str()), (1, expected));
    let json: Value = serde_json::from_str(&room.run(&["names", "--format", "json"]).out).unwrap();
    assert_eq!(json[0]["kind"], "variable");
    assert_eq!(json[0]["names"][1]["line"], 3);
    assert_eq!(room.run(&["names", "b.conf"]).code, 0);
    assert_eq!(room.run(&["names", "c.conf"]).code, 3);
}

#[test]
fn the_modules_of_a_dialplan_are_listed() {
    let text = "[a]\nexten => 1,1,Dial(PJSIP/1,20)\n same => n,Frobnicate()\n";
    let room = Room::new(&[("a.conf", text), ("b.conf", "[b]\nexten => 2,1,Dial(PJSIP/2)\n")]);
    let ended = room.run(&["modules"]);
    let expected = "\
; what the dialplan needs of Asterisk 22
load = app_dial.so ; Dial, 2 times, first a.conf:2
load = chan_pjsip.so ; PJSIP, 2 times, first a.conf:2
; no known module has frobnicate, a.conf:3
";
    assert_eq!((ended.code, ended.out.as_str()), (0, expected), "{}", ended.errors);
    let json = room.run(&["modules", "--format", "json", "--asterisk", "16", "b.conf"]).out;
    let json: Value = serde_json::from_str(&json).unwrap();
    assert_eq!(json["modules"]["app_dial"][0]["file"], "b.conf");
    assert_eq!(room.run(&["modules", "c.conf"]).code, 3);
}

/// What `--fix` can mend: a blank that makes calls fail (unsafe) and a missing newline (safe).
const MENDABLE: &str = "[a]\nexten => 1,1,Set (X=1)\n same => n,Hangup()";

/// Lints with two rules that can mend.
fn mend(room: &Room, arguments: &[&str]) -> Ended {
    let only = ["lint", "--format", "one-line", "--disable", "all", "--enable", "A001,Y001"];
    room.run(&[&only[..], arguments].concat())
}

#[test]
fn a_fix_is_made_when_it_is_asked_for() {
    let room = Room::new(&[("a.conf", MENDABLE)]);
    let text = || fs::read_to_string(room.path("a.conf")).unwrap();
    let diff = mend(&room, &["--diff"]);
    let expected = "\
--- a.conf
+++ a.conf
@@ -1,3 +1,3 @@
 [a]
 exten => 1,1,Set (X=1)
- same => n,Hangup()
\\ No newline at end of file
+ same => n,Hangup()
";
    assert_eq!((diff.code, diff.out.as_str(), diff.errors.as_str()), (1, expected, ""));
    assert_eq!(text(), MENDABLE);
    let safe = mend(&room, &["--fix"]);
    assert_eq!((safe.code, places(&safe.out)), (1, vec!["a.conf:2".to_owned()]));
    assert_eq!(safe.errors, "1 fix made in 1 file\n1 error in 1 file\n");
    assert_eq!(text(), format!("{MENDABLE}\n"));
    let all = mend(&room, &["--fix", "--unsafe-fixes"]);
    assert_eq!((all.code, all.out.as_str()), (0, ""), "{}", all.errors);
    assert_eq!(text(), format!("{MENDABLE}\n").replace("Set (", "Set("));
    assert_eq!((mend(&room, &["--diff"]).code, mend(&room, &["--unsafe-fixes"]).code), (0, 2));
}

#[test]
fn what_a_baseline_knows_is_not_reported() {
    let room = Room::new(&[("a.conf", WRONG), ("b.conf", CLEAN)]);
    let written = room.lint(&["--write-baseline", "known.json"]);
    assert_eq!((written.code, written.out.as_str(), written.errors.as_str()), (0, "", ""));
    let known = room.lint(&["--baseline", "known.json"]);
    assert_eq!((known.code, known.out.as_str()), (0, ""), "{}", known.errors);
    // The old one has moved, and there is a new one.
    fs::write(room.path("a.conf"), format!("; moved\n{WRONG}exten => 1,1,NoOp()\n")).unwrap();
    let new = room.lint(&["--baseline", "known.json"]);
    assert_eq!((new.code, places(&new.out)), (1, vec!["a.conf:5".to_owned()]));
    fs::write(room.path("a.conf"), CLEAN).unwrap();
    let gone = room.run(&["lint", "--disable", "all", "--baseline", "known.json"]);
    let expected = "0 findings in the baseline\n\
                    1 finding of the baseline not found any more: write it anew\n\
                    nothing found in 2 files\n";
    assert_eq!((gone.code, gone.errors.as_str()), (0, expected));
    fs::write(room.path("known.json"), "{}").unwrap();
    assert_eq!(room.lint(&["--baseline", "known.json"]).code, 2);
    assert_eq!(room.lint(&["missing.conf", "--write-baseline", "new.json"]).code, 2);
    assert!(!room.path("new.json").exists());
}

#[test]
fn a_password_is_in_no_output() {
    let text = "[a]\nexten => 1,1,Authenticate(5936)\n same => n,Set (X=1)\n\
                same => n,Authenticate(5936) ; ivrkit: allow(plaintext-password) the old door\n \
                same => n,Authenticate (5936)";
    let room = Room::new(&[("a.conf", text)]);
    let forms = ["human", "one-line", "json", "sarif", "github", "gitlab", "junit"];
    let every = ["lint", "--enable", "all"];
    let forms = forms.map(|form| [&every[..], &["--format", form]].concat());
    let others = [
        vec!["lint", "--enable", "all", "--diff", "--unsafe-fixes"],
        vec!["lint", "--enable", "all", "--disable", "plaintext-password"],
        vec!["names"],
    ];
    for arguments in forms.into_iter().chain(others) {
        let ended = room.run(&arguments);
        assert!(ended.code < 2 && !ended.out.is_empty() || arguments == ["names"], "{arguments:?}");
        let said = [ended.out, ended.errors].concat();
        assert!(!said.contains("5936"), "{arguments:?}: {said}");
    }
    let diff = room.run(&["lint", "--diff", "--unsafe-fixes"]).out;
    assert!(diff.contains("Authenticate(****)"), "{diff}");
    room.run(&["lint", "--fix", "--unsafe-fixes", "--quiet"]);
    assert_eq!(fs::read_to_string(room.path("a.conf")).unwrap().matches("5936").count(), 3);
}

/// The findings of one rule, each without its place.
#[track_caller]
fn check_rule(room: &Room, rule: &str, arguments: &[&str], expected: &[&str]) {
    let only = ["lint", "--quiet", "--format", "one-line", "--disable", "all", "--enable", rule];
    let ended = room.run(&[&only[..], arguments].concat());
    let found: Vec<_> = ended.out.lines().filter_map(|line| line.split("]: ").nth(1)).collect();
    assert_eq!(found.len(), expected.len(), "{arguments:?}: {}{}", ended.out, ended.errors);
    for (found, expected) in found.iter().zip(expected) {
        assert!(found.contains(expected), "{found}: {expected}");
    }
}

#[test]
fn a_sound_is_missed_in_a_folder_that_was_named() {
    let text = "[a]\nexten => 1,1,Playback(/media/notice)\n same => n,Playback(/media/bye)\n \
                same => n,Playback(vm-goodbye)\n";
    let room = Room::new(&[("a.conf", text), ("out/notice.gsm", ""), ("calm/a.conf", text)]);
    let check = |arguments: &[&str], expected: &[&str]| {
        check_rule(&room, "missing-sound", arguments, expected);
    };
    check(&["a.conf"], &[]);
    check(&["a.conf", "--media", "out=/media"], &["/media/bye"]);
    check(&["a.conf", "--media", "out=/media", "--stock-sounds"], &["/media/bye"]);
    let bare = ["a.conf", "--media", "out=/media", "--stock-sounds=false"];
    check(&bare, &["/media/bye", "vm-goodbye"]);
    let configured = "[lint]\nmedia = ['../out=/media']\nstock-sounds = false\n";
    fs::write(room.path("calm/ivrkit.toml"), configured).unwrap();
    check(&["calm/a.conf"], &["/media/bye", "vm-goodbye"]);
    let ended = room.lint(&["--media", "nowhere", "a.conf"]);
    assert_eq!(ended.code, 2);
    assert!(ended.errors.contains("cannot read the media folder nowhere"), "{}", ended.errors);
}

#[test]
fn a_queue_is_missed_beside_the_file_that_defines_queues() {
    let text = "[a]\nexten => 1,1,Answer()\n same => n,Queue(salse)\n same => n,Hangup()\n";
    let room = Room::new(&[("a.conf", text), ("b/a.conf", text), ("b/queues.conf", "[sales]\n")]);
    check_rule(&room, "missing-queue", &["a.conf"], &[]);
    check_rule(&room, "missing-queue", &["b/a.conf"], &["salse"]);
}
