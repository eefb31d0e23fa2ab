//! The script that ivrkit began with, linted: what is wrong with it is found on its line, and the
//! fixes make of it what its author meant, on real Asterisks. docs/seed-script.md tells the same in
//! words, `seed_script.rs` holds what is not the linter's.

#![allow(clippy::unwrap_used, reason = "test code panics where it cannot go on")]

#[path = "lint_seed_script/calls.rs"]
mod calls;
#[path = "lint_seed_script/findings.rs"]
mod findings;
mod support;

use assert_cmd::Command;
use std::{fs, path::Path};
use support::asterisk::{Asterisk, Message, Version};
use tempfile::TempDir;

/// What the PBX brings along, for the linter.
const PBX: &str = "[lint]\nexternal-contexts = [\"ivrs\", \"always-Hangup\"]\n";

/// The same for Asterisk, reduced to what a call needs.
const PBX_CONTEXTS: &str = "
[ivrs]
exten => _650[0-3],1,Goto(ivr_${EXTEN},${EXTEN},1)
[always-Hangup]
exten => h,1,Hangup()
";

/// The script in a folder of its own, with settings.
struct Script {
    folder: TempDir,
}

impl Script {
    fn new(settings: &str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let script =
            Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/seed-script/extensions.conf");
        fs::copy(script, folder.path().join("extensions.conf")).unwrap();
        fs::write(folder.path().join("ivrkit.toml"), settings).unwrap();
        Self { folder }
    }

    fn text(&self) -> String {
        fs::read_to_string(self.folder.path().join("extensions.conf")).unwrap()
    }

    /// Lints it: the exit code, and standard output.
    fn lint(&self, arguments: &[&str]) -> (i32, String) {
        let mut command = Command::new(assert_cmd::cargo::cargo_bin!("ivrkit"));
        command.current_dir(&self.folder).args(["lint", "extensions.conf"]).args(arguments);
        let output = command.output().expect("ivrkit starts");
        let code = output.status.code().expect("it ends by itself");
        (code, String::from_utf8(output.stdout).expect("ivrkit writes UTF-8"))
    }
}

#[test]
fn fixes_leave_no_error_and_nothing_to_fix() {
    let script = Script::new(PBX);
    let (code, _) = script.lint(&["--fix", "--unsafe-fixes"]);
    assert_eq!(code, 0, "no error is left");
    let mended = script.text();
    let (code, left) = script.lint(&["--format", "json"]);
    assert_eq!(code, 0);
    let left: Vec<serde_json::Value> = serde_json::from_str(&left).unwrap();
    assert!(left.iter().all(|one| one["fix"].is_null()), "{left:#?}");
    let (code, difference) = script.lint(&["--diff", "--unsafe-fixes"]);
    assert_eq!((code, difference.as_str()), (0, ""));
    script.lint(&["--fix", "--unsafe-fixes"]);
    assert_eq!(script.text(), mended);
}

#[test]
fn the_mended_script_runs_on_asterisk_16() {
    runs(Version::V16);
}

#[test]
fn the_mended_script_runs_on_asterisk_22() {
    runs(Version::V22);
}

fn runs(version: Version) {
    let script = Script::new(PBX);
    script.lint(&["--fix", "--unsafe-fixes"]);
    let sounds = calls::sounds();
    let pbx = Asterisk::start(version, Some(sounds.path()));
    let said = pbx.load(&format!("{}{PBX_CONTEXTS}", script.text()));
    assert_eq!(said, [], "Asterisk {version} loads it without a message");
    calls::all(&pbx);
    let complaints: Vec<_> = pbx.messages().into_iter().filter(Message::complains).collect();
    assert_eq!(complaints, [], "while calls ran on Asterisk {version}");
}
