//! The findings that are there already, so that an old dialplan fails on new ones only.
//!
//! A finding is known by its file, its rule and the text of its line, not by its place: lines may
//! move. The file holds how many of each there may be; one more is new.

use super::{
    LocatedFinding,
    fingerprint::{digest, hexadecimal},
};
use crate::{error::Exit, files};
use serde::{Deserialize, Serialize};
use std::{
    collections::BTreeMap,
    path::{Component, Path},
};

/// The name that `ivrkit lint` writes a baseline under.
pub const FILE_NAME: &str = "ivrkit-baseline.json";
/// The form that this version writes and reads.
const VERSION: u32 = 1;
/// Most bytes of a baseline: some 500,000 entries.
const MAX_BYTES: u64 = 128 << 20;

/// A baseline that cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// It could not be read or written.
    #[error(transparent)]
    Files(#[from] files::Error),
    /// It is no baseline.
    #[error(
        "cannot read {path}: line {line}, column {column}: {reason}; expected a baseline that `ivrkit lint` wrote, write it again"
    )]
    Malformed {
        /// The file.
        path: String,
        /// Line of the mistake, from 1; 0 if it is the whole.
        line: usize,
        /// Its column, from 1.
        column: usize,
        /// What is wrong.
        reason: String,
    },
    /// It was written by another version of ivrkit.
    #[error(
        "cannot read {path}: it is a baseline of version {found}, this ivrkit reads version {VERSION}; write it again"
    )]
    Version {
        /// The file.
        path: String,
        /// Its version.
        found: u32,
    },
}

impl Error {
    /// The exit code this ends a command with.
    pub fn exit(&self) -> Exit {
        match self {
            Self::Files(error) => error.exit(),
            _ => Exit::Input,
        }
    }
}

/// How many findings there may be of each kind.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Baseline {
    entries: BTreeMap<Key, usize>,
}

/// What a finding is known by.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
struct Key {
    file: String,
    rule: String,
    line_digest: String,
}

/// One entry of the file, and what it says of itself to people who review it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Entry {
    /// The file, relative to the folder of the baseline.
    pub file: String,
    /// The rule's name.
    pub rule: String,
    /// SHA-256 of the line, see [`LocatedFinding::line_digest`].
    pub fingerprint: String,
    /// How many such findings there may be.
    pub count: usize,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Document {
    version: u32,
    entries: Vec<Entry>,
}

#[derive(Deserialize)]
struct Versioned {
    version: u32,
}

/// Findings held against a baseline.
#[derive(Debug)]
pub struct Compared {
    /// Those that it does not know, in their order.
    pub new: Vec<LocatedFinding>,
    /// How many it knows.
    pub known: usize,
    /// Entries with more than was found, and how many more: they can go.
    pub gone: Vec<Entry>,
}

impl Baseline {
    /// The baseline of these findings; `folder` is the one that it will lie in, absolute.
    pub fn of(findings: &[LocatedFinding], folder: &Path) -> Self {
        let mut entries = BTreeMap::new();
        for finding in findings {
            *entries.entry(Key::of(finding, folder)).or_default() += 1;
        }
        Self { entries }
    }

    /// Reads a baseline.
    ///
    /// # Errors
    /// A file that is missing, unreadable, no baseline, or of another version.
    pub fn read(path: &Path) -> Result<Self, Error> {
        let source = files::read_source_of(path, MAX_BYTES)?;
        let malformed = |error: serde_json::Error| Error::Malformed {
            path: source.name().to_owned(),
            line: error.line(),
            column: error.column(),
            reason: plain(&error),
        };
        let version: Versioned = serde_json::from_str(source.text()).map_err(malformed)?;
        if version.version != VERSION {
            return Err(Error::Version { path: source.name().to_owned(), found: version.version });
        }
        let document: Document = serde_json::from_str(source.text()).map_err(malformed)?;
        let mut entries = BTreeMap::new();
        for Entry { file, rule, fingerprint, count } in document.entries {
            let entry =
                entries.entry(Key { file, rule, line_digest: fingerprint }).or_insert(0_usize);
            *entry = entry.saturating_add(count);
        }
        Ok(Self { entries })
    }

    /// Writes it, sorted, one entry a line, whole or not at all.
    ///
    /// # Errors
    /// A file that cannot be written; the old one is untouched then.
    pub fn write(&self, path: &Path) -> Result<(), Error> {
        files::write(path, self.text().as_bytes())?;
        Ok(())
    }

    /// How many findings it knows.
    pub fn len(&self) -> usize {
        self.entries.values().sum()
    }

    /// Whether it knows none.
    pub fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    /// Parts findings in new ones and known ones; of several that are alike the first are known.
    /// `folder` is the one that the baseline lies in, absolute; entries of files that `was_linted`
    /// denies are not told as gone.
    pub fn compare(
        &self,
        findings: Vec<LocatedFinding>,
        folder: &Path,
        was_linted: impl Fn(&Path) -> bool,
    ) -> Compared {
        let mut left = self.entries.clone();
        let total = findings.len();
        let new: Vec<_> = findings
            .into_iter()
            .filter(|finding| match left.get_mut(&Key::of(finding, folder)) {
                Some(count) if *count > 0 => {
                    *count -= 1;
                    false
                }
                _ => true,
            })
            .collect();
        let gone = left
            .into_iter()
            .filter(|(key, count)| *count > 0 && was_linted(&folder.join(&key.file)));
        let gone = gone.map(|(key, count)| key.entry(count)).collect();
        Compared { known: total - new.len(), new, gone }
    }

    fn text(&self) -> String {
        let mut text = format!("{{\"version\": {VERSION}, \"entries\": [");
        for (number, (key, &count)) in self.entries.iter().enumerate() {
            text.push_str(if number == 0 { "\n" } else { ",\n" });
            let entry = key.clone().entry(count);
            text.push_str(&serde_json::to_string(&entry).expect("an entry is JSON"));
        }
        text.push_str(if self.entries.is_empty() { "]}\n" } else { "\n]}\n" });
        text
    }
}

impl Key {
    fn of(finding: &LocatedFinding, folder: &Path) -> Self {
        Self {
            file: name(finding.path(), folder),
            rule: finding.rule.name.to_owned(),
            line_digest: hexadecimal(digest(finding)),
        }
    }

    fn entry(self, count: usize) -> Entry {
        let Self { file, rule, line_digest } = self;
        Entry { file, rule, fingerprint: line_digest, count }
    }
}

/// A path as the baseline has it: from its own folder on. Bytes that are no characters are
/// `\u{fffd}`.
fn name(path: &Path, folder: &Path) -> String {
    let whole = std::path::absolute(path).unwrap_or_else(|_| path.to_owned());
    let (whole, folder) = (without_parents(&whole), without_parents(folder));
    let below = whole.strip_prefix(&folder).unwrap_or(&whole);
    below.to_string_lossy().into_owned()
}

/// A path without `.` and `..`, as it is written: links are not followed.
fn without_parents(path: &Path) -> std::path::PathBuf {
    let mut plain = std::path::PathBuf::new();
    for part in path.components() {
        match part {
            Component::CurDir => {}
            Component::ParentDir => {
                plain.pop();
            }
            part => plain.push(part),
        }
    }
    plain
}

/// What serde says, without the place, which stands before it already.
fn plain(error: &serde_json::Error) -> String {
    let text = error.to_string();
    text.rsplit_once(" at line ").map_or(text.clone(), |(reason, _)| reason.to_owned())
}

#[cfg(test)]
mod tests;
