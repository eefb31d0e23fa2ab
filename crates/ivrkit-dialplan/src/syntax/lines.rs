//! Lines and columns for people.

use super::{Files, Place};
use std::collections::HashMap;

/// Finds the lines of places; remembers where the lines of a file begin.
#[derive(Debug)]
pub struct Lines<'a> {
    files: &'a Files,
    starts: HashMap<u32, Vec<usize>>,
}

/// A place within its line; a place of several lines ends with the first.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Excerpt<'a> {
    /// The name of the file, as its provider has it.
    pub file: &'a [u8],
    /// Line in that file, from 1.
    pub line: usize,
    /// The line without its end.
    pub text: &'a [u8],
    /// First byte of the place within the line.
    pub start: usize,
    /// One past its last byte.
    pub end: usize,
}

impl<'a> Lines<'a> {
    /// For the files of one document.
    pub fn new(files: &'a Files) -> Self {
        Self { files, starts: HashMap::new() }
    }

    /// The line that a place begins in.
    pub fn excerpt(&mut self, place: Place) -> Excerpt<'a> {
        let file = self.files.file(place.file);
        let bytes = file.bytes.as_slice();
        let starts = self.starts.entry(place.file).or_insert_with(|| starts(bytes));
        let at = (place.start as usize).min(bytes.len());
        let line = starts.partition_point(|&start| start <= at);
        let first = starts[line - 1];
        let last = starts.get(line).map_or(bytes.len(), |&next| next - 1);
        let text = &bytes[first..last.max(first)];
        let text = text.strip_suffix(b"\r").unwrap_or(text);
        let start = (at - first).min(text.len());
        let end = (place.end as usize).saturating_sub(first).clamp(start, text.len());
        Excerpt { file: &file.name, line, text, start, end }
    }
}

impl Excerpt<'_> {
    /// Column of the first character, from 1; a byte that is no character counts as one.
    pub fn column(&self) -> usize {
        1 + String::from_utf8_lossy(&self.text[..self.start]).chars().count()
    }

    /// Column one past the last character.
    pub fn end_column(&self) -> usize {
        1 + String::from_utf8_lossy(&self.text[..self.end]).chars().count()
    }
}

fn starts(bytes: &[u8]) -> Vec<usize> {
    let ends = bytes.iter().enumerate().filter(|&(_, &byte)| byte == b'\n');
    std::iter::once(0).chain(ends.map(|(at, _)| at + 1)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::Arc;

    #[test]
    fn a_place_has_its_line_and_counts_characters() {
        let check = |start, end, expected: (usize, usize, usize, &str)| {
            let mut files = Files::default();
            let file = files.add(b"x", Arc::new("[a]\r\n验证 = \u{e9}\n".into()));
            let mut lines = Lines::new(&files);
            let found = lines.excerpt(Place { file, start, end });
            let text = std::str::from_utf8(found.text).unwrap();
            assert_eq!((found.line, found.column(), found.end_column(), text), expected);
        };
        check(0, 3, (1, 1, 4, "[a]"));
        check(5, 11, (2, 1, 3, "验证 = é"));
        check(14, 16, (2, 6, 7, "验证 = é"));
        check(17, 17, (3, 1, 1, ""));
        check(99, 99, (3, 1, 1, ""));
    }
}
