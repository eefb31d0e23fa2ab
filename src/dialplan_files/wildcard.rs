//! Names with `*`, `?` and `[...]`, as `glob` of the C library finds them for Asterisk.
//!
//! Names are bytes: a folder may hold a file whose name is no UTF-8. Must not read files. Classes
//! such as `[[:digit:]]` are not known; nobody names included files so.

use std::{
    ffi::OsStr,
    fs,
    os::unix::ffi::{OsStrExt as _, OsStringExt as _},
    path::{Path, PathBuf},
};

/// Most files that one name may stand for.
const MAX_MATCHES: usize = 10_000;

/// The paths that a name stands for, seen from a folder, sorted by byte. A name without wildcards
/// stands for itself, whether it is there or not.
pub(super) fn paths(folder: &Path, name: &[u8]) -> Vec<PathBuf> {
    let root = if name.first() == Some(&b'/') { Path::new("/") } else { folder };
    let mut paths = vec![root.to_owned()];
    for part in name.split(|&byte| byte == b'/').filter(|part| !part.is_empty()) {
        if has_wildcard(part) {
            paths = paths.iter().flat_map(|path| children(path, part)).take(MAX_MATCHES).collect();
        } else {
            let part = unescaped(part);
            for path in &mut paths {
                path.push(OsStr::from_bytes(&part));
            }
        }
    }
    paths.sort_by(|left, right| left.as_os_str().cmp(right.as_os_str()));
    paths
}

/// What a folder holds of this pattern; nothing if it is no folder.
fn children(folder: &Path, pattern: &[u8]) -> Vec<PathBuf> {
    // A dot at the start is not found by a wildcard.
    let is_hidden = |name: &[u8]| name.first() == Some(&b'.') && pattern[0] != b'.';
    let entries = fs::read_dir(folder).into_iter().flatten().filter_map(Result::ok);
    let names = entries.map(|entry| entry.file_name().into_vec());
    let fitting = names.filter(|name| !is_hidden(name) && fits(pattern, name));
    fitting.map(|name| folder.join(OsStr::from_bytes(&name))).collect()
}

/// A `[` is one only with its `]`.
fn has_wildcard(part: &[u8]) -> bool {
    let mut rest = part;
    while let Some((&byte, after)) = rest.split_first() {
        rest = match byte {
            b'*' | b'?' => return true,
            b'[' if after.contains(&b']') => return true,
            b'\\' => after.get(1..).unwrap_or_default(),
            _ => after,
        };
    }
    false
}

/// Without the backslash that takes the meaning from the byte after it.
fn unescaped(part: &[u8]) -> Vec<u8> {
    let mut bytes = part.iter().copied();
    std::iter::from_fn(|| match bytes.next() {
        Some(b'\\') => bytes.next(),
        byte => byte,
    })
    .collect()
}

/// Whether a pattern stands for a name. Of several `*` only the last one is tried again, which is
/// enough, and keeps the time to the product of both lengths.
fn fits(pattern: &[u8], name: &[u8]) -> bool {
    let (mut rest, mut left) = (pattern, name);
    let mut again: Option<(&[u8], &[u8])> = None;
    loop {
        if let Some(after) = rest.strip_prefix(b"*") {
            again = Some((after, left));
            rest = after;
            continue;
        }
        match (place(rest), left.split_first()) {
            (None, None) => return true,
            (Some((after, accepts)), Some((&byte, others))) if accepts(byte) => {
                (rest, left) = (after, others);
                continue;
            }
            _ => {}
        }
        let Some((after, [_, others @ ..])) = again else { return false };
        again = Some((after, others));
        (rest, left) = (after, others);
    }
}

/// The first place of a pattern: what follows it, and which bytes it takes.
fn place(pattern: &[u8]) -> Option<(&[u8], impl Fn(u8) -> bool)> {
    let (&first, after) = pattern.split_first()?;
    let set = if first == b'[' { set(after) } else { None };
    let (rest, set) = set.map_or((None, None), |(set, rest)| (Some(rest), Some(set)));
    let (literal, after) = match (first, after) {
        (b'\\', [escaped, after @ ..]) => (*escaped, after),
        (first, after) => (first, after),
    };
    let is_any = first == b'?';
    let accepts = move |byte| match set {
        Some(set) => is_in(set, byte),
        None => is_any || byte == literal,
    };
    Some((rest.unwrap_or(after), accepts))
}

/// What stands up to the `]`, and what follows; a `]` that comes first is one of the set.
fn set(after: &[u8]) -> Option<(&[u8], &[u8])> {
    let skipped = usize::from(matches!(after.first(), Some(b'!' | b'^'))) + 1;
    let close = after.iter().skip(skipped).position(|&byte| byte == b']')? + skipped;
    Some((&after[..close], &after[close + 1..]))
}

fn is_in(set: &[u8], byte: u8) -> bool {
    let (is_negated, mut rest) = match set {
        [b'!' | b'^', rest @ ..] => (true, rest),
        rest => (false, rest),
    };
    let mut found = false;
    while let Some((&low, after)) = rest.split_first() {
        let (high, after) = match after {
            [b'-', high, after @ ..] => (*high, after),
            after => (low, after),
        };
        found |= (low..=high).contains(&byte);
        rest = after;
    }
    found != is_negated
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(pattern: &str, names: &str, expected: &str) {
        let pattern = pattern.as_bytes();
        let fitting = names.split(' ').filter(|name| fits(pattern, name.as_bytes()));
        assert_eq!(fitting.collect::<Vec<_>>().join(" "), expected);
    }

    #[test]
    fn wildcards() {
        check("*.conf", "a.conf .conf a.con b.conf.bak", "a.conf .conf");
        check("a?c", "abc ac abbc", "abc");
        check("*a*b*", "ab xaxbx ba aab", "ab xaxbx aab");
        check("**", "a ab", "a ab");
        check("[a-c]x[!0-9]", "ax1 bxa dxa cx-", "bxa cx-");
        check("[]a]", "] a b", "] a");
        check("[^]a]", "] a b", "b");
        check("[a-]", "a - b", "a -");
        check(r"\*[x", "*[x a[x", "*[x");
    }

    #[test]
    fn time_is_the_product_of_both_lengths_at_most() {
        let pattern = "a*".repeat(4_000) + "b";
        assert!(!fits(pattern.as_bytes(), &[b'a'; 255]));
    }

    #[test]
    fn names_are_bytes_and_folders_are_no_patterns() {
        let folder = tempfile::tempdir().unwrap();
        let inner = folder.path().join("[x]");
        fs::create_dir(&inner).unwrap();
        let names: [&[u8]; 4] = [b"b.conf", b"\xe4.conf", b".h.conf", b"a.conf"];
        for name in names {
            fs::write(inner.join(OsStr::from_bytes(name)), b"").unwrap();
        }
        let found = |name: &str| -> Vec<Vec<u8>> {
            let relative = |path: PathBuf| path.strip_prefix(&inner).unwrap().to_owned();
            let paths = paths(&inner, name.as_bytes()).into_iter().map(relative);
            paths.map(|path| path.into_os_string().into_vec()).collect()
        };
        assert_eq!(
            found("*.conf"),
            [b"a.conf".to_vec(), b"b.conf".to_vec(), b"\xe4.conf".to_vec()]
        );
        assert_eq!(found(".*.conf"), [b".h.conf"]);
        assert_eq!(found("none"), [b"none"]);
        assert_eq!(found("n*ne"), [b""; 0]);
        assert_eq!(found(r"a\.conf"), [b"a.conf"]);
        assert_eq!(found("b.con[f"), [b"b.con[f"]);
    }
}
