//! Where the text of an included file comes from.

use std::sync::Arc;

/// Finds the files that an `#include` names.
pub trait Provider {
    /// The files that `name` stands for, in the order of their names; none if there is none.
    ///
    /// The name is as Asterisk has it: relative to the configuration folder or absolute, and it may
    /// hold the wildcards `*`, `?`, `[...]` and `{a,b}`.
    fn find(&mut self, name: &[u8]) -> Vec<Found>;
}

/// Something of that name.
#[derive(Debug, Clone)]
pub struct Found {
    /// Its path as messages show it.
    pub path: Vec<u8>,
    /// What it is.
    pub contents: Contents,
}

/// What a name stands for.
#[derive(Debug, Clone)]
pub enum Contents {
    /// A file with these bytes; files of 4 GiB are [`Contents::TooLarge`].
    File(Arc<Vec<u8>>),
    /// A folder or a device.
    NotAFile,
    /// A file that cannot be opened.
    Unreadable,
    /// A file that is too large to be a configuration.
    TooLarge,
}

/// Finds nothing: for a text that stands alone.
#[derive(Debug, Clone, Copy, Default)]
pub struct Nothing;

impl Provider for Nothing {
    fn find(&mut self, _name: &[u8]) -> Vec<Found> {
        Vec::new()
    }
}
