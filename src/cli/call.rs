//! `ivrkit call`.

use crate::error::{Error, Exit};
use clap::Args;

/// Asks a running server to call a number.
#[derive(Debug, Args)]
pub(super) struct Arguments {}

pub(super) fn run(_arguments: &Arguments) -> Result<Exit, Error> {
    Ok(Exit::Bug)
}
