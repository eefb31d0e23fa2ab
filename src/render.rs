//! Scenario and templates to dialplan text.
//!
//! [`render`] turns a checked scenario into the text of a dialplan file for one profile. The
//! structure of the dialplan stands in the templates; `escape` keeps whatever a scenario says inside
//! its argument. Must not read the scenario file or write the result.

mod escape;
mod page;
mod templates;

use crate::{error::Exit, files};
use ivrkit_dialplan::{
    scenario::{Number, Profile, Scenario},
    source::Source,
};
use sha2::{Digest as _, Sha256};
use std::path::{Path, PathBuf};

/// What a dialplan is rendered for, and what its header says.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Options {
    /// The kind of PBX; the scenario's own by default.
    pub profile: Option<Profile>,
    /// Folder whose files replace the built-in templates of the same names.
    pub templates: Option<PathBuf>,
    /// File name of the scenario, without its folder.
    pub scenario_file: String,
    /// First 12 hexadecimal digits of the SHA-256 of the scenario's text.
    pub scenario_hash: String,
}

/// A dialplan that could not be rendered.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// A template does not parse, or uses what there is not.
    #[error("cannot render template {template}, line {line}: {problem}")]
    Template {
        /// Name of a built-in template, or path of the file that replaces it.
        template: String,
        /// Line, from 1; 0 if it is not known.
        line: usize,
        /// What is wrong.
        problem: String,
    },
    /// A template file could not be read.
    #[error(transparent)]
    File(#[from] files::Error),
    /// The templates folder is not a folder.
    #[error("cannot use the templates of {}: it is not a folder", path.display())]
    NotAFolder {
        /// The path.
        path: PathBuf,
    },
    /// The templates folder replaces nothing.
    #[error(
        "cannot use the templates of {}: expected at least one of {}",
        path.display(),
        templates::names()
    )]
    NothingReplaced {
        /// The folder.
        path: PathBuf,
    },
    /// The scenario was not checked: an IVR plays what is not there.
    #[error("IVR {ivr} plays the prompt `{prompt}`, which the scenario does not have")]
    MissingPrompt {
        /// The IVR.
        ivr: Number,
        /// The prompt it names.
        prompt: String,
    },
}

impl Error {
    /// The exit code this ends a command with.
    pub fn exit(&self) -> Exit {
        match self {
            Self::File(error) => error.exit(),
            Self::Template { .. }
            | Self::NotAFolder { .. }
            | Self::NothingReplaced { .. }
            | Self::MissingPrompt { .. } => Exit::Input,
        }
    }
}

impl Options {
    /// For a scenario that was read from this text.
    pub fn of(source: &Source) -> Self {
        let file = Path::new(source.name()).file_name();
        let hash = Sha256::digest(source.text());
        let hash = hash.iter().take(6).fold(0, |hash, &byte| hash << 8 | u64::from(byte));
        Self {
            profile: None,
            templates: None,
            scenario_file: file.map(|name| name.to_string_lossy().into_owned()).unwrap_or_default(),
            scenario_hash: format!("{hash:012x}"),
        }
    }
}

/// Renders the dialplan of a checked scenario: the same text for the same input.
///
/// # Errors
///
/// A template cannot be read or rendered, or the scenario was not checked.
pub fn render(scenario: &Scenario, options: &Options) -> Result<String, Error> {
    let profile = options.profile.unwrap_or(scenario.profile);
    let page = page::Page::new(scenario, profile, options)?;
    templates::Templates::new(options.templates.as_deref())?.render(&page)
}
