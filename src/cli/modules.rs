//! `ivrkit modules`: which modules of Asterisk dialplans need.

use crate::{
    error::{Error, Exit},
    lint::{modules::Modules, run},
};
use clap::{Args, ValueEnum};
use ivrkit_dialplan::application::Version;
use std::{
    io::{self, Write as _},
    path::PathBuf,
};

/// Lists the modules that dialplans need, as lines for modules.conf.
///
/// Found are the applications, functions, channel technologies and switches that are written in the
/// dialplan; what a variable names is not. Files and folders are taken as `ivrkit lint` takes them.
/// The exit code is 0, or 3 if something could not be read.
#[derive(Debug, Args)]
pub(super) struct Arguments {
    /// Files and folders.
    #[arg(default_value = ".")]
    paths: Vec<PathBuf>,
    /// The Asterisk that the dialplans are for: 13, 16, 18, 20 or 22.
    #[arg(long, value_name = "VERSION", default_value_t)]
    asterisk: Version,
    /// How the modules are written.
    #[arg(long, value_enum, default_value_t = Format::Text)]
    format: Format,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Format {
    /// Lines for modules.conf.
    Text,
    /// One JSON object: `modules`, `unknown`.
    Json,
}

pub(super) fn run(arguments: &Arguments) -> Result<Exit, Error> {
    let (all, errors) =
        run::each(&arguments.paths, |reading| Modules::of(reading, arguments.asterisk));
    let mut modules = Modules::default();
    for one in all {
        modules.add(one);
    }
    let mut out = io::BufWriter::new(io::stdout().lock());
    let written = match arguments.format {
        Format::Text => modules.write_text(&mut out, arguments.asterisk),
        Format::Json => modules.write_json(&mut out),
    };
    super::printed(written.and_then(|()| out.flush()))?;
    for error in &errors {
        eprintln!("ivrkit: {error}");
    }
    Ok(if errors.is_empty() { Exit::Done } else { Exit::Input })
}
