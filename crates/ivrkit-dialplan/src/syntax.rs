//! Asterisk's configuration files: lines, comments, sections, templates and included files.
//!
//! Reading never fails: [`read`] gives a [`Document`] and what there is to complain about. Files are
//! bytes, for Asterisk knows no character set. Must not know what a setting means (that is
//! [`crate::dialplan`]'s), nor open files: a [`Provider`] hands them over.
//!
//! What Asterisk does was taken from the behaviour of versions 16 and 22; `main/config.c` of its
//! sources says the same.

mod comment;
mod directive;
mod filter;
mod header;
mod lines;
mod message;
mod provider;
mod reader;
mod remark;
mod setting;
mod text;

pub(crate) use comment::{Comments, Left};
pub use lines::{Excerpt, Lines};
pub use message::{Kind, Level, Message};
pub use provider::{Contents, Found, Nothing, Provider};
pub use remark::Remark;
pub use text::{File, Files, Place, Text};
pub(crate) use text::{narrow, strip};

use crate::application::Version;

/// Longest line that Asterisk reads, in bytes without its newline.
pub const MAX_LINE_BYTES: usize = 8190;
/// Longest name of a section; more is cut.
pub const MAX_SECTION_BYTES: usize = 79;
/// How deep files may include each other below the first one.
pub const MAX_INCLUDE_DEPTH: usize = 10;
/// Most readings of included files; Asterisk has no such limit and would go on for hours.
pub const MAX_INCLUDES: usize = 10_000;
/// Most bytes of all included files together, each reading counted.
pub const MAX_INCLUDED_BYTES: usize = 256 << 20;
/// Most bytes that lines may have after templates and `+=` have multiplied them.
pub const MAX_DERIVED_BYTES: usize = 256 << 20;
/// Most lines that templates may copy.
pub const MAX_COPIED_SETTINGS: usize = 4_000_000;

/// A configuration as its files give it.
#[derive(Debug, Default)]
pub struct Document {
    /// The Asterisk that it was read as.
    pub version: Version,
    /// The files, and the texts in them.
    pub files: Files,
    /// The sections in the order in which they were begun.
    pub sections: Vec<Section>,
    /// What there is to complain about, in Asterisk's order.
    pub messages: Vec<Message>,
    /// Comments that speak to ivrkit, in the order of the files and their places.
    pub remarks: Vec<Remark>,
    /// Whether Asterisk refuses the whole of it and keeps what it had.
    pub is_refused: bool,
}

/// One `[section]` with all that was added to it.
#[derive(Debug, Clone)]
pub struct Section {
    /// Its name, cut as Asterisk cuts it.
    pub name: Text,
    /// Whether it is a template, `(!)`: read, but no section of its own.
    pub is_template: bool,
    /// Its lines, those of its templates first.
    pub settings: Vec<Setting>,
}

/// One `name = value`.
#[derive(Debug, Clone, Copy)]
pub struct Setting {
    /// The text before the `=`.
    pub name: Text,
    /// The text after it; `+=` may have added to it.
    pub value: Text,
    /// Where it stands, for people.
    pub place: Place,
    /// Line as Asterisk counts: several files of one wildcard share a counter.
    pub line: u32,
    /// The name Asterisk gives the file, see [`Files::origin`].
    pub origin: u32,
}

/// Reads a configuration and all that it includes, as the newest Asterisk does.
pub fn read(name: &[u8], bytes: Vec<u8>, provider: &mut dyn Provider) -> Document {
    read_as(Version::newest(), name, bytes, provider)
}

/// Reads a configuration and all that it includes, as 16 or 22 does.
pub fn read_as(
    version: Version,
    name: &[u8],
    bytes: Vec<u8>,
    provider: &mut dyn Provider,
) -> Document {
    reader::Reader::new(version, provider).read(name, bytes)
}
