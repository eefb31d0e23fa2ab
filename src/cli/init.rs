//! `ivrkit init`: the files to start from.

use crate::{
    error::{Error, Exit},
    init,
};
use clap::Args;
use std::{
    io::{self, Write as _},
    path::PathBuf,
};

/// Writes a commented starting scenario into a folder.
///
/// Beside the scenario: its tests, the JSON Schemas of both, the list of prompts to record, hold
/// music, and for a Yeastar the configuration of `ivrkit verify`. The folder is made if it is not there; files that are there
/// already are never overwritten.
#[derive(Debug, Args)]
pub(super) struct Arguments {
    /// The folder.
    dir: PathBuf,
    /// The PBX that the dialplan will be for.
    #[arg(long, value_enum, default_value_t = init::Profile::YeastarS)]
    profile: init::Profile,
    /// Language of the sample prompts.
    #[arg(long, value_enum, default_value_t = init::Language::En)]
    language: init::Language,
}

pub(super) fn run(arguments: &Arguments) -> Result<Exit, Error> {
    let files = init::files(arguments.profile, arguments.language);
    init::write(&arguments.dir, &files)?;
    let mut out = io::stdout().lock();
    let dir = arguments.dir.display();
    let names: Vec<_> = files.iter().map(|file| format!("  {dir}/{}", file.name)).collect();
    super::printed(writeln!(
        out,
        "wrote\n{}\nnext: ivrkit check {dir}/scenario.yaml",
        names.join("\n")
    ))?;
    Ok(Exit::Done)
}
