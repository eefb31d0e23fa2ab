//! Paths and texts as forms have them.

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, percent_encode};
use std::{
    os::unix::ffi::OsStrExt as _,
    path::{Component, Path, PathBuf},
};

/// What stays as it is in the path of a URI, RFC 3986: `unreserved` and `/`.
const ENCODED: &AsciiSet =
    &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~').remove(b'/');

/// A path for a machine: relative if it is below the folder, and without `.`.
pub(super) fn relative(path: &Path, folder: &Path) -> PathBuf {
    let below = path.strip_prefix(folder).unwrap_or(path);
    below.components().filter(|part| !matches!(part, Component::CurDir)).collect()
}

/// A path as a URI: a relative reference if the path is relative.
pub(super) fn uri(path: &Path) -> String {
    let encoded = percent_encode(path.as_os_str().as_bytes(), ENCODED);
    if path.is_absolute() { format!("file://{encoded}") } else { encoded.to_string() }
}

/// A path for people, on one line: control characters are escaped.
pub(super) fn shown(path: &Path) -> String {
    on_one_line(&path.to_string_lossy())
}

/// A text with its control characters, and those that turn the direction of writing, escaped.
pub(super) fn on_one_line(text: &str) -> String {
    let mut shown = String::with_capacity(text.len());
    for one in text.chars() {
        if one.is_control() || matches!(one, '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}') {
            shown.extend(one.escape_default());
        } else {
            shown.push(one);
        }
    }
    shown
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::ffi::OsStr;

    #[test]
    fn paths_below_the_folder_are_relative() {
        let check = |path: &str, expected: &str| {
            let found = relative(Path::new(path), Path::new("/srv/pbx"));
            assert_eq!(found, Path::new(expected));
        };
        check("/srv/pbx/conf/a.conf", "conf/a.conf");
        check("/etc/a.conf", "/etc/a.conf");
        check("./conf/./a.conf", "conf/a.conf");
        check("../a.conf", "../a.conf");
    }

    #[test]
    fn uris_hold_any_byte() {
        let check = |path: &[u8], expected: &str| {
            assert_eq!(uri(Path::new(OsStr::from_bytes(path))), expected);
        };
        check(b"conf/a-b_c.d~.conf", "conf/a-b_c.d~.conf");
        check(b"a b/c:#?%\xe9\n.conf", "a%20b/c%3A%23%3F%25%E9%0A.conf");
        check("验证.conf".as_bytes(), "%E9%AA%8C%E8%AF%81.conf");
        check(b"/etc/asterisk/x.conf", "file:///etc/asterisk/x.conf");
    }

    #[test]
    fn a_path_for_people_has_one_line() {
        assert_eq!(shown(Path::new("a\n\u{1b}[31m\u{202e}.conf")), "a\\n\\u{1b}[31m\\u{202e}.conf");
    }
}
