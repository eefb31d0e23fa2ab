//! The script that ivrkit began with, as written: `ivrkit show` and `ivrkit match` say of it what
//! the real Asterisks list, complain about and do. docs/seed-script.md tells what is wrong with it.

#![allow(clippy::unwrap_used, reason = "test code panics where it cannot go on")]

#[path = "support/complaints.rs"]
mod complaints;
#[path = "support/loading.rs"]
mod loading;
#[path = "support/probes.rs"]
mod probes;
#[path = "support/mod.rs"]
mod support;

use assert_cmd::Command;
use probes::Loaded;
use serde_json::Value;
use std::{
    collections::BTreeSet,
    fs,
    path::{Path, PathBuf},
};
pub(crate) use support::asterisk;
use support::asterisk::{Asterisk, Trace, Version, What};

/// The two lines that Asterisk loses: `exten = 6501, n, Goto (t, 1)` and that of 6503.
const LOST_LINES: [u64; 2] = [43, 84];

/// Dialled strings, and the lines of what answers and of what would make a caller wait.
const DIALLED: &[(&str, &str, Option<u64>, Option<u64>)] = &[
    ("ivr_6500", "1", Some(18), None),
    ("ivr_6500", "9", None, None),
    ("ivr_6500", "6500", Some(2), None),
    ("ivr_6501", "5", None, Some(36)),
    ("ivr_6501", "56", Some(36), Some(36)),
    ("ivr_6501", "56789#", Some(36), Some(36)),
    ("ivr_6501", "#5", None, None),
    ("ivr_6501", "t", Some(44), None),
    ("ivr_6502", "5", None, None),
    ("ivr_6503", "56789#", Some(77), Some(77)),
];

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/seed-script")
}

/// Runs ivrkit on the script: standard output, and standard error.
fn ivrkit(arguments: &[&str]) -> (Vec<u8>, String) {
    let mut command = Command::new(assert_cmd::cargo::cargo_bin!("ivrkit"));
    let output = command.current_dir(folder()).args(arguments).output().expect("ivrkit starts");
    (output.stdout, String::from_utf8(output.stderr).expect("ivrkit writes UTF-8"))
}

fn json(arguments: &[&str]) -> Value {
    let (out, errors) = ivrkit(&[arguments, &["--format", "json"]].concat());
    serde_json::from_slice(&out).unwrap_or_else(|_| panic!("{arguments:?}: {errors}"))
}

#[test]
fn it_is_shown_as_both_asterisks_list_it() {
    let (show, _) = ivrkit(&["show", "extensions.conf"]);
    let messages = json(&["show", "extensions.conf"])["messages"].as_array().unwrap().clone();
    let kinds = messages.iter().map(|message| match message["code"].as_str().unwrap() {
        code @ "register-failed" => format!("{code}:{}", message["line"]),
        code => code.to_owned(),
    });
    let ours = Loaded { show, messages: kinds.collect() };
    let lost = LOST_LINES.map(|line| format!("register-failed:{line}"));
    let expected: BTreeSet<String> = lost.into_iter().chain(["dup-priority".to_owned()]).collect();
    assert_eq!(ours.messages, expected);
    for version in Version::ALL {
        let pbx = Asterisk::start(version, None);
        let difference = ours.difference(&loading::loaded(&pbx, &folder()));
        assert!(difference.is_empty(), "Asterisk {version}:\n{difference}");
    }
}

