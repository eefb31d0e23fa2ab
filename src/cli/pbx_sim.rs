//! `ivrkit pbx-sim`.

use crate::error::{Error, Exit};
use clap::Args;

/// Plays the PBX's side of the API, with scripted callees.
#[derive(Debug, Args)]
pub(super) struct Arguments {}

pub(super) fn run(_arguments: &Arguments) -> Result<Exit, Error> {
    Ok(Exit::Bug)
}
