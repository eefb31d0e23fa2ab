//! The local files that are to be pushed: what they are called, and what is in them.
//!
//! Each file is known by the hash of its content, since size and time alone miss a change. Must not
//! follow a link out of the folder, and must not write.

use super::path::{Fault, RESERVED_PREFIX, RelativePath, printable};
use crate::error::Exit;
use rayon::prelude::*;
use sha2::{Digest as _, Sha256};
use std::{
    collections::{BTreeMap, BTreeSet},
    ffi::OsStr,
    fs::{self, File, Metadata},
    io::{self, Read as _},
    os::unix::{ffi::OsStrExt as _, fs::MetadataExt as _},
    path::{Path, PathBuf},
    time::{Duration, SystemTime},
};
use walkdir::{DirEntry, WalkDir};

/// SHA-256 of a file's content.
pub type ContentHash = [u8; 32];

/// The files of one folder.
#[derive(Debug, Clone)]
pub struct Source {
    /// The folder, as an absolute path without links.
    pub root: PathBuf,
    /// The files by their names below the folder.
    pub files: BTreeMap<RelativePath, SourceFile>,
    /// What is left out, and why.
    pub skipped: Vec<Skipped>,
}

/// One file to be pushed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SourceFile {
    /// Where it is on this machine, if not in the folder under its name: see [`Source::location`].
    pub elsewhere: Option<Box<Path>>,
    /// Size and times when its content was hashed.
    pub stamp: Stamp,
    /// Hash of its content.
    pub hash: ContentHash,
}

/// What changes when somebody writes a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Stamp {
    /// Size in bytes.
    pub size_bytes: u64,
    /// Time of modification in nanoseconds since 1970.
    modified_ns: i64,
    /// Time of the last change of any kind, which nobody can set back.
    changed_ns: i64,
    inode: u64,
}

/// A name that is not pushed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Skipped {
    /// The name below the folder, made printable.
    pub name: String,
    /// The name, if it could be one on a target: it is in the source all the same.
    pub path: Option<RelativePath>,
    /// Why.
    pub reason: String,
}

/// A source that cannot be pushed.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// A file or the folder cannot be read.
    #[error("cannot read {}: {source}", path.display())]
    Read {
        /// The file or folder.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// The folder is something else.
    #[error("cannot push {}: expected a folder of prompts or a scenario", path.display())]
    NotAFolder {
        /// The path.
        path: PathBuf,
    },
    /// Nothing to push.
    #[error("cannot push {}: it holds no file", path.display())]
    Empty {
        /// The folder.
        path: PathBuf,
    },
    /// The target is the source, or stands in it.
    #[error("cannot push {} to {}, which is the same folder or in it", folder.display(), target.display())]
    Overlap {
        /// The source.
        folder: PathBuf,
        /// The target.
        target: PathBuf,
    },
    /// A signal asked the program to end.
    #[error("interrupted")]
    Interrupted,
    /// Somebody writes the file right now.
    #[error(
        "{} changed while it was being read, so it is not published; push again when it is complete",
        path.display()
    )]
    Changed {
        /// The file.
        path: PathBuf,
    },
}

impl Error {
    /// The exit code this ends a command with.
    pub fn exit(&self) -> Exit {
        match self {
            Self::Overlap { .. } => Exit::Usage,
            Self::Interrupted => Exit::Interrupted,
            _ => Exit::Input,
        }
    }
}

/// Makes sure that a push to a local folder does not push what it just pushed.
///
/// # Errors
/// When the target is the source or stands in it.
pub fn check_apart(folder: &Path, target: &Path) -> Result<(), Error> {
    // A target that is yet to be made is judged by the folder that it would stand in.
    let standing = target.ancestors().find_map(|path| {
        fs::canonicalize(if path.as_os_str().is_empty() { Path::new(".") } else { path }).ok()
    });
    if standing.is_some_and(|standing| standing.starts_with(folder)) {
        return Err(Error::Overlap { folder: folder.to_owned(), target: target.to_owned() });
    }
    Ok(())
}

