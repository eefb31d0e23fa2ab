//! Names of files inside a source and inside a target: bytes, not text.
//!
//! File systems and SFTP carry bytes; a share may hold names that are no UTF-8. Must not touch a
//! file system, and must never let a name lead out of its folder.

use percent_encoding::{AsciiSet, CONTROLS, percent_decode_str, percent_encode};
use std::{
    fmt::{self, Write as _},
    sync::Arc,
};

/// Names that begin like this belong to ivrkit: the manifest and the staging folder.
pub const RESERVED_PREFIX: &[u8] = b".ivrkit-";

/// Longest name of one file or folder in bytes, as Linux and most shares have it.
const MAX_NAME_BYTES: usize = 255;
/// Longest path in bytes, as Linux has it.
const MAX_PATH_BYTES: usize = 4096;
/// What must be escaped so that a path in JSON stands for exactly one string of bytes.
const ESCAPED: &AsciiSet = &CONTROLS.add(b'%');

/// A path below a source or target folder, without `.`, `..` and empty parts; the folder itself is
/// the empty path. Copies share their bytes, for a push keeps each name in many places.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct RelativePath(Arc<[u8]>);

/// Why bytes are no path inside a folder.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Fault {
    /// `/a`, `a//b`, `a/` or nothing at all.
    #[error("it has an empty part")]
    Empty,
    /// `.` or `..` as a part.
    #[error("it has `.` or `..` as a part")]
    Dots,
    /// A zero byte.
    #[error("it has a zero byte")]
    Zero,
    /// Longer than file systems take.
    #[error("it is longer than {MAX_NAME_BYTES} bytes a name or {MAX_PATH_BYTES} bytes in all")]
    Long,
}

impl RelativePath {
    /// The folder itself.
    pub fn root() -> Self {
        Self::default()
    }

    /// Takes a path whose parts are separated by `/`.
    ///
    /// # Errors
    /// When it could name anything but one thing below the folder.
    pub fn new(bytes: impl AsRef<[u8]>) -> Result<Self, Fault> {
        let bytes = bytes.as_ref();
        if bytes.len() > MAX_PATH_BYTES {
            return Err(Fault::Long);
        }
        for part in bytes.split(|byte| *byte == b'/') {
            check_name(part)?;
        }
        Ok(Self(bytes.into()))
    }

    /// The path of `name` in this folder.
    ///
    /// # Errors
    /// When `name` is more, or less, than one name.
    pub fn join(&self, name: &[u8]) -> Result<Self, Fault> {
        if name.contains(&b'/') {
            return Err(Fault::Empty);
        }
        if self.0.is_empty() {
            return Self::new(name);
        }
        Self::new([&self.0, &b"/"[..], name].concat())
    }

    /// The bytes, parts separated by `/`; nothing for the folder itself.
    pub fn as_bytes(&self) -> &[u8] {
        &self.0
    }

    /// The folder that this stands in; the folder itself has none.
    pub fn parent(&self) -> Option<Self> {
        if self.0.is_empty() {
            return None;
        }
        let end = self.0.iter().rposition(|byte| *byte == b'/').unwrap_or(0);
        Some(Self(self.0[..end].into()))
    }

    /// The last part.
    pub fn name(&self) -> &[u8] {
        self.0.rsplit(|byte| *byte == b'/').next().unwrap_or_default()
    }

    /// Whether a part of it begins with [`RESERVED_PREFIX`].
    pub fn is_reserved(&self) -> bool {
        self.0.split(|byte| *byte == b'/').any(|part| part.starts_with(RESERVED_PREFIX))
    }

    /// As text for JSON: bytes that are no UTF-8, control characters and `%` become `%XX`.
    pub fn to_text(&self) -> String {
        let mut text = String::with_capacity(self.0.len());
        for chunk in self.0.utf8_chunks() {
            for character in chunk.valid().chars() {
                if character.is_ascii() {
                    text.extend(percent_encode(&[character as u8], ESCAPED));
                } else {
                    text.push(character);
                }
            }
            text.extend(percent_encode(chunk.invalid(), ESCAPED));
        }
        text
    }

