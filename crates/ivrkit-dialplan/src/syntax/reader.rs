//! Goes through a file line by line and hands each line to what it is.

use super::{
    Document, Files, Kind, MAX_LINE_BYTES, Message, Place, Provider, Text,
    comment::{Comments, Left},
    header::SectionNames,
    remark::Remarks,
    setting::LastLines,
    text::{narrow, strip},
};
use crate::application::Version;
use memchr::memchr;
use std::{borrow::Cow, collections::HashMap, sync::Arc};

/// Reads one configuration.
pub(super) struct Reader<'a> {
    pub(super) provider: &'a mut dyn Provider,
    pub(super) document: Document,
    pub(super) names: SectionNames,
    /// The section that lines of the file being read go to.
    pub(super) open: Option<usize>,
    /// The section begun last in any file: where an included file goes on.
    pub(super) current: Option<usize>,
    /// Files that are being read, the main one included.
    pub(super) depth: usize,
    /// The name of the file being read, as settings keep it.
    pub(super) origin: u32,
    /// How often each name was included again.
    pub(super) included: HashMap<Vec<u8>, u32>,
    pub(super) included_files: usize,
    pub(super) included_bytes: usize,
    pub(super) copied_settings: usize,
    /// For `+=`, by section.
    pub(super) last_lines: HashMap<usize, LastLines>,
}

/// What the files of one wildcard share.
#[derive(Debug, Default)]
pub(super) struct Turn {
    comments: Comments,
    number: u32,
}

/// A line without comments and the blanks around it.
#[derive(Debug, Clone, Copy)]
pub(super) struct Line {
    pub(super) text: Text,
    pub(super) place: Place,
    pub(super) number: u32,
}

/// Why reading does not go on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Stop {
    /// This file is wrong; if it is the main one, Asterisk refuses the load.
    File,
    /// One of ivrkit's own limits.
    Limit,
}

impl<'a> Reader<'a> {
    pub(super) fn new(version: Version, provider: &'a mut dyn Provider) -> Self {
        Self {
            provider,
            document: Document { version, ..Document::default() },
            names: SectionNames::default(),
            open: None,
            current: None,
            depth: 1,
            origin: 0,
            included: HashMap::new(),
            included_files: 0,
            included_bytes: 0,
            copied_settings: 0,
            last_lines: HashMap::new(),
        }
    }

    pub(super) fn read(mut self, name: &[u8], bytes: Vec<u8>) -> Document {
        self.origin = self.document.files.add_origin(name);
        let done = self.read_file(name, &Arc::new(bytes), &mut Turn::default());
        self.document.remarks.sort_by_key(|remark| remark.place);
        self.document.is_refused = done.is_err();
        self.document
    }

    /// Reads one file as Asterisk does: in pieces of at most 8,191 bytes that end with a line.
    pub(super) fn read_file(
        &mut self,
        name: &[u8],
        bytes: &Arc<Vec<u8>>,
        turn: &mut Turn,
    ) -> Result<(), Stop> {
        let file = self.document.files.add(name, Arc::clone(bytes));
        let has_nul = memchr(0, bytes).is_some();
        let mut pieces = Pieces { bytes, at: 0, has_ended: false, has_nul };
        let mut remarks = Remarks::of(file);
        let mut done = Ok(());
        while !pieces.has_ended && done.is_ok() {
            turn.number += 1;
            let Some(piece) = pieces.next() else { break };
            if piece.is_too_long {
                let place = Place { file, start: narrow(piece.start), end: narrow(piece.start) };
                let line = Line { text: Text::default(), place, number: turn.number };
                let text = format!("line of more than {MAX_LINE_BYTES} bytes, it is skipped");
                self.say(Kind::LineLength, line, text);
                pieces.skip_rest();
                continue;
            }
            done = self.piece(file, bytes, piece, turn, &mut remarks);
        }
        self.document.remarks.extend(remarks.finish(bytes.len()));
        if turn.comments.is_open() {
            let end = narrow(bytes.len());
            let place = Place { file, start: end, end };
            let number = turn.comments.opened_at();
            let line = Line { text: Text::default(), place, number };
            let text = match number {
                0 => "a --; without ;-- hides all that follows".to_owned(),
                number => format!("the comment opened on line {number} has no end"),
            };
            self.say(Kind::OpenComment, line, text);
        }
        done
    }

