//! Which changes can be made together, and what a text is after them.

use std::{
    collections::{BTreeMap, HashSet},
    ops::Range,
    path::{Path, PathBuf},
};

/// One change of one file.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) struct Change {
    /// The file.
    pub(super) path: PathBuf,
    /// The bytes that are replaced; inserted at if it is empty.
    pub(super) range: Range<usize>,
    /// What takes their place.
    pub(super) text: Vec<u8>,
}

/// Changes of several fixes that do not touch each other.
#[derive(Debug, Default)]
pub(super) struct Changes {
    /// By start and end.
    files: BTreeMap<PathBuf, BTreeMap<(usize, usize), Vec<u8>>>,
    fixes: HashSet<Vec<Change>>,
}

impl Changes {
    /// Adds all changes of a fix, or none: if one would touch what is there already, the fix waits
    /// for the next round. Whether it was added.
    pub(super) fn add(&mut self, mut fix: Vec<Change>) -> bool {
        fix.sort_by(|left, right| {
            let key = |change: &Change| (change.range.start, change.range.end);
            (&left.path, key(left)).cmp(&(&right.path, key(right)))
        });
        let overlaps = fix.windows(2).any(|two| {
            let [first, second] = two else { unreachable!("a window of two has two") };
            first.path == second.path
                && (second.range.start < first.range.end || first.range == second.range)
        });
        if overlaps || self.fixes.contains(&fix) || fix.iter().any(|change| self.touches(change)) {
            return false;
        }
        for Change { path, range, text } in &fix {
            let file = self.files.entry(path.clone()).or_default();
            file.insert((range.start, range.end), text.clone());
        }
        self.fixes.insert(fix);
        true
    }

    /// A text after its changes.
    pub(super) fn applied(&self, path: &Path, text: &[u8]) -> Vec<u8> {
        let Some(changes) = self.files.get(path) else { return text.to_vec() };
        let mut changed = Vec::with_capacity(text.len());
        let mut at = 0;
        for (&(start, end), new) in changes {
            changed.extend_from_slice(&text[at..start]);
            changed.extend_from_slice(new);
            at = end;
        }
        changed.extend_from_slice(&text[at..]);
        changed
    }

    /// Whether a change overlaps another, or stands so close to it that their order would count.
    fn touches(&self, change: &Change) -> bool {
        let Some(file) = self.files.get(&change.path) else { return false };
        // They do not overlap, so the last one that begins before the end ends last, too.
        let before = file.range(..=(change.range.end, usize::MAX)).next_back();
        before.is_some_and(|(&(_, end), _)| end >= change.range.start)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn change(start: usize, end: usize, text: &str) -> Change {
        Change { path: "a".into(), range: start..end, text: text.into() }
    }

    /// Adds each fix, and says which were added and what the text is then.
    #[track_caller]
    fn check(text: &str, fixes: &[&[Change]], added: &[bool], expected: &str) {
        let mut changes = Changes::default();
        let found: Vec<_> = fixes.iter().map(|fix| changes.add(fix.to_vec())).collect();
        assert_eq!(found, added);
        let found = changes.applied(Path::new("a"), text.as_bytes());
        assert_eq!(String::from_utf8(found).unwrap(), expected);
    }

    #[test]
    fn the_first_of_two_that_touch_is_made() {
        let (first, second) = ([change(1, 3, "X")], [change(2, 4, "Y")]);
        check("abcdef", &[&first, &second], &[true, false], "aXdef");
        check("abcdef", &[&second, &first], &[true, false], "abYef");
        check("abcdef", &[&[change(1, 1, "X")], &[change(1, 1, "Y")]], &[true, false], "aXbcdef");
        check("abcdef", &[&[change(1, 2, "X")], &[change(2, 3, "Y")]], &[true, false], "aXcdef");
        check("abcdef", &[&[change(1, 2, "X")], &[change(3, 4, "Y")]], &[true, true], "aXcYef");
    }

    #[test]
    fn a_fix_is_made_whole_or_not() {
        let whole = [change(4, 5, "Y"), change(0, 1, "X")];
        check("abcdef", &[&whole], &[true], "XbcdYf");
        check("abcdef", &[&[change(0, 1, "Z")], &whole], &[true, false], "Zbcdef");
        check("abcdef", &[&[change(0, 2, "X"), change(2, 3, "Y")]], &[true], "XYdef");
        check("abcdef", &[&[change(0, 2, "X"), change(1, 3, "Y")]], &[false], "abcdef");
        check("abcdef", &[&whole, &whole], &[true, false], "XbcdYf");
    }

    proptest! {
        /// What no change names stays, in its order: the same as one change after the other, from
        /// the last one on.
        #[test]
        fn nothing_else_is_changed(
            text in proptest::collection::vec(any::<u8>(), 0..60),
            fixes in proptest::collection::vec(
                proptest::collection::vec((0..60_usize, 0..9_usize, "[a-z]{0,3}"), 1..4),
                0..20,
            ),
        ) {
            let mut changes = Changes::default();
            let mut made = Vec::new();
            for fix in fixes {
                let fix: Vec<_> = fix.into_iter().map(|(start, len, new)| {
                    let start = start.min(text.len());
                    change(start, (start + len).min(text.len()), &new)
                }).collect();
                if changes.add(fix.clone()) {
                    made.extend(fix);
                }
            }
            made.sort_by_key(|change| (change.range.start, change.range.end));
            let mut expected = text.clone();
            for change in made.iter().rev() {
                expected.splice(change.range.clone(), change.text.iter().copied());
            }
            prop_assert_eq!(changes.applied(Path::new("a"), &text), expected);
        }
    }
}
