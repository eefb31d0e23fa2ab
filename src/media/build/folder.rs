//! The output folder: prompts are written aside and get their names when they are whole; the manifest
//! says what is there.
//!
//! One build at a time works in a folder: it is locked. What a killed build left is removed. Must not
//! decide what a prompt is made of.

use super::{
    Error, Reason,
    manifest::{self, Entry, Manifest},
    sources::Identities,
};
use crate::{files, media::convert::Converted};
use rayon::prelude::*;
use std::{
    fs::{self, TryLockError},
    io::{self, Write as _},
    os::unix::fs::{MetadataExt as _, OpenOptionsExt as _},
    path::{Path, PathBuf},
};

/// How many files are made durable at a time. A disk does many in one go: this takes a tenth of the
/// time of one after the other.
const SYNCS_AT_A_TIME: usize = 16;
/// What the folders begin with that a build works in.
const STAGING_PREFIX: &str = ".ivrkit-build-";

/// The output folder, with a hidden one inside it for files that are not ready.
pub(super) struct Folder {
    out: PathBuf,
    /// `None` only while it is being dropped.
    staging: Option<tempfile::TempDir>,
    created: bool,
    manifest: Manifest,
    /// Keeps other builds out for as long as it is open.
    _lock: fs::File,
}

/// A prompt that is made, and may have to be put in its place.
#[derive(Debug, Clone)]
pub(super) struct Staged {
    /// Its file name.
    pub(super) name: String,
    /// Its line of the manifest.
    pub(super) entry: Entry,
    /// Whether it was written; else the file is there already.
    pub(super) is_new: bool,
}

impl Folder {
    pub(super) fn open(out: &Path) -> Result<Self, Error> {
        let write_error = |source| {
            Error::Folder(files::Error::Write {
                path: out.to_owned(),
                source: files::plain(source),
            })
        };
        let created = !out.exists();
        fs::create_dir_all(out).map_err(write_error)?;
        let lock = fs::File::open(out).map_err(write_error)?;
        match lock.try_lock() {
            Ok(()) => remove_remains(out),
            Err(TryLockError::WouldBlock) => return Err(Error::Busy { folder: out.to_owned() }),
            // Some network file systems have no locks; there people must see to it.
            Err(TryLockError::Error(_)) => {}
        }
        let staging = tempfile::Builder::new().prefix(STAGING_PREFIX).tempdir_in(out);
        let staging = Some(staging.map_err(write_error)?);
        let manifest = still_true(Manifest::read(out).ok().flatten().unwrap_or_default(), out);
        Ok(Self { out: out.to_owned(), staging, created, manifest, _lock: lock })
    }

    /// Where a prompt is, or is to be.
    pub(super) fn path(&self, name: &str) -> PathBuf {
        self.out.join(name)
    }

    /// The manifest's line of a file that is made by this recipe and was not touched since.
    pub(super) fn current(&self, name: &str, recipe: &str) -> Option<Entry> {
        let entry = self.manifest.files.get(name)?;
        let is_recipe = entry.recipe.as_deref() == Some(recipe);
        let bytes =
            is_recipe.then(|| files::read_bytes(&self.path(name), entry.size_bytes))?.ok()?;
        (manifest::hash(&bytes) == entry.sha256).then(|| entry.clone())
    }

    /// Writes a prompt where [`Self::publish`] finds it, unless its file has these bytes already;
    /// says whether it did.
    pub(super) fn stage(
        &self,
        name: &str,
        bytes: &[u8],
        taken: &Identities,
    ) -> Result<bool, Reason> {
        let path = self.path(name);
        let is_there = occupant(&path, taken)?.is_some() && files::holds(&path, bytes);
        if !is_there {
            write(&self.staged(name), bytes, 0o644).map_err(Reason::Write)?;
        }
        Ok(!is_there)
    }

