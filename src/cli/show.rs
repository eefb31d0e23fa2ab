//! `ivrkit show`: what Asterisk makes of a dialplan.

use crate::{
    dialplan_files,
    error::{Error, Exit},
    report,
};
use clap::{Args, ValueEnum, builder::NonEmptyStringValueParser};
use ivrkit_dialplan::{application::Version, dialplan::Dialplan};
use std::{
    io::{self, Write as _},
    mem,
    path::{Path, PathBuf},
};

/// Lists a dialplan as Asterisk would, and says what it would complain about.
///
/// The listing is that of `dialplan show` of Asterisk 16 or 22; complaints go to standard error. Included files are read from the folder of the file. The exit code is 0 if
/// Asterisk loads the file, 1 if it refuses it or there is nothing of that name, and 3 when the
/// file cannot be read.
#[derive(Debug, Args)]
pub(super) struct Arguments {
    /// Dialplans, such as extensions.conf; each is loaded on its own.
    #[arg(required = true)]
    files: Vec<PathBuf>,
    /// Lists this context only.
    #[arg(long, value_parser = NonEmptyStringValueParser::new())]
    context: Option<String>,
    /// Lists what this dialled string reaches, through includes too.
    #[arg(long, value_parser = NonEmptyStringValueParser::new())]
    exten: Option<String>,
    /// The Asterisk that loads it; docs/show.md names what differs.
    #[arg(long, value_name = "VERSION", default_value = "22",
        value_parser = super::loading_version_parser())]
    asterisk: Version,
    /// How the dialplan is written.
    #[arg(long, value_enum, default_value_t = Format::Text)]
    format: Format,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Format {
    /// Asterisk's listing; several files have their names above it.
    Text,
    /// One JSON object for each file: `file`, `refused`, `contexts`, `messages`.
    Json,
}

pub(super) fn run(arguments: &Arguments) -> Result<Exit, Error> {
    let mut exit = Exit::Done;
    for (index, path) in arguments.files.iter().enumerate() {
        let dialplan = dialplan_files::load_as(arguments.asterisk, path)?;
        let mut out = io::BufWriter::new(io::stdout().lock());
        let mut is_there = false;
        let written = match arguments.format {
            Format::Text => arguments.text(&mut out, path, &dialplan),
            Format::Json => arguments.json(&mut out, path, &dialplan),
        };
        let written = written.and_then(|found| {
            is_there = found;
            out.flush()
        });
        super::printed(written)?;
        if index + 1 == arguments.files.len() {
            // The process ends; giving back each of a hundred thousand texts would take its time.
            mem::forget(dialplan);
        }
        if !is_there {
            exit = Exit::Found;
        }
    }
    Ok(exit)
}

impl Arguments {
    fn text(&self, out: &mut impl io::Write, path: &Path, dialplan: &Dialplan) -> io::Result<bool> {
        let mut errors = io::stderr().lock();
        let look = report::Look::of(&errors);
        // There is no place left to complain in when standard error is closed.
        let _ = report::write_messages(&mut errors, dialplan, look);
        if self.files.len() > 1 {
            writeln!(out, "==> {} <==", path.display())?;
        }
        if dialplan.is_refused {
            let _ = writeln!(errors, "ivrkit: Asterisk does not load {}", path.display());
            return Ok(false);
        }
        let context = self.context.as_deref().map(str::as_bytes);
        let exten = self.exten.as_deref().map(str::as_bytes);
        Ok(dialplan.show(context, exten, |piece| out.write_all(piece))?.is_ok())
    }

    fn json(&self, out: &mut impl io::Write, path: &Path, dialplan: &Dialplan) -> io::Result<bool> {
        let context = self.context.as_deref().map(str::as_bytes);
        let exten = self.exten.as_deref().map(str::as_bytes);
        let listing = report::Listing { path, dialplan, context, exten };
        let is_there = report::write_listing(out, listing)?;
        let is_asked_for = context.is_some() || exten.is_some();
        Ok(!dialplan.is_refused && (!is_asked_for || is_there))
    }
}
