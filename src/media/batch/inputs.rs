//! Which file becomes which prompt.
//!
//! Lists folders, opens no file.

use super::{Problem, Reason, renamed};
use ivrkit_dialplan::scenario::SoundFormat;
use std::{
    collections::HashMap,
    ffi::OsStr,
    fs,
    os::unix::fs::MetadataExt as _,
    path::{Path, PathBuf},
};
use walkdir::{DirEntry, WalkDir};

/// Endings that make a file in a folder a recording, in lower case. What cannot be converted is told
/// so rather than passed over; a PBX's own formats are no recordings.
const RECORDINGS: [&str; 19] = [
    "wav", "wave", "wav16", "bwf", "rf64", "w64", "mp3", "ogg", "oga", "opus", "flac", "m4a",
    "aac", "aif", "aiff", "au", "amr", "wma", "webm",
];

/// A file that becomes a prompt.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Input {
    /// The file.
    pub(super) source: PathBuf,
    /// The prompt.
    pub(super) output: PathBuf,
    /// Device and inode of the source, if it is there.
    pub(super) identity: Option<(u64, u64)>,
}

impl Input {
    pub(super) fn new(source: PathBuf, output: PathBuf) -> Self {
        let identity = identity(&source);
        Self { source, output, identity }
    }
}

/// What becomes what in the folder `output`, in the order of the prompts' paths.
pub(super) fn plan(
    inputs: &[PathBuf],
    output: &Path,
    format: SoundFormat,
) -> Result<Vec<Input>, Vec<Problem>> {
    let (mut plan, mut problems) = (Vec::new(), Vec::new());
    for input in inputs {
        let mut add = |source: PathBuf, below: &Path| {
            let path = output.join(renamed(below, format));
            plan.push(Input::new(source, path));
        };
        if !input.is_dir() {
            add(input.clone(), Path::new(input.file_name().unwrap_or_default()));
            continue;
        }
        match recordings(input, output) {
            Ok(found) if found.is_empty() => {
                problems.push(Problem { file: input.clone(), reason: Reason::EmptyFolder });
            }
            Ok(found) => found.into_iter().for_each(|source| {
                let below = source.strip_prefix(input).expect("it was found there").to_owned();
                add(source, &below);
            }),
            Err(problem) => problems.push(problem),
        }
    }
    plan.sort_by(|a, b| (&a.output, &a.source).cmp(&(&b.output, &b.source)));
    // One file that was named twice, or named and found in a folder.
    plan.dedup_by(|a, b| a.output == b.output && a.identity.is_some() && a.identity == b.identity);
    problems.extend(clashes(&plan));
    if problems.is_empty() { Ok(plan) } else { Err(problems) }
}

/// The recordings in a folder and below, without hidden ones and without the output's folder.
fn recordings(folder: &Path, output: &Path) -> Result<Vec<PathBuf>, Problem> {
    let output = identity(output).filter(|output| identity(folder) != Some(*output));
    let is_wanted = |entry: &DirEntry| {
        let hidden = entry.depth() > 0 && entry.file_name().as_encoded_bytes().starts_with(b".");
        let is_output =
            output.is_some() && entry.file_type().is_dir() && { identity(entry.path()) == output };
        !hidden && !is_output
    };
    let mut found = Vec::new();
    for entry in WalkDir::new(folder).follow_links(true).into_iter().filter_entry(is_wanted) {
        let entry = entry.map_err(|error| {
            let file = error.path().unwrap_or(folder).to_owned();
            Problem { file, reason: Reason::Read(error.into()) }
        })?;
        if !entry.file_type().is_dir() && is_recording(entry.path()) {
            found.push(entry.into_path());
        }
    }
    Ok(found)
}

fn is_recording(path: &Path) -> bool {
    let ending = path.extension().and_then(OsStr::to_str).map(str::to_ascii_lowercase);
    ending.is_some_and(|ending| RECORDINGS.contains(&ending.as_str()))
}

/// Prompts that would be one file; on many shares also those whose names differ in capitals only.
fn clashes(plan: &[Input]) -> Vec<Problem> {
    let mut first: HashMap<String, &Input> = HashMap::new();
    let mut problems = Vec::new();
    for input in plan {
        let name = input.output.to_string_lossy().to_lowercase();
        match first.get(&name) {
            Some(other) => problems.push(Problem {
                file: input.source.clone(),
                reason: Reason::SameOutput {
                    output: input.output.clone(),
                    other: other.source.clone(),
                },
            }),
            None => _ = first.insert(name, input),
        }
    }
    problems
}

fn identity(path: &Path) -> Option<(u64, u64)> {
    fs::metadata(path).ok().map(|meta| (meta.dev(), meta.ino()))
}