#[test]
fn names_of_applications_keep_their_blanks() {
    let listing = json(&["show", "extensions.conf"]);
    let contexts = listing["contexts"].as_array().unwrap().iter();
    let extensions = contexts.flat_map(|context| context["extensions"].as_array().unwrap());
    let priorities = extensions.flat_map(|one| one["priorities"].as_array().unwrap());
    let names = priorities.map(|priority| priority["application"].as_str().unwrap());
    let blank: BTreeSet<&str> = names.filter(|name| name.ends_with(' ')).collect();
    let expected = ["Background ", "ExecIf ", "Goto ", "NoOp ", "Playback ", "Set ", "UserEvent "];
    assert_eq!(blank, expected.into_iter().chain(["WaitExten "]).collect());
    for version in Version::ALL {
        let pbx = Asterisk::start(version, None);
        load(&pbx);
        let call = pbx.call("ivr_6500", "6500", "");
        assert_eq!(call.steps(), ["ivr_6500,6500,1 NoOp(6500)"], "{call}");
        let said = pbx.messages();
        let no_application = |name: &str| {
            let text = format!("No application '{name}'");
            said.iter().any(|message| message.text.contains(&text))
        };
        assert!(no_application("Set "), "Asterisk {version}: {said:?}");
    }
}

#[test]
fn what_is_dialled_reaches_what_both_asterisks_reach() {
    for (context, digits, answers, waits) in DIALLED {
        let found = json(&["match", "extensions.conf", context, digits]);
        assert_eq!(found["answer"]["line"].as_u64(), *answers, "{digits} in {context}");
        assert_eq!(found["longer"][0]["line"].as_u64(), *waits, "{digits} in {context}");
        assert_eq!(found["match_more"].as_bool(), Some(waits.is_some()), "{digits} in {context}");
    }
    for version in Version::ALL {
        let pbx = Asterisk::start(version, None);
        load(&pbx);
        let exist = pbx.call("asked", "s", "");
        for (number, (context, digits, answers, _)) in DIALLED.iter().enumerate() {
            let exists = u8::from(answers.is_some()).to_string();
            let told = told(&exist, number);
            assert_eq!(told, exists, "{digits} in {context} on Asterisk {version}");
            if let Some(line) = answers {
                let shown = pbx.command(&format!("dialplan show {digits}@{context}")).join("\n");
                let first = shown.lines().find(|line| line.contains(" 1. ")).unwrap_or_default();
                let place = format!(":{line}]");
                assert!(first.ends_with(&place), "{digits} in {context} on {version}:\n{shown}");
            }
        }
    }
}

/// `ivrkit match` says that a caller who ends the code with `#` waits: `_X.#` is `_X.`.
#[test]
fn the_hash_key_ends_nothing() {
    for version in Version::ALL {
        let pbx = Asterisk::start(version, None);
        load(&pbx);
        let call = pbx.call("ivr_6501", "6501", "wait 0.5 56789#");
        let at = |wanted: &dyn Fn(&What) -> bool| {
            let found = call.events.iter().rev().find(|event| wanted(&event.what));
            found.unwrap_or_else(|| panic!("{call}")).at_s
        };
        let pressed = at(&|what| matches!(what, What::Release(key) if key == "#"));
        let answered =
            at(&|what| matches!(what, What::Step { place, .. } if place == "ivr_6501,56789#,1"));
        // The digit time-out of the script is 3 s; without it the step would follow at once.
        assert!(answered - pressed > 2.0, "Asterisk {version}: {call}");
    }
}

/// The script, and an extension that asks Asterisk about each dialled string.
fn load(pbx: &Asterisk) {
    let script = fs::read_to_string(folder().join("extensions.conf")).unwrap();
    let asked = DIALLED.iter().enumerate().map(|(number, (context, digits, ..))| {
        format!("same => n,NoOp({number} ${{DIALPLAN_EXISTS({context},{digits},1)}})\n")
    });
    let asked: String = asked.collect();
    let said = pbx.load(&format!("{script}\n[asked]\nexten => s,1,Answer()\n{asked}"));
    let lost = said.iter().filter(|message| message.text.contains("Unable to register")).count();
    assert_eq!(lost, 2 * LOST_LINES.len(), "{said:?}");
}

/// What Asterisk said about a dialled string.
fn told(call: &Trace, number: usize) -> String {
    let data = call.events.iter().find_map(|event| match &event.what {
        What::Step { application, data, .. } if application == "NoOp" => {
            data.strip_prefix(&format!("{number} ")).map(str::to_owned)
        }
        _ => None,
    });
    data.unwrap_or_else(|| panic!("nothing about {number}: {call}"))
}
