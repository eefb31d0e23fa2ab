//! The shipped scenario that is spoken: built by real espeak-ng for its list, and nothing twice.

use crate::room::{outcome, samples};
use serde_json::Value;
use std::{collections::BTreeMap, fs, path::Path, process::Command};

const FIXED: [&str; 5] = ["greeting", "booked", "exam", "agree", "agreed"];

fn ivrkit(arguments: &[&str]) -> crate::room::Outcome {
    let mut command = Command::new(env!("CARGO_BIN_EXE_ivrkit"));
    command.current_dir(env!("CARGO_MANIFEST_DIR")).args(arguments);
    command.stdin(std::process::Stdio::null());
    command.stdout(std::process::Stdio::piped()).stderr(std::process::Stdio::piped());
    outcome(&mut command)
}

/// Builds the example for its list; the JSON that says what was done.
#[track_caller]
fn built(folder: &Path) -> Value {
    let path = |name: &str| folder.join(name).to_str().unwrap().to_owned();
    let found = ivrkit(&[
        "media",
        "build",
        "scenarios/exam-reminder.yaml",
        "--callees",
        "scenarios/exam-reminder.csv",
        "-o",
        &path("out"),
        "--cache",
        &path("cache"),
        "--format=json",
    ]);
    assert_eq!((found.code, found.err.as_str()), (0, ""), "{found:?}");
    serde_json::from_str(&found.out).unwrap()
}

#[test]
fn the_spoken_example_is_built_for_its_list() {
    let folder = tempfile::tempdir().unwrap();
    let list = fs::read_to_string("scenarios/exam-reminder.csv").unwrap();
    let rows: BTreeMap<&str, &str> =
        list.lines().skip(1).map(|row| row.split_once(',').unwrap()).collect();
    let texts: std::collections::BTreeSet<&&str> = rows.values().collect();
    assert!(texts.len() < rows.len(), "two learners hear the same");
    let document = built(folder.path());
    // Only what differs is spoken for each learner, and what is equal once.
    assert_eq!(document["speech"]["spoken"], FIXED.len() + texts.len());
    assert_eq!(document["prompts"].as_array().unwrap().len(), FIXED.len() + rows.len());
    let out = folder.path().join("out");
    let prompt = |name: &str| fs::read(out.join(format!("{name}.wav"))).unwrap();
    for name in FIXED.iter().chain(rows.keys()) {
        // Five syllables or so a second; the shortest has three, the longest eighteen.
        assert!((4_000..60_000).contains(&samples(&prompt(name)).len()), "{name}");
    }
    for (one, its) in &rows {
        for (other, others) in &rows {
            assert_eq!(prompt(one) == prompt(other), its == others, "{one} and {other}");
        }
    }
    let checked = ivrkit(&["media", "check", "--profile=yeastar-s", out.to_str().unwrap()]);
    assert_eq!(checked.code, 0, "{checked:?}");
    assert_eq!(built(folder.path())["speech"]["spoken"], 0, "it is all there");
}
