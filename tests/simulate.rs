//! `ivrkit simulate` as a user runs it.

use assert_cmd::Command;
use serde_json::Value;
use std::{fs, path::Path, time::Duration};
use tempfile::TempDir;

const MENU: &str = "\
[menu]
exten => s,1,Set(TRIES=1)
same => n,Background(welcome)
same => n,UserEvent(Asked,Try: ${TRIES},Menu: main)
same => n,WaitExten(2)
exten => 1,1,Playback(thanks)
same => n,Hangup()
exten => t,1,NoOp(nobody ${NAME} ${CALLERID(num)} ${EPOCH})
";

struct Run {
    code: i32,
    out: String,
    errors: String,
}

/// Runs `ivrkit simulate` in a folder that has the menu as `menu.conf`.
fn simulate(arguments: &[&str]) -> Run {
    let folder = TempDir::new().expect("a folder");
    fs::write(folder.path().join("menu.conf"), MENU).expect("a file");
    simulate_in(folder.path(), arguments)
}

fn simulate_in(folder: &Path, arguments: &[&str]) -> Run {
    let mut command = Command::new(assert_cmd::cargo::cargo_bin!("ivrkit"));
    command.current_dir(folder).arg("simulate").args(arguments);
    let output = command.timeout(Duration::from_mins(1)).output().expect("ivrkit starts");
    let text = |bytes| String::from_utf8(bytes).expect("ivrkit writes UTF-8");
    Run {
        code: output.status.code().expect("ended by itself and in time"),
        out: text(output.stdout),
        errors: text(output.stderr),
    }
}

fn shipped(arguments: &[&str]) -> Run {
    simulate_in(Path::new(env!("CARGO_MANIFEST_DIR")), arguments)
}

#[test]
fn a_call_is_told_line_by_line() {
    let run = simulate(&["menu.conf", "--context", "menu", "--dtmf", "after welcome; wait 1; 1"]);
    assert_eq!(
        run.out,
        "    0.00  menu,s,1  Set(TRIES=1)
    0.00  menu,s,2  BackGround(welcome)
    0.00            hears welcome
    3.00            has heard welcome
    3.00  menu,s,3  UserEvent(Asked,Try: 1,Menu: main)
    3.00            event Asked Try: 1, Menu: main
    3.00  menu,s,4  WaitExten(2)
    4.10            presses 1
    4.10  menu,1,1  Playback(thanks)
    4.10            hears thanks
    7.10            has heard thanks
    7.10  menu,1,2  Hangup()
    7.10            ends at menu,1,2, cause 16: an application ended it
"
    );
    assert_eq!((run.code, run.errors.as_str()), (0, ""));
}

#[test]
fn a_call_is_json_for_programs() {
    let run =
        simulate(&["menu.conf", "--context", "menu", "--dtmf", "1; hangup", "--format", "json"]);
    let mut call: Value = serde_json::from_str(&run.out).expect("one JSON object");
    let events = call["events"].take();
    assert_eq!(call, serde_json::json!({ "file": "menu.conf", "length_s": 0.2, "events": null }));
    let mut snapshot = String::new();
    for event in events.as_array().expect("events are a list") {
        snapshot.push_str(&format!("{event}\n"));
    }
    insta::assert_snapshot!("simulated_call", snapshot);
}

#[test]
fn the_call_begins_as_it_is_told() {
    let run = simulate(&[
        "menu.conf",
        "--context",
        "menu",
        "--exten",
        "t",
        "--caller-id",
        "Ana <139>",
        "--set",
        "NAME=me=you",
        "--at",
        "2026-01-05T10:00:00+08:00",
    ]);
    assert!(
        run.out.starts_with("    0.00  menu,t,1  NoOp(nobody me=you 139 1767578400)\n"),
        "{}",
        run.out
    );
    let run = simulate(&[
        "menu.conf",
        "--context",
        "menu",
        "--priority",
        "4",
        "--dtmf",
        "wait 0.5; 1",
        "--key-ms",
        "300",
        "--sound-seconds",
        "0.5",
    ]);
    assert!(run.out.contains("    0.80            presses 1\n"), "{}", run.out);
    assert!(run.out.contains("    1.30            has heard thanks\n"), "{}", run.out);
}

#[test]
fn sounds_of_a_folder_have_their_own_lengths() {
    let folder = TempDir::new().expect("a folder");
    let share = folder.path().join("share");
    let mut build = Command::new(assert_cmd::cargo::cargo_bin!("ivrkit"));
    build.current_dir(env!("CARGO_MANIFEST_DIR"));
    build.args(["media", "build", "scenarios/driving-test.yaml", "-o"]).arg(&share);
    assert!(build.output().expect("ivrkit starts").status.success());
    let sounds = "share=/var/media";
    let dialplan = "[m]\nexten => s,1,Playback(ok)\nsame => n,Playback(/var/media/ok)\n\
                    same => n,Playback(/var/media/none)\nsame => n,Playback(other)\n";
    fs::write(folder.path().join("m.conf"), dialplan).expect("a file");
    let run = simulate_in(folder.path(), &["m.conf", "--context", "m", "--media", sounds]);
    let ends: Vec<&str> = run
        .out
        .lines()
        .filter(|line| line.contains("sound") || line.contains("has heard"))
        .collect();
    let length = |line: &str| line.split_whitespace().next().unwrap().parse::<f64>().unwrap();
    assert_eq!(ends.len(), 4, "{}", run.out);
    let ok_s = length(ends[0]);
    assert!((1.0..2.5).contains(&ok_s), "{}", run.out);
    assert!((length(ends[1]) - 2.0 * ok_s).abs() < 0.02, "{}", run.out);
    assert!(ends[2].ends_with("there is no sound /var/media/none"), "{}", run.out);
    assert!((length(ends[3]) - length(ends[2]) - 3.0).abs() < 0.02, "{}", run.out);
}

