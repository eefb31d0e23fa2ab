//! The output folder: prompts are written aside, and get their names when all are good.
//!
//! Must not decide what a prompt is made of.

use super::{
    Action, Built, Problem, Reason,
    sources::{Identities, Source},
};
use crate::{
    files,
    media::{ConvertError, convert, source::Source as Sound},
};
use rayon::prelude::*;
use std::{
    fs,
    io::{self, Write as _},
    os::unix::fs::{MetadataExt as _, OpenOptionsExt as _},
    path::{Path, PathBuf},
};

/// How many files are made durable at a time. A disk does many in one go: this takes a tenth of the
/// time of one after the other.
const SYNCS_AT_A_TIME: usize = 16;

/// The output folder, with a hidden one inside it for files that are not ready.
pub(super) struct Folder {
    out: PathBuf,
    /// `None` only while it is being dropped.
    staging: Option<tempfile::TempDir>,
    created: bool,
}

impl Folder {
    pub(super) fn open(out: &Path) -> Result<Self, files::Error> {
        let write_error = |source| files::Error::Write { path: out.to_owned(), source };
        let created = !out.exists();
        fs::create_dir_all(out).map_err(write_error)?;
        let staging =
            tempfile::Builder::new().prefix(".ivrkit-").tempdir_in(out).map_err(write_error)?;
        Ok(Self { out: out.to_owned(), staging: Some(staging), created })
    }

    /// Converts a source and writes the prompt where [`Self::publish`] finds it.
    pub(super) fn stage(&self, source: &Source, taken: &Identities) -> Result<Built, Reason> {
        let path = self.out.join(&source.name);
        let old = occupant(&path, taken)?;
        let sound = Sound::open(&source.path)?.map_err(ConvertError::from)?;
        let converted = convert::converted(sound)?;
        let same_size = old.is_some_and(|bytes| bytes == converted.bytes.len() as u64);
        let action = if same_size && fs::read(&path).is_ok_and(|old| old == converted.bytes) {
            Action::Unchanged
        } else {
            self.write(&source.name, &converted.bytes).map_err(Reason::Write)?;
            if converted.exact { Action::Copied } else { Action::Converted }
        };
        let duration = convert::duration(&converted.bytes);
        Ok(Built { name: source.name.clone(), path, duration, action })
    }

    /// Gives the staged prompts their names in the output folder, if all of them are on the disk.
    pub(super) fn publish(&self, prompts: &[(Built, &Source)]) -> Vec<Problem> {
        let staged: Vec<_> =
            prompts.iter().filter(|(prompt, _)| prompt.action != Action::Unchanged).collect();
        let sync = |prompt: &Built| fs::File::open(self.staged(&prompt.name))?.sync_all();
        let rename = |prompt: &Built| fs::rename(self.staged(&prompt.name), &prompt.path);
        let problem = |(_, source): &(Built, &Source), error| Problem {
            file: source.shown.clone(),
            reason: Reason::Write(error),
        };
        let problems: Vec<_> = in_parallel(|| {
            staged.par_iter().filter_map(|it| sync(&it.0).err().map(|e| problem(it, e))).collect()
        });
        if !problems.is_empty() {
            return problems;
        }
        staged.iter().filter_map(|it| rename(&it.0).err().map(|e| problem(it, e))).collect()
    }

    fn write(&self, name: &str, contents: &[u8]) -> io::Result<()> {
        let mut options = fs::OpenOptions::new();
        options
            .write(true)
            .create_new(true)
            .mode(0o644)
            .open(self.staged(name))?
            .write_all(contents)
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
