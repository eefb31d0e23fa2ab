//! A scenario's sources to a folder of prompts.
//!
//! Prompts that all callees hear are made all of them, or none: they are converted in parallel,
//! written to a hidden folder inside the output folder and renamed from there once every one is good.
//! Prompts for a list of callees are made in batches, so that a long run that is cut short is not
//! lost: each file is whole, and the manifest true, at any time. Must not know how a prompt is
//! converted or spoken.

mod callees;
mod folder;
mod list;
pub mod manifest;
mod material;
mod sources;

pub use callees::{Error as CalleesError, shown as shown_rows};
pub use list::{BadRow, BadRows, CalleeList};

use super::{ConvertError, Converted, convert::Turn};
use crate::{
    error::Exit,
    files,
    speech::{self, Interrupt, Speaker},
};
use callees::{Callee, Group, Orders};
use folder::{Folder, Staged};
use ivrkit_dialplan::scenario::{Scenario, Sound};
use manifest::Entry;
use material::{Maker, Material};
use rayon::prelude::*;
use sources::{Identities, Source};
use std::{
    fmt, io,
    path::{Path, PathBuf},
    sync::atomic::{AtomicBool, AtomicU64, Ordering},
    time::Duration,
};

/// How many prompts of callees are published at a time: few enough that a killed run loses little,
/// enough that the disk is asked seldom.
const BATCH: usize = 500;

/// What is built beside what the scenario says, and how.
#[derive(Debug, Clone, Default)]
pub struct Options {
    /// The list to make prompts per callee for.
    pub callees: Option<CalleeList>,
    /// Folder of what was spoken before; the user's cache folder by default.
    pub cache: Option<PathBuf>,
    /// Ends the build in an orderly way.
    pub interrupt: Interrupt,
}

/// What a build did.
#[derive(Debug)]
pub struct Report {
    /// The prompts in the output folder that this build is about.
    pub prompts: Vec<Built>,
    /// Rows of the list that were left out.
    pub left_out: Vec<BadRow>,
    /// The prompt per callee that is spoken for a list, if no list was given.
    pub unbuilt: Option<String>,
    /// How many sentences the engine spoke, and how many came from the cache.
    pub spoken: (u64, u64),
}

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
    /// Spoken by the engine, now or before, and written.
    Spoken,
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
    /// Another build works in the output folder.
    #[error("another build writes to {}; wait for its end", folder.display())]
    Busy {
        /// The folder.
        folder: PathBuf,
    },
    /// The speech engine cannot be used.
    #[error("speech: {0}")]
    Speech(#[from] speech::Error),
    /// The list of callees cannot be used.
    #[error(transparent)]
    List(#[from] CalleesError),
    /// Prompts of single callees could not be made; the others are there.
    #[error("{}", ListedCallees(.problems, *.done, *.total))]
    Callees {
        /// What went wrong.
        problems: Vec<Problem>,
        /// How many prompts of callees are there.
        done: usize,
        /// How many there should be.
        total: usize,
    },
    /// The engine failed in the middle; what was made before is there.
    #[error(
        "speech: {error}; {done} of {total} prompts of callees are there; run it again to go on"
    )]
    Stopped {
        /// Why.
        error: speech::Error,
        /// How many prompts of callees are there.
        done: usize,
        /// How many there should be.
        total: usize,
    },
    /// A signal came.
    #[error("interrupted: {done} of {total} prompts are there; run it again to go on")]
    Interrupted {
        /// How many prompts are there.
        done: usize,
        /// How many there should be.
        total: usize,
    },
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
    /// The sentence cannot be spoken.
    #[error("{0}")]
    Speech(speech::Error),
    /// A signal came.
    #[error("interrupted")]
    Interrupted,
}

/// Builds every prompt of a scenario into the folder `out`, as [`build_with`] without options.
///
/// # Errors
/// See [`build_with`].
pub fn build(
    scenario: &Scenario,
    base: &Path,
    out: &Path,
    progress: &(dyn Fn(u64, u64) + Sync),
) -> Result<Vec<Built>, Error> {
    Ok(build_with(scenario, base, out, &Options::default(), progress)?.prompts)
}

