//! Upload of prompts: plan, stage, publish, confirm.
//!
//! What the PBX plays never has half a file or none under a name that had one: files go up under
//! temporary names into a staging folder inside the target, and are renamed over the old ones when
//! every byte is there. Difference is by content. Nothing is deleted but what a push itself staged.
//! Rooms: [`location`] (addresses), [`source`] (local files), [`plan`] (pure), [`target`] (folders
//! near and far), [`ssh`] (connections). Must not know how prompts are made.

mod glance;
pub mod location;
pub mod manifest;
mod owner;
mod pace;
pub mod path;
mod pipeline;
pub mod plan;
mod publish;
mod reading;
pub mod source;
pub mod ssh;
mod staging;
mod survey;
pub mod target;
mod upload;

use crate::error::Exit;
use owner::Owner;
use path::RelativePath;
use pipeline::Pipeline;
use plan::{Change, Conflict, Plan};
use source::Source;
use staging::Patience;
use std::{
    thread,
    time::{Duration, Instant},
};
use survey::Survey;
use target::{Operation, Refusal, RefusalKind, Target};
use upload::Uploads;

/// How long clearing up after a failure may take.
const CLEANUP_LIMIT: Duration = Duration::from_secs(5);
/// How often a lost connection is made again.
const RECONNECTIONS: u32 = 2;
/// How long to wait before a lost connection is made again.
const RECONNECT_AFTER: Duration = Duration::from_secs(1);

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
    /// How long it took, without reading the source.
    pub duration: Duration,
    /// Why the manifest on the target was not believed, if it was not.
    pub distrust: Option<manifest::Distrust>,
}

/// What happens during a push, for whoever shows it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Event {
    /// Files are read back, to see what is in them.
    ReadingBack {
        /// How many.
        files: usize,
    },
    /// Another push holds the target.
    Waiting {
        /// Who.
        holder: String,
    },
    /// The uploads begin.
    Uploading {
        /// How many files.
        files: usize,
        /// Bytes in all.
        bytes: u64,
    },
    /// Bytes that the target has.
    Sent {
        /// How many more.
        bytes: u64,
    },
    /// The connection was lost and is made again.
    Reconnecting {
        /// Why.
        reason: String,
    },
}

/// Is told what happens.
pub type Observer<'a> = &'a dyn Fn(Event);

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
            Self::Location(error) => error.exit(),
            Self::Source(error) => error.exit(),
            Self::Connect(error) => error.exit(),
            Self::Target { source: target::Error::Interrupted, .. } => Exit::Interrupted,
            Self::Refused { refusal: Refusal { kind: RefusalKind::Denied, .. }, .. }
            | Self::MissingFolder { .. }
            | Self::Conflict { .. }
            | Self::NoAtomicReplace { .. }
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
            format!("no space is left there ({refusal}); every file there is as it was")
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
    let mut former = Vec::new();
    let mut target = connect()?;
    loop {
        let owner = Owner::new();
        let run = owner.run.clone();
        let attempt = Attempt { source, options, observer, former: &former };
        let error = match attempt.run(&mut *target, owner) {
            Ok((plan, distrust)) => {
                return Ok(Report { plan, duration: started.elapsed(), distrust });
            }
            Err(Error::Target { source, .. }) => source,
            Err(error) => return Err(error),
        };
        let location = target.location();
        let lost = matches!(error, target::Error::Lost(_));
        if !lost || former.len() >= RECONNECTIONS as usize {
            return Err(Error::Target { location, source: error });
        }
        observer(Event::Reconnecting { reason: error.to_string() });
        former.push(run);
        drop(target);
        thread::sleep(RECONNECT_AFTER);
        // The loss is what happened; that the server is gone altogether only adds to it.
        target = connect().map_err(|again| Error::Target {
            location,
            source: target::Error::Lost(format!("{error}; connecting again: {again}")),
        })?;
    }
}

/// One push over one connection.
struct Attempt<'a> {
    source: &'a Source,
    options: &'a Options,
    observer: Observer<'a>,
    former: &'a [String],
}

