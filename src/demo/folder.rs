//! The folder of a demonstration: temporary, or one that the user keeps.

use crate::files;
use include_dir::{Dir, include_dir};
use std::{
    fs, io,
    path::{Path, PathBuf},
};

/// The shipped prompts, as speech engines wrote them.
static PROMPTS: Dir<'_> = include_dir!("$CARGO_MANIFEST_DIR/prompts");
/// The shipped scenario and its name.
const SCENARIO: (&str, &str) =
    ("driving-test.yaml", include_str!("../../scenarios/driving-test.yaml"));

/// A folder that cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// It has something in it already.
    #[error("cannot use {}: it is not empty; name a new or empty folder", .0.display())]
    NotEmpty(PathBuf),
    /// It cannot be made or written.
    #[error("cannot use {}: {source}", path.display())]
    Make {
        /// The folder.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
}

/// Where a demonstration works; a temporary one goes when it is dropped.
pub(super) struct Folder {
    path: PathBuf,
    _temporary: Option<tempfile::TempDir>,
}

impl Folder {
    /// Makes the folder and those in it.
    pub(super) fn open(keep: Option<&Path>) -> Result<Self, Error> {
        let folder = if let Some(path) = keep {
            let make = |source| Error::Make { path: path.to_owned(), source };
            fs::create_dir_all(path).map_err(make)?;
            if fs::read_dir(path).map_err(make)?.next().is_some() {
                return Err(Error::NotEmpty(path.to_owned()));
            }
            Self { path: path.to_owned(), _temporary: None }
        } else {
            let make = |source| Error::Make { path: std::env::temp_dir(), source };
            let temporary = tempfile::Builder::new().prefix("ivrkit-demo-").tempdir();
            let temporary = temporary.map_err(files::plain).map_err(make)?;
            Self { path: temporary.path().to_owned(), _temporary: Some(temporary) }
        };
        for inner in [folder.prompts(), folder.share()] {
            make(&inner)?;
        }
        Ok(folder)
    }

    /// The folder itself.
    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    /// Where prompts are built.
    pub(super) fn prompts(&self) -> PathBuf {
        self.path.join("prompts-8khz")
    }

    /// What stands for the PBX's media share.
    pub(super) fn share(&self) -> PathBuf {
        self.path.join("share")
    }

    /// Writes the shipped scenario and prompts; gives the path of the scenario.
    pub(super) fn unpack_defaults(&self) -> Result<PathBuf, super::Error> {
        let scenarios = self.path.join("scenarios");
        make(&scenarios)?;
        let scenario = scenarios.join(SCENARIO.0);
        files::write(&scenario, SCENARIO.1.as_bytes())?;
        self.unpack(&PROMPTS)?;
        Ok(scenario)
    }

    fn unpack(&self, folder: &Dir<'_>) -> Result<(), super::Error> {
        let prompts = self.path.join("prompts");
        make(&prompts.join(folder.path()))?;
        for file in
            folder.files().filter(|file| file.path().extension().is_some_and(|e| e == "wav"))
        {
            files::write(&prompts.join(file.path()), file.contents())?;
        }
        folder.dirs().try_for_each(|inner| self.unpack(inner))
    }
}

fn make(path: &Path) -> Result<(), Error> {
    fs::create_dir_all(path).map_err(|source| Error::Make { path: path.to_owned(), source })
}
