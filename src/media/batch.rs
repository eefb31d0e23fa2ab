//! Files and folders to prompts, without a scenario.
//!
//! Which file becomes which is settled for all of them before anything is written; then they are
//! converted in parallel, each written under a temporary name and renamed. A file that cannot be
//! converted stops none of the others. Must not know how a prompt is converted.
//!
//! A prompt is whole or not there, whoever looks and whenever the command is killed. Nothing is
//! forced to the disk: after a power failure run the command again.

mod inputs;

use super::{Action, ConvertError, convert::Turn, source::Source};
use crate::{error::Exit, files};
use inputs::Input;
use ivrkit_dialplan::scenario::{Sound, SoundFormat};
use rayon::prelude::*;
use std::{
    collections::HashSet,
    ffi::OsString,
    fmt, fs,
    io::{self, Write as _},
    os::unix::fs::{MetadataExt as _, PermissionsExt as _},
    path::{Path, PathBuf},
    sync::atomic::{AtomicU64, Ordering},
    time::Duration,
};

/// A prompt that was made.
#[derive(Debug, Clone, PartialEq)]
pub struct Made {
    /// What it was made of.
    pub source: PathBuf,
    /// The prompt.
    pub path: PathBuf,
    /// How long it is, with the silence at its end.
    pub duration: Duration,
    /// What was done.
    pub action: Action,
    /// Active speech level of the source in dBov, if the level was to be changed and there is speech.
    pub level_dbov: Option<f64>,
    /// By how much the level was changed, in dB.
    pub gain_db: f64,
    /// Silence that was cut off.
    pub trimmed: Duration,
}

/// What became of all files.
#[derive(Debug)]
pub struct Outcome {
    /// The prompts, in the order of their paths.
    pub made: Vec<Made>,
    /// What could not be made, in the order of the sources' paths.
    pub problems: Vec<Problem>,
}

/// Why nothing was written at all.
#[derive(Debug, thiserror::Error)]
pub enum BatchError {
    /// Which file becomes which cannot be settled.
    #[error("nothing was written:{}", Listed(.0))]
    Plan(Vec<Problem>),
    /// Single files could not be converted; the others were.
    #[error("{} of {total} files cannot be converted:{}", .problems.len(), Listed(.problems))]
    Files {
        /// Every problem.
        problems: Vec<Problem>,
        /// How many files there are.
        total: usize,
    },
    /// The output has no ending that names a format.
    #[error(
        "cannot write {}: the ending says how the PBX reads it, expected one of {}",
        path.display(),
        endings()
    )]
    Ending {
        /// The output.
        path: PathBuf,
    },
    /// The output's ending names another format than the one that was asked for.
    #[error(
        "cannot write {}: its ending says {by_name}, but {} was asked for",
        path.display(),
        asked.name()
    )]
    OtherFormat {
        /// The output.
        path: PathBuf,
        /// The format of the ending.
        by_name: &'static str,
        /// The format that was asked for.
        asked: SoundFormat,
    },
}

/// Why one prompt was not made.
#[derive(Debug, thiserror::Error)]
#[error("{}: {reason}", file.display())]
pub struct Problem {
    /// The source.
    pub file: PathBuf,
    /// Why.
    pub reason: Reason,
}

