//! Asterisk's tree of the names of a context: which of them it takes for the same one.
//!
//! It makes the tree when it first looks for a label and adds what comes after that. It reads names
//! in a way of its own there, so that extensions which differ can end at the same place, of which it
//! complains. Follows `add_exten_to_pattern_tree` of Asterisk's `main/pbx.c`.

use crate::dialplan::{
    Extension,
    pattern::{ExtensionKey, Pattern},
};
use hashbrown::{HashMap, HashSet};

/// Most bytes of a set once its ranges are written out; a larger one is left out.
const MAX_SET_BYTES: usize = 255;

/// The tree of one context.
#[derive(Debug, Default)]
pub(super) struct NameTree {
    /// The names that Asterisk knows to be in it, as they are spelled.
    names: HashSet<Box<[u8]>>,
    /// Whether an extension ends at a place.
    places: HashMap<Box<[u8]>, bool>,
}

impl NameTree {
    /// The tree of what is there; whether two of them end at the same place.
    pub(super) fn of(extensions: &[Extension]) -> (Self, bool) {
        let mut tree = Self::default();
        let mut has_duplicate = false;
        for Extension { key, .. } in extensions {
            has_duplicate |= tree.place(key);
            tree.names.insert(spelling(key));
        }
        (tree, has_duplicate)
    }

    /// Adds the name of a priority before the context takes that; whether another extension ends at
    /// its place. Asterisk looks for the name without its caller id, so that each priority of a name
    /// with one is added again.
    pub(super) fn add(&mut self, key: &ExtensionKey) -> Added {
        if self.names.contains(key.pattern.compared()) {
            return Added { is_duplicate: false, is_named_anew: false };
        }
        let is_duplicate = self.place(key);
        Added { is_duplicate, is_named_anew: self.names.insert(spelling(key)) }
    }

    /// The context has not taken the priority, so no extension ends at its place any longer.
    pub(super) fn take_back(&mut self, key: &ExtensionKey, added: Added) {
        self.places.insert(path(key), false);
        if added.is_named_anew {
            self.names.remove(&spelling(key));
        }
    }

    /// Has an extension end at the place of a name; whether one does already.
    fn place(&mut self, key: &ExtensionKey) -> bool {
        self.places.insert(path(key), true).unwrap_or_default()
    }
}

/// What came of adding a name.
#[derive(Debug, Clone, Copy)]
pub(super) struct Added {
    pub(super) is_duplicate: bool,
    is_named_anew: bool,
}

fn spelling(key: &ExtensionKey) -> Box<[u8]> {
    let name = key.pattern.compared();
    match &key.caller {
        // No name holds a NUL.
        Some(caller) => [name, b"\0", caller.compared()].concat().into(),
        None => name.into(),
    }
}

/// The places on the way to the end of a name, each with a NUL after it.
fn path(key: &ExtensionKey) -> Box<[u8]> {
    let caller = key.caller.as_ref().map(Pattern::compared);
    let name = [key.pattern.compared(), caller.map_or(b"", |_| b"/"), caller.unwrap_or_default()];
    let name = name.concat();
    let (is_pattern, mut rest) = match name.strip_prefix(b"_") {
        Some(rest) => (true, rest),
        None => (false, name.as_slice()),
    };
    let mut path = Vec::with_capacity(2 * name.len() + 1);
    path.push(u8::from(is_pattern));
    while let [byte, after @ ..] = rest {
        rest = after;
        match byte {
            b'[' if is_pattern => {
                let (set, after) = set(after);
                rest = after;
                if set.is_empty() {
                    continue;
                }
                path.extend(set);
            }
            b'-' => continue,
            b'\\' => {
                let [escaped, after @ ..] = after else { break };
                path.push(*escaped);
                rest = after;
            }
            b'n' | b'x' | b'z' if is_pattern => path.push(byte.to_ascii_uppercase()),
            byte => path.push(*byte),
        }
        path.push(0);
    }
    path.into()
}

/// What a set takes, in order and once each, and what follows it; nothing if that is too much.
fn set(mut rest: &[u8]) -> (Vec<u8>, &[u8]) {
    let (mut members, mut last) = (Vec::new(), b'[');
    loop {
        let before = last;
        let Some((&byte, after)) = rest.split_first() else { break };
        (last, rest) = (byte, after);
        match (byte, after) {
            (b']', _) => break,
            (b'\\', [escaped @ (b'[' | b'\\' | b'-' | b']'), after @ ..]) => {
                members.push(*escaped);
                (last, rest) = (*escaped, after);
            }
            (b'\\', _) => {}
            (b'-', [b'\\', high, after @ ..] | [high, after @ ..]) if !members.is_empty() => {
                members.extend((before..=*high).skip(1));
                (last, rest) = (*high, after);
            }
            (byte, _) => members.push(byte),
        }
    }
    if members.len() > MAX_SET_BYTES {
        members.clear();
    }
    members.sort_unstable();
    members.dedup();
    (members, rest)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(one: &str, other: &str, expected: bool) {
        let key = |name: &str| {
            let (name, caller) = name.split_once('/').map_or((name, None), |(a, b)| (a, Some(b)));
            let caller = caller.map(|caller| Pattern::new(caller.as_bytes()));
            ExtensionKey { pattern: Pattern::new(name.as_bytes()), caller }
        };
        assert_eq!(path(&key(one)) == path(&key(other)), expected, "{one} {other}");
    }

    #[test]
    fn names_of_the_same_places_are_taken_for_one() {
        check("_x.", "_X.", true);
        check("_[X]1", "_X1", true);
        check("_[321]", "_[1-33]", true);
        check("_[1\\-3]", "_[-13]", true);
        check("1\\2", "12", true);
        check("12/3", "12/3", true);
        check("_X", "_[0-9]", false);
        check("12", "_12", false);
        check("12/3", "12", false);
        check("_[12]3", "_123", false);
    }

    #[test]
    fn a_priority_that_was_not_taken_leaves_no_extension() {
        let key = |caller: &str| ExtensionKey {
            pattern: Pattern::new(b"12"),
            caller: Some(Pattern::new(caller.as_bytes())),
        };
        let mut tree = NameTree::default();
        assert!(!tree.add(&key("3")).is_duplicate);
        let again = tree.add(&key("3"));
        assert!(again.is_duplicate);
        tree.take_back(&key("3"), again);
        assert!(!tree.add(&key("3")).is_duplicate);
        assert!(!tree.add(&key("4")).is_duplicate);
    }
}
