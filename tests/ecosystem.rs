//! Holds our loading of any folder of dialplans against the real Asterisks. Run by
//! `tests/ecosystem DIR...`, which names the folders in `IVRKIT_DIALPLANS`.

#![allow(clippy::unwrap_used, reason = "test code panics where it cannot go on")]

#[path = "support/complaints.rs"]
mod complaints;
#[path = "support/dialplans.rs"]
mod dialplans;
#[path = "support/loading.rs"]
mod loading;
#[path = "support/probes.rs"]
mod probes;
#[path = "support/mod.rs"]
mod support;

use indicatif::ProgressBar;
use ivrkit::dialplan_files;
use probes::Loaded;
use std::{
    collections::BTreeMap,
    fs,
    panic::{self, AssertUnwindSafe},
    path::{Path, PathBuf},
};
pub(crate) use support::asterisk;
use support::asterisk::{Asterisk, Version};
use tempfile::TempDir;
use walkdir::WalkDir;

/// How deep the folders beside a dialplan are searched for files that it may include.
const MAX_INCLUDED_DEPTH: usize = 3;

/// What one version made of one file.
#[derive(Debug, Default, Clone)]
struct Outcome {
    is_listing_equal: bool,
    are_messages_equal: bool,
    /// Where they differ, for people; empty if they do not.
    difference: String,
}

#[test]
#[ignore = "needs folders of dialplans: tests/ecosystem DIR..."]
fn every_dialplan_loads_alike() {
    let files = dialplans::named_by("IVRKIT_DIALPLANS");
    let progress = ProgressBar::new(2 * files.len() as u64);
    let outcomes = std::thread::scope(|scope| {
        let (files, progress) = (&files, &progress);
        let runs =
            Version::ALL.map(|version| scope.spawn(move || compare(version, files, progress)));
        runs.map(|run| run.join().expect("a comparison ends"))
    });
    progress.finish_and_clear();
    let differing = report(&files, &outcomes);
    assert_eq!(differing, 0, "of {} files", files.len());
}

/// Loads every file in one daemon; a daemon that ends is a difference, and another one goes on.
fn compare(version: Version, files: &[PathBuf], progress: &ProgressBar) -> Vec<Outcome> {
    let mut pbx = Asterisk::start(version, None);
    let mut outcomes = Vec::new();
    for path in files {
        let outcome = panic::catch_unwind(AssertUnwindSafe(|| compare_file(&pbx, path)));
        outcomes.push(outcome.unwrap_or_else(|_| {
            pbx = Asterisk::start(version, None);
            Outcome {
                difference: "  one of both did not survive it, or the file before it\n".into(),
                ..Outcome::default()
            }
        }));
        progress.inc(1);
    }
    outcomes
}

fn compare_file(pbx: &Asterisk, path: &Path) -> Outcome {
    let room = room(path, &pbx.etc());
    let ours = Loaded::of(&dialplan_files::load(&room.path().join("extensions.conf")).unwrap());
    let real = loading::loaded(pbx, room.path());
    Outcome {
        is_listing_equal: ours.show == real.show,
        are_messages_equal: ours.messages == real.messages,
        difference: ours.difference(&real),
    }
}

/// A folder with the file as `extensions.conf` and, if it includes any, the files beside it. What
/// the daemon needs to run is left as it is, and so is `users.conf`: Asterisk makes extensions of
/// the telephones in it, which are no part of this dialplan.
fn room(path: &Path, etc: &Path) -> TempDir {
    let room = tempfile::tempdir().unwrap();
    let bytes = fs::read(path).unwrap();
    fs::write(room.path().join("extensions.conf"), &bytes).unwrap();
    if !bytes.to_ascii_lowercase().windows(8).any(|part| part == b"#include" || part == b"#tryincl")
    {
        return room;
    }
    let folder = path.parent().expect("a file is in a folder");
    for file in WalkDir::new(folder).min_depth(1).max_depth(MAX_INCLUDED_DEPTH) {
        let file = file.unwrap();
        let name = file.path().strip_prefix(folder).unwrap();
        let is_own = ["extensions.conf", "users.conf"].iter().any(|own| name == Path::new(own));
        let is_taken = is_own || etc.join(name).exists();
        if file.file_type().is_file() && !is_taken {
            let target = room.path().join(name);
            fs::create_dir_all(target.parent().unwrap()).unwrap();
            fs::copy(file.path(), target).unwrap();
        }
    }
    room
}

/// Prints the files that differ, then the figures; how many files differ.
fn report(files: &[PathBuf], outcomes: &[Vec<Outcome>; 2]) -> usize {
    let mut differing = 0;
    for (number, path) in files.iter().enumerate() {
        let mut by_difference: BTreeMap<&str, Vec<String>> = BTreeMap::new();
        for (version, outcomes) in Version::ALL.iter().zip(outcomes) {
            let difference = outcomes[number].difference.as_str();
            if !difference.is_empty() {
                by_difference.entry(difference).or_default().push(version.to_string());
            }
        }
        differing += usize::from(!by_difference.is_empty());
        for (difference, versions) in by_difference {
            print!("{} (Asterisk {}):\n{difference}", path.display(), versions.join(" and "));
        }
    }
    println!("\n{} files, {differing} differ", files.len());
    for (version, outcomes) in Version::ALL.iter().zip(outcomes) {
        let listings = outcomes.iter().filter(|outcome| outcome.is_listing_equal).count();
        let messages = outcomes.iter().filter(|outcome| outcome.are_messages_equal).count();
        println!("Asterisk {version}: {listings} equal listings, {messages} with equal messages");
    }
    differing
}