/// Builds every prompt of a scenario into the folder `out`, which is made if it is missing.
///
/// `base` is the folder of the scenario file: sources are `base/media.source/<source>`, and for a
/// prompt per callee every `<digits>.wav` in the folder `base/media.source/<source>`, unless a list of
/// callees is given. `progress` is told how many prompts of how many are done, from several threads.
///
/// # Errors
/// All problems of all prompts that everybody hears; then `out` is as it was before. What goes wrong
/// with prompts of single callees leaves those that are made.
pub fn build_with(
    scenario: &Scenario,
    base: &Path,
    out: &Path,
    options: &Options,
    progress: &(dyn Fn(u64, u64) + Sync),
) -> Result<Report, Error> {
    let root = base.join(&scenario.media.source);
    let (sources, problems) = sources::list(scenario, base, options.callees.is_some());
    let list = options.callees.as_ref();
    let orders = list.map(|list| callees::orders(scenario, &root, list)).transpose()?;
    let Orders { groups, left_out } = orders.unwrap_or_default();
    let speaks = sources.iter().map(|source| &source.material);
    let speaks = speaks.chain(groups.iter().map(|group| &group.material)).any(Material::speaks);
    let speaker = match &scenario.tts {
        Some(tts) if speaks => Some(Speaker::open(
            tts,
            &scenario.language,
            base,
            options.cache.as_deref(),
            options.interrupt.clone(),
        )?),
        _ => None,
    };
    let callees: usize = groups.iter().map(|group| group.callees.len()).sum();
    let mut work = Work {
        taken: sources.iter().flat_map(|source| source.identities.iter().copied()).collect(),
        folder: Folder::open(out)?,
        maker: Maker::new(speaker),
        interrupt: &options.interrupt,
        is_over: AtomicBool::new(false),
        done: AtomicU64::new(0),
        total: (sources.len() + callees) as u64,
        progress,
    };
    let mut prompts = work.shared(&sources, problems, root)?;
    prompts.extend(work.callees(&groups, prompts.len(), callees)?);
    let is_for_lists = |prompt: &&ivrkit_dialplan::scenario::Prompt| {
        prompt.per_callee && prompt.source.is_none() && list.is_none()
    };
    let unbuilt = scenario.prompts.iter().find(|(_, prompt)| is_for_lists(prompt));
    Ok(Report {
        prompts,
        left_out,
        unbuilt: unbuilt.map(|(name, _)| name.clone()),
        spoken: work.maker.speaker().map(Speaker::counts).unwrap_or_default(),
    })
}

/// A build at work.
struct Work<'a> {
    taken: Identities,
    folder: Folder,
    maker: Maker,
    interrupt: &'a Interrupt,
    /// Set when nothing more is to be begun.
    is_over: AtomicBool,
    done: AtomicU64,
    total: u64,
    progress: &'a (dyn Fn(u64, u64) + Sync),
}

/// A prompt that is made, and how.
struct Made {
    staged: Staged,
    action: Action,
}