    /// The reverse of [`RelativePath::to_text`].
    ///
    /// # Errors
    /// As [`RelativePath::new`].
    pub fn from_text(text: &str) -> Result<Self, Fault> {
        Self::new(percent_decode_str(text).collect::<Vec<u8>>())
    }
}

fn check_name(name: &[u8]) -> Result<(), Fault> {
    match name {
        b"" => Err(Fault::Empty),
        b"." | b".." => Err(Fault::Dots),
        _ if name.contains(&0) => Err(Fault::Zero),
        _ if name.len() > MAX_NAME_BYTES => Err(Fault::Long),
        _ => Ok(()),
    }
}

/// For people: whatever would disturb a terminal is escaped.
impl fmt::Display for RelativePath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&printable(&self.0))
    }
}

impl fmt::Debug for RelativePath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "`{self}`")
    }
}

/// Bytes from elsewhere as text that cannot disturb a terminal or forge a line.
pub fn printable(bytes: &[u8]) -> String {
    let mut text = String::with_capacity(bytes.len());
    for chunk in bytes.utf8_chunks() {
        for character in chunk.valid().chars() {
            if character.is_control() || is_format(character) {
                text.extend(character.escape_unicode());
            } else {
                text.push(character);
            }
        }
        for byte in chunk.invalid() {
            write!(text, "\\x{byte:02x}").expect("a String takes everything");
        }
    }
    text
}

/// Characters that turn the direction of text or hide, so that one name can pose as another.
fn is_format(character: char) -> bool {
    matches!(character, '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{feff}')
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn check(input: &[u8], expected: Result<(), Fault>) {
        assert_eq!(RelativePath::new(input).map(|_| ()), expected, "{}", printable(input));
    }

    #[test]
    fn only_paths_that_stay_inside_are_taken() {
        check(b"notice.wav", Ok(()));
        check(b"a/b\n c.wav", Ok(()));
        check(b"-rf", Ok(()));
        check(b"\xff\xfe", Ok(()));
        check(&[b'x'; 255], Ok(()));
        check(&[b'x'; 256], Err(Fault::Long));
        check(b"", Err(Fault::Empty));
        check(b"/etc/passwd", Err(Fault::Empty));
        check(b"a//b", Err(Fault::Empty));
        check(b"..", Err(Fault::Dots));
        check(b"a/../../b", Err(Fault::Dots));
        check(b"a\0b", Err(Fault::Zero));
    }

    #[test]
    fn parents_end_at_the_folder_itself() {
        let path = RelativePath::new("a/b/c.wav").unwrap();
        assert_eq!(path.name(), b"c.wav");
        let parents: Vec<_> = std::iter::successors(path.parent(), RelativePath::parent)
            .map(|p| p.to_text())
            .collect();
        assert_eq!(parents, ["a/b", "a", ""]);
    }

    #[test]
    fn names_of_ours_are_known_at_any_depth() {
        assert!(RelativePath::new(".ivrkit-manifest.json").unwrap().is_reserved());
        assert!(RelativePath::new("a/.ivrkit-staging/x").unwrap().is_reserved());
        assert!(!RelativePath::new("a.ivrkit-x").unwrap().is_reserved());
    }

    #[test]
    fn what_people_see_cannot_disturb_a_terminal() {
        let path = RelativePath::new(b"a\x1b[2J\xff\xe2\x80\xae.wav").unwrap();
        assert_eq!(path.to_string(), "a\\u{1b}[2J\\xff\\u{202e}.wav");
    }

    proptest! {
        #[test]
        fn text_and_back_is_the_same_path(bytes in proptest::collection::vec(any::<u8>(), 1..40)) {
            if let Ok(path) = RelativePath::new(bytes) {
                prop_assert_eq!(RelativePath::from_text(&path.to_text()), Ok(path));
            }
        }
    }
}
