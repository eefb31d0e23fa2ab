//! What a push knows of the files it put on a target, kept beside them.
//!
//! The manifest is a memory, not an authority: it says which content a file had when its size and
//! time were such and such. It comes back from a server that others write to, so whatever stands in
//! it can at worst cause an upload that was not needed, or spare one that whoever wrote it could
//! have undone anyway. Must never be the reason to touch a name that the source does not have.

mod parser;

pub(super) use parser::Parser;

use super::{path::RelativePath, source::ContentHash, target::Attributes};
use serde::{
    Deserialize, Deserializer, Serialize,
    de::{SeqAccess, Visitor},
};
use std::{
    borrow::Cow,
    collections::BTreeMap,
    fmt::{self, Write as _},
};

/// Name of the manifest in the target folder.
pub const FILE_NAME: &[u8] = b".ivrkit-manifest.json";
/// Largest manifest that is read: about 200,000 files.
pub const MAX_BYTES: u64 = 32 * 1024 * 1024;

const VERSION: u32 = 1;

/// What is known of the files on a target.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Manifest {
    /// The files by name.
    pub files: BTreeMap<RelativePath, Record>,
    /// The push that wrote it. Two manifests of one content tell by it that somebody was at work
    /// between them.
    pub run: String,
}

/// What is known of one file: while its size and time are these, its content has this hash.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Record {
    /// Size in bytes.
    pub size_bytes: u64,
    /// Time of modification in seconds since 1970, as the target says it.
    pub modified_s: u32,
    /// Hash of the content.
    pub hash: ContentHash,
    /// A push put the file there; else it stood there already with the content of the source, and
    /// may be somebody else's.
    pub put: bool,
}

/// A manifest that nothing is believed of.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Distrust {
    /// It is no JSON of this shape.
    #[error("it cannot be read: {0}")]
    Unreadable(String),
    /// Another program version wrote it.
    #[error("it has version {0}, expected {VERSION}")]
    Version(u32),
    /// It is not a file, or far too large.
    #[error("it is no file of a sensible size")]
    Unfit,
}

#[derive(Deserialize)]
struct Document {
    version: u32,
    #[serde(default)]
    run: String,
    #[serde(deserialize_with = "records")]
    files: BTreeMap<RelativePath, Record>,
}

#[derive(Serialize, Deserialize)]
struct Line<'a> {
    #[serde(borrow)]
    path: Cow<'a, str>,
    size_bytes: u64,
    modified_s: u32,
    #[serde(borrow)]
    sha256: Cow<'a, str>,
    /// The opposite of [`Record::put`]; left out when a push put the file there.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    found: bool,
}

/// Where the manifest stands in the target folder.
#[expect(clippy::missing_panics_doc, reason = "the name is a constant and fits")]
pub fn path() -> RelativePath {
    RelativePath::new(FILE_NAME).expect("the name is short and plain")
}

impl Manifest {
    /// Reads a manifest. Lines that could not have been written by ivrkit are dropped.
    ///
    /// # Errors
    /// When nothing of it can be believed.
    pub fn parse(bytes: &[u8]) -> Result<Self, Distrust> {
        let document: Document = serde_json::from_slice(bytes).map_err(|error| {
            Distrust::Unreadable(super::path::printable(error.to_string().as_bytes()))
        })?;
        if document.version != VERSION {
            return Err(Distrust::Version(document.version));
        }
        Ok(Self { files: document.files, run: document.run })
    }

    /// The JSON in the order of the names, in pieces: two lines of its own, then one for each file.
    #[expect(clippy::missing_panics_doc, reason = "texts and numbers are always JSON")]
    pub fn lines(&self) -> impl Iterator<Item = Vec<u8>> {
        let run = serde_json::to_string(&self.run).expect("texts are always JSON");
        let head = format!("{{\"version\":{VERSION},\n\"run\":{run},\n\"files\":[");
        let files = self.files.iter().enumerate().map(|(index, (path, record))| {
            let line = if index == 0 { b"\n".to_vec() } else { b",\n".to_vec() };
            record.to_line(path, line)
        });
        std::iter::once(head.into_bytes()).chain(files).chain(std::iter::once(b"\n]}\n".to_vec()))
    }

