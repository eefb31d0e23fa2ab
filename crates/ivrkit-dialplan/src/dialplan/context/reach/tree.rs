//! The sort keys of extensions in a tree, one place of a name after the other.
//!
//! What only a few extensions go on with is one list: who comes by asks each of them. Must not know
//! what is looked for.

use crate::dialplan::{
    Extension,
    pattern::{END_OF_PLAIN, PATTERN, UnitKey},
};
use std::collections::BTreeMap;

/// A place of the tree.
#[derive(Debug)]
pub(super) enum Node {
    /// The extensions that come here, in the order of their keys, if they are few.
    Few(Vec<u32>),
    /// What they go on with.
    Many(Box<Branch>),
}

/// What follows a place of the tree, in the order of the keys.
#[derive(Debug, Default)]
pub(super) struct Branch {
    /// The marks that names begin with, the bytes of plain names, the places of patterns that take
    /// one byte.
    bytes: Vec<(u8, Node)>,
    /// The other places of patterns, as keys have them; they come after those.
    pub(super) others: BTreeMap<Box<[u8]>, Node>,
}

/// A key, or that of a name alone, which is followed step by step.
#[derive(Debug, Clone)]
pub(super) struct Steps<'k> {
    rest: &'k [u8],
    part: Part,
}

/// What a key goes on with.
#[derive(Debug, Clone, Copy)]
enum Part {
    /// The mark of a name.
    Mark,
    Plain,
    Pattern,
}

/// What a key has at one place.
#[derive(Debug, Clone, Copy)]
pub(super) enum Step<'k> {
    Byte(u8),
    Other(&'k [u8]),
}

/// Most extensions of a list: a few are asked sooner than told apart.
const MOST: usize = 4;

impl Default for Node {
    fn default() -> Self {
        Self::Few(Vec::new())
    }
}

impl Node {
    /// Adds an extension that is not there, to the tree of all.
    pub(super) fn insert(&mut self, extensions: &[Extension], extension: u32) {
        self.insert_below(extensions, extension, 0);
    }

    /// Adds an extension whose key leads here after so many steps.
    fn insert_below(&mut self, extensions: &[Extension], extension: u32, mut depth: usize) {
        let key = |extension: u32| &extensions[extension as usize].key;
        let mut bytes = Vec::new();
        key(extension).append_to(&mut bytes);
        let mut steps = Steps::of(&bytes).skip(depth);
        let mut node = self;
        while let Self::Many(branch) = node {
            node = branch.enter(steps.next().expect("no key begins with another one"));
            depth += 1;
        }
        let Self::Few(few) = node else { unreachable!("the others were gone through") };
        let at = few.partition_point(|&one| key(one) < key(extension));
        few.insert(at, extension);
        if few.len() > MOST {
            let few = std::mem::take(few);
            *node = Self::Many(Box::default());
            for one in few {
                node.insert_below(extensions, one, depth);
            }
        }
    }
}

impl Branch {
    /// Where a byte leads.
    pub(super) fn byte(&self, byte: u8) -> Option<&Node> {
        let found = self.bytes.binary_search_by_key(&byte, |&(own, _)| own);
        found.ok().map(|at| &self.bytes[at].1)
    }

    /// Where a step leads.
    pub(super) fn next(&self, step: Step<'_>) -> Option<&Node> {
        match step {
            Step::Byte(byte) => self.byte(byte),
            Step::Other(other) => self.others.get(other),
        }
    }

    /// All that bytes lead to, the lowest byte first.
    pub(super) fn after_bytes(&self) -> impl Iterator<Item = &Node> {
        self.bytes.iter().map(|(_, node)| node)
    }

    /// Where a step leads; an empty list if nothing did.
    fn enter(&mut self, step: Step<'_>) -> &mut Node {
        match step {
            Step::Byte(byte) => {
                let found = self.bytes.binary_search_by_key(&byte, |&(own, _)| own);
                let at = found.unwrap_or_else(|at| {
                    self.bytes.insert(at, (byte, Node::default()));
                    at
                });
                &mut self.bytes[at].1
            }
            Step::Other(other) => self.others.entry(other.into()).or_default(),
        }
    }
}

impl<'k> Steps<'k> {
    pub(super) fn of(key: &'k [u8]) -> Self {
        Self { rest: key, part: Part::Mark }
    }
}

impl<'k> Iterator for Steps<'k> {
    type Item = Step<'k>;

    fn next(&mut self) -> Option<Step<'k>> {
        let &first = self.rest.first()?;
        let (step, len) = match self.part {
            Part::Mark => {
                self.part = if first == PATTERN { Part::Pattern } else { Part::Plain };
                (Step::Byte(first), 1)
            }
            Part::Plain => {
                if first == END_OF_PLAIN {
                    self.part = Part::Mark;
                }
                (Step::Byte(first), 1)
            }
            Part::Pattern => {
                let unit = UnitKey::first_of(self.rest);
                if matches!(unit, UnitKey::End) {
                    self.part = Part::Mark;
                }
                let bytes = unit.bytes();
                (unit.only().map_or(Step::Other(bytes), Step::Byte), bytes.len())
            }
        };
        self.rest = &self.rest[len..];
        Some(step)
    }
}
