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
use std::{
    collections::{BTreeMap, BTreeSet},
    str::FromStr,
    sync::Arc,
};

/// What was found on a target.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Remote {
    /// What stands in the folders that matter, ivrkit's own names left out.
    pub found: BTreeMap<RelativePath, Attributes>,
    /// What an earlier push knew.
    pub manifest: Arc<Manifest>,
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
    /// Names on the target that no push put there, or that others changed since. They are left
    /// alone.
    pub foreign: Vec<RelativePath>,
    /// Files that an earlier push put there, that are as it left them, and that the source no
    /// longer has. They are left alone too, unless the user asks for their deletion.
    pub stale: Vec<RelativePath>,
}

/// How many stale files may be deleted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DeletionLimit {
    /// So many.
    Count(usize),
    /// So many of a hundred files that pushes put there.
    Percent(u8),
    /// All of them.
    None,
}

impl DeletionLimit {
    /// The most files that may be deleted of `put` that pushes put there.
    pub fn of(self, put: usize) -> usize {
        match self {
            Self::Count(count) => count,
            Self::Percent(percent) => put * usize::from(percent) / 100,
            Self::None => usize::MAX,
        }
    }
}

impl FromStr for DeletionLimit {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        const EXPECTED: &str = "expected a number of files, or 0% to 100%";
        match text.strip_suffix('%') {
            Some(percent) => match percent.trim_end().parse() {
                Ok(percent @ 0..=100) => Ok(Self::Percent(percent)),
                _ => Err(EXPECTED),
            },
            None => text.parse().map(Self::Count).map_err(|_| EXPECTED),
        }
    }
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
pub fn folders<T>(files: &BTreeMap<RelativePath, T>) -> BTreeSet<RelativePath> {
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
    /// Compares. Names that `is_kept` knows are in the source, though not to be pushed: they are
    /// never stale.
    ///
    /// # Errors
    /// When a file and a folder want the same name.
    pub fn new(
        files: &BTreeMap<RelativePath, SourceFile>,
        remote: &Remote,
        is_kept: &dyn Fn(&RelativePath) -> bool,
    ) -> Result<Self, Conflict> {
        let folders = folders(files);
        let known = |path: &RelativePath| files.contains_key(path) || folders.contains(path);
        let others = remote.found.iter().filter(|(path, _)| !known(path));
        let (stale, foreign): (Vec<_>, Vec<_>) =
            others.partition(|(path, found)| !is_kept(path) && is_ours(path, found, remote));
        let names = |found: Vec<(&RelativePath, _)>| {
            found.into_iter().map(|(path, _)| path.clone()).collect()
        };
        let missing = folders.iter().filter(|path| **path != RelativePath::root());
        let missing = missing.filter_map(|path| folder_to_make(path, remote).transpose());
        Ok(Self {
            folders: missing.collect::<Result<_, _>>()?,
            files: files
                .iter()
                .map(|(path, file)| planned(path, file, remote))
                .collect::<Result<_, _>>()?,
            foreign: names(foreign),
            stale: names(stale),
        })
    }

    /// Whether the target has everything that the source has, and nothing stale if that is asked.
    pub fn is_done(&self, delete: bool) -> bool {
        self.count(Change::Unchanged) == self.files.len()
            && self.folders.is_empty()
            && (!delete || self.stale.is_empty())
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

/// How many files on the target are as a push left them: those that stay and those that are stale.
pub(super) fn count_put(remote: &Remote) -> usize {
    remote.found.iter().filter(|(path, found)| is_ours(path, found, remote)).count()
}

/// Whether a file is as a push of ours left it, as far as its size, its time and what was read back
/// of it tell.
fn is_ours(path: &RelativePath, found: &Attributes, remote: &Remote) -> bool {
    let Some(record) = remote.manifest.files.get(path).filter(|record| record.put) else {
        return false;
    };
    found.kind == Kind::File
        && remote.manifest.hash_of(path, found).is_some()
        && remote.read_back.get(path).is_none_or(|hash| *hash == record.hash)
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::push::{manifest::Record, source::Stamp};

    fn path(name: &str) -> RelativePath {
        RelativePath::new(name).unwrap()
    }

    /// Files by name, size and first byte of their hash.
    fn source(files: &[(&str, u64, u8)]) -> BTreeMap<RelativePath, SourceFile> {
        let file = |(name, size_bytes, hash): &(&str, u64, u8)| {
            let stamp = Stamp::of_size(*size_bytes);
            (path(name), SourceFile { elsewhere: None, stamp, hash: [*hash; 32] })
        };
        files.iter().map(file).collect()
    }

    /// What stands there by name, kind and size; all has the time 5.
    fn remote(found: &[(&str, Kind, u64)], recorded: &[(&str, u64, u32, u8)]) -> Remote {
        let attributes =
            |kind, size| Attributes { kind, size_bytes: Some(size), modified_s: Some(5) };
        let record = |(name, size_bytes, modified_s, hash): &(&str, u64, u32, u8)| {
            let (size_bytes, modified_s) = (*size_bytes, *modified_s);
            (path(name), Record { size_bytes, modified_s, hash: [*hash; 32], put: true })
        };
        Remote {
            found: found
                .iter()
                .map(|(n, kind, size)| (path(n), attributes(*kind, *size)))
                .collect(),
            manifest: Arc::new(Manifest {
                files: recorded.iter().map(record).collect(),
                run: String::new(),
            }),
            read_back: BTreeMap::new(),
        }
    }

    /// One line a name: `+` new, `~` changed, `=` unchanged, `/` folder to make, `?` foreign,
    /// `-` stale.
    fn check(files: &BTreeMap<RelativePath, SourceFile>, remote: &Remote, expected: &[&str]) {
        let lines = match Plan::new(files, remote, &|kept| kept == &path("kept")) {
            Ok(plan) => {
                let mark = |change| match change {
                    Change::New => '+',
                    Change::Changed => '~',
                    Change::Unchanged => '=',
                };
                let line = |mark: char, paths: &[RelativePath]| {
                    paths.iter().map(|path| format!("{mark}{path}")).collect::<Vec<_>>()
                };
                let files = plan.files.iter().map(|f| format!("{}{}", mark(f.change), f.path));
                let rest =
                    [line('/', &plan.folders), line('?', &plan.foreign), line('-', &plan.stale)];
                files.chain(rest.concat()).collect()
            }
            Err(conflict) => vec![conflict.to_string()],
        };
        assert_eq!(lines, expected);
    }

    #[test]
    fn differences_are_by_content() {
        let files = source(&[("a", 10, 1), ("b", 10, 2), ("c", 10, 3), ("d", 11, 4), ("e", 1, 5)]);
        let found = ["a", "b", "c", "d"].map(|name| (name, Kind::File, 10));
        let remote = remote(&found, &[("a", 10, 5, 1), ("b", 10, 5, 9), ("d", 10, 5, 4)]);
        assert_eq!(doubtful(&files, &remote), [path("c")], "only c has its size and no record");
        check(&files, &remote, &["=a", "~b", "~c", "~d", "+e"]);
        let read_back = BTreeMap::from([(path("c"), [3; 32])]);
        check(&files, &Remote { read_back, ..remote }, &["=a", "~b", "=c", "~d", "+e"]);
    }

    #[test]
    fn a_record_of_another_size_or_time_proves_nothing() {
        let files = source(&[("a", 10, 1), ("b", 10, 1)]);
        let found = [("a", Kind::File, 10), ("b", Kind::File, 10)];
        let remote = remote(&found, &[("a", 10, 6, 1), ("b", 11, 5, 1)]);
        assert_eq!(doubtful(&files, &remote), [path("a"), path("b")]);
    }

    #[test]
    fn what_was_read_back_goes_before_what_was_recorded() {
        let files = source(&[("a", 10, 1)]);
        let mut remote = remote(&[("a", Kind::File, 10)], &[("a", 10, 5, 1)]);
        remote.read_back.insert(path("a"), [9; 32]);
        check(&files, &remote, &["~a"]);
    }

    #[test]
    fn links_and_special_files_are_replaced() {
        let files = source(&[("a", 10, 1), ("b", 10, 1)]);
        let found = [("a", Kind::Link, 10), ("b", Kind::Other, 10)];
        let remote = remote(&found, &[("a", 10, 5, 1), ("b", 10, 5, 1)]);
        assert_eq!(doubtful(&files, &remote), []);
        check(&files, &remote, &["~a", "~b"]);
    }

    #[test]
    fn folders_are_made_from_above() {
        let files = source(&[("x/y/a", 1, 1), ("x/b", 1, 1)]);
        check(&files, &remote(&[], &[]), &["+x/b", "+x/y/a", "/x", "/x/y"]);
        let there = remote(&[("x", Kind::Folder, 0)], &[]);
        check(&files, &there, &["+x/b", "+x/y/a", "/x/y"]);
    }

    #[test]
    fn names_of_others_are_told_from_old_ones_of_ours() {
        let files = source(&[("a", 1, 1)]);
        let found = [("note", Kind::File, 1), ("old", Kind::File, 1), ("calls", Kind::Folder, 0)];
        let remote = remote(&found, &[("old", 1, 5, 1)]);
        check(&files, &remote, &["+a", "?calls", "?note", "-old"]);
    }

    #[test]
    fn only_what_is_as_we_left_it_is_stale() {
        let files = source(&[("a", 1, 1)]);
        let names = ["grown", "kept", "later", "link", "odd", "old", "same"];
        let mut found = names.map(|name| (name, Kind::File, 1));
        found[3].1 = Kind::Link;
        let recorded = names.map(|name| match name {
            "grown" => (name, 2, 5, 1),
            "later" => (name, 1, 4, 1),
            _ => (name, 1, 5, 1),
        });
        let mut remote = remote(&found, &recorded);
        // What another program made and a push only found there is not ours.
        let manifest = Arc::make_mut(&mut remote.manifest);
        manifest.files.get_mut(&path("same")).unwrap().put = false;
        remote.read_back = BTreeMap::from([(path("odd"), [9; 32]), (path("old"), [1; 32])]);
        let expected = ["+a", "?grown", "?kept", "?later", "?link", "?odd", "?same", "-old"];
        check(&files, &remote, &expected);
    }

    #[test]
    fn a_limit_of_deletions_is_a_count_or_a_part() {
        let check = |text: &str, put, expected: Option<usize>| {
            let limit = text.parse::<DeletionLimit>().ok();
            assert_eq!(limit.map(|limit| limit.of(put)), expected, "{text}");
        };
        check("20%", 10, Some(2));
        check("20%", 4, Some(0));
        check("100%", 7, Some(7));
        check("0%", 7, Some(0));
        check("3", 100, Some(3));
        check("101%", 1, None);
        check("-1", 1, None);
        check("", 1, None);
        check("%", 1, None);
        assert_eq!(DeletionLimit::None.of(3), usize::MAX);
    }

    #[test]
    fn a_file_and_a_folder_of_one_name_are_a_conflict() {
        let folder = remote(&[("a", Kind::Folder, 0)], &[]);
        check(
            &source(&[("a", 1, 1)]),
            &folder,
            &["a is a folder on the target, and a file in the source"],
        );
        let file = remote(&[("a", Kind::File, 0)], &[]);
        let expected = ["a is no folder on the target, and a folder in the source"];
        check(&source(&[("a/b", 1, 1)]), &file, &expected);
    }
}
