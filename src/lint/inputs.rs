//! What there is to lint: the dialplans and scenarios among files and folders, each once.
//!
//! In folders, the files of dialplans are known by their names and contents. A file that another one
//! includes is linted as part of that one. Must not lint.

mod candidates;
mod kind;

use super::config::{Config, Configs};
use crate::{
    dialplan_files::Folder,
    files,
    render::{self, render},
};
use ivrkit_dialplan::{
    lint::{self, Reading},
    scenario::{self, Profile},
    syntax::{self, Kind as MessageKind, Lines, Nothing},
};
pub use kind::Kind;
use rayon::prelude::*;
use std::{
    collections::{HashMap, HashSet},
    ffi::OsStr,
    fs,
    os::unix::ffi::OsStrExt as _,
    path::{Path, PathBuf},
    sync::Arc,
};

/// Most bytes of a file that is linted: more than a million lines.
pub const MAX_FILE_BYTES: u64 = 64 << 20;

/// An input that is not linted, or not wholly.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// It cannot be read.
    #[error(transparent)]
    File(#[from] files::Error),
    /// A folder cannot be gone through.
    #[error("cannot read {}: {reason}", path.display())]
    Folder {
        /// The folder, or what is in it.
        path: PathBuf,
        /// Why.
        reason: String,
    },
    /// A link to nothing.
    #[error("cannot read {}: it is a link to {}, which is not there", path.display(), target.display())]
    Link {
        /// The link.
        path: PathBuf,
        /// What it names.
        target: PathBuf,
    },
    /// The configuration that is for it cannot be used.
    #[error(transparent)]
    Config(#[from] super::config::Error),
    /// A file that is no text.
    #[error("cannot lint {}: it is {found}, expected a dialplan or a scenario", path.display())]
    NotADialplan {
        /// The file.
        path: PathBuf,
        /// What it is instead.
        found: &'static str,
    },
    /// Nothing to lint in a folder.
    #[error("no dialplan and no scenario in {}", path.display())]
    Nothing {
        /// The folder.
        path: PathBuf,
    },
    /// A scenario with mistakes cannot be rendered.
    #[error(
        "cannot lint {}: the scenario has {count} mistake{}; see `ivrkit check {}`",
        path.display(), if *.count == 1 { "" } else { "s" }, path.display()
    )]
    Scenario {
        /// The scenario.
        path: PathBuf,
        /// How many errors it has.
        count: usize,
    },
    /// A scenario cannot be rendered.
    #[error("cannot lint {}: {source}", path.display())]
    Render {
        /// The scenario.
        path: PathBuf,
        /// Why.
        source: render::Error,
    },
    /// It could not be mended.
    #[error(transparent)]
    Fixing(#[from] super::fixing::Error),
    /// The baseline cannot be used.
    #[error(transparent)]
    Baseline(#[from] super::baseline::Error),
    /// A media folder cannot be used.
    #[error(transparent)]
    Media(#[from] super::sounds::Error),
    /// Part of a dialplan was not read.
    #[error("{}:{line}: not linted wholly: {reason}", path.display())]
    Partly {
        /// The file.
        path: PathBuf,
        /// Line, from 1.
        line: usize,
        /// What was not read.
        reason: String,
    },
}

/// A dialplan's main file, or a scenario.
#[derive(Debug)]
pub struct Input {
    /// The path, as messages show it.
    pub path: PathBuf,
    /// What it is.
    pub kind: Kind,
    /// The configuration that is for it.
    pub config: Arc<Config>,
}

/// How scenarios are rendered.
#[derive(Debug, Clone)]
pub struct Rendering {
    /// What for; each is a dialplan of its own.
    pub profiles: Vec<Profile>,
    /// Folder of templates that replace the built-in ones.
    pub templates: Option<PathBuf>,
}

/// For every profile, with the built-in templates.
impl Default for Rendering {
    fn default() -> Self {
        Self { profiles: vec![Profile::YeastarS, Profile::Asterisk], templates: None }
    }
}

/// A dialplan that was read.
#[derive(Debug)]
pub struct Dialplan {
    /// What was read.
    pub reading: Reading,
    /// Contexts that the PBX itself has, if it is known which PBX that is.
    pub pbx_contexts: &'static [&'static str],
}

/// The inputs in the order of their paths, and what cannot be one.
#[derive(Debug)]
pub struct Found {
    /// What there is to lint.
    pub inputs: Vec<Input>,
    /// What is not linted.
    pub errors: Vec<Error>,
}

/// What a file is that is named: any text is a dialplan if it is no scenario.
///
/// # Errors
/// A file that cannot be read, or is neither of both.
pub fn kind(path: &Path) -> Result<Kind, Error> {
    Ok(Kind::of(path, true)?.unwrap_or(Kind::Dialplan))
}

/// Finds what there is to lint among files and folders.
pub fn find(paths: &[PathBuf], configs: &mut Configs) -> Found {
    let (candidates, mut errors) = candidates::among(paths, configs);
    let looked: Vec<_> = candidates.into_par_iter().map(Looked::at).collect();
    let mut all = Vec::new();
    for looked in looked {
        match looked {
            Ok(Some(looked)) => all.push(looked),
            Ok(None) => {}
            Err(error) => errors.push(error),
        }
    }
    errors.extend(configs.take_errors().into_iter().map(Error::Config));
    // A folder with nothing in it is said only when there is nothing worse to say.
    if errors.is_empty() {
        let has_some = |folder: &PathBuf| {
            let real = fs::canonicalize(folder).unwrap_or_default();
            let is_in = |one: &Looked| {
                one.identity.starts_with(&real) || one.input.path.starts_with(folder)
            };
            all.iter().any(is_in)
        };
        let empty = paths.iter().filter(|path| path.is_dir() && !has_some(path));
        errors.extend(empty.map(|path| Error::Nothing { path: path.clone() }));
    }
    Found { inputs: main_files(all), errors }
}

/// A candidate that turned out to be an input.
struct Looked {
    input: Input,
    /// Its path without links.
    identity: PathBuf,
    /// The files that it includes, their paths without links.
    includes: HashSet<PathBuf>,
}

impl Looked {
    fn at(candidate: candidates::Candidate) -> Result<Option<Self>, Error> {
        let candidates::Candidate { path, identity, is_named, config } = candidate;
        let Some(kind) = Kind::of(&path, is_named)? else { return Ok(None) };
        let includes = match kind {
            Kind::Dialplan => included(&path)?,
            Kind::Scenario => HashSet::new(),
        };
        Ok(Some(Self { input: Input { path, kind, config }, identity, includes }))
    }
}

/// The files that a dialplan includes, without links in their paths.
fn included(path: &Path) -> Result<HashSet<PathBuf>, Error> {
    let bytes = files::read_bytes(path, MAX_FILE_BYTES)?;
    if !has_include(&bytes) {
        return Ok(HashSet::new());
    }
    let mut folder = Folder::of(path).limited_to(MAX_FILE_BYTES);
    syntax::read(path.as_os_str().as_bytes(), bytes, &mut folder);
    Ok(folder.files().filter_map(|path| fs::canonicalize(path).ok()).collect())
}

/// Whether there may be a `#include`: most files have none, and are not read twice.
fn has_include(bytes: &[u8]) -> bool {
    let after_hash = memchr::memchr_iter(b'#', bytes).map(|at| &bytes[at + 1..]);
    let begins = |rest: &[u8], word: &str| {
        rest.get(..word.len())
            .is_some_and(|word_there| word_there.eq_ignore_ascii_case(word.as_bytes()))
    };
    after_hash.into_iter().any(|rest| begins(rest, "include") || begins(rest, "tryinclude"))
}

/// Those that no other one includes; of files that include each other in a circle, the first.
fn main_files(mut all: Vec<Looked>) -> Vec<Input> {
    all.sort_by(|left, right| left.input.path.cmp(&right.input.path));
    let mut includers: HashMap<&Path, Vec<usize>> = HashMap::new();
    for (number, one) in all.iter().enumerate() {
        for included in one.includes.iter().filter(|path| **path != one.identity) {
            includers.entry(included).or_default().push(number);
        }
    }
    let is_root = |one: &Looked| !includers.contains_key(one.identity.as_path());
    let mut is_part: HashSet<&Path> = all
        .iter()
        .filter(|one| is_root(one))
        .flat_map(|one| &one.includes)
        .map(PathBuf::as_path)
        .collect();
    let mut is_main = Vec::new();
    for one in &all {
        let is_own = is_root(one) || !is_part.contains(one.identity.as_path());
        if is_own {
            is_part.extend(one.includes.iter().map(PathBuf::as_path));
        }
        is_main.push(is_own);
    }
    let mains = is_main.into_iter();
    all.into_iter().zip(mains).filter_map(|(one, is_main)| is_main.then_some(one.input)).collect()
}

impl Input {
    /// The dialplan, or those that the scenario is rendered to: one for each profile. What is not
    /// read is added to `errors`.
    pub fn read(&self, rendering: &Rendering, errors: &mut Vec<Error>) -> Vec<Dialplan> {
        let read = match self.kind {
            Kind::Dialplan => self.dialplan(errors),
            Kind::Scenario => self.rendered(rendering),
        };
        read.unwrap_or_else(|error| {
            errors.push(error);
            Vec::new()
        })
    }

    fn dialplan(&self, errors: &mut Vec<Error>) -> Result<Vec<Dialplan>, Error> {
        let bytes = files::read_bytes(&self.path, MAX_FILE_BYTES)?;
        let mut folder = Folder::of(&self.path).limited_to(MAX_FILE_BYTES);
        let reading = lint::read(self.path.as_os_str().as_bytes(), bytes, &mut folder);
        let mut unread: Vec<_> = folder.unread().map(Error::File).collect();
        unread.sort_by_cached_key(Error::to_string);
        errors.extend(unread);
        errors.extend(left_out(&reading));
        Ok(vec![Dialplan { reading, pbx_contexts: &[] }])
    }

    fn rendered(&self, rendering: &Rendering) -> Result<Vec<Dialplan>, Error> {
        let reading = scenario::read(files::read_source(&self.path)?);
        let Some(scenario) = &reading.scenario else {
            let is_error = |severity| severity == ivrkit_dialplan::diagnostic::Severity::Error;
            let errors = reading.diagnostics.iter().filter(|one| is_error(one.severity));
            return Err(Error::Scenario { path: self.path.clone(), count: errors.count() });
        };
        let rendered = rendering.profiles.iter().map(|&profile| {
            let options = render::Options {
                profile: Some(profile),
                templates: rendering.templates.clone(),
                ..render::Options::of(&reading.source)
            };
            let text = render(scenario, &options)
                .map_err(|source| Error::Render { path: self.path.clone(), source })?;
            let name = rendered_name(&self.path, profile);
            let reading = lint::read(name.as_bytes(), text.into_bytes(), &mut Nothing);
            Ok(Dialplan { reading, pbx_contexts: pbx_contexts(profile) })
        });
        rendered.collect()
    }
}

/// What the lines of a rendered scenario are shown under.
fn rendered_name(path: &Path, profile: Profile) -> String {
    format!("{} (rendered for {})", path.display(), profile.name())
}

/// The contexts that rendered dialplans of a profile leave to the PBX, see `templates/`.
fn pbx_contexts(profile: Profile) -> &'static [&'static str] {
    match profile {
        Profile::YeastarS => &["ivrs", "always-Hangup"],
        Profile::Asterisk => &[],
    }
}

/// What of a dialplan was not read because there was no end of it.
pub(super) fn left_out(reading: &Reading) -> Option<Error> {
    let stops = [MessageKind::Limit, MessageKind::IncludeDepth];
    let message = reading.dialplan.messages.iter().find(|one| stops.contains(&one.kind))?;
    let mut lines = Lines::new(&reading.dialplan.files);
    let place = lines.excerpt(message.place);
    let path = PathBuf::from(OsStr::from_bytes(place.file));
    Some(Error::Partly { path, line: place.line, reason: message.text.to_string() })
}

#[cfg(test)]
mod tests;
