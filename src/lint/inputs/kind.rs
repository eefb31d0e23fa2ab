//! Dialplan, scenario, or neither: by name and content.

use super::Error;
use crate::files;
use std::path::Path;

/// How many bytes are looked at.
const START_BYTES: u64 = 256 << 10;

/// What can be linted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// The main file of a dialplan.
    Dialplan,
    /// A scenario, which is rendered first.
    Scenario,
}

impl Kind {
    /// What a file is. Any text that is named is a dialplan if it is no scenario; of those found in a
    /// folder, those that look like one.
    ///
    /// # Errors
    /// A file that cannot be read, or should be a dialplan and is no text.
    pub(super) fn of(path: &Path, is_named: bool) -> Result<Option<Self>, Error> {
        let start = files::read_start(path, START_BYTES)?;
        let is_yaml = path.extension().is_some_and(|ending| ending == "yaml" || ending == "yml");
        if is_scenario(&start) {
            return Ok(Some(Self::Scenario));
        }
        if is_yaml && !is_named {
            return Ok(None);
        }
        let found = if is_yaml { Some("YAML, but no scenario") } else { no_text(&start) };
        let is_expected = is_named || has_dialplan_name(path);
        match found {
            Some(found) if is_expected => Err(Error::NotADialplan { path: path.to_owned(), found }),
            None if is_expected || has_steps(&start) => Ok(Some(Self::Dialplan)),
            _ => Ok(None),
        }
    }
}

/// Whether a file could be an input, by its name alone.
pub(super) fn has_promising_name(path: &Path) -> bool {
    path.extension().is_some_and(|ending| ["conf", "yaml", "yml"].iter().any(|one| ending == *one))
}

/// `extensions.conf`, `extensions_custom.conf` and so on.
fn has_dialplan_name(path: &Path) -> bool {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    name.starts_with("extensions") && name.ends_with(".conf")
}

/// A scenario has the key `ivrkit` at the beginning of a line, which no dialplan has.
fn is_scenario(start: &[u8]) -> bool {
    start.split(|&byte| byte == b'\n').any(|line| line.starts_with(b"ivrkit:"))
}

fn has_steps(start: &[u8]) -> bool {
    start.split(|&byte| byte == b'\n').any(|line| {
        let line = line.trim_ascii_start();
        let rest = line.strip_prefix(b"exten").or_else(|| line.strip_prefix(b"same"));
        rest.is_some_and(|rest| rest.trim_ascii_start().starts_with(b"="))
    })
}

/// What bytes are that are no text: a text has few control characters.
fn no_text(start: &[u8]) -> Option<&'static str> {
    if start.starts_with(b"\xff\xfe") || start.starts_with(b"\xfe\xff") {
        return Some("text in UTF-16");
    }
    let is_control = |&&byte: &&u8| byte < b' ' && !matches!(byte, b'\t' | b'\n' | b'\r' | 0x1b);
    let controls = start.iter().filter(is_control).count();
    (controls * 20 > start.len()).then_some("no text")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_has_few_control_characters() {
        let check = |bytes: &[u8], expected| assert_eq!(no_text(bytes), expected);
        check(b"", None);
        check(b"[a]\nexten => 1,1,NoOp(x\0y)\r\n\tsame => n,NoOp(\x1b[1m)\n", None);
        check("[a]\nexten => 1,1,NoOp(验证码)\n".as_bytes(), None);
        check(b"\xff\xfe[\0a\0]\0", Some("text in UTF-16"));
        check(b"\x7fELF\x02\x01\x01\0\0\0\0\0\0\0\0\0", Some("no text"));
    }

    #[test]
    fn steps_are_known_in_any_style() {
        let check = |text: &str, expected| assert_eq!(has_steps(text.as_bytes()), expected);
        check("[a]\nexten => 1,1,NoOp()\n", true);
        check("[a]\n  same=n,NoOp()\n", true);
        check("[a]\n;exten => 1,1,NoOp()\nextension = 1\n", false);
        check("[general]\nextenpatternmatchnew=no\n", false);
    }
}
