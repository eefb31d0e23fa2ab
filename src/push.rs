//! Upload of prompts: plan, stage, publish, confirm.
//!
//! What the PBX plays never has half a file or none under a name that had one: files go up under
//! temporary names into a staging folder inside the target, and are renamed over the old ones when
//! every byte is there. Difference is by content. Nothing is deleted but what a push staged, and on
//! demand what a push put there. Rooms: [`location`] (addresses), [`source`] (local files), [`plan`]
//! (pure), [`target`] (folders near and far), [`ssh`] (connections); `attempt` is a push over one
//! connection, [`retry`] says when there is another. Must not know how prompts are made.

mod attempt;
mod glance;
mod journal;
pub mod location;
pub mod manifest;
mod owner;
mod pace;
pub mod path;
mod pipeline;
pub mod plan;
mod publish;
mod reading;
mod resume;
pub mod retry;
pub mod source;
pub mod ssh;
mod staging;
mod stale;
mod survey;
pub mod target;
mod upload;

use crate::error::Exit;
use attempt::{Attempt, Progress};
use path::RelativePath;
use plan::{Change, Conflict, DeletionLimit, Plan};
use retry::Backoff;
use source::Source;
use std::{
    sync::{Arc, atomic::AtomicBool},
    time::{Duration, Instant},
};
use target::{Refusal, RefusalKind, Target};

/// How a push is done.
#[derive(Debug, Clone)]
#[expect(clippy::struct_excessive_bools, reason = "each is one choice of the user")]
pub struct Options {
    /// Only say what would be done.
    pub dry_run: bool,
    /// Make the target folder if it is not there.
    pub make_folder: bool,
    /// On a server that cannot replace a file in one step, remove the old one first.
    pub allow_gap: bool,
    /// Read back every file of the same size, whatever the manifest says.
    pub verify_remote: bool,
    /// Which files the target's disk must have before they get their names.
    pub sync: SyncMode,
    /// Most bytes of content a second, if there is a limit.
    pub limit_bytes_per_s: Option<u64>,
    /// Whether a shell on the server may be asked what stands there.
    pub shell: bool,
    /// How long to wait for another push to the same target.
    pub wait: Duration,
    /// Publish all files together when the last is staged, and not each as soon as it is.
    pub together: bool,
    /// Delete stale files when everything is published, unless there are more than this.
    pub delete: Option<DeletionLimit>,
    /// How often in a row a connection that was lost is made again in vain.
    pub retries: u32,
    /// Ends the waiting for a lost server when it becomes true.
    pub interrupt: Arc<AtomicBool>,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            dry_run: false,
            make_folder: false,
            allow_gap: false,
            verify_remote: false,
            sync: SyncMode::Replaced,
            limit_bytes_per_s: None,
            shell: true,
            wait: Duration::from_mins(2),
            together: false,
            delete: None,
            retries: 4,
            interrupt: Arc::default(),
        }
    }
}

/// Which files the target's disk must have before they get their names.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SyncMode {
    /// Those that take the place of another: what was there is never lost to a power cut.
    Replaced,
    /// New ones too.
    All,
    /// None.
    None,
}

impl SyncMode {
    fn applies_to(self, change: Change) -> bool {
        match self {
            Self::Replaced => change == Change::Changed,
            Self::All => true,
            Self::None => false,
        }
    }
}

/// A script that says whether a server still has what the last push left: it spares round trips to
/// begin it with the connection, see [`ssh::Options::script`].
pub fn first_script(source: &Source, options: &Options) -> Option<String> {
    options.shell.then(|| glance::script(&source.files, options.verify_remote)).flatten()
}

/// What a push did.
#[derive(Debug, Clone)]
pub struct Report {
    /// What there was to do.
    pub plan: Plan,
    /// The stale files that were deleted.
    pub deleted: Vec<RelativePath>,
    /// How often the connection was made again.
    pub reconnections: u32,
    /// How long it took, without reading the source.
    pub duration: Duration,
    /// Why the manifest on the target was not believed, if it was not.
    pub distrust: Option<manifest::Distrust>,
}

