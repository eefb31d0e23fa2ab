//! A name and where it stands first, for people and machines.

use ivrkit_dialplan::syntax::{Lines, Place};
use serde::Serialize;

/// A name and where it stands first; line and column count from 1.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Spot {
    /// The name; bytes that are no characters are `\u{fffd}`.
    pub name: String,
    /// The file, as messages show it.
    pub file: String,
    /// Line in it.
    pub line: usize,
    /// Column of its first character.
    pub column: usize,
}

impl Spot {
    pub(super) fn of(lines: &mut Lines<'_>, name: &[u8], place: Place) -> Self {
        let at = lines.excerpt(place);
        Self {
            name: String::from_utf8_lossy(name).into_owned(),
            file: String::from_utf8_lossy(at.file).into_owned(),
            line: at.line,
            column: at.column(),
        }
    }
}
