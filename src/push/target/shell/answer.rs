//! What a shell's answers mean to a push: listings, attributes, refusals.
//!
//! Must not keep anything, and must not trust that a listing is well formed.

use crate::push::{
    path::printable,
    target::{Attributes, Entry, Kind, Refusal, RefusalKind},
};

/// Most bytes of a server's words that are told.
const MAX_TOLD_BYTES: usize = 200;

/// Reads lines of `describe`: kind, size, time, and the path up to `/MARK`. Whatever is no such line
/// is passed over.
pub(super) fn entries(text: &[u8], mark: &[u8]) -> Vec<Entry> {
    let end = [b"/", mark, b"\n"].concat();
    let mut entries = Vec::new();
    let mut rest = text;
    while let Some(at) = find(rest, &end) {
        entries.extend(entry(&rest[..at]));
        rest = &rest[at + end.len()..];
    }
    entries
}

fn entry(line: &[u8]) -> Option<Entry> {
    let mut words = line.splitn(4, |byte| *byte == b' ');
    let (kind, size, time) = (words.next()?, words.next()?, words.next()?);
    let path = words.next()?;
    let name = path.rsplit(|byte| *byte == b'/').next()?;
    let number = |word| str::from_utf8(word).ok();
    let mode = u32::from_str_radix(number(kind)?, 16).ok()?;
    let kind = match mode & 0xf000 {
        0x8000 => Kind::File,
        0x4000 => Kind::Folder,
        0xa000 => Kind::Link,
        _ => Kind::Other,
    };
    let size_bytes = number(size).and_then(|size| size.parse().ok());
    let modified_s = number(time).and_then(|time| time.parse().ok());
    Some(Entry { name: name.to_owned(), attributes: Attributes { kind, size_bytes, modified_s } })
}

/// What a command said that failed. The words are those of the C library, which all shells and
/// tools repeat; a few shells have their own.
pub(super) fn refusal(text: &[u8]) -> Refusal {
    const WORDS: [(&str, RefusalKind); 14] = [
        ("no such file", RefusalKind::Missing),
        ("nonexistent", RefusalKind::Missing),
        ("not a directory", RefusalKind::Missing),
        ("permission denied", RefusalKind::Denied),
        ("not permitted", RefusalKind::Denied),
        ("no space left", RefusalKind::Full),
        ("quota exceeded", RefusalKind::Full),
        ("read-only file system", RefusalKind::ReadOnly),
        ("file exists", RefusalKind::Exists),
        ("not empty", RefusalKind::Exists),
        ("cannot overwrite", RefusalKind::Exists),
        ("can't overwrite", RefusalKind::Exists),
        ("not found", RefusalKind::Unsupported),
        ("invalid option", RefusalKind::Unsupported),
    ];
    let text = text.trim_ascii();
    let said = printable(&text[..text.len().min(MAX_TOLD_BYTES)]);
    let lower = said.to_ascii_lowercase();
    let found = WORDS.iter().find(|(words, _)| lower.contains(words));
    let kind = found.map_or(RefusalKind::Failure, |(_, kind)| *kind);
    let nothing = || "the command failed without a word".to_owned();
    let last = said.rsplit("\\u{a}").find(|line| !line.is_empty()).map(str::to_owned);
    Refusal::new(kind, last.unwrap_or_else(nothing))
}

/// Where a text begins in another.
pub(super) fn find(text: &[u8], sought: &[u8]) -> Option<usize> {
    memchr::memmem::find(text, sought)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_listing_holds_any_name() {
        let text = b"81a4 7 9 ./a/./b c.wav/MARK\n41ed 4096 - ./new\nline/MARK\n\
            a1ff - 5 ./\xff/MARK\nstat: rubbish\n1000 - - ./pipe/MARK\nhalf";
        let found = entries(text, b"MARK");
        let check = |index: usize, name: &[u8], kind, size_bytes, modified_s| {
            let attributes = Attributes { kind, size_bytes, modified_s };
            assert_eq!(found[index], Entry { name: name.to_owned(), attributes });
        };
        check(0, b"b c.wav", Kind::File, Some(7), Some(9));
        check(1, b"new\nline", Kind::Folder, Some(4096), None);
        check(2, b"\xff", Kind::Link, None, Some(5));
        // A line that is none takes the one behind it with it.
        assert_eq!(found.len(), 3);
    }

    #[test]
    fn a_refusal_is_known_by_its_words() {
        let check = |text: &str, kind, reason: &str| {
            assert_eq!(refusal(text.as_bytes()), Refusal::new(kind, reason));
        };
        let text = "sh: 1: cannot create ./x: Directory nonexistent\n";
        check(text, RefusalKind::Missing, text.trim());
        let text = "base64: write error: No space left on device";
        check(text, RefusalKind::Full, text);
        check(
            "mv: cannot move: Permission denied",
            RefusalKind::Denied,
            "mv: cannot move: Permission denied",
        );
        check("", RefusalKind::Failure, "the command failed without a word");
        check("\x1b[2J", RefusalKind::Failure, "\\u{1b}[2J");
    }
}
