//! A dialplan: contexts, extensions, and which of them a dialled string reaches.
//!
//! [`load`] reads files as `pbx_config` of Asterisk 22 does, [`load_as`] as that of 16 too: there is
//! hardly a difference. What it loads equals what they load, line by line, and [`Dialplan::show`] lists it as they do. Loading
//! never fails: what Asterisk complains about is in [`Dialplan::messages`].

pub mod matching;
pub mod pattern;

pub(crate) mod extension_line;

mod brackets;
mod context;
mod loader;
mod lookup;
mod show;
mod substitute;
pub(crate) mod time;

pub use show::{Missing, Totals};

use crate::{
    application::Version,
    syntax::{Document, Files, Message, Place, Provider, Section, Text},
};
use pattern::ExtensionKey;
use std::collections::HashMap;

/// The number Asterisk gives a hint among the priorities.
pub const HINT: i32 = -1;
/// From how many includes on Asterisk warns that it follows no more.
pub const MAX_INCLUDES: usize = 128;

/// A loaded dialplan.
#[derive(Debug)]
pub struct Dialplan {
    /// The files it was read from.
    pub files: Files,
    /// The contexts in the order in which they were begun; none if the load was refused.
    pub contexts: Vec<Context>,
    /// `autofallthrough` of `[general]`: whether a call ends after its last priority instead of
    /// waiting for keys.
    pub falls_through: bool,
    /// The global variables as they are when it is loaded.
    pub globals: HashMap<Vec<u8>, Vec<u8>>,
    /// What Asterisk complains about, in its order.
    pub messages: Vec<Message>,
    /// What goes unsaid at load although a line is not what it looks like, in the order of the lines.
    pub remarks: Vec<Remark>,
    /// Whether Asterisk refuses to load it, and goes on with what it had.
    pub is_refused: bool,
}

/// What befell the number of a step while it was loaded.
#[derive(Debug, Clone, Copy)]
pub struct Remark {
    /// The step's line.
    pub place: Place,
    /// The extension's name as the line spells it, without blanks.
    pub name: Text,
    /// What befell it.
    pub kind: RemarkKind,
}

/// What can befall the number of a step.
#[derive(Debug, Clone, Copy)]
pub enum RemarkKind {
    /// `n` or `s` is 0 after a first hint, and the line is lost without a word.
    Vanished {
        /// The hint, or the lost line above this one.
        after: Before,
    },
    /// `n` or `s` counts from a step of another extension.
    Continued {
        /// That step.
        after: Before,
        /// The number.
        number: i32,
    },
    /// The number is taken; Asterisk says so, but not why.
    Taken {
        /// The step that has it.
        by: Before,
        /// The step of another extension that `n` or `s` counts from.
        after: Option<Before>,
        /// The number.
        number: i32,
    },
}

/// A step that stands before another one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Before {
    /// The extension's name as the line spells it, without blanks.
    pub name: Text,
    /// Its line.
    pub place: Place,
}

/// One context.
#[derive(Debug)]
pub struct Context {
    /// Its name.
    pub name: Text,
    /// Its extensions, in the order in which they are tried and listed.
    pub extensions: Vec<Extension>,
    /// The contexts it includes, in order.
    pub includes: Vec<Include>,
    /// What follows a digit after which the dial tone goes on.
    pub ignorepats: Vec<Text>,
    /// Other dialplans it asks.
    pub switches: Vec<Switch>,
    /// `autohints = yes`.
    pub has_autohints: bool,
}

/// One extension; its variants for a caller id are extensions of their own.
#[derive(Debug)]
pub struct Extension {
    /// What it matches; among equal spellings that of the line that was first.
    pub key: ExtensionKey,
    /// Its priorities, lowest number first; never empty.
    pub priorities: Vec<Priority>,
}

/// One priority of an extension.
#[derive(Debug, Clone, Copy)]
pub struct Priority {
    /// Its number; [`HINT`] for a hint.
    pub number: i32,
    /// The extension's name as this line spells it, without blanks.
    pub name: Text,
    /// Its label.
    pub label: Option<Text>,
    /// The application, or the devices of a hint.
    pub application: Text,
    /// What the application is given; empty for none.
    pub data: Text,
    /// Where it stands.
    pub place: Place,
    /// Line as Asterisk counts.
    pub line: u32,
    /// The name Asterisk gives the file, see [`Files::origin`].
    pub origin: u32,
}

/// One `include => context,times`.
#[derive(Debug, Clone, Copy)]
pub struct Include {
    /// As written, variables expanded.
    pub text: Text,
    /// How many bytes of it are the name of the context.
    pub name_bytes: usize,
    /// Where it stands.
    pub place: Place,
    /// Line as Asterisk counts.
    pub line: u32,
}

/// One `switch => name/data`.
#[derive(Debug, Clone, Copy)]
pub struct Switch {
    /// The kind of dialplan that is asked.
    pub name: Text,
    /// What it is given.
    pub data: Text,
    /// Whether variables in the data are expanded at each call: `eswitch`.
    pub is_evaluated: bool,
}

/// Loads a dialplan from its main file and what that includes.
///
/// `name` is how messages and the listing call the file.
pub fn load(name: &[u8], bytes: Vec<u8>, provider: &mut dyn Provider) -> Dialplan {
    load_as(Version::newest(), name, bytes, provider)
}

/// Loads a dialplan as 16 or 22 does; see [`load`].
pub fn load_as(
    version: Version,
    name: &[u8],
    bytes: Vec<u8>,
    provider: &mut dyn Provider,
) -> Dialplan {
    load_document(crate::syntax::read_as(version, name, bytes, provider))
}

/// Loads a dialplan from the configuration that its files give.
pub fn load_document(mut document: Document) -> Dialplan {
    let sections = std::mem::take(&mut document.sections);
    loader::load(document, sections)
}

/// Loads a dialplan from sections that somebody else needs afterwards; those of the document do not
/// count.
pub(crate) fn load_sections(document: Document, sections: &[Section]) -> Dialplan {
    loader::load(document, sections)
}

impl Dialplan {
    /// The context of that very name.
    pub fn context(&self, name: &[u8]) -> Option<&Context> {
        self.contexts.iter().find(|context| self.files.bytes(context.name) == name)
    }
}

impl Include {
    /// The name of the included context.
    pub fn context(&self) -> Text {
        self.text.slice(0, self.name_bytes)
    }

    /// Whether it holds at certain times only.
    pub fn is_timed(&self) -> bool {
        self.name_bytes + 1 < self.text.len()
    }
}
