//! The bytes of all files, and pieces of them.
//!
//! A [`Text`] is a handle of twelve bytes; a dialplan of 100,000 lines has several for each. What
//! no file holds literally (an escape taken out, a value added to) is kept in a store beside them.

use std::sync::Arc;

/// The number of the store of derived texts among the files.
const DERIVED: u32 = u32::MAX;

/// A piece of a file, or a derived text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub struct Text {
    file: u32,
    start: u32,
    len: u32,
}

/// A half-open range of bytes of one file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Place {
    /// Index of the file, see [`Files::file`].
    pub file: u32,
    /// First byte.
    pub start: u32,
    /// One past the last byte.
    pub end: u32,
}

/// One reading of one file.
#[derive(Debug, Clone)]
pub struct File {
    /// The path, as its provider calls it.
    pub name: Vec<u8>,
    /// What is in it.
    pub bytes: Arc<Vec<u8>>,
}

/// The files in the order of reading, and the texts derived from them.
#[derive(Debug, Default)]
pub struct Files {
    all: Vec<File>,
    origins: Vec<Vec<u8>>,
    derived: Vec<u8>,
}

impl Text {
    /// How many bytes it has.
    pub fn len(self) -> usize {
        self.len as usize
    }

    /// Whether it has none.
    pub fn is_empty(self) -> bool {
        self.len == 0
    }

    /// A part of it; `end` is past the last byte.
    ///
    /// # Panics
    /// If the range is not within the text.
    #[must_use]
    pub fn slice(self, start: usize, end: usize) -> Self {
        assert!(start <= end && end <= self.len(), "{start}..{end} of {} bytes", self.len);
        Self { start: self.start + narrow(start), len: narrow(end - start), ..self }
    }
}

impl Files {
    /// A file by its number.
    ///
    /// # Panics
    /// If there is no such file: places come from the same document.
    pub fn file(&self, number: u32) -> &File {
        &self.all[number as usize]
    }

    /// All files, in the order of reading.
    pub fn all(&self) -> &[File] {
        &self.all
    }

    /// The name under which Asterisk knows a reading of a file: `inc.conf~~1` for a second one.
    ///
    /// # Panics
    /// If there is no such origin: settings come from the same document.
    pub fn origin(&self, number: u32) -> &[u8] {
        &self.origins[number as usize]
    }

    /// All such names, by their numbers.
    pub fn origins(&self) -> impl Iterator<Item = &[u8]> {
        self.origins.iter().map(Vec::as_slice)
    }

    /// The bytes of a text.
    pub fn bytes(&self, text: Text) -> &[u8] {
        let range = text.start as usize..(text.start + text.len) as usize;
        match text.file {
            DERIVED => &self.derived[range],
            file => self.all.get(file as usize).map_or(&[], |file| &file.bytes[range]),
        }
    }

    /// Where a text stands; none for a derived one.
    pub fn place(&self, text: Text) -> Option<Place> {
        let Text { file, start, len } = text;
        (file != DERIVED).then_some(Place { file, start, end: start + len })
    }

    pub(crate) fn add(&mut self, name: &[u8], bytes: Arc<Vec<u8>>) -> u32 {
        self.all.push(File { name: name.to_vec(), bytes });
        narrow(self.all.len() - 1)
    }

    pub(crate) fn add_origin(&mut self, name: &[u8]) -> u32 {
        self.origins.push(name.to_vec());
        narrow(self.origins.len() - 1)
    }

    pub(crate) fn piece(file: u32, start: usize, end: usize) -> Text {
        Text { file, start: narrow(start), len: narrow(end - start) }
    }

    /// Keeps a text that stands in no file.
    pub(crate) fn derive(&mut self, bytes: &[u8]) -> Text {
        let start = narrow(self.derived.len());
        self.derived.extend_from_slice(bytes);
        Text { file: DERIVED, start, len: narrow(bytes.len()) }
    }

    /// A text with more after it. A text at the end of the store grows where it is.
    pub(crate) fn extend(&mut self, text: Text, more: Text) -> Text {
        let more = self.bytes(more).to_vec();
        let is_last =
            text.file == DERIVED && (text.start + text.len) as usize == self.derived.len();
        let text = if is_last { text } else { self.derive_again(text) };
        self.derived.extend_from_slice(&more);
        Text { len: text.len + narrow(more.len()), ..text }
    }

    fn derive_again(&mut self, text: Text) -> Text {
        let bytes = self.bytes(text).to_vec();
        self.derive(&bytes)
    }

    pub(crate) fn derived_bytes(&self) -> usize {
        self.derived.len()
    }
}

/// A number of bytes or of lines, as handles keep it.
pub(crate) fn narrow(number: usize) -> u32 {
    u32::try_from(number).expect("files are shorter than 4 GiB")
}

/// A text without the blanks around it: every byte up to the space is one.
pub(crate) fn strip(bytes: &[u8]) -> (usize, usize) {
    let Some(start) = bytes.iter().position(|&byte| byte > b' ') else { return (0, 0) };
    let end = bytes.iter().rposition(|&byte| byte > b' ').map_or(start, |at| at + 1);
    (start, end)
}
