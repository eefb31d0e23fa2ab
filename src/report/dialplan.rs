//! What Asterisk complains about in a dialplan, with the line it is about.

use super::text::{Excerpt, Look};
use annotate_snippets::Level as Shown;
use ivrkit_dialplan::{
    dialplan::Dialplan,
    syntax::{Level, Lines, Message},
};
use serde::Serialize;
use std::{borrow::Cow, io};

/// A message as machines read it: stable field names, positions from 1.
#[derive(Debug, Serialize)]
pub struct Located<'a> {
    /// The file.
    pub file: Cow<'a, str>,
    /// Line in that file.
    pub line: usize,
    /// Column of the first character.
    pub column: usize,
    /// Column one past the last character.
    pub end_column: usize,
    /// `error`, `warning` or `notice`, as Asterisk has it.
    pub severity: &'static str,
    /// Kind of message.
    pub code: &'static str,
    /// What was found and what it means.
    pub message: &'a str,
    /// What to do.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub help: Option<&'a str>,
}

/// Writes every message with its place and its line.
///
/// # Errors
/// Those of `out`.
pub fn write_messages(out: &mut impl io::Write, dialplan: &Dialplan, look: Look) -> io::Result<()> {
    let renderer = look.renderer();
    let mut lines = Lines::new(&dialplan.files);
    for message in &dialplan.messages {
        let place = lines.excerpt(message.place);
        let excerpt = Excerpt::of_bytes(place.text, place.line, place.start..place.end);
        let path = String::from_utf8_lossy(place.file);
        let level = match message.kind.level() {
            Level::Error => Shown::ERROR,
            Level::Warning => Shown::WARNING,
            Level::Notice => Shown::NOTE,
        };
        let title = level.primary_title(message.text.as_ref()).id(message.kind.name());
        let group = excerpt.under(title, &path, message.help);
        writeln!(out, "{}\n", renderer.render(&[group]))?;
    }
    Ok(())
}

/// Every message with its place, for machines.
pub fn located(dialplan: &Dialplan) -> impl Iterator<Item = Located<'_>> {
    let mut lines = Lines::new(&dialplan.files);
    dialplan.messages.iter().map(move |message| {
        let place = lines.excerpt(message.place);
        Located {
            file: String::from_utf8_lossy(place.file),
            line: place.line,
            column: place.column(),
            end_column: place.end_column(),
            severity: severity(message),
            code: message.kind.name(),
            message: &message.text,
            help: message.help,
        }
    })
}

fn severity(message: &Message) -> &'static str {
    match message.kind.level() {
        Level::Error => "error",
        Level::Warning => "warning",
        Level::Notice => "notice",
    }
}