    /// Gives staged prompts their names in the output folder, if all of them are on the disk, and
    /// records them. Says what went wrong, by the place in the list.
    pub(super) fn publish(&mut self, prompts: &[Staged]) -> Vec<(usize, io::Error)> {
        let new: Vec<_> = prompts.iter().enumerate().filter(|(_, prompt)| prompt.is_new).collect();
        let sync = |name: &str| fs::File::open(self.staged(name))?.sync_all();
        let mut problems: Vec<(usize, io::Error)> = in_parallel(|| {
            new.par_iter().filter_map(|(at, it)| Some((*at, sync(&it.name).err()?))).collect()
        });
        if !problems.is_empty() {
            return problems;
        }
        let before = self.manifest.clone();
        for (_, it) in &new {
            self.manifest.files.remove(&it.name);
        }
        let after = prompts.iter().map(|it| (it.name.clone(), it.entry.clone()));
        let mut after =
            Manifest { files: self.manifest.files.clone().into_iter().chain(after).collect() };
        // Written before anything gets its name: a full disk is to be noticed now.
        let prepared = (|| {
            if self.manifest != before {
                self.stage_manifest(&self.manifest)?;
                self.place_manifest()?;
            }
            self.stage_manifest(&after)
        })();
        if let Err(error) = prepared {
            return vec![(0, error)];
        }
        for (at, it) in new {
            if let Err(error) = fs::rename(self.staged(&it.name), self.path(&it.name)) {
                after.files.remove(&it.name);
                problems.push((at, error));
            }
        }
        let restaged = if problems.is_empty() { Ok(()) } else { self.stage_manifest(&after) };
        let is_written = after == before;
        self.manifest = after;
        if !is_written && let Err(error) = restaged.and_then(|()| self.place_manifest()) {
            problems.push((0, error));
        }
        problems
    }

    fn stage_manifest(&self, manifest: &Manifest) -> io::Result<()> {
        let path = self.staged(manifest::FILE_NAME);
        if path.exists() {
            fs::remove_file(&path)?;
        }
        write(&path, &manifest.to_json(), 0o600)?;
        fs::File::open(&path)?.sync_all()
    }

    fn place_manifest(&self) -> io::Result<()> {
        fs::rename(self.staged(manifest::FILE_NAME), self.path(manifest::FILE_NAME))
    }

    fn staged(&self, name: &str) -> PathBuf {
        self.staging.as_ref().expect("dropped last").path().join(name)
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        self.staging = None;
        if self.created {
            // Fails, as it should, if prompts were published.
            let _ = fs::remove_dir(&self.out);
        }
    }
}

impl Entry {
    /// The line of a prompt.
    pub(super) fn of(prompt: &Converted) -> Self {
        Self {
            sha256: manifest::hash(&prompt.bytes),
            size_bytes: prompt.bytes.len() as u64,
            duration_ms: prompt.duration.as_secs_f64() * 1000.0,
            text: None,
            engine: None,
            voice: None,
            recipe: None,
        }
    }
}

fn write(path: &Path, contents: &[u8], mode: u32) -> io::Result<()> {
    let mut options = fs::OpenOptions::new();
    options.write(true).create_new(true).mode(mode).open(path)?.write_all(contents)
}

/// Without the lines of files that somebody removed or replaced.
fn still_true(mut manifest: Manifest, folder: &Path) -> Manifest {
    manifest.files.retain(|name, entry| {
        fs::metadata(folder.join(name)).is_ok_and(|meta| meta.len() == entry.size_bytes)
    });
    manifest
}

/// Removes what killed builds left; the lock says that none is at work.
fn remove_remains(out: &Path) {
    for entry in fs::read_dir(out).into_iter().flatten().flatten() {
        let is_remains = entry.file_name().to_string_lossy().starts_with(STAGING_PREFIX);
        if is_remains && entry.file_type().is_ok_and(|kind| kind.is_dir()) {
            // If it cannot be removed it does no harm.
            let _kept = fs::remove_dir_all(entry.path());
        }
    }
}

/// Runs on threads that mostly wait for the disk; on this one if they cannot be had.
fn in_parallel<T: Send>(work: impl FnOnce() -> T + Send) -> T {
    match rayon::ThreadPoolBuilder::new().num_threads(SYNCS_AT_A_TIME).build() {
        Ok(pool) => pool.install(work),
        Err(_) => work(),
    }
}

/// Size of the file that a prompt replaces, `None` if there is none.
fn occupant(path: &Path, taken: &Identities) -> Result<Option<u64>, Reason> {
    let Ok(meta) = fs::metadata(path) else {
        return Ok(None);
    };
    if !meta.is_file() {
        let found = if meta.is_dir() { "a folder" } else { "a device or pipe" };
        return Err(Reason::Occupied { found });
    }
    if taken.contains(&(meta.dev(), meta.ino())) {
        return Err(Reason::OverwritesSource);
    }
    Ok(Some(meta.len()))
}