/// The names of a folder, before anything is read.
#[derive(Debug, Clone)]
pub struct Listing {
    /// The folder, as an absolute path without links.
    pub root: PathBuf,
    /// Each file by its name below the folder; where it is, if not there.
    pub names: BTreeMap<RelativePath, Option<Box<Path>>>,
    /// What is left out, and why.
    pub skipped: Vec<Skipped>,
}

impl Listing {
    /// Looks through a folder.
    ///
    /// # Errors
    /// When it cannot be read or is no folder.
    pub fn read(folder: &Path) -> Result<Self, Error> {
        let read_error = |source| Error::Read { path: folder.to_owned(), source };
        let root = fs::canonicalize(folder).map_err(read_error)?;
        if !fs::metadata(&root).map_err(read_error)?.is_dir() {
            return Err(Error::NotAFolder { path: folder.to_owned() });
        }
        let mut names = BTreeMap::new();
        let mut skipped = Vec::new();
        let walk = WalkDir::new(&root).min_depth(1).into_iter();
        for entry in walk.filter_entry(|entry| !is_reserved(entry)) {
            let entry = entry.map_err(|error| walk_error(&root, error))?;
            match classify(&root, &entry) {
                Found::File(name, elsewhere) => drop(names.insert(name, elsewhere)),
                Found::Folder => {}
                Found::Unfit(reason) => {
                    let path = RelativePath::new(below(&root, &entry)).ok();
                    skipped.push(Skipped { name: printable(below(&root, &entry)), path, reason });
                }
            }
        }
        Ok(Self { root, names, skipped })
    }
}

impl Source {
    /// Looks through a folder and hashes every file in it.
    ///
    /// # Errors
    /// When something cannot be read, changes meanwhile, or there is no file.
    pub fn read(folder: &Path) -> Result<Self, Error> {
        Self::of(Listing::read(folder)?)
    }

    /// Hashes every file of a folder.
    ///
    /// # Errors
    /// When one cannot be read, changes meanwhile, or there is none.
    pub fn of(listing: Listing) -> Result<Self, Error> {
        let Listing { root, names, skipped } = listing;
        if names.is_empty() {
            return Err(Error::Empty { path: root });
        }
        let read = |(name, elsewhere): (RelativePath, Option<Box<Path>>)| {
            let file = SourceFile::read(&located(&root, &name, elsewhere.as_deref()))?;
            Ok((name, SourceFile { elsewhere, ..file }))
        };
        let files: Vec<_> = names.into_par_iter().map(read).collect::<Result<_, _>>()?;
        // A map that is made of all of them at once takes half the memory.
        Ok(Self { files: files.into_iter().collect(), root, skipped })
    }
}

impl Source {
    /// Where a file is on this machine.
    pub fn location(&self, name: &RelativePath) -> PathBuf {
        let elsewhere = self.files.get(name).and_then(|file| file.elsewhere.as_deref());
        located(&self.root, name, elsewhere)
    }

    /// Names that are in the source though they are not pushed; with a folder all that is below it.
    pub fn skipped_names(&self) -> BTreeSet<&RelativePath> {
        self.skipped.iter().filter_map(|skipped| skipped.path.as_ref()).collect()
    }
}

/// Where a file of a folder is.
pub fn located(root: &Path, name: &RelativePath, elsewhere: Option<&Path>) -> PathBuf {
    let below = || root.join(Path::new(OsStr::from_bytes(name.as_bytes())));
    elsewhere.map_or_else(below, Path::to_owned)
}

