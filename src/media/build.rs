//! A scenario's sources to a folder of prompts: all of them, or none.
//!
//! Files are converted in parallel, written to a hidden folder inside the output folder and renamed
//! from there once every one of them is good. Must not know how a prompt is converted.

mod folder;
mod sources;

use super::{ConvertError, MAX_FILE_BYTES};
use crate::{error::Exit, files};
use folder::Folder;
use ivrkit_dialplan::scenario::Scenario;
use rayon::prelude::*;
use std::{
    fmt, io,
    path::{Path, PathBuf},
    sync::atomic::{AtomicU64, Ordering},
    time::Duration,
};

/// A prompt in the output folder.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Built {
    /// File name on the PBX, with its ending.
    pub name: String,
    /// The file.
    pub path: PathBuf,
    /// How long it is, with the silence at its end.
    pub duration: Duration,
    /// What was done.
    pub action: Action,
}

/// What was done to make a prompt.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Action {
    /// Decoded, mixed down or resampled, and written.
    Converted,
    /// Written with the samples of the source, bit for bit: it was 8 kHz, 16 bit, mono already.
    Copied,
    /// The output folder had these bytes already; the file was not touched.
    Unchanged,
}

/// Why no prompt was built.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// Single prompts cannot be built.
    #[error("{}", Listed(.folder, .problems, *.total))]
    Prompts {
        /// The folder of the sources.
        folder: PathBuf,
        /// Every problem, in the order of the prompts' names.
        problems: Vec<Problem>,
        /// How many prompts there are.
        total: usize,
    },
    /// The output folder cannot be used.
    #[error(transparent)]
    Folder(files::Error),
}

/// Why one prompt cannot be built.
#[derive(Debug, thiserror::Error)]
#[error("{file}: {reason}")]
pub struct Problem {
    /// The file, as a path from the scenario's source folder; a callee's number is masked.
    pub file: String,
    /// Why.
    pub reason: Reason,
}

/// Why one prompt cannot be built.
#[derive(Debug, thiserror::Error)]
pub enum Reason {
    /// The source cannot be read.
    #[error("cannot be read: {0}")]
    Read(io::Error),
    /// There is no source.
    #[error("is missing; put it there, or name another file with the prompt's `source`")]
    Missing,
    /// The source is no file, or no folder.
    #[error("found {found}, expected {expected}")]
    Kind {
        /// What stands there.
        found: &'static str,
        /// What was expected.
        expected: &'static str,
    },
    /// The source is larger than any prompt.
    #[error("has more than {MAX_FILE_BYTES} bytes, the most that is read")]
    TooLarge,
    /// The source cannot be converted.
    #[error(transparent)]
    Convert(#[from] ConvertError),
    /// A callee's file that is not named by a number.
    #[error("expected a file name of digits, the callee's number, and `.wav`")]
    NotANumber,
    /// Two sources for one file on the PBX.
    #[error("{other} has the same name on the PBX; rename one of them")]
    SameName {
        /// The other source, shown as in [`Problem::file`].
        other: String,
    },
    /// The prompt would replace a source.
    #[error("the prompt would overwrite its source; choose another output folder")]
    OverwritesSource,
    /// Something that is no file bears the prompt's name in the output folder.
    #[error("the output folder has {found} of that name, expected a file or nothing")]
    Occupied {
        /// What stands there.
        found: &'static str,
    },
    /// The prompt cannot be written.
    #[error("cannot be written to the output folder: {0}")]
    Write(io::Error),
}

/// Builds every prompt of a scenario into the folder `out`, which is made if it is missing.
///
/// `base` is the folder of the scenario file: sources are `base/media.source/<source>`, and for a
/// prompt per callee every `<digits>.wav` in the folder `base/media.source/<source>`. `progress` is
/// told how many prompts of how many are done, from several threads.
///
/// # Errors
/// All problems of all prompts; then `out` is as it was before.
pub fn build(
    scenario: &Scenario,
    base: &Path,
    out: &Path,
    progress: &(dyn Fn(u64, u64) + Sync),
) -> Result<Vec<Built>, Error> {
    let (sources, mut problems) = sources::list(scenario, base);
    let total = sources.len() + problems.len();
    let folder = Folder::open(out).map_err(Error::Folder)?;
    let taken = sources.iter().filter_map(|source| source.identity).collect();
    let done = AtomicU64::new(0);
    let staged: Vec<_> = sources
        .par_iter()
        .map(|source| {
            let staged = folder.stage(source, &taken);
            progress(done.fetch_add(1, Ordering::Relaxed) + 1, sources.len() as u64);
            staged
        })
        .collect();
    let mut good = Vec::with_capacity(staged.len());
    for (source, staged) in sources.iter().zip(staged) {
        match staged {
            Ok(built) => good.push((built, source)),
            Err(reason) => problems.push(Problem { file: source.shown.clone(), reason }),
        }
    }
    if problems.is_empty() {
        problems = folder.publish(&good);
    }
    if problems.is_empty() {
        return Ok(good.into_iter().map(|(built, _)| built).collect());
    }
    problems.sort_by(|a, b| a.file.cmp(&b.file));
    Err(Error::Prompts { folder: base.join(&scenario.media.source), problems, total })
}

impl Error {
    /// The exit code this ends a command with.
    pub fn exit(&self) -> Exit {
        match self {
            Self::Folder(_) => Exit::Output,
            Self::Prompts { problems, .. } => {
                let output = |problem: &Problem| problem.reason.is_of_output();
                if problems.iter().any(output) { Exit::Output } else { Exit::Input }
            }
        }
    }
}

impl Action {
    /// The name for tables and JSON.
    pub fn name(self) -> &'static str {
        match self {
            Self::Converted => "converted",
            Self::Copied => "copied",
            Self::Unchanged => "unchanged",
        }
    }
}

impl Reason {
    fn is_of_output(&self) -> bool {
        matches!(self, Self::OverwritesSource | Self::Occupied { .. } | Self::Write(_))
    }
}

impl From<files::Error> for Reason {
    fn from(error: files::Error) -> Self {
        match error {
            files::Error::Read { source, .. } => source.into(),
            files::Error::NotAFile { found, .. } => Self::Kind { found, expected: "a WAV file" },
            files::Error::TooLarge { .. } => Self::TooLarge,
            files::Error::Write { source, .. } => Self::Write(source),
            error @ files::Error::Changed { .. } => {
                Self::Write(io::Error::other(error.to_string()))
            }
            error @ files::Error::NotUtf8 { .. } => Self::Read(io::Error::other(error.to_string())),
        }
    }
}

impl From<io::Error> for Reason {
    fn from(error: io::Error) -> Self {
        if error.kind() == io::ErrorKind::NotFound { Self::Missing } else { Self::Read(error) }
    }
}

/// Problems as lines.
struct Listed<'a>(&'a Path, &'a [Problem], usize);

impl fmt::Display for Listed<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self(folder, problems, total) = self;
        let (wrong, folder) = (problems.len(), folder.display());
        write!(f, "{wrong} of {total} prompts from {folder} cannot be built, so none was written")?;
        problems.iter().try_for_each(|problem| write!(f, "\n  {problem}"))
    }
}
