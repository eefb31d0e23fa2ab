//! `ivrkit media`.

use crate::error::{Error, Exit};
use clap::Args;

/// Builds and checks prompts.
#[derive(Debug, Args)]
pub(super) struct Arguments {}

pub(super) fn run(_arguments: &Arguments) -> Result<Exit, Error> {
    Ok(Exit::Bug)
}
