//! `ivrkit schema`.

use crate::error::{Error, Exit};
use clap::Args;

/// Prints the JSON Schema of scenarios, for editors.
#[derive(Debug, Args)]
pub(super) struct Arguments {}

pub(super) fn run(_arguments: &Arguments) -> Result<Exit, Error> {
    Ok(Exit::Bug)
}
