//! The demonstration: everything once, on this machine, in a folder of its own.
//!
//! Checks, renders, builds and pushes a scenario, then runs the application server against the
//! simulated PBX, makes the calls of [`plan`] and compares where each ended with where it should
//! have. Every room does its real work here; must not hold a short cut around one.

mod calls;
mod folder;
mod plan;
mod transcript;

use crate::{
    error::Exit,
    files, media,
    push::{
        self,
        plan::Change,
        source::Source as PushSource,
        target::{Target, directory::Directory},
    },
    render,
    simulation::{self, Subject},
};
use folder::Folder;
use ivrkit_dialplan::{application::Version, scenario, scenario::Scenario, source::Source};
use ivrkit_verifier::{pbx::simulated, store};
use std::{
    io::{self, Write},
    path::{Path, PathBuf},
    sync::Arc,
    time::Duration,
};

/// How a demonstration is run.
#[derive(Debug, Clone)]
pub struct Options {
    /// The scenario; the built-in one by default.
    pub scenario: Option<PathBuf>,
    /// Where the files stay; a temporary folder by default. Must be new or empty.
    pub keep: Option<PathBuf>,
    /// How many times faster than life the calls run.
    pub speed: f64,
}

/// A demonstration that could not be run to its end.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// A file cannot be read or written.
    #[error(transparent)]
    Files(#[from] files::Error),
    /// The folder cannot be used.
    #[error(transparent)]
    Folder(#[from] folder::Error),
    /// The scenario has mistakes.
    #[error("the scenario has mistakes; `ivrkit check {}` shows them", path.display())]
    Scenario {
        /// The scenario.
        path: PathBuf,
    },
    /// The dialplan cannot be rendered.
    #[error(transparent)]
    Render(#[from] render::Error),
    /// A prompt cannot be built.
    #[error(transparent)]
    Media(#[from] media::Error),
    /// The prompts cannot be pushed.
    #[error(transparent)]
    Push(#[from] push::Error),
    /// The rendered dialplan cannot be loaded.
    #[error(transparent)]
    Simulation(#[from] simulation::Error),
    /// The simulated PBX cannot start.
    #[error(transparent)]
    Simulator(#[from] simulated::Error),
    /// The server cannot start.
    #[error(transparent)]
    Server(#[from] ivrkit_verifier::Error),
    /// A code cannot be issued.
    #[error(transparent)]
    Codes(#[from] store::Error),
    /// The runtime cannot start.
    #[error("cannot start the demonstration: {0}")]
    Runtime(io::Error),
    /// The server never became ready.
    #[error("the server did not log in to the simulated PBX within {} s", .0.as_secs())]
    NotReady(Duration),
    /// The server refused to begin a call.
    #[error("the server refused to begin a call: {0}")]
    Call(String),
    /// The transcript cannot be written.
    #[error("cannot write the transcript: {0}")]
    Output(#[from] io::Error),
}

impl Error {
    /// The exit code this ends a command with.
    pub fn exit(&self) -> Exit {
        match self {
            Self::Files(error) => error.exit(),
            Self::Scenario { .. } => Exit::Found,
            Self::Render(error) => error.exit(),
            Self::Media(error) => error.exit(),
            Self::Push(error) => error.exit(),
            Self::Simulation(error) => error.exit(),
            Self::Folder(_) | Self::Output(_) => Exit::Output,
            _ => Exit::Server,
        }
    }
}

/// Runs the demonstration and writes its transcript; whether every call ended where it should.
///
/// # Errors
/// When a room fails; a call that ends elsewhere is no error but the answer `false`.
pub fn run(options: &Options, out: &mut dyn Write) -> Result<bool, Error> {
    let (scenario, source, path, folder) = begin(options)?;
    writeln!(
        out,
        "check       scenario {}: {} IVRs, {} prompts, no mistakes",
        scenario.name,
        scenario.ivrs.len(),
        scenario.prompts.len()
    )?;
    let dialplan = render(&scenario, &source, &folder, out)?;
    let built = build(&scenario, &path, &folder, out)?;
    push(&folder, out)?;
    let pbx = Subject::by_hand(&dialplan, scenario.clone(), Version::newest())?.pbx;
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
        .map_err(Error::Runtime)?;
    let all_as_planned =
        runtime.block_on(calls::make(&scenario, &pbx, &built, &folder, options.speed, out))?;
    if options.keep.is_some() {
        writeln!(out, "\nThe files are in {}.", folder.path().display())?;
    }
    Ok(all_as_planned)
}

/// Reads and checks the scenario before the folder is touched; the built-in one comes out of it.
fn begin(options: &Options) -> Result<(Scenario, Source, PathBuf, Folder), Error> {
    if let Some(path) = &options.scenario {
        let (scenario, source) = check(path)?;
        return Ok((scenario, source, path.clone(), Folder::open(options.keep.as_deref())?));
    }
    let folder = Folder::open(options.keep.as_deref())?;
    let path = folder.unpack_defaults()?;
    let (scenario, source) = check(&path)?;
    Ok((scenario, source, path, folder))
}

fn check(path: &Path) -> Result<(Scenario, Source), Error> {
    let reading = scenario::read(files::read_source(path)?);
    let sound = reading.scenario.ok_or_else(|| Error::Scenario { path: path.to_owned() })?;
    Ok((sound, reading.source))
}

/// Renders the dialplan; gives the path of its file.
fn render(
    scenario: &Scenario,
    source: &Source,
    folder: &Folder,
    out: &mut dyn Write,
) -> Result<PathBuf, Error> {
    let dialplan = render::render(scenario, &render::Options::of(source))?;
    let path = folder.path().join("extensions_support.conf");
    files::write(&path, dialplan.as_bytes())?;
    let lines = dialplan.lines().count();
    writeln!(out, "render      extensions_support.conf: {lines} lines for {}", scenario.profile)?;
    Ok(path)
}

fn build(
    scenario: &Scenario,
    path: &Path,
    folder: &Folder,
    out: &mut dyn Write,
) -> Result<Vec<media::Built>, Error> {
    let base = path.parent().unwrap_or(Path::new("."));
    let built = media::build(scenario, base, &folder.prompts(), &|_, _| {})?;
    let seconds: f64 = built.iter().map(|prompt| prompt.duration.as_secs_f64()).sum();
    writeln!(out, "media       {} prompts, {seconds:.1} s at 8 kHz, 16 bit, mono", built.len())?;
    Ok(built)
}

/// Pushes twice: the second push has nothing to do.
fn push(folder: &Folder, out: &mut dyn Write) -> Result<(), Error> {
    let source = PushSource::read(&folder.prompts()).map_err(push::Error::from)?;
    let mut connect = || -> Result<Box<dyn Target>, push::Error> {
        Ok(Box::new(Directory::new(folder.share(), Arc::default())))
    };
    let options = push::Options { wait: Duration::from_secs(10), ..push::Options::default() };
    for turn in ["push-media", "  again"] {
        let plan = push::push(&source, &mut connect, &options, &|_| {})?.plan;
        let (uploaded, unchanged) = (plan.uploads().count(), plan.count(Change::Unchanged));
        writeln!(out, "{turn:<11} {uploaded} uploaded, {unchanged} unchanged")?;
    }
    Ok(())
}