    /// Reads lines of [`Record::to_line`]; those that cannot be read are dropped.
    pub(super) fn from_lines(bytes: &[u8]) -> Self {
        let lines = bytes.split(|byte| *byte == b'\n');
        let lines = lines.filter_map(|line| serde_json::from_slice::<Line<'_>>(line).ok());
        Self { files: lines.filter_map(|line| line.read()).collect(), ..Self::default() }
    }

    /// The content that a file must have, if its size and time are still those that were recorded.
    pub fn hash_of(&self, path: &RelativePath, found: &Attributes) -> Option<ContentHash> {
        self.files.get(path).filter(|record| record.fits(found)).map(|record| record.hash)
    }
}

impl Record {
    /// Appends one line of JSON, which can be read without others; no end of line.
    pub(super) fn to_line(self, path: &RelativePath, mut line: Vec<u8>) -> Vec<u8> {
        serde_json::to_writer(&mut line, &Line::of(path, &self))
            .expect("texts and numbers are always JSON");
        line
    }

    /// Whether a file has the size and time that were recorded.
    pub(super) fn fits(&self, found: &Attributes) -> bool {
        found.size_bytes == Some(self.size_bytes) && found.modified_s == Some(self.modified_s)
    }
}

/// Pieces joined to chunks of one size, the last one smaller: a text that is sent while it is made.
pub(super) struct Chunks<I> {
    pieces: I,
    rest: Vec<u8>,
    size_bytes: usize,
}

impl<I: Iterator<Item = Vec<u8>>> Chunks<I> {
    pub(super) fn new(pieces: I, size_bytes: usize) -> Self {
        Self { pieces, rest: Vec::new(), size_bytes }
    }
}

impl<I: Iterator<Item = Vec<u8>>> Iterator for Chunks<I> {
    type Item = Vec<u8>;

    fn next(&mut self) -> Option<Vec<u8>> {
        while self.rest.len() < self.size_bytes
            && let Some(piece) = self.pieces.next()
        {
            self.rest.extend(piece);
        }
        let more = self.rest.split_off(self.size_bytes.min(self.rest.len()));
        let chunk = std::mem::replace(&mut self.rest, more);
        (!chunk.is_empty()).then_some(chunk)
    }
}

/// Reads the lines one by one, so that a large manifest is not in memory twice.
fn records<'de, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<BTreeMap<RelativePath, Record>, D::Error> {
    struct Records;

    impl<'de> Visitor<'de> for Records {
        type Value = BTreeMap<RelativePath, Record>;

        fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str("a list of files")
        }

        fn visit_seq<A: SeqAccess<'de>>(self, mut lines: A) -> Result<Self::Value, A::Error> {
            let mut files = BTreeMap::new();
            while let Some(line) = lines.next_element::<Line<'_>>()? {
                files.extend(line.read());
            }
            Ok(files)
        }
    }

    deserializer.deserialize_seq(Records)
}

impl Line<'_> {
    fn of(path: &RelativePath, record: &Record) -> Self {
        let mut sha256 = String::with_capacity(64);
        for byte in record.hash {
            write!(sha256, "{byte:02x}").expect("a String takes everything");
        }
        let Record { size_bytes, modified_s, put, .. } = *record;
        let (path, sha256) = (path.to_text().into(), sha256.into());
        Self { path, size_bytes, modified_s, sha256, found: !put }
    }

    fn read(&self) -> Option<(RelativePath, Record)> {
        let path = RelativePath::from_text(&self.path).ok()?;
        let hash = read_hash(&self.sha256)?;
        let Self { size_bytes, modified_s, found, .. } = *self;
        let record = Record { size_bytes, modified_s, hash, put: !found };
        (!path.is_reserved()).then_some((path, record))
    }
}

