//! `ivrkit demo` as a new user runs it: on the embedded defaults, and on another scenario.

use assert_cmd::Command;
use std::{fs, path::Path, time::Duration};
use tempfile::TempDir;

/// Runs a demonstration in an empty folder; gives its exit code and what it wrote.
fn demo(folder: &Path, arguments: &[&str]) -> (i32, String) {
    let output = Command::new(assert_cmd::cargo::cargo_bin!("ivrkit"))
        .current_dir(folder)
        .arg("demo")
        .args(arguments)
        .timeout(Duration::from_mins(3))
        .output()
        .expect("ivrkit starts");
    assert_eq!(String::from_utf8_lossy(&output.stderr), "");
    let text = String::from_utf8(output.stdout).expect("ivrkit writes UTF-8");
    (output.status.code().expect("it ends by itself"), text)
}

#[test]
fn every_kind_of_call_ends_where_it_should() {
    let folder = TempDir::new().unwrap();
    let (code, text) = demo(folder.path(), &["--keep", "kept"]);
    assert_eq!(code, 0, "{text}");
    let rows = [
        ["right code ", " 6500 > 6501 > 6502 ", " verified "],
        ["wrong code, then right ", " 6500 > 6501 > 6503 > 6502 ", " verified "],
        ["wrong codes until exhausted ", " 6500 > 6501 > 6503 > 6503 ", " exhausted "],
        ["right code without the end key ", " 6500 > 6501 > 6502 ", " verified "],
        ["silence ", " 6500 ", " unverified "],
        ["rings us, right code ", " 6500 > 6501 > 6502 ", " verified "],
    ];
    for row in rows {
        let found = text.lines().any(|line| {
            line.starts_with(row[0])
                && line.ends_with("yes")
                && row.iter().all(|cell| line.contains(cell))
        });
        assert!(found, "no row {row:?} in:\n{text}");
    }
    for kept in ["extensions_support.conf", "share/notice.wav", "verify.yaml", "calls.sqlite"] {
        assert!(folder.path().join("kept").join(kept).is_file(), "{kept} is kept");
    }
}

#[test]
fn nothing_stays_behind_without_keep() {
    let folder = TempDir::new().unwrap();
    let temporary = folder.path().join("tmp");
    fs::create_dir(&temporary).unwrap();
    let status = Command::new(assert_cmd::cargo::cargo_bin!("ivrkit"))
        .current_dir(folder.path())
        .env("TMPDIR", &temporary)
        .args(["demo", "--speed", "20"])
        .timeout(Duration::from_mins(3))
        .output()
        .unwrap()
        .status;
    assert!(status.success());
    assert_eq!(fs::read_dir(&temporary).unwrap().count(), 0);
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
}

/// Another scenario, with other numbers, keys and attempts, for a stock Asterisk.
#[test]
fn another_scenario_is_demonstrated_as_well() {
    let folder = TempDir::new().unwrap();
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let scenario = format!(
        "ivrkit: 1
name: parcel
language: en
profile: asterisk
calls:
  outbound: 10
media:
  root: /var/lib/asterisk/sounds/parcel
  source: {}
prompts:
  notice: {{ text: A parcel waits for you }}
  password: {{ text: Type the number on the card }}
  holdon: {{ text: One moment }}
  ok: {{ text: It is yours }}
ivrs:
  10: {{ prompts: [notice], keys: {{ 7: 20 }}, wait_s: 2, on_timeout: 30 }}
  20:
    prompts: [password]
    entry:
      verify: card
      min_digits: 6
      max_digits: 6
      end_key: '*'
      hold: {{ prompts: [holdon] }}
  30: {{ prompts: [ok], wait_s: 1 }}
verifications:
  card: {{ on_match: 30, on_mismatch: 20, attempts: 2 }}
",
        root.join("prompts").display()
    );
    fs::write(folder.path().join("parcel.yaml"), scenario).unwrap();
    let (code, text) = demo(folder.path(), &["parcel.yaml"]);
    assert_eq!(code, 0, "{text}");
    assert!(text.contains("10 > 20 > 20 > 30"), "{text}");
    assert!(text.contains("5 of 5 calls ended where they should"), "{text}");
}
