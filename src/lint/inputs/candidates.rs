//! The files that could be inputs, by their names alone, each once.

use super::{Error, kind};
use crate::lint::config::{Config, Configs};
use std::{
    collections::HashSet,
    fs,
    path::{Path, PathBuf},
    sync::Arc,
};
use walkdir::{DirEntry, WalkDir};

/// A file that could be an input.
#[derive(Debug)]
pub(super) struct Candidate {
    pub(super) path: PathBuf,
    /// Its path without links.
    pub(super) identity: PathBuf,
    /// Whether it stands on the command line itself.
    pub(super) is_named: bool,
    pub(super) config: Arc<Config>,
}

/// What is being gathered.
struct Gathering<'a> {
    configs: &'a mut Configs,
    seen: HashSet<PathBuf>,
    candidates: Vec<Candidate>,
    errors: Vec<Error>,
}

/// The candidates among files and folders. What is named comes before what folders have, so that
/// it counts as named.
pub(super) fn among(paths: &[PathBuf], configs: &mut Configs) -> (Vec<Candidate>, Vec<Error>) {
    let mut gathering =
        Gathering { configs, seen: HashSet::new(), candidates: Vec::new(), errors: Vec::new() };
    let (folders, files): (Vec<&PathBuf>, Vec<_>) = paths.iter().partition(|path| path.is_dir());
    for path in files {
        gathering.file(path, true);
    }
    for folder in folders {
        gathering.folder(folder);
    }
    (gathering.candidates, gathering.errors)
}

impl Gathering<'_> {
    fn folder(&mut self, folder: &Path) {
        let mut walk = WalkDir::new(folder).sort_by_file_name().into_iter();
        while let Some(entry) = walk.next() {
            match entry {
                Ok(entry) if self.is_left_out(&entry) => {
                    if entry.file_type().is_dir() {
                        walk.skip_current_dir();
                    }
                }
                Ok(entry) if entry.file_type().is_dir() => {}
                Ok(entry) => {
                    let path = entry.path();
                    // Links to folders are not followed: they may lead around in a circle.
                    if kind::has_promising_name(path) && !path.is_dir() {
                        self.file(path, false);
                    }
                }
                Err(error) => {
                    let path = error.path().unwrap_or(folder).to_owned();
                    let reason =
                        error.io_error().map_or("it is in itself".to_owned(), ToString::to_string);
                    self.errors.push(Error::Folder { path, reason });
                }
            }
        }
    }

    /// Hidden files and folders, and what the configuration excludes.
    fn is_left_out(&mut self, entry: &DirEntry) -> bool {
        if entry.depth() == 0 {
            return false;
        }
        let is_hidden = entry.file_name().to_string_lossy().starts_with('.');
        let config = self.configs.of(entry.path());
        is_hidden || config.is_some_and(|config| config.excludes(entry.path()))
    }

    fn file(&mut self, path: &Path, is_named: bool) {
        if let (Ok(target), Err(_)) = (fs::read_link(path), fs::metadata(path)) {
            self.errors.push(Error::Link { path: shown(path), target });
            return;
        }
        let Some(config) = self.configs.of(path) else { return };
        let identity = fs::canonicalize(path).unwrap_or_else(|_| path.to_owned());
        if self.seen.insert(identity.clone()) {
            self.candidates.push(Candidate { path: shown(path), identity, is_named, config });
        }
    }
}

/// A path in the current folder without `./`, as people write it.
fn shown(path: &Path) -> PathBuf {
    path.strip_prefix("./").unwrap_or(path).to_owned()
}
