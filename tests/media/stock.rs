//! The prompts that Asterisk's own people recorded: all of them are playable.

use crate::commands::run;
use serde_json::Value;
use std::{env, path::Path};

/// Recordings in the package `asterisk-core-sounds-en-wav`, at least: version 1.6.1 has 568.
const PROMPTS: usize = 552;

#[test]
fn asterisks_own_prompts_are_playable() {
    let cache = env::var_os("IVRKIT_TEST_CACHE")
        .map_or_else(|| Path::new(env!("CARGO_MANIFEST_DIR")).join(".cache"), Into::into);
    let folder = cache.join("asterisk-core-sounds-en-wav");
    assert!(folder.is_dir(), "{} is missing: `tests/run --install` fetches it", folder.display());
    let found = run(&["media", "check", "--format", "json", folder.to_str().unwrap()]);
    let document: Value = serde_json::from_str(&found.out).unwrap();
    let files = document["files"].as_array().unwrap();
    let refused: Vec<_> = files.iter().filter(|file| file["playable"] != true).collect();
    assert!(refused.is_empty(), "{refused:#?}");
    assert_eq!(found.code, 0, "{}", found.err);
    assert!(files.len() >= PROMPTS, "{} of {PROMPTS} prompts are there", files.len());
}
