//! The names of a context in a tree, so that those which take a string are found without asking
//! each of them.

use crate::{
    dialplan::pattern::{Class, Language, Tail},
    syntax::narrow,
};
use hashbrown::HashMap;

/// Most branches that one question looks at: names that part at every place, all of them sets,
/// would otherwise make a question as long as the dialplan.
const MAX_BRANCHES: usize = 1_000;

/// The names of a context, each with its number.
#[derive(Debug, Default)]
pub(super) struct Trie {
    /// The first is that of the empty name.
    branches: Vec<Branch>,
    ends: Vec<End>,
}

/// The classes of several bytes that occur in tries, each once: there are few, and a branch has room
/// for a number only.
#[derive(Debug, Default)]
pub(super) struct Classes {
    all: Vec<Class>,
    numbers: HashMap<Class, u32>,
}

/// A beginning of names. Those that are longer by one place are in a list, and so are the names that
/// end here.
#[derive(Debug, Clone, Copy)]
struct Branch {
    /// What the last place takes: a byte, or 256 and the number of a class.
    takes: u32,
    /// The first that is longer by one place.
    longer: u32,
    /// The next of the same length with the same beginning.
    beside: u32,
    /// The first name that ends here.
    end: u32,
}

/// A name that ends at a branch.
#[derive(Debug, Clone, Copy)]
struct End {
    tail: Tail,
    number: u32,
    /// The next one that ends there.
    next: u32,
}

/// The number of no branch and no end.
const NONE: u32 = u32::MAX;
/// Lower numbers are bytes.
const FIRST_CLASS: u32 = 256;

/// A question that looked at too many branches.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct TooMany;

impl Classes {
    fn number(&mut self, class: Class) -> u32 {
        if let Some(byte) = class.only() {
            return byte.into();
        }
        *self.numbers.entry(class).or_insert_with(|| {
            self.all.push(class);
            FIRST_CLASS + narrow(self.all.len() - 1)
        })
    }

    /// Whether what a branch takes and a class have a byte in common.
    fn meet(&self, takes: u32, class: Class) -> bool {
        match u8::try_from(takes) {
            Ok(byte) => class.has(byte),
            Err(_) => self.all[(takes - FIRST_CLASS) as usize].meets(class),
        }
    }
}

impl Trie {
    /// Adds a name. `way` is what the name added before left, nothing before the first: names that
    /// come in order begin alike.
    pub(super) fn insert(
        &mut self,
        language: &Language,
        number: u32,
        classes: &mut Classes,
        way: &mut Vec<(Class, u32)>,
    ) {
        if language.is_empty {
            return;
        }
        if self.branches.is_empty() {
            self.push(0, NONE);
        }
        let alike = way.iter().zip(&language.places);
        way.truncate(alike.take_while(|((known, _), own)| known == *own).count());
        let mut at = way.last().map_or(0, |&(_, branch)| branch);
        for &class in &language.places[way.len()..] {
            at = self.longer(at, classes.number(class));
            way.push((class, at));
        }
        let next = std::mem::replace(&mut self.branches[at as usize].end, narrow(self.ends.len()));
        self.ends.push(End { tail: language.tail, number, next });
    }

    /// The numbers of all names that take a string of this language, in ascending order.
    pub(super) fn meeting(
        &self,
        language: &Language,
        classes: &Classes,
    ) -> Result<Vec<u32>, TooMany> {
        let mut question = Question { trie: self, classes, found: Vec::new(), left: MAX_BRANCHES };
        if !language.is_empty && !self.branches.is_empty() {
            question.ask(0, &language.places, language.tail)?;
        }
        question.found.sort_unstable();
        Ok(question.found)
    }

    fn push(&mut self, takes: u32, beside: u32) -> u32 {
        self.branches.push(Branch { takes, longer: NONE, beside, end: NONE });
        narrow(self.branches.len() - 1)
    }

    /// The branch after one that takes this, made if it is not there.
    fn longer(&mut self, at: u32, takes: u32) -> u32 {
        let first = self.branches[at as usize].longer;
        if let Some(found) =
            self.beside(first).find(|&one| self.branches[one as usize].takes == takes)
        {
            return found;
        }
        let new = self.push(takes, first);
        self.branches[at as usize].longer = new;
        new
    }

    /// A branch and those beside it.
    fn beside(&self, first: u32) -> impl Iterator<Item = u32> {
        let known = |one: u32| (one != NONE).then_some(one);
        std::iter::successors(known(first), move |&one| known(self.branches[one as usize].beside))
    }
}

struct Question<'a> {
    trie: &'a Trie,
    classes: &'a Classes,
    found: Vec<u32>,
    /// How many more branches may be looked at.
    left: usize,
}

impl Question<'_> {
    fn ask(&mut self, at: u32, places: &[Class], tail: Tail) -> Result<(), TooMany> {
        self.left = self.left.checked_sub(1).ok_or(TooMany)?;
        let branch = self.trie.branches[at as usize];
        self.end(branch.end, places, tail);
        let (class, rest) = match places {
            [class, rest @ ..] => (Some(*class), rest),
            [] if tail == Tail::End => return Ok(()),
            [] => (None, places),
        };
        // What stands for any byte more stands for any number of them after the first.
        let tail = if class.is_none() { Tail::Any } else { tail };
        for next in self.trie.beside(branch.longer) {
            let takes = self.trie.branches[next as usize].takes;
            if class.is_none_or(|class| self.classes.meet(takes, class)) {
                self.ask(next, rest, tail)?;
            }
        }
        Ok(())
    }

    /// Notes the names of a list that end where this much of the question is left.
    fn end(&mut self, first: u32, places: &[Class], tail: Tail) {
        let mut at = first;
        while let Some(&End { tail: end, number, next }) = self.trie.ends.get(at as usize) {
            let fits = match (end, places, tail) {
                (Tail::Any, ..) | (Tail::End, [], Tail::End | Tail::Any) => true,
                (Tail::End, ..) => false,
                (Tail::More, places, tail) => !places.is_empty() || tail != Tail::End,
            };
            if fits {
                self.found.push(number);
            }
            at = next;
        }
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
        let (mut trie, mut classes) = (Trie::default(), Classes::default());
        let mut way = Vec::new();
        for (number, language) in (0..).zip(&languages) {
            trie.insert(language, number, &mut classes, &mut way);
        }
        for (name, asked) in names.iter().zip(&languages) {
            let meeting = (0..).zip(&languages).filter(|(_, language)| language.meets(asked));
            let expected: Vec<u32> = meeting.map(|(number, _)| number).collect();
            assert_eq!(trie.meeting(asked, &classes), Ok(expected), "{name}");
        }
    }
}