impl SourceFile {
    /// Reads a file to its end and hashes it; it counts as one in the folder under its name.
    ///
    /// # Errors
    /// When it cannot be read or changes meanwhile.
    pub fn read(location: &Path) -> Result<Self, Error> {
        let read_error = |source| Error::Read { path: location.to_owned(), source };
        let mut file = File::open(location).map_err(read_error)?;
        let stamp = Stamp::of(&file.metadata().map_err(read_error)?);
        let mut hasher = Sha256::new();
        let mut buffer = vec![0; 64 * 1024];
        let mut size_bytes = 0;
        loop {
            let length = file.read(&mut buffer).map_err(read_error)?;
            if length == 0 {
                break;
            }
            size_bytes += length as u64;
            hasher.update(&buffer[..length]);
        }
        let after = Stamp::of(&file.metadata().map_err(read_error)?);
        if after != stamp || size_bytes != stamp.size_bytes {
            return Err(Error::Changed { path: location.to_owned() });
        }
        Ok(Self { elsewhere: None, stamp, hash: hasher.finalize().into() })
    }

    /// Opens the file at `location` again, to send it.
    ///
    /// # Errors
    /// When it cannot be opened or is not the file any more that was hashed.
    pub fn open(&self, location: &Path) -> Result<File, Error> {
        let read_error = |source| Error::Read { path: location.to_owned(), source };
        let file = File::open(location).map_err(read_error)?;
        self.check_unchanged(&file, location)?;
        Ok(file)
    }

    /// Checks that nobody wrote the open file since it was hashed.
    ///
    /// # Errors
    /// [`Error::Changed`] if somebody did.
    pub fn check_unchanged(&self, file: &File, location: &Path) -> Result<(), Error> {
        let read_error = |source| Error::Read { path: location.to_owned(), source };
        if Stamp::of(&file.metadata().map_err(read_error)?) == self.stamp {
            return Ok(());
        }
        Err(Error::Changed { path: location.to_owned() })
    }
}

impl Stamp {
    /// Of the file at a path.
    ///
    /// # Errors
    /// When it cannot be looked at.
    pub fn read(path: &Path) -> Result<Self, Error> {
        let metadata = fs::metadata(path);
        let stamp = metadata.map(|metadata| Self::of(&metadata));
        stamp.map_err(|source| Error::Read { path: path.to_owned(), source })
    }

    /// How long ago, or how far ahead, the file was changed by the clock of this machine.
    pub fn age(&self) -> Duration {
        let now = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
        let now_ns = i64::try_from(now.as_nanos()).unwrap_or(i64::MAX);
        Duration::from_nanos(now_ns.abs_diff(self.changed_ns))
    }

    fn of(metadata: &Metadata) -> Self {
        // Enough until the year 2262.
        let ns = |s: i64, ns: i64| s.saturating_mul(1_000_000_000).saturating_add(ns);
        Self {
            size_bytes: metadata.len(),
            modified_ns: ns(metadata.mtime(), metadata.mtime_nsec()),
            changed_ns: ns(metadata.ctime(), metadata.ctime_nsec()),
            inode: metadata.ino(),
        }
    }

    /// Of a file that is nowhere, for tests that look at no disk.
    #[cfg(test)]
    pub(super) fn of_size(size_bytes: u64) -> Self {
        Self { size_bytes, modified_ns: 0, changed_ns: 0, inode: 0 }
    }

    /// Time of modification in whole seconds since 1970, as SFTP carries it.
    pub fn modified_s(&self) -> u32 {
        u32::try_from(self.modified_ns / 1_000_000_000).unwrap_or(0)
    }
}

enum Found {
    File(RelativePath, Option<Box<Path>>),
    Folder,
    Unfit(String),
}

/// The names of ivrkit itself stand in a folder that was once pushed to; they are nobody's prompts.
fn is_reserved(entry: &DirEntry) -> bool {
    entry.file_name().as_bytes().starts_with(RESERVED_PREFIX)
}

