//! The prompts of this repository: complete, described, and made by the script beside them.

use ivrkit_dialplan::scenario::{self, Scenario};
use serde::Deserialize;
use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
    process::Command,
};

#[derive(Deserialize)]
struct Recipe {
    speech: BTreeMap<String, Spoken>,
    music: BTreeMap<String, Spoken>,
}

#[derive(Deserialize)]
struct Spoken {
    text: String,
}

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("prompts")
}

fn recipe() -> Recipe {
    let text = fs::read_to_string(folder().join("prompts.yaml")).unwrap();
    serde_yaml::from_str(&text).unwrap()
}

fn shipped_scenario() -> Scenario {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("scenarios/driving-test.yaml");
    let reading = scenario::read(ivrkit::files::read_source(&path).unwrap());
    reading.scenario.expect("the shipped scenario has no mistake")
}

#[test]
fn every_prompt_of_the_scenario_is_there_with_its_text() {
    let (scenario, recipe) = (shipped_scenario(), recipe());
    for (name, prompt) in scenario.prompts {
        let file = format!("{name}.wav");
        match prompt.text {
            Some(text) if prompt.per_callee => {
                assert_eq!(recipe.speech["appointments/13900001111.wav"].text, text);
            }
            Some(text) => assert_eq!(recipe.speech[&file].text, text, "{file}"),
            None => assert!(recipe.music.contains_key(&file), "{file}"),
        }
    }
}

#[test]
fn the_folder_holds_what_the_recipe_says_and_is_small() {
    let recipe = recipe();
    let mut expected: Vec<PathBuf> =
        recipe.speech.keys().chain(recipe.music.keys()).map(PathBuf::from).collect();
    expected.extend(["make".into(), "prompts.yaml".into()]);
    expected.sort();
    let entries = walkdir::WalkDir::new(folder()).sort_by_file_name();
    let files: Vec<_> =
        entries.into_iter().map(Result::unwrap).filter(|entry| entry.path().is_file()).collect();
    let mut found: Vec<_> =
        files.iter().map(|entry| entry.path().strip_prefix(folder()).unwrap().to_owned()).collect();
    found.sort();
    assert_eq!(found, expected);
    let bytes: u64 = files.iter().map(|entry| entry.metadata().unwrap().len()).sum();
    assert!(bytes < 1_500_000, "{bytes} bytes are embedded in the binary");
}

#[test]
fn the_script_makes_them_anew() {
    let out = tempfile::tempdir().unwrap();
    let status = Command::new(folder().join("make")).arg(out.path()).status();
    assert!(status.expect("prompts/make runs: python3 is needed").success(), "espeak-ng is needed");
    let recipe = recipe();
    for name in recipe.speech.keys().chain(recipe.music.keys()) {
        let seconds = |folder: &Path| {
            let prompt = ivrkit::media::convert(&fs::read(folder.join(name)).unwrap()).unwrap();
            f64::from(u32::try_from(prompt.len()).unwrap()) / 16_000.0
        };
        let (old, new) = (seconds(&folder()), seconds(out.path()));
        // Another version of the engine may speak a little faster or slower.
        assert!((new / old - 1.0).abs() < 0.2, "{name}: {new} s, was {old} s");
    }
}
