//! `ivrkit names`: names of dialplans that look alike.

use crate::{
    error::{Error, Exit},
    lint::{names, run},
};
use clap::{Args, ValueEnum};
use std::{
    io::{self, Write as _},
    path::PathBuf,
};

/// Lists names that differ in case or one letter: one of them may be misspelt.
///
/// Contexts, extensions, labels and variables of a dialplan are each compared with their own kind.
/// Files and folders are taken as `ivrkit lint` takes them. The exit code is 0 if no names look
/// alike, 1 if some do, and 3 if something could not be read.
#[derive(Debug, Args)]
pub(super) struct Arguments {
    /// Files and folders.
    #[arg(default_value = ".")]
    paths: Vec<PathBuf>,
    /// How the names are written.
    #[arg(long, value_enum, default_value_t = Format::Text)]
    format: Format,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Format {
    /// A line for each two names.
    Text,
    /// A JSON array of objects: `kind`, `difference`, `names`.
    Json,
}

pub(super) fn run(arguments: &Arguments) -> Result<Exit, Error> {
    let (pairs, errors) = run::each(&arguments.paths, names::pairs);
    let pairs = pairs.concat();
    let mut out = io::BufWriter::new(io::stdout().lock());
    let written = match arguments.format {
        Format::Text => names::write_text(&mut out, &pairs),
        Format::Json => names::write_json(&mut out, &pairs),
    };
    super::printed(written.and_then(|()| out.flush()))?;
    for error in &errors {
        eprintln!("ivrkit: {error}");
    }
    Ok(match (errors.is_empty(), pairs.is_empty()) {
        (false, _) => Exit::Input,
        (true, false) => Exit::Found,
        (true, true) => Exit::Done,
    })
}
