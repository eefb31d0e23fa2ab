//! `ivrkit push-media`.

use crate::error::{Error, Exit};
use clap::Args;

/// Uploads the prompts to the PBX's media share.
#[derive(Debug, Args)]
pub(super) struct Arguments {}

pub(super) fn run(_arguments: &Arguments) -> Result<Exit, Error> {
    Ok(Exit::Bug)
}
