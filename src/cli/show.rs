//! `ivrkit show`: what Asterisk makes of a dialplan.

use crate::{
    dialplan_files,
    error::{Error, Exit},
    report,
};
use clap::{Args, ValueEnum, builder::NonEmptyStringValueParser};
use ivrkit_dialplan::{
    dialplan::{Context, Dialplan, Extension, Priority, Switch},
    syntax::Text,
};
use serde::{Serialize, Serializer, ser::SerializeStruct as _};
use std::{
    borrow::Cow,
    io::{self, Write as _},
    path::{Path, PathBuf},
};

/// Lists a dialplan as Asterisk would, and says what it would complain about.
///
/// The listing is that of `dialplan show` of Asterisk 16 and 22, which load alike; complaints go to
/// standard error. Included files are read from the folder of the file. The exit code is 0 if
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
    for path in &arguments.files {
        let dialplan = dialplan_files::load(path)?;
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
        let listing = Listing { arguments: self, path, dialplan };
        serde_json::to_writer(&mut *out, &listing)?;
        writeln!(out)?;
        let is_asked_for = self.context.is_some() || self.exten.is_some();
        Ok(!dialplan.is_refused && (!is_asked_for || listing.contexts().next().is_some()))
    }

    fn lists(&self, extension: &Extension) -> bool {
        let exten = self.exten.as_deref().map(str::as_bytes);
        exten.is_none_or(|exten| extension.key.pattern.matches(exten).exact)
    }
}

/// A dialplan as JSON, written piece by piece: it may be larger than what would fit twice.
struct Listing<'a> {
    arguments: &'a Arguments,
    path: &'a Path,
    dialplan: &'a Dialplan,
}

/// One piece of a listing on its way.
struct Piece<'a, T> {
    listing: &'a Listing<'a>,
    of: &'a T,
}

impl<'a> Listing<'a> {
    /// The contexts that are asked for, in the order of the listing.
    fn contexts(&'a self) -> impl Iterator<Item = Piece<'a, Context>> {
        let asked = self.arguments.context.as_deref().map(str::as_bytes);
        let contexts = self.dialplan.contexts.iter().rev().filter(move |context| {
            let is_asked = asked.is_none_or(|name| self.dialplan.files.bytes(context.name) == name);
            let mut extensions = context.extensions.iter();
            is_asked
                && (self.arguments.exten.is_none()
                    || extensions.any(|one| self.arguments.lists(one)))
        });
        contexts.map(|of| Piece { listing: self, of })
    }

    /// JSON knows characters only: a byte that is none becomes `\u{fffd}`.
    fn text(&self, text: Text) -> Cow<'a, str> {
        String::from_utf8_lossy(self.dialplan.files.bytes(text))
    }
}

impl Serialize for Piece<'_, Context> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let Self { listing, of } = self;
        let arguments = listing.arguments;
        let mut object = serializer.serialize_struct("Context", 6)?;
        object.serialize_field("name", &listing.text(of.name))?;
        object.serialize_field("autohints", &of.has_autohints)?;
        let asked = || of.extensions.iter().filter(|one| arguments.lists(one));
        let extensions = || asked().map(|of| Piece { listing, of });
        object.serialize_field("extensions", &Each(extensions))?;
        let includes = || of.includes.iter().map(|include| listing.text(include.text));
        object.serialize_field("includes", &Each(includes))?;
        let ignorepats = || of.ignorepats.iter().map(|&text| listing.text(text));
        object.serialize_field("ignorepats", &Each(ignorepats))?;
        let both = |one: &Switch| format!("{}/{}", listing.text(one.name), listing.text(one.data));
        object.serialize_field("switches", &Each(|| of.switches.iter().map(both)))?;
        object.end()
    }
}

impl Serialize for Piece<'_, Extension> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let Self { listing, of } = self;
        let mut object = serializer.serialize_struct("Extension", 3)?;
        object.serialize_field("name", &listing.text(of.priorities[0].name))?;
        if let Some(caller) = &of.key.caller {
            object.serialize_field("caller", &String::from_utf8_lossy(caller.compared()))?;
        }
        let priorities = || of.priorities.iter().map(|of| Piece { listing, of });
        object.serialize_field("priorities", &Each(priorities))?;
        object.end()
    }
}

impl Serialize for Piece<'_, Priority> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let Self { listing, of } = self;
        let mut object = serializer.serialize_struct("Priority", 6)?;
        object.serialize_field("priority", &of.number)?;
        if let Some(label) = of.label {
            object.serialize_field("label", &listing.text(label))?;
        }
        object.serialize_field("application", &listing.text(of.application))?;
        object.serialize_field("data", &listing.text(of.data))?;
        let origin = listing.dialplan.files.origin(of.origin);
        object.serialize_field("file", &String::from_utf8_lossy(origin))?;
        object.serialize_field("line", &of.line)?;
        object.end()
    }
}

impl Serialize for Listing<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut object = serializer.serialize_struct("Listing", 4)?;
        object.serialize_field("file", &self.path.to_string_lossy())?;
        object.serialize_field("refused", &self.dialplan.is_refused)?;
        object.serialize_field("contexts", &Each(|| self.contexts()))?;
        object.serialize_field("messages", &Each(|| report::located(self.dialplan)))?;
        object.end()
    }
}

/// A list whose items are made when they are written.
struct Each<F>(F);

impl<F, I> Serialize for Each<F>
where
    F: Fn() -> I,
    I: Iterator,
    I::Item: Serialize,
{
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq((self.0)())
    }
}
