//! Lines and columns for people.

use super::{Files, Place};
use std::collections::HashMap;

/// Finds the lines of places; remembers where the lines of a file begin, and how far it counted.
#[derive(Debug)]
pub struct Lines<'a> {
    files: &'a Files,
    starts: HashMap<u32, Vec<usize>>,
    counted: Counted,
}

/// Characters that were counted, so that many places in a huge line are not counted from its
/// beginning each.
#[derive(Debug, Clone, Copy, Default)]
struct Counted {
    file: u32,
    /// Where the line begins in the file.
    line: usize,
    /// So many bytes of the line.
    bytes: usize,
    /// They are so many characters.
    characters: usize,
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
    /// Characters of the line before the place.
    before: usize,
    /// Characters of the line up to the end of the place.
    up_to_end: usize,
}

impl<'a> Lines<'a> {
    /// For the files of one document.
    pub fn new(files: &'a Files) -> Self {
        Self { files, starts: HashMap::new(), counted: Counted::default() }
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
        if (self.counted.file, self.counted.line) != (place.file, first) {
            self.counted = Counted { file: place.file, line: first, ..Counted::default() };
        }
        let before = self.counted.up_to(text, start);
        // What lies further on may come later, so that only the start is kept.
        let up_to_end = { self.counted }.up_to(text, end);
        Excerpt { file: &file.name, line, text, start, end, before, up_to_end }
    }
}

impl Counted {
    /// How many characters the first bytes of the line are; one that is no character counts as one.
    fn up_to(&mut self, text: &[u8], bytes: usize) -> usize {
        let from = if bytes < self.bytes { Self::default() } else { *self };
        let part = &text[from.bytes..bytes];
        let is_plain = part.is_ascii();
        let more = || String::from_utf8_lossy(part).chars().count();
        let characters = from.characters + if is_plain { part.len() } else { more() };
        // Within a character there is no going on: the halves would count as two.
        let is_within = text.get(bytes).is_some_and(|byte| (0x80..0xc0).contains(byte));
        if !is_within {
            (self.bytes, self.characters) = (bytes, characters);
        }
        characters
    }
}

impl<'a> Excerpt<'a> {
    /// A line of a file with a place before its first character.
    pub fn of_line(file: &'a [u8], line: usize, text: &'a [u8]) -> Self {
        Self { file, line, text, start: 0, end: 0, before: 0, up_to_end: 0 }
    }
}

impl Excerpt<'_> {
    /// Column of the first character, from 1; a byte that is no character counts as one.
    pub fn column(&self) -> usize {
        1 + self.before
    }

    /// Column one past the last character.
    pub fn end_column(&self) -> usize {
        1 + self.up_to_end
    }
}

fn starts(bytes: &[u8]) -> Vec<usize> {
    std::iter::once(0).chain(memchr::memchr_iter(b'\n', bytes).map(|at| at + 1)).collect()
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

    #[test]
    fn the_order_of_places_does_not_matter() {
        let text = "Größe \u{9a8c}\u{8bc1} = é, ñ";
        let mut files = Files::default();
        let file = files.add(b"x", Arc::new([text.as_bytes(), b"\xff\xe9\x80z"].concat()));
        let len = u32::try_from(files.file(file).bytes.len()).unwrap();
        let mut lines = Lines::new(&files);
        for start in (0..len).chain((0..len).rev()).chain((0..len).step_by(3)) {
            let place = Place { file, start, end: len.min(start + 4) };
            let (found, alone) = (lines.excerpt(place), Lines::new(&files).excerpt(place));
            assert_eq!(found, alone, "from {start}");
        }
    }
}
