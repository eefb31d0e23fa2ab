//! What an application is given, as `AST_STANDARD_APP_ARGS` hands it out.

use crate::application::arguments::{self, Options, Text};
use std::{borrow::Cow, ops::Range};

/// The arguments of an application: without quotes and backslashes, but for the last one that it
/// knows, which has all that is left as it stands.
pub(super) struct Given<'a> {
    data: &'a [u8],
    pieces: Vec<Range<usize>>,
    most: usize,
}

impl<'a> Given<'a> {
    /// Splits the data of an application that knows so many arguments.
    pub(super) fn new(data: &'a [u8], most: usize) -> Self {
        Self { data, pieces: arguments::split_at(data, b',', most, Text::Expanded), most }
    }

    /// An argument, from 0; empty if it is not given.
    pub(super) fn text(&self, at: usize) -> Cow<'a, [u8]> {
        match self.pieces.get(at) {
            None => Cow::Borrowed(&[]),
            Some(piece) if at + 1 == self.most => Cow::Borrowed(&self.data[piece.clone()]),
            Some(piece) => arguments::unquoted(&self.data[piece.clone()]),
        }
    }

    /// The options that an argument has.
    pub(super) fn flags(&self, at: usize) -> Flags {
        let text = self.text(at).into_owned();
        let options = arguments::options(&text, 0..text.len(), Text::Expanded);
        Flags { text, options }
    }
}

/// Options as letters, each with an argument or not. Letters that the application does not know
/// do nothing in Asterisk.
pub(super) struct Flags {
    text: Vec<u8>,
    options: Options,
}

impl Flags {
    /// Whether an option is given.
    pub(super) fn has(&self, letter: u8) -> bool {
        self.options.option(letter).is_some()
    }

    /// What stands in the parentheses of an option; empty without any.
    pub(super) fn argument(&self, letter: u8) -> &[u8] {
        let option = self.options.option(letter);
        let argument = option.and_then(|option| option.argument.clone());
        argument.map_or(&[][..], |range| &self.text[range])
    }
}
