//! `ivrkit rules`: all rules of the linter.

use crate::{
    error::{Error, Exit},
    lint::manual,
};
use clap::{Args, ValueEnum};
use std::io;

/// Lists the rules of the linter.
///
/// `ivrkit explain RULE` says more about each.
#[derive(Debug, Args)]
pub(super) struct Arguments {
    /// How the list is written.
    #[arg(long, value_enum, default_value_t = Format::Text)]
    format: Format,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Format {
    /// A line for each rule.
    Text,
    /// A JSON array of objects: `code`, `name`, `group`, `severity`, `is_on`, `origin`, `fix`,
    /// `explanation`.
    Json,
    /// docs/rules.md: a table, and the manual pages below it.
    Markdown,
}

pub(super) fn run(arguments: &Arguments) -> Result<Exit, Error> {
    let mut out = io::BufWriter::new(io::stdout().lock());
    super::printed(match arguments.format {
        Format::Text => manual::write_list(&mut out),
        Format::Json => manual::write_json(&mut out),
        Format::Markdown => manual::write_markdown(&mut out),
    })?;
    Ok(Exit::Done)
}
