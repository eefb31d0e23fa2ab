//! `a&b&c`: sounds one after the other.

use crate::application::Version;

/// The names in a list. Asterisk 16 takes them as they stand; later ones take away blanks and
/// quotes around each, and do not split within quotes (`ast_strsep`).
pub(super) struct SoundList<'a> {
    rest: Option<&'a [u8]>,
    is_plain: bool,
}

impl<'a> SoundList<'a> {
    pub(super) fn new(list: &'a [u8], version: Version) -> Self {
        Self { rest: Some(list), is_plain: version < Version::V18 }
    }

    /// Whether nothing follows what was taken last.
    pub(super) fn is_last(&self) -> bool {
        self.rest.is_none_or(<[u8]>::is_empty)
    }
}

impl<'a> Iterator for SoundList<'a> {
    type Item = &'a [u8];

    fn next(&mut self) -> Option<&'a [u8]> {
        let list = self.rest?;
        let end =
            if self.is_plain { list.iter().position(|&byte| byte == b'&') } else { end(list) };
        self.rest = end.map(|end| &list[end + 1..]);
        let name = &list[..end.unwrap_or(list.len())];
        Some(if self.is_plain { name } else { stripped(name).trim_ascii() })
    }
}

/// Where the first name ends before a `&`.
fn end(list: &[u8]) -> Option<usize> {
    let mut open = Vec::new();
    let mut at = 0;
    while at < list.len() {
        if list[at] == b'\\' {
            at += 2;
        }
        match *list.get(at)? {
            quote @ (b'\'' | b'"') if open.last() == Some(&quote) => {
                open.pop();
            }
            quote @ (b'\'' | b'"') => open.push(quote),
            b'&' if open.is_empty() => return Some(at),
            _ => {}
        }
        at += 1;
    }
    None
}

fn stripped(name: &[u8]) -> &[u8] {
    match name.trim_ascii() {
        [b'\'', inner @ .., b'\''] | [b'"', inner @ .., b'"'] => inner,
        name => name,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(list: &str, version: Version, expected: &[&str]) {
        let names: Vec<String> = SoundList::new(list.as_bytes(), version)
            .map(|name| String::from_utf8(name.to_vec()).expect("text"))
            .collect();
        assert_eq!(names, expected, "{list}");
    }

    #[test]
    fn names_are_split_at_ampersands() {
        for version in [Version::V16, Version::V22] {
            check("a", version, &["a"]);
            check("a&b", version, &["a", "b"]);
            check("a&&b", version, &["a", "", "b"]);
            check("a&", version, &["a", ""]);
            check("", version, &[""]);
        }
    }

    #[test]
    fn blanks_and_quotes_go_since_asterisk_18() {
        check("a & b", Version::V16, &["a ", " b"]);
        check("a & b", Version::V22, &["a", "b"]);
        check("'a&b'&c", Version::V22, &["a&b", "c"]);
        check("'a&b'&c", Version::V16, &["'a", "b'", "c"]);
    }
}