/// What happens during a push, for whoever shows it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Event<'a> {
    /// Files are read back, to see what is in them.
    ReadingBack {
        /// How many.
        files: usize,
    },
    /// What is to be done is known.
    Planned {
        /// All of it.
        plan: &'a Plan,
    },
    /// Another push holds the target.
    Waiting {
        /// Who.
        holder: String,
    },
    /// The uploads begin, or go on over another connection.
    Uploading {
        /// How many files are still to go.
        files: usize,
        /// Their bytes.
        bytes: u64,
    },
    /// Bytes that the target has.
    Sent {
        /// How many more.
        bytes: u64,
    },
    /// A file was uploaded whole, and waits for its name.
    Staged,
    /// A file got its final name.
    Published {
        /// The name.
        path: &'a RelativePath,
        /// Something had the name before.
        replaces: bool,
        /// Its size in bytes.
        bytes: u64,
    },
    /// A stale file was deleted.
    Deleted {
        /// The name it had.
        path: &'a RelativePath,
    },
    /// The connection was lost, or could not be made, and will be made again.
    Reconnecting {
        /// Why.
        reason: String,
        /// How long until then.
        after: Duration,
    },
}

/// Is told what happens.
pub type Observer<'a> = &'a dyn Fn(Event<'_>);

/// Connects to a target; called again when a connection is lost.
pub type Connect<'a> = &'a mut dyn FnMut() -> Result<Box<dyn Target>, Error>;

/// What can go wrong here.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The address cannot be used.
    #[error(transparent)]
    Location(#[from] location::Error),
    /// The local files cannot be used.
    #[error(transparent)]
    Source(#[from] source::Error),
    /// The connection could not be made.
    #[error(transparent)]
    Connect(#[from] ssh::Error),
    /// The target was lost in the middle.
    #[error("cannot push to {location}: {source}")]
    Target {
        /// Where.
        location: String,
        /// Why.
        source: target::Error,
    },
    /// The target folder is not there.
    #[error(
        "cannot push to {location}: there is no such folder; if it is a mounted share, see that it \
         is mounted; --mkdir makes the folder"
    )]
    MissingFolder {
        /// Where.
        location: String,
    },
    /// The target would not do one thing.
    #[error("cannot {doing} {} in {location}: {}", shown(path), said(refusal))]
    Refused {
        /// What was tried.
        doing: &'static str,
        /// Where.
        location: String,
        /// With which name.
        path: RelativePath,
        /// What the target said.
        refusal: Refusal,
    },
    /// A file and a folder want the same name.
    #[error("cannot push to {location}: {source}; remove it or name the prompt otherwise")]
    Conflict {
        /// Where.
        location: String,
        /// What.
        source: Conflict,
    },
    /// The server cannot replace a file in one step.
    #[error(
        "cannot replace {path} in {location} in one step: the server has no posix-rename, so callers \
         could hear nothing for a moment; nothing was changed; --allow-gap accepts that"
    )]
    NoAtomicReplace {
        /// Where.
        location: String,
        /// The first file that was to be replaced.
        path: RelativePath,
    },
    /// Another push works there.
    #[error("cannot push to {location}: another push is at work there ({holder}); try again later")]
    Busy {
        /// Where.
        location: String,
        /// Who.
        holder: String,
    },
    /// More files would be deleted than the user allows.
    #[error(
        "cannot delete {stale} of the {put} files that pushes put in {location}: at most {limit} may \
         go; see with --dry-run that the source is whole; --max-delete or --force allows more; \
         nothing was changed"
    )]
    TooManyDeletions {
        /// Where.
        location: String,
        /// How many are stale.
        stale: usize,
        /// How many pushes put there.
        put: usize,
        /// How many may be deleted.
        limit: usize,
    },
    /// A push that ended after it began to upload.
    #[error(
        "{source}; {published} of {planned} files were published{}, every other is as it was",
        if *.deleted == 0 { String::new() } else { format!(" and {deleted} deleted") }
    )]
    Unfinished {
        /// Why.
        source: Box<Error>,
        /// How many files certainly got their final names.
        published: usize,
        /// How many were to be uploaded.
        planned: usize,
        /// How many stale files were deleted.
        deleted: usize,
    },
    /// Another push took this one for dead.
    #[error(
        "cannot push to {location}: another push took this one for dead and went on in its place; \
         every file there is whole; push again"
    )]
    TakenOver {
        /// Where.
        location: String,
    },
    /// What arrived is not what was sent.
    #[error(
        "{path} is not whole in {location}: it has {} bytes, expected {expected}",
        found.map_or("no known number of".to_owned(), |bytes| bytes.to_string())
    )]
    Incomplete {
        /// Where.
        location: String,
        /// The file.
        path: RelativePath,
        /// Its size there, if it has one.
        found: Option<u64>,
        /// Its size here.
        expected: u64,
    },
}

