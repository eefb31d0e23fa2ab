//! `ivrkit render`.

use crate::error::{Error, Exit};
use clap::Args;

/// Renders the dialplan of a scenario.
#[derive(Debug, Args)]
pub(super) struct Arguments {}

pub(super) fn run(_arguments: &Arguments) -> Result<Exit, Error> {
    Ok(Exit::Bug)
}