fn classify(root: &Path, entry: &DirEntry) -> Found {
    let kind = entry.file_type();
    if kind.is_dir() {
        return Found::Folder;
    }
    let elsewhere = if kind.is_symlink() {
        match resolve_link(root, entry) {
            Ok(location) => Some(location.into_boxed_path()),
            Err(reason) => return Found::Unfit(reason.to_owned()),
        }
    } else if kind.is_file() {
        None
    } else {
        return Found::Unfit("it is no regular file".to_owned());
    };
    match RelativePath::new(below(root, entry)) {
        Ok(name) => Found::File(name, elsewhere),
        Err(fault @ (Fault::Empty | Fault::Dots | Fault::Zero | Fault::Long)) => {
            Found::Unfit(fault.to_string())
        }
    }
}

fn resolve_link(root: &Path, entry: &DirEntry) -> Result<PathBuf, &'static str> {
    let location = fs::canonicalize(entry.path()).map_err(|_| "it is a link that leads nowhere")?;
    if !location.starts_with(root) {
        return Err("it is a link that leads out of the folder");
    }
    match fs::metadata(&location) {
        Ok(metadata) if metadata.is_file() => Ok(location),
        _ => Err("it is a link, and not to a file"),
    }
}

fn below<'a>(root: &Path, entry: &'a DirEntry) -> &'a [u8] {
    let below = entry.path().strip_prefix(root).expect("the walk stays below its root");
    below.as_os_str().as_bytes()
}

fn walk_error(root: &Path, error: walkdir::Error) -> Error {
    let path = error.path().unwrap_or(root).to_owned();
    let reason = error.to_string();
    Error::Read { path, source: error.into_io_error().unwrap_or_else(|| io::Error::other(reason)) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::fs::symlink;

    fn check(folder: &Path, files: &[&str], skipped: &[&str]) {
        let source = Source::read(folder).unwrap();
        assert_eq!(source.files.keys().map(RelativePath::to_text).collect::<Vec<_>>(), files);
        let mut found: Vec<_> =
            source.skipped.iter().map(|s| format!("{}: {}", s.name, s.reason)).collect();
        found.sort();
        assert_eq!(found, skipped);
    }

    #[test]
    fn links_that_lead_outside_are_skipped_and_said() {
        let folder = tempfile::tempdir().unwrap();
        let root = folder.path().join("source");
        fs::create_dir_all(root.join("below")).unwrap();
        fs::write(folder.path().join("secret"), "s").unwrap();
        fs::write(root.join("below/ok.wav"), "ok").unwrap();
        fs::write(root.join(".ivrkit-manifest.json"), "{}").unwrap();
        symlink("below/ok.wav", root.join("inside.wav")).unwrap();
        symlink("../secret", root.join("outside.wav")).unwrap();
        symlink("nothing", root.join("dangling.wav")).unwrap();
        symlink("below", root.join("folder")).unwrap();
        check(
            &root,
            &["below/ok.wav", "inside.wav"],
            &[
                "dangling.wav: it is a link that leads nowhere",
                "folder: it is a link, and not to a file",
                "outside.wav: it is a link that leads out of the folder",
            ],
        );
    }

    #[test]
    fn a_source_without_a_file_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        assert!(matches!(Source::read(folder.path()), Err(Error::Empty { .. })));
        let file = folder.path().join("x");
        assert!(matches!(Source::read(&file), Err(Error::Read { .. })));
        fs::write(&file, "x").unwrap();
        assert!(matches!(Source::read(&file), Err(Error::NotAFolder { .. })));
    }

    #[test]
    fn a_file_that_was_written_again_is_noticed() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.wav");
        fs::write(&path, "one").unwrap();
        let source = Source::read(folder.path()).unwrap();
        let file = source.files.values().next().unwrap();
        assert!(file.open(&path).is_ok());
        let modified = fs::metadata(&path).unwrap().modified().unwrap();
        fs::write(&path, "two").unwrap();
        File::open(&path).unwrap().set_modified(modified).unwrap();
        assert!(matches!(file.open(&path), Err(Error::Changed { .. })));
    }
}
