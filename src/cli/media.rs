//! `ivrkit media`: makes prompts for the PBX, and says of files whether it will play them.

mod build;
mod check;
mod convert;

use crate::{
    error::{Error, Exit},
    files,
};
use clap::{Args, Subcommand, ValueEnum};
use indicatif::{ProgressBar, ProgressStyle};
use serde::Serialize;
use std::{
    io::{self, Write as _},
    path::PathBuf,
    time::Duration,
};

/// Builds, converts and checks prompts.
#[derive(Debug, Args)]
pub(super) struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    Build(build::Arguments),
    Check(check::Arguments),
    Convert(convert::Arguments),
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
        Command::Convert(arguments) => convert::run(arguments),
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

/// Hidden unless standard error is a terminal.
fn progress_bar(what: &'static str) -> ProgressBar {
    let template = format!("{{bar:30}} {{pos}}/{{len}} {what}, {{eta}} left");
    let style = ProgressStyle::with_template(&template).expect("the template is well-formed");
    ProgressBar::new(0).with_style(style)
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

/// Decibels as people state them.
fn tenths(decibels: f64) -> f64 {
    (decibels * 10.0).round() / 10.0
}
