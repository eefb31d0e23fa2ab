//! The names of a context in a tree, so that those which take a string are found without asking
//! each of them.

use crate::dialplan::pattern::{Class, Language, Tail};
use std::collections::BTreeMap;

/// Most branches that one question looks at: names that part at every place, all of them sets,
/// would otherwise make a question as long as the dialplan.
const MAX_BRANCHES: usize = 2_000;

/// The names of a context, each with its number.
#[derive(Debug, Default)]
pub(super) struct Trie {
    branches: Vec<Branch>,
}

#[derive(Debug, Default)]
struct Branch {
    /// What goes on with one byte.
    bytes: BTreeMap<u8, usize>,
    /// What goes on with one of several bytes.
    classes: Vec<(Class, usize)>,
    /// The names that end here, and what may follow them.
    ends: Vec<(Tail, u32)>,
}

/// A question that looked at too many branches.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct TooMany;

impl Trie {
    pub(super) fn insert(&mut self, language: &Language, number: u32) {
        if language.is_empty {
            return;
        }
        if self.branches.is_empty() {
            self.branches.push(Branch::default());
        }
        let mut at = 0;
        for &class in &language.places {
            at = self.branch(at, class);
        }
        self.branches[at].ends.push((language.tail, number));
    }

    /// The numbers of all names that take a string of this language, in ascending order.
    pub(super) fn meeting(&self, language: &Language) -> Result<Vec<u32>, TooMany> {
        let mut found = Vec::new();
        let mut left = MAX_BRANCHES;
        if !language.is_empty && !self.branches.is_empty() {
            self.search(0, &language.places, language.tail, &mut found, &mut left)?;
        }
        found.sort_unstable();
        Ok(found)
    }

    fn branch(&mut self, at: usize, class: Class) -> usize {
        let next = self.branches.len();
        let branch = &mut self.branches[at];
        let found = match class.only() {
            Some(byte) => *branch.bytes.entry(byte).or_insert(next),
            None => match branch.classes.iter().find(|(known, _)| *known == class) {
                Some(&(_, found)) => found,
                None => {
                    branch.classes.push((class, next));
                    next
                }
            },
        };
        if found == next {
            self.branches.push(Branch::default());
        }
        found
    }

    fn search(
        &self,
        at: usize,
        places: &[Class],
        tail: Tail,
        found: &mut Vec<u32>,
        left: &mut usize,
    ) -> Result<(), TooMany> {
        *left = left.checked_sub(1).ok_or(TooMany)?;
        let branch = &self.branches[at];
        for &(end, number) in &branch.ends {
            let fits = match (end, places, tail) {
                (Tail::Any, ..) | (Tail::End, [], Tail::End | Tail::Any) => true,
                (Tail::End, ..) => false,
                (Tail::More, places, tail) => !places.is_empty() || tail != Tail::End,
            };
            if fits {
                found.push(number);
            }
        }
        let (class, rest) = match places {
            [class, rest @ ..] => (Some(*class), rest),
            [] if tail == Tail::End => return Ok(()),
            [] => (None, places),
        };
        // What stands for any byte more stands for any number of them after the first.
        let tail = if class.is_none() { Tail::Any } else { tail };
        let mut go = |next: usize| self.search(next, rest, tail, found, left);
        match class {
            Some(class) if class.only().is_some() => {
                let byte = class.only().expect("it was asked above");
                branch.bytes.get(&byte).map_or(Ok(()), |&next| go(next))?;
            }
            class => {
                for (&byte, &next) in &branch.bytes {
                    if class.is_none_or(|class| class.has(byte)) {
                        go(next)?;
                    }
                }
            }
        }
        for &(other, next) in &branch.classes {
            if class.is_none_or(|class| class.meets(other)) {
                go(next)?;
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dialplan::pattern::Pattern;

    #[test]
    fn the_tree_finds_what_asking_each_name_finds() {
        let names = [
            "1", "12", "100", "_1XX", "_[12]X", "_X.", "_X!", "_ZXX#", "_.", "_5[3-1]", "_12.",
            "h", "_[a-z].", "_1", "", "_*X!", "#",
        ];
        let languages = names.map(|name| Language::new(&Pattern::new(name.as_bytes())));
        let mut trie = Trie::default();
        (0..).zip(&languages).for_each(|(number, language)| trie.insert(language, number));
        for (name, asked) in names.iter().zip(&languages) {
            let meeting = (0..).zip(&languages).filter(|(_, language)| language.meets(asked));
            let expected: Vec<u32> = meeting.map(|(number, _)| number).collect();
            assert_eq!(trie.meeting(asked), Ok(expected), "{name}");
        }
    }
}
