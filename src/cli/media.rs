//! `ivrkit media`: builds prompts for the PBX, and says of files whether it will play them.

mod build;
mod check;

use crate::{
    error::{Error, Exit},
    files,
};
use clap::{Args, Subcommand, ValueEnum};
use serde::Serialize;
use std::{
    io::{self, Write as _},
    path::PathBuf,
    time::Duration,
};

/// Builds and checks prompts.
#[derive(Debug, Args)]
pub(super) struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    Build(build::Arguments),
    Check(check::Arguments),
}

/// How results are printed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Format {
    /// A table for people.
    Text,
    /// One JSON document for programs.
    Json,
}

pub(super) fn run(arguments: &Arguments) -> Result<Exit, Error> {
    match &arguments.command {
        Command::Build(arguments) => build::run(arguments),
        Command::Check(arguments) => check::run(arguments),
    }
}

/// Prints a result. A reader that has seen enough is no error, a full disk is one.
fn print(text: &str) -> Result<(), Error> {
    let mut out = io::stdout().lock();
    match out.write_all(text.as_bytes()).and_then(|()| out.flush()) {
        Err(source) if source.kind() != io::ErrorKind::BrokenPipe => {
            Err(files::Error::Write { path: PathBuf::from("standard output"), source }.into())
        }
        _ => Ok(()),
    }
}

fn to_json(document: &impl Serialize) -> String {
    let mut text = serde_json::to_string_pretty(document).expect("strings and numbers only");
    text.push('\n');
    text
}

/// Milliseconds with at most three digits behind the point.
#[expect(clippy::cast_precision_loss, reason = "microseconds of a file are far below 2^52")]
fn milliseconds(duration: Duration) -> f64 {
    duration.as_micros() as f64 / 1000.0
}
