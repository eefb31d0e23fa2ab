//! `ivrkit match` as a process: what it says about a dialplan, and how it ends.

#![allow(clippy::unwrap_used, reason = "test code panics where it cannot go on")]

use assert_cmd::Command;
use std::fs;

const DIALPLAN: &str = "\
[m]
exten => 100,1,NoOp(everybody)
exten => 100/55,1,NoOp(55)
exten => 1005,1,NoOp()
exten => _1XX,2,NoOp()
exten => _2 XX,1,NoOp()
exten => _X.,1,NoOp()
include => n,9:00-17:00,*,*,*
[n]
exten => _XXX,1,NoOp()
switch => DUNDi/x
";

/// Runs `ivrkit match` on the dialplan; what it prints and its exit code.
#[track_caller]
fn check(dialplan: &str, arguments: &[&str], expected: &str, code: i32) {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("extensions.conf"), dialplan).unwrap();
    let mut command = Command::cargo_bin("ivrkit").unwrap();
    command.current_dir(folder.path()).args(["match", "extensions.conf"]).args(arguments);
    let output = command.output().unwrap();
    let text =
        String::from_utf8(output.stdout).unwrap() + &String::from_utf8(output.stderr).unwrap();
    assert_eq!(text, expected);
    assert_eq!(output.status.code(), Some(code), "{text}");
}

#[test]
fn an_answer_with_its_reasons() {
    check(
        DIALPLAN,
        &["m", "100"],
        "\
100 in m (extensions.conf:2) answers

tried in this order:
  100/55 in m (extensions.conf:3)  asks for another caller
  100 in m (extensions.conf:2)     answers
  1005 in m (extensions.conf:4)    needs more digits
  _1XX in m (extensions.conf:5)    has no priority 1
  _2XX in m (extensions.conf:6)    stands for other digits
  _X. in m (extensions.conf:7)     would answer, but another one comes before
  _XXX in n (extensions.conf:10)   would answer, but another one comes before

more digits could reach, so a caller who dials waits:
  1005 in m (extensions.conf:4)
  _X. in m (extensions.conf:7)
",
        0,
    );
}

#[test]
fn callers_and_priorities() {
    let first = |arguments: &[&str]| {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("extensions.conf");
        fs::write(&file, DIALPLAN).unwrap();
        let mut command = Command::cargo_bin("ivrkit").unwrap();
        let output = command.arg("match").arg(file).args(arguments).output().unwrap();
        let text = String::from_utf8(output.stdout).unwrap();
        text.split_once(" in ").unwrap_or((text.trim_end(), "")).0.to_owned()
    };
    assert_eq!(first(&["m", "100", "--caller", "55"]), "100/55");
    assert_eq!(first(&["m", "100", "--caller", "55", "--priority", "2"]), "_1XX");
}

#[test]
fn no_answer() {
    check(
        DIALPLAN,
        &["n", "10"],
        "\
nothing answers yet

tried in this order:
  _XXX in n (extensions.conf:10)  needs more digits

more digits could reach, so a caller who dials waits:
  _XXX in n (extensions.conf:10)

the switches of n are asked first, and may know more
",
        1,
    );
    check(
        "[m]\nexten => 5,1,NoOp()\n",
        &["m", "6"],
        "nothing answers, now or after more digits\n",
        1,
    );
}

#[test]
fn json() {
    check(
        "[m]\nexten => _1X!,1,NoOp()\nexten => 12/7,1,NoOp()\n",
        &["m", "12", "--format", "json"],
        concat!(
            r#"{"context":"m","digits":"12","caller":"","priority":1,"#,
            r#""answer":{"context":"m","extension":"_1X!","file":"extensions.conf","line":2},"#,
            r#""candidates":[{"context":"m","extension":"12","caller":"7","#,
            r#""file":"extensions.conf","line":3,"verdict":"other-caller"},"#,
            r#"{"context":"m","extension":"_1X!","file":"extensions.conf","line":2,"#,
            r#""verdict":"answers"}],"longer":[],"can_match":true,"match_more":false,"#,
            r#""switches":[]}"#,
            "\n"
        ),
        0,
    );
}

#[test]
fn what_cannot_be_asked() {
    check(DIALPLAN, &["q", "1"], "ivrkit: extensions.conf: no context `q`, see `ivrkit show`\n", 1);
    let refused = "ivrkit: Asterisk does not load extensions.conf\n";
    check("[m\nexten => 1,1,NoOp()\n", &["m", "1"], refused, 1);
}