/// Why one prompt was not made.
#[derive(Debug, thiserror::Error)]
pub enum Reason {
    /// The source cannot be read.
    #[error("cannot be read: {0}")]
    Read(io::Error),
    /// The source is no file.
    #[error("found {0}, expected a recording or a folder of recordings")]
    NotAFile(&'static str),
    /// A folder without a recording.
    #[error("the folder holds no recording; name files, or another folder")]
    EmptyFolder,
    /// The source cannot be converted.
    #[error(transparent)]
    Convert(#[from] ConvertError),
    /// Two sources would become one file.
    #[error("would become {}, as would {}; rename one of them", output.display(), other.display())]
    SameOutput {
        /// The file that both would become.
        output: PathBuf,
        /// The other source.
        other: PathBuf,
    },
    /// The prompt would replace a source.
    #[error("{} would overwrite a source; choose another output", .0.display())]
    OverwritesSource(PathBuf),
    /// Something that is no file bears the prompt's name.
    #[error("{} is {found}, expected a file or nothing", output.display())]
    Occupied {
        /// The prompt.
        output: PathBuf,
        /// What stands there.
        found: &'static str,
    },
    /// The prompt cannot be written.
    #[error("cannot write {}: {source}", output.display())]
    Write {
        /// The prompt.
        output: PathBuf,
        /// Why.
        source: io::Error,
    },
}

/// Makes prompts of files and of all recordings in folders.
///
/// `output` is a file if there is one input and it is a file, unless `output` is a folder already or
/// ends in `/`; its ending is the format then. Otherwise it is a folder, made if it is missing, in
/// which the inputs' folders are kept. `sound.format` counts where `asked` is `None` and no ending
/// says otherwise. `progress` is told how many files of how many are done, from several threads.
///
/// # Errors
/// What makes the whole impossible. Then nothing was written. What is wrong with single files is in
/// the outcome.
pub fn convert_files(
    inputs: &[PathBuf],
    output: &Path,
    sound: &Sound,
    asked: Option<SoundFormat>,
    progress: &(dyn Fn(u64, u64) + Sync),
) -> Result<Outcome, BatchError> {
    let is_file = is_to_a_file(inputs, output);
    let format = if is_file { format_of(output, asked)? } else { asked.unwrap_or(sound.format) };
    let sound = Sound { format, ..*sound };
    let plan = if is_file {
        vec![Input::new(inputs[0].clone(), output.to_owned())]
    } else {
        inputs::plan(inputs, output, format).map_err(BatchError::Plan)?
    };
    let taken: HashSet<_> = plan.iter().filter_map(|input| input.identity).collect();
    let refused: Vec<_> = plan.iter().filter_map(|input| refusal(input, &taken)).collect();
    if !refused.is_empty() {
        return Err(BatchError::Plan(refused));
    }
    let done = AtomicU64::new(0);
    let results: Vec<_> = plan
        .par_iter()
        .map(|input| {
            let made = make(input, sound);
            progress(done.fetch_add(1, Ordering::Relaxed) + 1, plan.len() as u64);
            made.map_err(|reason| Problem { file: input.source.clone(), reason })
        })
        .collect();
    let (mut made, mut problems) = (Vec::with_capacity(results.len()), Vec::new());
    for result in results {
        match result {
            Ok(prompt) => made.push(prompt),
            Err(problem) => problems.push(problem),
        }
    }
    problems.sort_by(|a, b| a.file.cmp(&b.file));
    Ok(Outcome { made, problems })
}

impl Outcome {
    /// The error of a command in which single files could not be converted.
    ///
    /// # Errors
    /// [`BatchError::Files`] if there is any.
    pub fn into_result(self) -> Result<Vec<Made>, BatchError> {
        let total = self.made.len() + self.problems.len();
        if self.problems.is_empty() {
            return Ok(self.made);
        }
        Err(BatchError::Files { problems: self.problems, total })
    }
}

impl BatchError {
    /// The exit code this ends a command with.
    pub fn exit(&self) -> Exit {
        match self {
            Self::Ending { .. } | Self::OtherFormat { .. } => Exit::Usage,
            Self::Plan(problems) | Self::Files { problems, .. } => {
                let output = |problem: &Problem| problem.reason.is_of_output();
                if problems.iter().any(output) { Exit::Output } else { Exit::Input }
            }
        }
    }
}

impl Reason {
    fn is_of_output(&self) -> bool {
        matches!(self, Self::OverwritesSource(_) | Self::Occupied { .. } | Self::Write { .. })
    }
}

impl From<files::Error> for Reason {
    fn from(error: files::Error) -> Self {
        match error {
            files::Error::Read { source, .. } => Self::Read(source),
            files::Error::NotAFile { found, .. } => Self::NotAFile(found),
            files::Error::Write { path, source } => Self::Write { output: path, source },
            error => Self::Read(io::Error::other(error.to_string())),
        }
    }
}

fn is_to_a_file(inputs: &[PathBuf], output: &Path) -> bool {
    let ends_in_slash = output.as_os_str().as_encoded_bytes().ends_with(b"/");
    inputs.len() == 1 && !inputs[0].is_dir() && !output.is_dir() && !ends_in_slash
}

fn format_of(output: &Path, asked: Option<SoundFormat>) -> Result<SoundFormat, BatchError> {
    let path = output.to_owned();
    let ending = output.extension().unwrap_or_default();
    let by_name = SoundFormat::ALL.into_iter().find(|format| ending == format.name());
    match (by_name, asked) {
        (None, _) => Err(BatchError::Ending { path }),
        (Some(by_name), Some(asked)) if by_name != asked => {
            Err(BatchError::OtherFormat { path, by_name: by_name.name(), asked })
        }
        (Some(by_name), _) => Ok(by_name),
    }
}

fn endings() -> String {
    SoundFormat::ALL.map(|format| format!("`.{}`", format.name())).join(", ")
}

/// Why a prompt cannot have its place.
fn refusal(input: &Input, taken: &HashSet<(u64, u64)>) -> Option<Problem> {
    let output = || input.output.clone();
    let meta = fs::metadata(&input.output).ok()?;
    let reason = if meta.is_dir() {
        Reason::Occupied { output: output(), found: "a folder" }
    } else if !meta.is_file() {
        Reason::Occupied { output: output(), found: "a device or pipe" }
    } else if taken.contains(&(meta.dev(), meta.ino())) {
        Reason::OverwritesSource(output())
    } else {
        return None;
    };
    Some(Problem { file: input.source.clone(), reason })
}

fn make(input: &Input, sound: Sound) -> Result<Made, Reason> {
    let source = Source::open(&input.source)?.map_err(ConvertError::from)?;
    let turn = Turn::wait(&source);
    let converted = turn.convert(source, sound)?;
    let action = if files::holds(&input.output, &converted.bytes) {
        Action::Unchanged
    } else {
        write(&input.output, &converted.bytes)
            .map_err(|source| Reason::Write { output: input.output.clone(), source })?;
        if converted.exact { Action::Copied } else { Action::Converted }
    };
    Ok(Made {
        source: input.source.clone(),
        path: input.output.clone(),
        duration: converted.duration,
        action,
        level_dbov: converted.level_dbov,
        gain_db: converted.gain_db,
        trimmed: converted.trimmed,
    })
}

/// Writes under a temporary name, then renames. The folder is made when it turns out to be missing:
/// to ask for each file would cost as much as to write it.
fn write(output: &Path, bytes: &[u8]) -> io::Result<()> {
    let folder = match output.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder,
        _ => Path::new("."),
    };
    let mut file = match staged(folder) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            fs::create_dir_all(folder)?;
            staged(folder)
        }
        staged => staged,
    }
    .map_err(files::plain)?;
    file.write_all(bytes)?;
    file.persist(output).map(|_| ()).map_err(|error| error.error)
}

fn staged(folder: &Path) -> io::Result<tempfile::NamedTempFile> {
    tempfile::Builder::new()
        .prefix(".ivrkit-")
        .permissions(fs::Permissions::from_mode(0o644))
        .tempfile_in(folder)
}

/// Problems as lines.
struct Listed<'a>(&'a [Problem]);

impl fmt::Display for Listed<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|problem| write!(f, "\n  {problem}"))
    }
}

/// The name of a prompt made of this file: its name with another ending.
fn renamed(name: &Path, format: SoundFormat) -> PathBuf {
    let mut stem: OsString = name.file_stem().unwrap_or_default().to_owned();
    stem.push(".");
    stem.push(format.name());
    name.with_file_name(stem)
}