    fn piece(
        &mut self,
        file: u32,
        bytes: &[u8],
        piece: Piece,
        turn: &mut Turn,
        remarks: &mut Remarks,
    ) -> Result<(), Stop> {
        let mut start = piece.start;
        if turn.number == 1 && bytes[start..piece.end].starts_with(b"\xef\xbb\xbf") {
            start += 3;
        }
        let raw = &bytes[start..piece.end];
        let mut too_deep = 0;
        let left = turn.comments.take_out(raw, turn.number, || too_deep += 1);
        let (skip, end) = strip(raw);
        let place = Place { file, start: narrow(start + skip), end: narrow(start + end) };
        let text = match &left {
            Left::Nothing => Text::default(),
            Left::Part { start: 0, end: to } if *to == raw.len() => {
                Files::piece(file, start + skip, start + end)
            }
            Left::Part { start: from, end: to } => {
                let (skip, end) = strip(&raw[*from..*to]);
                Files::piece(file, start + from + skip, start + from + end)
            }
            Left::Changed(text) => {
                let (skip, end) = strip(text);
                self.document.files.derive(&text[skip..end])
            }
        };
        let line = Line { text, place, number: turn.number };
        for _ in 0..too_deep {
            self.say(Kind::CommentDepth, line, "comments stand too deep in each other");
        }
        let first = self.bytes(text).first().copied();
        if first.is_some() {
            remarks.line(place, first == Some(b'['));
        }
        if let Some(at) = turn.comments.line_comment() {
            remarks.comment(&raw[at..], narrow(start + at), first.map(|_| place));
        }
        match first {
            None => Ok(()),
            Some(b'[') => self.header(line),
            Some(b'#') => self.directive(line),
            Some(_) => self.setting(line),
        }
    }

    pub(super) fn bytes(&self, text: Text) -> &[u8] {
        self.document.files.bytes(text)
    }

    pub(super) fn say(&mut self, kind: Kind, line: Line, text: impl Into<Cow<'static, str>>) {
        let Line { place, number: line, .. } = line;
        self.document.messages.push(Message { kind, text: text.into(), help: None, place, line });
    }

    /// Says what is wrong, and that the file is not read further.
    pub(super) fn refuse(
        &mut self,
        kind: Kind,
        line: Line,
        text: impl Into<Cow<'static, str>>,
        help: &'static str,
    ) -> Stop {
        self.say(kind, line, text);
        let last = self.document.messages.last_mut().expect("it was just said");
        last.help = Some(help);
        match kind {
            Kind::Limit => Stop::Limit,
            _ => Stop::File,
        }
    }
}

/// A line, or as much of it as is read at once.
#[derive(Debug, Clone, Copy)]
struct Piece {
    start: usize,
    /// Where it ends: at a NUL, at the newline, or at the limit.
    end: usize,
    is_too_long: bool,
}

struct Pieces<'a> {
    bytes: &'a [u8],
    at: usize,
    has_ended: bool,
    /// Whether there is a NUL anywhere; hardly any file has one.
    has_nul: bool,
}

impl Pieces<'_> {
    fn next(&mut self) -> Option<Piece> {
        let start = self.at;
        let rest = &self.bytes[start..];
        if rest.is_empty() {
            self.has_ended = true;
            return None;
        }
        let window = &rest[..rest.len().min(MAX_LINE_BYTES + 1)];
        let newline = memchr(b'\n', window);
        let len = newline.map_or(window.len(), |at| at + 1);
        self.at += len;
        self.has_ended = newline.is_none() && len <= MAX_LINE_BYTES;
        let nul = if self.has_nul { memchr(0, &window[..len]) } else { None };
        let is_too_long = newline.is_none() && nul.is_none() && len > MAX_LINE_BYTES;
        Some(Piece { start, end: start + nul.unwrap_or(len), is_too_long })
    }

    fn skip_rest(&mut self) {
        while self.next().is_some_and(|piece| piece.is_too_long) {}
    }
}