/// Reads a hash of 64 hexadecimal digits.
pub(super) fn read_hash(text: &str) -> Option<ContentHash> {
    let (pairs, rest) = text.as_bytes().as_chunks::<2>();
    let mut hash = [0; 32];
    if pairs.len() != hash.len() || !rest.is_empty() {
        return None;
    }
    for (byte, pair) in hash.iter_mut().zip(pairs) {
        let digit = |index: usize| char::from(pair[index]).to_digit(16);
        *byte = u8::try_from(digit(0)? * 16 + digit(1)?).ok()?;
    }
    Some(hash)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::push::target::Kind;

    fn check(json: &str, expected: Result<&[&str], &str>) {
        let found = Manifest::parse(json.as_bytes());
        let found = found
            .map(|manifest| manifest.files.keys().map(RelativePath::to_text).collect::<Vec<_>>())
            .map_err(|distrust| distrust.to_string());
        match (found, expected) {
            (Ok(found), Ok(expected)) => assert_eq!(found, expected, "{json}"),
            (Err(found), Err(expected)) => assert!(found.contains(expected), "{found}"),
            (found, expected) => panic!("{json}: {found:?}, expected {expected:?}"),
        }
    }

    fn line(path: &str, hash: &str) -> String {
        let path = serde_json::to_string(path).unwrap();
        format!(
            r#"{{"version":1,"files":[{{"path":{path},"size_bytes":1,"modified_s":2,"sha256":"{hash}"}}]}}"#
        )
    }

    #[test]
    fn what_is_written_is_read_back() {
        let mut manifest = Manifest::default();
        for name in [&b"notice.wav"[..], b"a/\xff\n%41.wav", "预约.wav".as_bytes()] {
            let put = name.len() > 10;
            let record = Record { size_bytes: 7, modified_s: 9, hash: [0xab; 32], put };
            manifest.files.insert(RelativePath::new(name).unwrap(), record);
        }
        let text = manifest.lines().flatten().collect::<Vec<_>>();
        assert_eq!(Manifest::parse(&text).as_ref(), Ok(&manifest));
        let chunks = Chunks::new(manifest.lines(), 100).collect::<Vec<_>>();
        assert!(chunks.iter().rev().skip(1).all(|chunk| chunk.len() == 100));
        assert_eq!(chunks.concat(), text);
        let lines = manifest.files.iter().map(|(path, record)| record.to_line(path, Vec::new()));
        let mut lines = lines.flat_map(|line| [line, b"\n".to_vec()].concat()).collect::<Vec<_>>();
        assert_eq!(Manifest::from_lines(&lines), manifest);
        // A line that was cut off is no line.
        lines.truncate(lines.len() - 10);
        assert_eq!(Manifest::from_lines(&lines).files.len(), manifest.files.len() - 1);
    }

    #[test]
    fn hostile_lines_are_dropped_and_hostile_files_refused() {
        let hash = "ab".repeat(32);
        check(&line("ok.wav", &hash), Ok(&["ok.wav"]));
        for path in [
            "../x",
            "/etc/passwd",
            "a/../../x",
            "",
            ".",
            "a%00b",
            "%2e%2e/x",
            "x/",
            ".ivrkit-staging/1",
        ] {
            check(&line(path, &hash), Ok(&[]));
        }
        check(&line("x", "zz"), Ok(&[]));
        check(&line("x", &"+f".repeat(32)), Ok(&[]));
        check(r#"{"version":2,"files":[]}"#, Err("version 2"));
        check("", Err("cannot be read"));
        check("[]", Err("cannot be read"));
        check(&"[".repeat(100_000), Err("cannot be read"));
    }

    #[test]
    fn a_record_holds_only_while_size_and_time_do() {
        let path = RelativePath::new("a").unwrap();
        let record = Record { size_bytes: 7, modified_s: 9, hash: [1; 32], put: true };
        let files = [(path.clone(), record)].into();
        let manifest = Manifest { files, ..Manifest::default() };
        let known = |size_bytes, modified_s| {
            manifest.hash_of(&path, &Attributes { kind: Kind::File, size_bytes, modified_s })
        };
        assert_eq!(known(Some(7), Some(9)), Some([1; 32]));
        assert_eq!(known(Some(8), Some(9)), None);
        assert_eq!(known(Some(7), Some(8)), None);
        assert_eq!(known(Some(7), None), None);
    }
}