impl Work<'_> {
    /// What everybody hears: all of it, or none.
    fn shared(
        &mut self,
        sources: &[Source],
        mut problems: Vec<Problem>,
        folder: PathBuf,
    ) -> Result<Vec<Built>, Error> {
        let total = sources.len() + problems.len();
        let made = self.in_parallel(sources, |source| {
            let made = self.one(source);
            self.count(1);
            made
        });
        let mut good = Vec::with_capacity(made.len());
        for (source, made) in sources.iter().zip(made) {
            match made {
                Ok(made) => good.push(made),
                Err(Reason::Interrupted) if self.is_interrupted() => {
                    return Err(Error::Interrupted { done: 0, total });
                }
                Err(Reason::Interrupted) => {}
                Err(Reason::Speech(error)) if error.is_of_engine() => return Err(error.into()),
                Err(reason) => problems.push(Problem { file: source.shown.clone(), reason }),
            }
        }
        if problems.is_empty() {
            let staged: Vec<_> = good.iter().map(|made| made.staged.clone()).collect();
            let failed = self.folder.publish(&staged);
            problems.extend(failed.into_iter().map(|(at, error)| Problem {
                file: sources.get(at).map_or_else(String::new, |source| source.shown.clone()),
                reason: Reason::Write(error),
            }));
        }
        if problems.is_empty() {
            return Ok(good.into_iter().map(|made| self.built(made)).collect());
        }
        problems.sort_by(|a, b| a.file.cmp(&b.file));
        Err(Error::Prompts { folder, problems, total })
    }

    /// What single callees hear: as much of it as can be had.
    fn callees(
        &mut self,
        groups: &[Group],
        shared: usize,
        total: usize,
    ) -> Result<Vec<Built>, Error> {
        let (mut built, mut problems) = (Vec::with_capacity(total), Vec::new());
        for batch in batches(groups) {
            let made = self.in_parallel(&batch, |part| self.group(part));
            let (mut good, mut stopped) = (Vec::new(), None);
            for (part, made) in batch.iter().zip(made) {
                match made {
                    Ok(made) => good.extend(made),
                    Err(Reason::Interrupted) => {}
                    Err(Reason::Speech(error)) if error.is_of_engine() => stopped = Some(error),
                    Err(reason) => problems.push(part.problem(reason)),
                }
            }
            let staged: Vec<_> = good.iter().map(|made| made.staged.clone()).collect();
            let failed = self.folder.publish(&staged);
            let is_written = failed.is_empty();
            problems.extend(failed.into_iter().map(|(at, error)| Problem {
                file: staged.get(at).map_or_else(String::new, |it| sources::masked(&it.name)),
                reason: Reason::Write(error),
            }));
            if is_written {
                built.extend(good.into_iter().map(|made| self.built(made)));
            }
            let done = built.len();
            if let Some(error) = stopped {
                return Err(Error::Stopped { error, done, total });
            }
            if self.is_interrupted() && done < total {
                return Err(Error::Interrupted { done: shared + done, total: shared + total });
            }
            if !is_written {
                break;
            }
        }
        if problems.is_empty() {
            return Ok(built);
        }
        Err(Error::Callees { problems, done: built.len(), total })
    }

    /// Makes one sound and writes it for each of its callees.
    ///
    /// Each has a file of his own and not a link to one: a tool that writes into a file would change
    /// what all the others hear, and many shares have no links.
    fn group(&self, part: &GroupPart<'_>) -> Result<Vec<Made>, Reason> {
        let Group { material, sound, .. } = part.group;
        let recipe = self.maker.recipe(material, *sound);
        let mut made_sound = None;
        let mut made = Vec::with_capacity(part.callees.len());
        for callee in part.callees {
            let current =
                recipe.as_ref().and_then(|recipe| self.folder.current(&callee.name, recipe));
            let one = if let Some(entry) = current {
                Made::unchanged(&callee.name, entry)
            } else {
                let (bytes, entry) = match &made_sound {
                    Some(made) => made,
                    None => made_sound.insert(self.sound(material, *sound, recipe.clone())?),
                };
                let is_new = self.folder.stage(&callee.name, bytes, &self.taken)?;
                Made::new(&callee.name, entry.clone(), is_new, Action::Spoken)
            };
            made.push(one);
            self.count(1);
        }
        Ok(made)
    }

    fn sound(
        &self,
        material: &Material,
        sound: Sound,
        recipe: Option<String>,
    ) -> Result<(Vec<u8>, Entry), Reason> {
        let (_turn, converted) = self.make(material, sound)?;
        let text = Some(material.words()).filter(|words| !words.is_empty());
        let entry = self.entry(&converted, text, recipe);
        Ok((converted.bytes, entry))
    }

    fn one(&self, source: &Source) -> Result<Made, Reason> {
        let Source { name, material, sound, .. } = source;
        let recipe = self.maker.recipe(material, *sound);
        let current = recipe.as_ref().and_then(|recipe| self.folder.current(name, recipe));
        if let Some(entry) = current {
            let entry = Entry { text: source.text.clone(), ..entry };
            return Ok(Made::unchanged(name, entry));
        }
        let (_turn, converted) = self.make(material, *sound)?;
        let is_new = self.folder.stage(name, &converted.bytes, &self.taken)?;
        let action = match (material.speaks(), converted.exact) {
            (true, _) => Action::Spoken,
            (false, true) => Action::Copied,
            (false, false) => Action::Converted,
        };
        let entry = self.entry(&converted, source.text.clone(), recipe);
        Ok(Made::new(name, entry, is_new, action))
    }

    /// Makes a sound, unless everything is over; a failure of the engine ends the rest.
    fn make(&self, material: &Material, sound: Sound) -> Result<(Turn, Converted), Reason> {
        if self.is_over.load(Ordering::Relaxed) || self.is_interrupted() {
            return Err(Reason::Interrupted);
        }
        let made = self.maker.make(material, sound);
        if matches!(&made, Err(Reason::Speech(error)) if error.is_of_engine()) {
            self.is_over.store(true, Ordering::Relaxed);
        }
        made
    }

    fn entry(&self, prompt: &Converted, text: Option<String>, recipe: Option<String>) -> Entry {
        let speaker = self.maker.speaker().filter(|_| recipe.is_some());
        Entry {
            text,
            engine: speaker.map(|speaker| speaker.label().to_owned()),
            voice: speaker.and_then(Speaker::voice).map(str::to_owned),
            recipe,
            ..Entry::of(prompt)
        }
    }

    /// Works on as many threads as the engine takes, or as there are processors.
    fn in_parallel<T: Sync, R: Send>(&self, items: &[T], work: impl Fn(&T) -> R + Sync) -> Vec<R> {
        let all = || items.par_iter().map(&work).collect();
        let threads = self.maker.speaker().map(Speaker::concurrency);
        let pool =
            threads.map(|threads| rayon::ThreadPoolBuilder::new().num_threads(threads).build());
        match pool {
            Some(Ok(pool)) => pool.install(all),
            _ => all(),
        }
    }

    fn count(&self, prompts: u64) {
        let done = self.done.fetch_add(prompts, Ordering::Relaxed) + prompts;
        (self.progress)(done, self.total);
    }

    fn is_interrupted(&self) -> bool {
        self.interrupt.load(Ordering::Relaxed)
    }

    fn built(&self, made: Made) -> Built {
        let duration = Duration::from_secs_f64(made.staged.entry.duration_ms / 1000.0);
        let path = self.folder.path(&made.staged.name);
        Built { name: made.staged.name, path, duration, action: made.action }
    }
}

