//! `ivrkit verify`.

use crate::error::{Error, Exit};
use clap::Args;

/// Runs the application server that verifies calls.
#[derive(Debug, Args)]
pub(super) struct Arguments {}

pub(super) fn run(_arguments: &Arguments) -> Result<Exit, Error> {
    Ok(Exit::Bug)
}
