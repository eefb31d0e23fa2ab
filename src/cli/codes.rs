//! `ivrkit codes`.

use crate::error::{Error, Exit};
use clap::Args;

/// Issues and lists the codes that callees are asked for.
#[derive(Debug, Args)]
pub(super) struct Arguments {}

pub(super) fn run(_arguments: &Arguments) -> Result<Exit, Error> {
    Ok(Exit::Bug)
}
