//! Which configuration is for a file: the nearest one upwards, unless one was given.

use super::{Config, Error, FILE_NAME};
use std::{
    collections::HashMap,
    path::{Path, PathBuf},
    sync::Arc,
};

/// The configurations that were found; each is read once.
#[derive(Debug, Default)]
pub struct Configs {
    given: Option<Arc<Config>>,
    /// By folder; none where the one found cannot be used.
    found: HashMap<PathBuf, Option<Arc<Config>>>,
    errors: Vec<Error>,
}

impl Configs {
    /// One for all files.
    pub fn given(config: Config) -> Self {
        Self { given: Some(Arc::new(config)), ..Self::default() }
    }

    /// The one for a file: an empty one if there is none, and none if it cannot be used.
    pub fn of(&mut self, file: &Path) -> Option<Arc<Config>> {
        if let Some(given) = &self.given {
            return Some(Arc::clone(given));
        }
        self.of_folder(&super::real(file.parent().unwrap_or(Path::new(""))))
    }

    fn of_folder(&mut self, folder: &Path) -> Option<Arc<Config>> {
        if let Some(known) = self.found.get(folder) {
            return known.clone();
        }
        let path = folder.join(FILE_NAME);
        let found = match (path.symlink_metadata().is_ok(), folder.parent()) {
            (true, _) => match Config::read(&shown(&path)) {
                Ok(config) => Some(Arc::new(config)),
                Err(error) => {
                    self.errors.push(error);
                    None
                }
            },
            (false, Some(above)) => self.of_folder(above),
            (false, None) => Some(Arc::default()),
        };
        self.found.insert(folder.to_owned(), found.clone());
        found
    }

    /// What is wrong with those that cannot be used, each said once.
    pub fn take_errors(&mut self) -> Vec<Error> {
        std::mem::take(&mut self.errors)
    }
}

/// The path from the current folder if it is below, as people write it.
fn shown(path: &Path) -> PathBuf {
    let here = std::env::current_dir().unwrap_or_default();
    path.strip_prefix(here).unwrap_or(path).to_owned()
}