#[test]
fn a_scenario_begins_in_its_first_ivr_and_the_server_takes_part() {
    let run = shipped(&[
        "scenarios/driving-test.yaml",
        "--caller-id",
        "13900001111",
        "--dtmf",
        "after confirm; 1; after password; 56789#",
        "--lookup",
        "56789=match",
    ]);
    assert_eq!((run.code, run.errors.as_str()), (0, ""));
    assert!(run.out.starts_with("    0.00  ivrs,6500,1"), "{}", run.out);
    for expected in [
        "hears /tmp/media/networkdisk1/notice",
        "event DtmfEndString Info: 56789#",
        "server: entry 1 is right",
        "is sent to ivrs,6502,1",
        "has heard /tmp/media/networkdisk1/ok",
        "server: the call ended: verified",
    ] {
        assert!(run.out.contains(expected), "{expected}\n{}", run.out);
    }
    let run = shipped(&["scenarios/driving-test.yaml", "--dtmf", "after confirm; 1"]);
    assert!(!run.out.contains("server:"), "{}", run.out);
}

#[test]
fn what_cannot_be_simulated_is_said_at_its_step() {
    let folder = TempDir::new().expect("a folder");
    let dialplan = "[m]\nexten => s,1,Set(A=1)\nsame => n,AGI(check.agi)\nsame => n,Set(B=1)\n";
    fs::write(folder.path().join("m.conf"), dialplan).expect("a file");
    let run = simulate_in(folder.path(), &["m.conf", "--context", "m"]);
    assert_eq!(run.code, 1);
    let last = run.out.lines().last().unwrap_or_default();
    assert!(last.contains("AGI is not simulated, so nobody knows what comes then"), "{}", run.out);
    assert!(!run.out.contains("B=1"), "{}", run.out);
    let run = simulate_in(folder.path(), &["m.conf", "--context", "m", "--outcome", "AGI=SUCCESS"]);
    assert_eq!(run.code, 0, "{}", run.out);
    assert!(run.out.contains("B=1"), "{}", run.out);
}

#[test]
fn what_the_caller_could_not_do_is_said() {
    let run = simulate(&["menu.conf", "--context", "menu", "--dtmf", "hangup; 12"]);
    assert_eq!(run.code, 0);
    assert_eq!(run.errors, "ivrkit: the call was over before the caller could do `12`\n");
}

#[test]
fn bad_input_is_told_with_what_was_expected() {
    let check = |arguments: &[&str], code: i32, expected: &str| {
        let run = simulate(arguments);
        assert!(run.errors.contains(expected), "{arguments:?}: {}", run.errors);
        assert_eq!((run.code, run.out.as_str()), (code, ""), "{arguments:?}");
    };
    check(&["none.conf"], 3, "ivrkit: cannot read none.conf: No such file");
    check(&["menu.conf"], 2, "ivrkit: there is no context `default` in menu.conf");
    check(&["menu.conf", "--context", ""], 2, "a value is required");
    check(&["menu.conf", "--dtmf", "1; prss 2"], 2, "found `prss`, expected keys of 0-9");
    check(&["menu.conf", "--dtmf", "1; prss 2"], 2, "(character 4)");
    check(&["menu.conf", "--at", "today"], 2, "expected a moment with its offset");
    check(&["menu.conf", "--set", "NAME"], 2, "expected NAME=VALUE");
    check(&["menu.conf", "--set", "=1"], 2, "expected a name before `=`");
    check(&["menu.conf", "--outcome", "Dial"], 2, "expected NAME=VALUE");
    check(&["menu.conf", "--lookup", "1=right"], 2, "expected `match`, `mismatch`");
    check(&["menu.conf", "--asterisk", "13"], 2, "expected 16 or 22");
    check(&["menu.conf", "--sound-seconds", "-1"], 2, "");
    check(&["menu.conf", "--key-ms", "0"], 2, "1..=60000");
    check(
        &["menu.conf", "--context", "menu", "--media", "none"],
        3,
        "cannot read the media folder none",
    );
    check(&["."], 3, "cannot read .: it is a folder");
}

#[test]
fn a_dialplan_that_asterisk_refuses_and_a_scenario_with_mistakes_are_not_simulated() {
    let folder = TempDir::new().expect("a folder");
    fs::write(folder.path().join("open.conf"), "[open\nexten => s,1,NoOp\n").expect("a file");
    fs::write(folder.path().join("bad.yaml"), "ivrkit: 1\n").expect("a file");
    let run = simulate_in(folder.path(), &["open.conf"]);
    assert_eq!(
        run.errors,
        "ivrkit: Asterisk does not load open.conf: see `ivrkit show open.conf`\n"
    );
    assert_eq!(run.code, 1);
    let run = simulate_in(folder.path(), &["bad.yaml"]);
    assert_eq!(run.code, 1);
    assert!(
        run.errors.contains("the scenario bad.yaml has 7 mistakes: see `ivrkit check bad.yaml`"),
        "{}",
        run.errors
    );
}

#[test]
fn what_is_in_a_dialplan_cannot_steer_the_terminal() {
    let folder = TempDir::new().expect("a folder");
    fs::write(folder.path().join("m.conf"), "[m]\nexten => s,1,NoOp(\x1b[2Jx)\n").expect("a file");
    let run = simulate_in(folder.path(), &["m.conf", "--context", "m"]);
    assert!(!run.out.contains('\x1b'), "{}", run.out);
}