impl Attempt<'_> {
    fn run(
        &self,
        target: &mut dyn Target,
        owner: Owner,
    ) -> Result<(Plan, Option<manifest::Distrust>), Error> {
        let mut pipeline = Pipeline::new(target, self.options.limit_bytes_per_s);
        let glanced = self.glance(&mut pipeline)?;
        let (survey, plan) = match glanced {
            Some(found) => found,
            None => self.plan(&mut pipeline)?,
        };
        if survey.missing && !self.options.make_folder {
            return Err(Error::MissingFolder { location: pipeline.location() });
        }
        let distrust = survey.distrust.clone();
        if self.options.dry_run || self.is_done(&survey, &plan) {
            return Ok((plan, distrust));
        }
        self.prepare(&mut pipeline, &plan);
        if survey.missing {
            let make = Operation::MakeFolder(RelativePath::root());
            if let Err(refusal) = pipeline.call(make)? {
                let root = RelativePath::root();
                return Err(staging::explain(&mut pipeline, "make", &root, refusal)?);
            }
        }
        let tidy = plan.uploads().next().is_none() && plan.folders.is_empty();
        let mut plan = plan;
        match self.run_locked(&mut pipeline, owner, survey, &mut plan) {
            // With nothing to upload, what another push is doing is no reason to fail.
            Err(Error::Busy { .. }) if tidy => Ok((plan, distrust)),
            outcome => outcome.map(|()| (plan, distrust)),
        }
    }

    /// A server that ended a session once is left with one.
    fn prepare(&self, pipeline: &mut Pipeline<'_>, plan: &Plan) {
        if self.former.is_empty() {
            pipeline.prepare(plan.uploads().count(), plan.upload_bytes());
        }
    }

    /// Asks a shell on the server whether all is there and nothing else.
    fn glance(&self, pipeline: &mut Pipeline<'_>) -> Result<Option<(Survey, Plan)>, Error> {
        if !self.options.shell {
            return Ok(None);
        }
        let files = &self.source.files;
        let survey = glance::glance(pipeline, files, self.options.verify_remote)?;
        let planned = survey.map(|survey| (Plan::new(files, &survey.remote), survey));
        Ok(planned.and_then(|(plan, survey)| Some((survey, plan.ok()?))))
    }

    fn plan(&self, pipeline: &mut Pipeline<'_>) -> Result<(Survey, Plan), Error> {
        let files = &self.source.files;
        let mut survey = survey::survey(pipeline, files)?;
        let verify = self.options.verify_remote;
        let suspects = plan::doubtful(files, &survey.remote, !verify);
        let mut doubtful = suspects.clone();
        if self.options.shell {
            survey.remote.read_back = glance::hashes(pipeline, &doubtful, &survey)?;
            doubtful.retain(|path| !survey.remote.read_back.contains_key(path));
        }
        let found = &survey.remote.found;
        let size = |path: &RelativePath| found.get(path).and_then(|found| found.size_bytes);
        if self.former.is_empty() {
            pipeline.prepare(doubtful.len(), doubtful.iter().filter_map(size).sum());
        }
        let read_back = survey::read_back(pipeline, doubtful, found, self.observer)?;
        survey.remote.read_back.extend(read_back);
        for path in suspects.iter().filter(|path| !survey.remote.read_back.contains_key(*path)) {
            // What could not be read is nothing that a record can vouch for.
            if let Some(record) = survey.remote.manifest.files.get_mut(path) {
                record.hash = [0; 32];
            }
        }
        let plan = Plan::new(files, &survey.remote)
            .map_err(|source| Error::Conflict { location: pipeline.location(), source })?;
        Ok((survey, plan))
    }

    /// Whether there is nothing to upload, to remember or to clear away.
    fn is_done(&self, survey: &Survey, plan: &Plan) -> bool {
        plan.count(Change::Unchanged) == plan.files.len()
            && plan.folders.is_empty()
            && survey.staging.is_empty()
            && publish::is_remembered(self.source, survey)
    }

    fn run_locked(
        &self,
        pipeline: &mut Pipeline<'_>,
        owner: Owner,
        survey: Survey,
        plan: &mut Plan,
    ) -> Result<(), Error> {
        let tidy = plan.uploads().next().is_none() && plan.folders.is_empty();
        let wait = if tidy { Duration::ZERO } else { self.options.wait };
        let litter = !survey.staging.is_empty();
        let patience = Patience { wait, former: self.former, litter };
        let mut staging = staging::acquire(pipeline, owner, &patience, self.observer)?;
        let outcome = self.work(pipeline, &mut staging, survey, plan);
        match &outcome {
            Err(error) if !error.target_answers() => return outcome,
            Err(_) => {
                pipeline.begin_cleanup(CLEANUP_LIMIT);
                // What went wrong first is what is told.
                let _cleared = pipeline.drain().map(|()| staging.release(pipeline));
            }
            Ok(()) => staging.release(pipeline)?,
        }
        outcome
    }

    fn work(
        &self,
        pipeline: &mut Pipeline<'_>,
        staging: &mut staging::Staging,
        mut survey: Survey,
        plan: &mut Plan,
    ) -> Result<(), Error> {
        // Another push may have been at work since the first look.
        if !staging.was_alone() || !survey::is_current(pipeline, &survey)? {
            (survey, *plan) = self.plan(pipeline)?;
            self.prepare(pipeline, plan);
        }
        let make = plan.folders.iter().cloned().map(Operation::MakeFolder);
        for (folder, operation) in plan.folders.iter().zip(make) {
            if let Err(refusal) = pipeline.call(operation)? {
                return Err(staging::explain(pipeline, "make", folder, refusal)?);
            }
        }
        let (files, bytes) = (plan.uploads().count(), plan.upload_bytes());
        (self.observer)(Event::Uploading { files, bytes });
        let uploads = Uploads::new(staging, self.source, plan, self.options.sync, self.observer);
        let staged = uploads.run(pipeline)?;
        publish::publish(pipeline, staging, self.source, survey, &staged, self.options)
    }
}
