//! `ivrkit init`.

use crate::error::{Error, Exit};
use clap::Args;

/// Writes a commented starting scenario into a folder.
#[derive(Debug, Args)]
pub(super) struct Arguments {}

pub(super) fn run(_arguments: &Arguments) -> Result<Exit, Error> {
    Ok(Exit::Bug)
}