impl Error {
    /// The exit code this ends a command with.
    pub fn exit(&self) -> Exit {
        match self {
            Self::Unfinished { source, .. } => source.exit(),
            Self::Location(error) => error.exit(),
            Self::Source(error) => error.exit(),
            Self::Connect(error) => error.exit(),
            Self::Target { source: target::Error::Interrupted, .. } => Exit::Interrupted,
            Self::Refused { refusal: Refusal { kind: RefusalKind::Denied, .. }, .. }
            | Self::MissingFolder { .. }
            | Self::Conflict { .. }
            | Self::NoAtomicReplace { .. }
            | Self::TooManyDeletions { .. }
            | Self::Busy { .. } => Exit::Refused,
            Self::Target { .. }
            | Self::Refused { .. }
            | Self::TakenOver { .. }
            | Self::Incomplete { .. } => Exit::Remote,
        }
    }

    fn refused(
        doing: &'static str,
        location: String,
        path: RelativePath,
        refusal: Refusal,
    ) -> Self {
        Self::Refused { doing, location, path, refusal }
    }

    /// Whether the same may succeed in a moment: `again` tells that a connection was there before,
    /// so that the address and the login are right.
    pub fn may_pass(&self, again: bool) -> bool {
        match self {
            Self::Unfinished { source, .. } => source.may_pass(again),
            Self::Target { source, .. } => matches!(source, target::Error::Lost(_)),
            Self::Connect(error) => error.may_pass(again),
            _ => false,
        }
    }

    /// Whether the target still answers, so that clearing up makes sense.
    fn target_answers(&self) -> bool {
        !matches!(self, Self::Target { source, .. } if *source != target::Error::Interrupted)
    }
}

/// Where a target was lost is filled in by [`push`].
impl From<target::Error> for Error {
    fn from(source: target::Error) -> Self {
        Self::Target { location: String::new(), source }
    }
}

fn shown(path: &RelativePath) -> String {
    if path == &RelativePath::root() { "the folder".to_owned() } else { path.to_string() }
}

fn said(refusal: &Refusal) -> String {
    match refusal.kind {
        RefusalKind::Full => {
            format!("no space is left there ({refusal})")
        }
        RefusalKind::ReadOnly => format!("the file system there is read-only ({refusal})"),
        RefusalKind::Failure => format!(
            "the server does not say why ({refusal}); a quota, a limit of names or a lost mount on \
             the server would look like this"
        ),
        _ => refusal.to_string(),
    }
}

/// Pushes the source to the target that `connect` reaches.
///
/// # Errors
/// When not everything could be published. Every final name then has its old or its new content,
/// whole.
pub fn push(
    source: &Source,
    connect: Connect<'_>,
    options: &Options,
    observer: Observer<'_>,
) -> Result<Report, Error> {
    let started = Instant::now();
    let mut progress = Progress::default();
    let mut backoff = Backoff::new(options.retries);
    let mut reconnections = 0;
    let mut lost = None;
    let mut farthest = 0;
    loop {
        let error = match attempt(source, connect, options, observer, &mut progress) {
            Ok((plan, distrust)) => {
                let Progress { plan: first, deleted, .. } = progress;
                let plan = first.unwrap_or(plan);
                let duration = started.elapsed();
                return Ok(Report { plan, deleted, reconnections, duration, distrust });
            }
            Err(error) => error,
        };
        // Whatever came of the last connection, a server that let us work deserves patience.
        if progress.steps() > farthest {
            farthest = progress.steps();
            backoff.reset();
        }
        let again = error.may_pass(lost.is_some());
        let wait = if again { backoff.next_wait(fastrand::f64()) } else { None };
        let Some(after) = wait else { return Err(progress.end(of_loss(error, lost))) };
        observer(Event::Reconnecting { reason: error.to_string(), after });
        if let Error::Target { location, source } = &error {
            lost = Some((location.clone(), source.to_string()));
        }
        if !retry::wait(after, &options.interrupt) {
            return Err(progress.end(Error::Source(source::Error::Interrupted)));
        }
        reconnections += 1;
    }
}

/// One connection, and what can be done over it.
fn attempt(
    source: &Source,
    connect: Connect<'_>,
    options: &Options,
    observer: Observer<'_>,
    progress: &mut Progress,
) -> Result<(Plan, Option<manifest::Distrust>), Error> {
    let mut target = connect()?;
    let outcome = Attempt { source, options, observer }.run(&mut *target, progress);
    outcome.map_err(|error| match error {
        Error::Target { source, .. } => Error::Target { location: target.location(), source },
        error => error,
    })
}

/// The loss is what happened; that the server cannot be reached again only adds to it.
fn of_loss(error: Error, lost: Option<(String, String)>) -> Error {
    match (error, lost) {
        (Error::Connect(again), Some((location, reason))) if again.exit() != Exit::Interrupted => {
            let source = target::Error::Lost(format!("{reason}; connecting again: {again}"));
            Error::Target { location, source }
        }
        (error, _) => error,
    }
}
