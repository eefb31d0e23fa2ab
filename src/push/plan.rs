//! What a push would do: the difference between a source and a target, by content.
//!
//! Pure: what is local and what is remote come in, the plan goes out. Must not look anything up.

use super::{
    manifest::Manifest,
    path::RelativePath,
    source::{ContentHash, SourceFile},
    target::{Attributes, Kind},
};
use serde::{Serialize, Serializer};
use std::collections::{BTreeMap, BTreeSet};

/// What was found on a target.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Remote {
    /// What stands in the folders that matter, ivrkit's own names left out.
    pub found: BTreeMap<RelativePath, Attributes>,
    /// What an earlier push knew.
    pub manifest: Manifest,
    /// Hashes of files that were read back.
    pub read_back: BTreeMap<RelativePath, ContentHash>,
}

/// What a push would do.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Plan {
    /// Each file of the source, in the order of the names.
    pub files: Vec<PlannedFile>,
    /// Folders to be made, those above first.
    pub folders: Vec<RelativePath>,
    /// Names on the target that no push put there. They are left alone.
    pub foreign: Vec<RelativePath>,
    /// Names that an earlier push put there and the source no longer has. They are left alone.
    pub abandoned: Vec<RelativePath>,
}

/// One file of the source.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct PlannedFile {
    /// Its name.
    pub path: RelativePath,
    /// What would be done with it.
    pub change: Change,
    /// Its size in bytes.
    pub size_bytes: u64,
}

/// What would be done with a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Change {
    /// Nothing has its name yet.
    New,
    /// It takes the place of other content.
    Changed,
    /// The target has it already.
    Unchanged,
}

/// A name that cannot be a file's because of what stands there.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Conflict {
    /// A folder where a file should go.
    #[error("{0} is a folder on the target, and a file in the source")]
    Folder(RelativePath),
    /// A file, or a link, where a folder should go.
    #[error("{0} is no folder on the target, and a folder in the source")]
    NoFolder(RelativePath),
}

/// The folders of the source's files, those above first, the target folder itself first of all.
pub fn folders(files: &BTreeMap<RelativePath, SourceFile>) -> BTreeSet<RelativePath> {
    let mut folders = BTreeSet::from([RelativePath::root()]);
    for path in files.keys() {
        let parents = std::iter::successors(path.parent(), RelativePath::parent);
        folders.extend(parents.take_while(|parent| parent != &RelativePath::root()));
    }
    folders
}

/// Files that may or may not be what the source has: only reading them back can tell.
pub fn doubtful(files: &BTreeMap<RelativePath, SourceFile>, remote: &Remote) -> Vec<RelativePath> {
    let same_size = files.iter().filter(|(path, file)| {
        remote.found.get(*path).is_some_and(|found| {
            found.kind == Kind::File
                && found.size_bytes == Some(file.stamp.size_bytes)
                && !remote.read_back.contains_key(*path)
                && remote.manifest.hash_of(path, found).is_none()
        })
    });
    same_size.map(|(path, _)| path.clone()).collect()
}

impl Plan {
    /// Compares.
    ///
    /// # Errors
    /// When a file and a folder want the same name.
    pub fn new(
        files: &BTreeMap<RelativePath, SourceFile>,
        remote: &Remote,
    ) -> Result<Self, Conflict> {
        let folders = folders(files);
        let known = |path: &RelativePath| files.contains_key(path) || folders.contains(path);
        let (abandoned, foreign) = remote
            .found
            .keys()
            .filter(|path| !known(path))
            .cloned()
            .partition(|path| remote.manifest.files.contains_key(path));
        let missing = folders.iter().filter(|path| **path != RelativePath::root());
        let missing = missing.filter_map(|path| folder_to_make(path, remote).transpose());
        Ok(Self {
            folders: missing.collect::<Result<_, _>>()?,
            files: files
                .iter()
                .map(|(path, file)| planned(path, file, remote))
                .collect::<Result<_, _>>()?,
            foreign,
            abandoned,
        })
    }

    /// The files to be uploaded.
    pub fn uploads(&self) -> impl Iterator<Item = &PlannedFile> {
        self.files.iter().filter(|file| file.change != Change::Unchanged)
    }

    /// How many files have a change.
    pub fn count(&self, change: Change) -> usize {
        self.files.iter().filter(|file| file.change == change).count()
    }

    /// Bytes to be uploaded.
    pub fn upload_bytes(&self) -> u64 {
        self.uploads().map(|file| file.size_bytes).sum()
    }
}

fn folder_to_make(path: &RelativePath, remote: &Remote) -> Result<Option<RelativePath>, Conflict> {
    match remote.found.get(path).map(|found| found.kind) {
        None => Ok(Some(path.clone())),
        Some(Kind::Folder) => Ok(None),
        Some(_) => Err(Conflict::NoFolder(path.clone())),
    }
}

fn planned(
    path: &RelativePath,
    file: &SourceFile,
    remote: &Remote,
) -> Result<PlannedFile, Conflict> {
    let change = match remote.found.get(path) {
        None => Change::New,
        Some(found) if found.kind == Kind::Folder => return Err(Conflict::Folder(path.clone())),
        Some(found) if has_content(path, file, found, remote) => Change::Unchanged,
        Some(_) => Change::Changed,
    };
    Ok(PlannedFile { path: path.clone(), change, size_bytes: file.stamp.size_bytes })
}

fn has_content(
    path: &RelativePath,
    file: &SourceFile,
    found: &Attributes,
    remote: &Remote,
) -> bool {
    let hash = remote.read_back.get(path).copied();
    found.kind == Kind::File
        && found.size_bytes == Some(file.stamp.size_bytes)
        && hash.or_else(|| remote.manifest.hash_of(path, found)) == Some(file.hash)
}

impl Serialize for RelativePath {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.to_text())
    }
}