impl Made {
    fn new(name: &str, entry: Entry, is_new: bool, action: Action) -> Self {
        let action = if is_new { action } else { Action::Unchanged };
        Self { staged: Staged { name: name.to_owned(), entry, is_new }, action }
    }

    fn unchanged(name: &str, entry: Entry) -> Self {
        Self::new(name, entry, false, Action::Unchanged)
    }
}

/// Some of the callees of a group.
struct GroupPart<'a> {
    group: &'a Group,
    callees: &'a [Callee],
}

impl GroupPart<'_> {
    fn problem(&self, reason: Reason) -> Problem {
        let others = self.callees.len() - 1;
        let mut file = self.callees[0].shown.clone();
        if others > 0 {
            file.push_str(&format!(" and {others} more with the same text"));
        }
        Problem { file, reason }
    }
}

/// Callees in batches of about [`BATCH`], those who hear the same together.
fn batches(groups: &[Group]) -> Vec<Vec<GroupPart<'_>>> {
    let (mut batches, mut batch, mut size) = (Vec::new(), Vec::new(), 0);
    for group in groups {
        for callees in group.callees.chunks(BATCH) {
            size += callees.len();
            batch.push(GroupPart { group, callees });
            if size >= BATCH {
                batches.push(std::mem::take(&mut batch));
                size = 0;
            }
        }
    }
    batches.push(batch);
    batches
}

impl Error {
    /// The exit code this ends a command with.
    pub fn exit(&self) -> Exit {
        match self {
            Self::Folder(_) | Self::Busy { .. } => Exit::Output,
            Self::Speech(error) | Self::Stopped { error, .. } => error.exit(),
            Self::List(_) => Exit::Input,
            Self::Interrupted { .. } => Exit::Interrupted,
            Self::Prompts { problems, .. } | Self::Callees { problems, .. } => {
                let output = |problem: &Problem| problem.reason.is_of_output();
                let of_speech = problems.iter().find_map(|problem| match &problem.reason {
                    Reason::Speech(error) => Some(error.exit()),
                    _ => None,
                });
                if problems.iter().any(output) {
                    Exit::Output
                } else {
                    of_speech.unwrap_or(Exit::Input)
                }
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
            Self::Spoken => "spoken",
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
            files::Error::Write { source, .. } => Self::Write(source),
            error @ files::Error::Changed { .. } => {
                Self::Write(io::Error::other(error.to_string()))
            }
            error => Self::Read(io::Error::other(error.to_string())),
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

/// Problems of single callees as lines; of very many the first.
struct ListedCallees<'a>(&'a [Problem], usize, usize);

impl fmt::Display for ListedCallees<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        const SHOWN: usize = 50;
        let Self(problems, done, total) = self;
        write!(f, "{done} of {total} prompts of callees are there; run it again for the rest")?;
        problems.iter().take(SHOWN).try_for_each(|problem| write!(f, "\n  {problem}"))?;
        if problems.len() > SHOWN {
            write!(f, "\n  and {} more", problems.len() - SHOWN)?;
        }
        Ok(())
    }
}
