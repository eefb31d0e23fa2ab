//! Paths as forms have them: relative to the folder that the reader looks at.

use std::path::{Component, Path};

/// A path for a machine: below the folder it is relative, without `.`; with `\u{fffd}` for bytes
/// that are no characters.
pub(super) fn relative(path: &Path, folder: &Path) -> String {
    let below = path.strip_prefix(folder).unwrap_or(path);
    let parts = below.components().filter(|part| !matches!(part, Component::CurDir));
    parts.collect::<std::path::PathBuf>().to_string_lossy().into_owned()
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

    #[test]
    fn paths_below_the_folder_are_relative() {
        let check = |path: &str, expected: &str| {
            assert_eq!(relative(Path::new(path), Path::new("/srv/pbx")), expected);
        };
        check("/srv/pbx/conf/a.conf", "conf/a.conf");
        check("/etc/a.conf", "/etc/a.conf");
        check("./conf/./a.conf", "conf/a.conf");
        check("../a.conf", "../a.conf");
    }

    #[test]
    fn a_path_for_people_has_one_line() {
        assert_eq!(shown(Path::new("a\n\u{1b}[31m\u{202e}.conf")), "a\\n\\u{1b}[31m\\u{202e}.conf");
    }
}
