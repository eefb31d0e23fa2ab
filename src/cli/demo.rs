//! `ivrkit demo`.

use crate::error::{Error, Exit};
use clap::Args;

/// Runs everything once, on this machine, with a simulated PBX.
#[derive(Debug, Args)]
pub(super) struct Arguments {}

pub(super) fn run(_arguments: &Arguments) -> Result<Exit, Error> {
    Ok(Exit::Bug)
}
