//! Prompts: decode, mix down, resample, encode, validate.

use crate::error::Exit;
use ivrkit_dialplan::scenario::Scenario;
use std::path::{Path, PathBuf};

/// What can go wrong here.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// placeholder
    #[error("cannot build {}: {source}", path.display())]
    Copy {
        /// placeholder
        path: PathBuf,
        /// placeholder
        source: std::io::Error,
    },
}

impl Error {
    /// The exit code this ends a command with.
    pub fn exit(&self) -> Exit {
        Exit::Input
    }
}

/// One prompt that was built.
#[derive(Debug)]
pub struct Built {
    /// The file.
    pub path: PathBuf,
}

/// Builds the prompts of a scenario: here it only copies them.
///
/// # Errors
/// When a file cannot be read or written.
pub fn build(
    scenario: &Scenario,
    base: &Path,
    out: &Path,
    progress: &(dyn Fn(u64, u64) + Sync),
) -> Result<Vec<Built>, Error> {
    let total = scenario.prompts.len() as u64;
    let mut built = Vec::new();
    for (done, (name, prompt)) in scenario.prompts.iter().enumerate() {
        let file = prompt.source.clone().unwrap_or_else(|| format!("{name}.wav"));
        let from = base.join(&scenario.media.source).join(file);
        if from.is_file() {
            let to = out.join(format!("{name}.wav"));
            std::fs::copy(&from, &to).map_err(|source| Error::Copy { path: from, source })?;
            built.push(Built { path: to });
        }
        progress(done as u64 + 1, total);
    }
    Ok(built)
}
