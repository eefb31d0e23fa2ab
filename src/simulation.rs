//! What calls are simulated on: a dialplan as it lies in a file, or a scenario rendered for one kind
//! of PBX.
//!
//! Must not make calls, nor show them.

mod media;

pub use media::add_media;

use crate::{
    dialplan_files,
    error::Exit,
    files,
    render::{self, render},
};
use ivrkit_dialplan::{
    application::Version,
    call::{Pbx, Sounds},
    dialplan::Dialplan,
    scenario::{self, Profile, Scenario},
    source::Source,
    syntax::Nothing,
};
use ivrkit_verifier::pbx::simulated::dialplan::{self as of_pbx, own_contexts};
use std::{
    os::unix::ffi::OsStrExt as _,
    path::{Path, PathBuf},
    sync::Arc,
};

/// A dialplan, and the scenario that it was rendered from, if it was.
#[derive(Debug)]
pub struct Subject {
    /// The scenario.
    pub scenario: Option<Scenario>,
    /// The kind of PBX that it was rendered for.
    pub profile: Option<Profile>,
    /// The PBX; its sounds are still to be given.
    pub pbx: Pbx,
}

/// Nothing to simulate calls on.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// A file cannot be read.
    #[error(transparent)]
    File(#[from] files::Error),
    /// The scenario cannot be rendered.
    #[error(transparent)]
    Render(#[from] render::Error),
    /// The scenario has mistakes.
    #[error(
        "the scenario {} has {count} mistake{}: see `ivrkit check {}`",
        path.display(), if *.count == 1 { "" } else { "s" }, path.display()
    )]
    Scenario {
        /// The scenario.
        path: PathBuf,
        /// How many.
        count: usize,
    },
    /// Asterisk would not load it.
    #[error("Asterisk does not load {}: see `ivrkit show {}`", path.display(), path.display())]
    Refused {
        /// The dialplan.
        path: PathBuf,
    },
    /// Calls cannot begin there.
    #[error("there is no context `{context}` in {}", path.display())]
    NoContext {
        /// What was asked for.
        context: String,
        /// The dialplan.
        path: PathBuf,
    },
    /// The folder of sounds cannot be used.
    #[error(transparent)]
    Media(#[from] crate::lint::sounds::Error),
}

impl Error {
    /// The exit code this ends a command with.
    pub fn exit(&self) -> Exit {
        match self {
            Self::File(error) => error.exit(),
            Self::Render(error) => error.exit(),
            Self::Media(error) => error.exit(),
            Self::Scenario { .. } | Self::Refused { .. } => Exit::Found,
            Self::NoContext { .. } => Exit::Usage,
        }
    }
}

/// Whether a file is a scenario, by the ending of its name.
pub fn is_scenario(path: &Path) -> bool {
    path.extension().is_some_and(|ending| ending == "yaml" || ending == "yml")
}

/// Where the dialplan of a scenario would be written: what its lines are shown under.
pub fn rendered_path(scenario: &Path, profile: Profile) -> PathBuf {
    scenario.with_extension(format!("{profile}.conf"))
}

/// Reads a scenario that has no mistakes.
fn read_scenario(path: &Path) -> Result<(Source, Scenario), Error> {
    let mut reading = scenario::read(files::read_source(path)?);
    let count = crate::report::counts(&reading).0;
    let scenario = reading.scenario.take();
    let scenario = scenario.ok_or_else(|| Error::Scenario { path: path.to_owned(), count })?;
    Ok((reading.source, scenario))
}

impl Subject {
    /// A dialplan with all that it includes.
    ///
    /// # Errors
    /// It cannot be read, or Asterisk would not load it.
    pub fn of_dialplan(path: &Path, version: Version) -> Result<Self, Error> {
        let dialplan = dialplan_files::load(path)?;
        let pbx = pbx(dialplan, path, version)?;
        Ok(Self { scenario: None, profile: None, pbx })
    }

    /// A scenario, rendered for a kind of PBX, with what that PBX has beside it.
    ///
    /// `beside` is dialplan text; none for a stand-in of the contexts that the PBX owns.
    ///
    /// # Errors
    /// It has mistakes or cannot be rendered.
    pub fn of_scenario(
        path: &Path,
        profile: Option<Profile>,
        beside: Option<&str>,
        version: Version,
    ) -> Result<Self, Error> {
        let (source, scenario) = read_scenario(path)?;
        Self::of_read(&source, scenario, profile, beside, version)
    }

    /// A scenario that is read and sound; see [`Self::of_scenario`].
    ///
    /// # Errors
    /// It cannot be rendered.
    pub fn of_read(
        source: &Source,
        scenario: Scenario,
        profile: Option<Profile>,
        beside: Option<&str>,
        version: Version,
    ) -> Result<Self, Error> {
        let profile = profile.unwrap_or(scenario.profile);
        let options = render::Options { profile: Some(profile), ..render::Options::of(source) };
        let text = render(&scenario, &options)?;
        let beside = beside.map_or_else(|| own_contexts(&scenario, profile), str::to_owned);
        let path = rendered_path(Path::new(source.name()), profile);
        let name = path.as_os_str().as_bytes();
        let dialplan = of_pbx::load(name, text.as_bytes(), &beside, &mut Nothing);
        let pbx = pbx(dialplan, &path, version)?;
        Ok(Self { scenario: Some(scenario), profile: Some(profile), pbx })
    }

    /// A dialplan by hand that stands on the PBX of a scenario, with all that it includes and with
    /// the contexts that the PBX owns.
    ///
    /// # Errors
    /// It cannot be read, or Asterisk would not load it.
    pub fn by_hand(path: &Path, scenario: Scenario, version: Version) -> Result<Self, Error> {
        let text = files::read_bytes(path, dialplan_files::MAX_FILE_BYTES)?;
        let own = own_contexts(&scenario, scenario.profile);
        let mut others = dialplan_files::Folder::of(path);
        let dialplan = of_pbx::load(path.as_os_str().as_bytes(), &text, &own, &mut others);
        let (profile, pbx) = (scenario.profile, pbx(dialplan, path, version)?);
        Ok(Self { scenario: Some(scenario), profile: Some(profile), pbx })
    }

    /// Whether a file of the dialplan is the PBX's own, and no part of what was rendered.
    pub fn is_beside(name: &[u8]) -> bool {
        name == of_pbx::OWN_FILE.as_bytes()
    }
}

fn pbx(dialplan: Dialplan, path: &Path, version: Version) -> Result<Pbx, Error> {
    if dialplan.is_refused {
        return Err(Error::Refused { path: path.to_owned() });
    }
    Ok(Pbx::new(dialplan, version, Arc::new(NoSounds)))
}

struct NoSounds;

impl Sounds for NoSounds {
    fn length_ms(&self, _: &[u8], _: &[u8]) -> Option<u64> {
        None
    }
}
