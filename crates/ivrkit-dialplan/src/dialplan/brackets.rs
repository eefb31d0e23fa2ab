//! A `[` without its `]` in a pattern: Asterisk notices it whenever it compares the pattern with
//! another one as far as that place.

use super::pattern::{ExtensionKey, Pattern};

/// Whether comparing these two comes by a `[` without `]`.
pub(super) fn is_noticed(one: &Pattern, other: &Pattern) -> bool {
    let comes_by = |open: &Pattern, other: &Pattern| {
        let Some((before, places)) = open_at(open) else { return false };
        let other = first_places(other.compared(), places);
        other.is_some_and(|other| Pattern::new(before) == Pattern::new(other))
    };
    one.is_pattern() && other.is_pattern() && (comes_by(one, other) || comes_by(other, one))
}

/// Whether a pattern has a `[` without `]`.
pub(super) fn is_open(pattern: &Pattern) -> bool {
    pattern.is_pattern() && open_at(pattern).is_some()
}

/// Whether a pattern has a `[` with nothing before its `]`, or before the end.
pub(super) fn has_empty(pattern: &Pattern) -> bool {
    let mut rest = pattern.compared();
    while let Some(open) =
        rest.iter().position(|&byte| byte == b'[').filter(|_| pattern.is_pattern())
    {
        rest = &rest[open + 1..];
        let end = rest.iter().position(|&byte| byte == b']').unwrap_or(rest.len());
        if end == 0 {
            return true;
        }
        rest = &rest[end..];
    }
    false
}

/// Whether Asterisk's tree of names finds a `[` without `]` here. It reads sets in a way of its own:
/// a `\` takes the meaning from the byte after it, and the end of a range may be the `]`.
pub(super) fn is_open_in_tree(key: &ExtensionKey) -> bool {
    let Some(name) = key.pattern.compared().strip_prefix(b"_") else { return false };
    let caller = key.caller.as_ref().map(Pattern::compared);
    let has_set = |name: &[u8]| memchr::memchr(b'[', name).is_some();
    if !has_set(name) && !caller.is_some_and(has_set) {
        return false;
    }
    let whole = caller.map(|caller| [name, b"/", caller].concat());
    let mut rest = whole.as_deref().unwrap_or(name);
    while let Some((&byte, after)) = rest.split_first() {
        rest = match byte {
            b'\\' => after.get(1..).unwrap_or_default(),
            b'[' => match after_set_in_tree(after) {
                Some(after) => after,
                None => return true,
            },
            _ => after,
        };
    }
    false
}

fn after_set_in_tree(set: &[u8]) -> Option<&[u8]> {
    let (mut rest, mut is_empty) = (set, true);
    loop {
        rest = match rest {
            [] => return None,
            [b']', after @ ..] => return Some(after),
            [b'\\', b'[' | b'\\' | b'-' | b']', after @ ..] => after,
            [b'\\', after @ ..] => {
                rest = after;
                continue;
            }
            [b'-', b'\\', _, after @ ..] | [b'-', _, after @ ..] if !is_empty => after,
            [_, after @ ..] => after,
        };
        is_empty = false;
    }
}

/// What stands before a `[` without `]`, and how many places that is.
fn open_at(pattern: &Pattern) -> Option<(&[u8], usize)> {
    let name = pattern.compared();
    let mut places = 0;
    let mut at = 1;
    while at < name.len() {
        match place(&name[at..]) {
            Some((length, is_place)) => {
                (at, places) = (at + length, places + usize::from(is_place));
            }
            None => return Some((&name[..at], places)),
        }
    }
    None
}

/// The beginning of a pattern with so many places.
fn first_places(name: &[u8], places: usize) -> Option<&[u8]> {
    let (mut at, mut seen) = (1, 0);
    while seen < places {
        let (length, is_place) = place(name.get(at..).filter(|rest| !rest.is_empty())?)?;
        (at, seen) = (at + length, seen + usize::from(is_place));
    }
    name.get(..at)
}

/// The length of what a pattern goes on with, and whether it stands for something; none for a `[`
/// without `]`.
fn place(rest: &[u8]) -> Option<(usize, bool)> {
    match rest[0] {
        b'[' => rest.iter().position(|&byte| byte == b']').map(|end| (end + 1, end > 1)),
        byte => Some((1, byte != b'-')),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_empty_set_is_found() {
        let check = |text: &str, expected: bool| {
            assert_eq!(has_empty(&Pattern::new(text.as_bytes())), expected, "{text}");
        };
        check("_1[]2", true);
        check("_1[", true);
        check("_[1][]", true);
        check("_[1]2", false);
        check("1[]", false);
    }

    #[test]
    fn a_bracket_is_noticed_where_a_comparison_comes_by_it() {
        let check = |one: &str, other: &str, expected: bool| {
            let (one, other) = (Pattern::new(one.as_bytes()), Pattern::new(other.as_bytes()));
            assert_eq!(is_noticed(&one, &other), expected, "{one:?} {other:?}");
            assert_eq!(is_noticed(&other, &one), expected, "{other:?} {one:?}");
        };
        check("_[12", "_1", true);
        check("_[12", "_", true);
        check("_[12", "1", false);
        check("_X[", "_1!", false);
        check("_X[", "_x5", true);
        check("_[0-9]-[", "_X", true);
        check("_XX[", "_X", false);
        check("_[1]X", "_1X", false);
    }
    #[test]
    fn the_tree_reads_sets_in_its_own_way() {
        let check = |name: &str, caller: Option<&str>, expected: bool| {
            let caller = caller.map(|caller| Pattern::new(caller.as_bytes()));
            let key = ExtensionKey { pattern: Pattern::new(name.as_bytes()), caller };
            assert_eq!(is_open_in_tree(&key), expected, "{key:?}");
        };
        check("_[12", None, true);
        check("_[12]", None, false);
        check("_[1-]", None, true);
        check("_[1-]2]", None, false);
        check("_[-]", None, false);
        check("_[1-\\]", None, true);
        check("_[1\\]", None, true);
        check("_\\[1", None, false);
        check("[1-]", None, false);
        check("_1", Some("[1"), true);
        check("1", Some("[1"), false);
    }
}
