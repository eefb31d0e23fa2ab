//! A line of a file as it is written, with what Asterisk reads of it.

use super::Subject;
use crate::syntax::{self, Comments, File, Left, MAX_LINE_BYTES, Place, narrow};
use std::ops::Range;

/// A line of a file.
#[derive(Debug, Clone)]
pub struct Written<'a> {
    /// The dialplan.
    pub subject: &'a Subject<'a>,
    /// The line without its end.
    pub bytes: &'a [u8],
    /// What ends it: `\n`, `\r\n`, or nothing for a last line without an end.
    pub end: &'a [u8],
    /// What Asterisk reads of it, without blanks around it; empty for a comment, for a line that is
    /// too long, and where comments leave no single piece.
    pub code: Range<usize>,
    /// The `;` that begins a comment up to the end of the line.
    pub comment: Option<usize>,
    /// Which kinds of bytes it has.
    pub signs: Signs,
    file: u32,
    start: u32,
}

/// Kinds of bytes in a line, so that a rule need not look through each.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Signs(u8);

impl Signs {
    /// Bytes below the blank, tabs and line ends aside.
    pub const CONTROL: Self = Self(1);
    /// Tabs.
    pub const TAB: Self = Self(2);
    /// Bytes over 127.
    pub const HIGH: Self = Self(4);
    /// `;`.
    pub const SEMICOLON: Self = Self(8);
    /// `/`.
    pub const SLASH: Self = Self(16);
    /// `]`.
    pub const BRACKET: Self = Self(32);

    /// Whether bytes of this kind are there.
    pub fn has(self, kind: Self) -> bool {
        self.0 & kind.0 != 0
    }

    const OF_BYTES: [u8; 256] = {
        let mut of_bytes = [0; 256];
        let mut byte = 0_u8;
        loop {
            of_bytes[byte as usize] = match byte {
                b'\t' => Self::TAB.0,
                b'\n' => 0,
                0..b' ' | 127 => Self::CONTROL.0,
                128.. => Self::HIGH.0,
                b';' => Self::SEMICOLON.0,
                b'/' => Self::SLASH.0,
                b']' => Self::BRACKET.0,
                _ => 0,
            };
            if byte == u8::MAX {
                break of_bytes;
            }
            byte += 1;
        }
    };

    fn of(bytes: &[u8]) -> Self {
        Self(bytes.iter().fold(0, |signs, &byte| signs | Self::OF_BYTES[usize::from(byte)]))
    }
}

impl<'a> Written<'a> {
    /// The lines of a file, whose number is that of [`Place::file`].
    pub(super) fn all(
        subject: &'a Subject<'a>,
        number: u32,
        file: &'a File,
    ) -> impl Iterator<Item = Self> {
        let mut comments = Comments::default();
        let mut start = 0;
        let has_rest = !file.bytes.is_empty() && !file.bytes.ends_with(b"\n");
        let ends = memchr::memchr_iter(b'\n', &file.bytes).map(|at| at + 1);
        ends.chain(has_rest.then_some(file.bytes.len())).map(move |at| {
            let line = &file.bytes[start..at];
            let start = std::mem::replace(&mut start, at);
            let (bytes, end) = line.split_at(content_bytes(line));
            let skipped = if start == 0 && bytes.starts_with(b"\xef\xbb\xbf") { 3 } else { 0 };
            let signs = Signs::of(bytes);
            let (code, comment) = read(bytes, skipped, signs, &mut comments);
            let start = narrow(start);
            Self { subject, bytes, end, code, comment, signs, file: number, start }
        })
    }

    /// What Asterisk reads of it.
    pub fn code(&self) -> &'a [u8] {
        &self.bytes[self.code.clone()]
    }

    /// Where a part of the line stands.
    pub fn place(&self, range: Range<usize>) -> Place {
        let at = |offset: usize| self.start + narrow(offset);
        Place { file: self.file, start: at(range.start), end: at(range.end) }
    }

    /// Where the line with its end stands.
    pub fn whole(&self) -> Place {
        self.place(0..self.bytes.len() + self.end.len())
    }
}

/// How much of a line is not its end.
fn content_bytes(line: &[u8]) -> usize {
    let line = line.strip_suffix(b"\n").unwrap_or(line);
    line.strip_suffix(b"\r").unwrap_or(line).len()
}

/// What is read of a line, and the `;` that begins its comment.
fn read(
    line: &[u8],
    skipped: usize,
    signs: Signs,
    comments: &mut Comments,
) -> (Range<usize>, Option<usize>) {
    if line.len() > MAX_LINE_BYTES {
        return (0..0, None);
    }
    let nul = signs.has(Signs::CONTROL).then(|| line.iter().position(|&byte| byte == 0));
    let end = nul.flatten().unwrap_or(line.len());
    if !signs.has(Signs::SEMICOLON) && !comments.is_open() {
        let (from, to) = syntax::strip(&line[skipped..end]);
        return (skipped + from..skipped + to, None);
    }
    match comments.take_out(&line[skipped..end], 0, || ()) {
        Left::Part { start, end: code_end } => {
            let (start, code_end) = (start + skipped, code_end + skipped);
            let (from, to) = syntax::strip(&line[start..code_end]);
            let comment = (code_end < end && line[code_end] == b';').then_some(code_end);
            (start + from..start + to, comment)
        }
        Left::Nothing | Left::Changed(_) => (0..0, None),
    }
}
