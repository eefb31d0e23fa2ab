//! The manifest of an output folder: what was built, of what, and how to tell that it is still that.
//!
//! Every line of it is true at any time, also after a kill: what is about to be replaced is taken out
//! before, what is new is put in afterwards. It names callees by their files, and repeats what is said
//! to them, so it is for its owner's eyes alone. Must not decide what is built.

use crate::files;
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};
use std::{collections::BTreeMap, fmt::Write as _, io::Read as _, path::Path};

/// Name of the manifest in its folder; `push-media` leaves names that begin so alone.
pub const FILE_NAME: &str = ".ivrkit-media.json";
/// Most bytes of a manifest: some hundred thousand prompts.
const MAX_BYTES: u64 = 128 << 20;
const VERSION: u32 = 1;

/// What was built into a folder, by file name.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Manifest {
    /// The files.
    pub files: BTreeMap<String, Entry>,
}

/// One prompt that was built.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Entry {
    /// SHA-256 of the file, 64 hexadecimal digits.
    pub sha256: String,
    /// Size in bytes.
    pub size_bytes: u64,
    /// How long it is.
    pub duration_ms: f64,
    /// What is said, as far as the scenario knows it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub text: Option<String>,
    /// The engine that spoke it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub engine: Option<String>,
    /// The voice that spoke it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub voice: Option<String>,
    /// Of speech: what decides the sound. The same again needs no engine.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub recipe: Option<String>,
}

/// A manifest that says nothing.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// It cannot be read.
    #[error(transparent)]
    File(#[from] files::Error),
    /// It is something else.
    #[error("it is no manifest of a build: {0}; delete it, the next build writes it anew")]
    Shape(String),
}

#[derive(Serialize)]
struct Line<'a> {
    name: &'a str,
    #[serde(flatten)]
    entry: &'a Entry,
}

#[derive(Deserialize)]
struct Document {
    version: u32,
    files: Vec<OwnedLine>,
}

#[derive(Deserialize)]
struct OwnedLine {
    name: String,
    #[serde(flatten)]
    entry: Entry,
}

impl Manifest {
    /// Reads the manifest of a folder; none if there is none.
    ///
    /// # Errors
    /// A manifest that cannot be read or understood.
    pub fn read(folder: &Path) -> Result<Option<Self>, Error> {
        let path = folder.join(FILE_NAME);
        if !path.exists() {
            return Ok(None);
        }
        Self::parse(&files::read_bytes(&path, MAX_BYTES)?).map(Some)
    }

    fn parse(bytes: &[u8]) -> Result<Self, Error> {
        let document: Document =
            serde_json::from_slice(bytes).map_err(|error| Error::Shape(error.to_string()))?;
        if document.version != VERSION {
            return Err(Error::Shape(format!("it has version {}", document.version)));
        }
        // A name is that of a file in the folder and leads nowhere else.
        let lines = document.files.into_iter().filter(|line| is_plain(&line.name));
        Ok(Self { files: lines.map(|line| (line.name, line.entry)).collect() })
    }

    /// As it is written: JSON with a line for each file, in the order of their names.
    ///
    /// # Panics
    /// Never: texts and numbers are JSON.
    pub fn to_json(&self) -> Vec<u8> {
        let mut text = format!("{{\"version\":{VERSION},\"files\":[");
        for (at, (name, entry)) in self.files.iter().enumerate() {
            let line = serde_json::to_string(&Line { name, entry }).expect("texts and numbers");
            write!(text, "{}\n{line}", if at == 0 { "" } else { "," }).expect("a string takes it");
        }
        text.push_str("\n]}\n");
        text.into_bytes()
    }
}

/// SHA-256 as hexadecimal digits.
pub(crate) fn hash(bytes: &[u8]) -> String {
    hex(&Sha256::digest(bytes))
}

/// SHA-256 of a file, read in pieces, as hexadecimal digits.
///
/// # Errors
/// A file that cannot be read.
pub(crate) fn hash_file(path: &Path) -> Result<String, files::Error> {
    const PIECE_BYTES: usize = 1 << 16;
    let (mut file, _) = files::open(path)?;
    let (mut hasher, mut piece) = (Sha256::new(), vec![0; PIECE_BYTES]);
    loop {
        let read = file.read(&mut piece);
        let count = read.map_err(|source| files::Error::Read { path: path.to_owned(), source })?;
        if count == 0 {
            return Ok(hex(&hasher.finalize()));
        }
        hasher.update(&piece[..count]);
    }
}

/// Bytes as hexadecimal digits.
pub(crate) fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::with_capacity(64), |mut text, byte| {
        write!(text, "{byte:02x}").expect("a string takes what it is given");
        text
    })
}

fn is_plain(name: &str) -> bool {
    !name.is_empty() && !name.starts_with('.') && !name.contains(['/', '\0'])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_is_read_back_and_names_stay_in_the_folder() {
        let entry = Entry {
            sha256: hash(b""),
            size_bytes: 1,
            duration_ms: 2.5,
            text: Some("请稍后".to_owned()),
            engine: None,
            voice: None,
            recipe: None,
        };
        let mut manifest = Manifest::default();
        for name in ["13900001111.wav", "notice.wav"] {
            manifest.files.insert(name.to_owned(), entry.clone());
        }
        assert_eq!(Manifest::parse(&manifest.to_json()).unwrap(), manifest);
        for name in ["../x.wav", "/etc/passwd", ".hidden", ""] {
            let hostile = Manifest { files: [(name.to_owned(), entry.clone())].into() };
            assert_eq!(Manifest::parse(&hostile.to_json()).unwrap(), Manifest::default());
        }
        assert!(Manifest::parse(b"").is_err());
        assert!(Manifest::parse(br#"{"version":2,"files":[]}"#).is_err());
    }

    #[test]
    fn a_file_has_the_hash_of_its_bytes() {
        let file = tempfile::NamedTempFile::new().unwrap();
        for size in [0, 1, 1 << 16, (1 << 16) + 1, 200_000] {
            let bytes = vec![7; size];
            std::fs::write(file.path(), &bytes).unwrap();
            assert_eq!(hash_file(file.path()).unwrap(), hash(&bytes));
            assert!(files::holds(file.path(), &bytes));
            assert!(!files::holds(file.path(), &[&bytes[..], b"x"].concat()));
            let mut other = bytes;
            if let Some(last) = other.last_mut() {
                *last = 8;
            }
            assert_eq!(files::holds(file.path(), &other), size == 0);
        }
    }
}
