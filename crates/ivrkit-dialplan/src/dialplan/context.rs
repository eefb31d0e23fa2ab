//! A context while it is loaded: its extensions in order, their priorities, their labels.

use super::{
    Context, Extension, Include, Priority, Switch,
    pattern::{ExtensionKey, Pattern},
};
use crate::syntax::{Files, Text};
use std::{
    collections::{BTreeMap, HashMap, HashSet, hash_map::Entry},
    ops::Bound::{Excluded, Included, Unbounded},
};

/// A context that is being filled.
#[derive(Debug)]
#[expect(clippy::struct_excessive_bools, reason = "each is a fact of its own")]
pub(super) struct Draft {
    pub(super) name: Text,
    /// Extensions by what they match: plain names, and patterns. Most contexts have a few only, and
    /// a node of the tree has place for eleven, so the keys are kept outside of it.
    plain: BTreeMap<Box<ExtensionKey>, usize>,
    patterns: BTreeMap<Box<ExtensionKey>, usize>,
    extensions: Vec<ExtensionDraft>,
    /// The priorities that have a label of an extension.
    labels: HashMap<(usize, Vec<u8>), Holders>,
    pub(super) includes: Vec<Include>,
    pub(super) ignorepats: Vec<Text>,
    pub(super) switches: Vec<Switch>,
    pub(super) has_autohints: bool,
    /// Whether a pattern has a `[` without `]`.
    has_open_bracket: bool,
    /// Whether a pattern has a `[` with nothing in it.
    has_empty_set: bool,
    /// Whether a label was looked for; from then on Asterisk keeps a tree of the names.
    has_tree: bool,
    seen: HashSet<(Listed, Vec<u8>)>,
}

/// The priorities of one extension that have the same label; mostly that is one.
#[derive(Debug)]
struct Holders {
    first: i32,
    later: Vec<i32>,
}

/// What a context has once only.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum Listed {
    Include,
    Ignorepat,
    Switch,
}

#[derive(Debug, Default)]
struct ExtensionDraft {
    priorities: Vec<Priority>,
    /// Priorities by number, once they did not come in order.
    by_number: Option<BTreeMap<i32, usize>>,
}

/// What became of a priority.
#[derive(Debug)]
pub(super) struct Added {
    /// The priority of that number that was there first.
    pub(super) taken_by: Option<Priority>,
    /// The priorities that have the label already; the new one goes without.
    pub(super) label_at: Option<i32>,
}

/// Where a label was found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Labelled {
    At(i32),
    NoLabel,
    NoExtension,
}

impl Draft {
    pub(super) fn new(name: Text) -> Self {
        Self {
            name,
            plain: BTreeMap::new(),
            patterns: BTreeMap::new(),
            extensions: Vec::new(),
            labels: HashMap::new(),
            includes: Vec::new(),
            ignorepats: Vec::new(),
            switches: Vec::new(),
            has_autohints: false,
            has_open_bracket: false,
            has_empty_set: false,
            has_tree: false,
            seen: HashSet::new(),
        }
    }

    /// The number of an extension within the context; a new one if it is not there.
    pub(super) fn extension(&mut self, key: ExtensionKey) -> usize {
        let next = self.extensions.len();
        let keys = if key.pattern.is_pattern() { &mut self.patterns } else { &mut self.plain };
        let number = *keys.entry(Box::new(key)).or_insert(next);
        if number == next {
            self.extensions.push(ExtensionDraft::default());
        }
        number
    }

    /// Adds a priority to an extension, unless its number is taken.
    pub(super) fn add(&mut self, files: &Files, extension: usize, mut new: Priority) -> Added {
        let draft = &mut self.extensions[extension];
        let mut label_at = None;
        let label = new.label.map(|label| (extension, files.bytes(label).to_vec()));
        if let Some(holders) = label.as_ref().and_then(|label| self.labels.get(label)) {
            label_at = holders.all().find(|&holder| draft.sees(new.number, holder));
        }
        if label_at.is_some() {
            new.label = None;
        }
        let taken_by = draft.add(new);
        if let (Some(label), None, None) = (label, taken_by, label_at) {
            match self.labels.entry(label) {
                Entry::Occupied(mut holders) => holders.get_mut().later.push(new.number),
                Entry::Vacant(place) => {
                    place.insert(Holders { first: new.number, later: Vec::new() });
                }
            }
        }
        Added { taken_by, label_at }
    }

    /// Looks a label up in every extension that a name reaches.
    pub(super) fn label(&self, exten: &[u8], caller: Option<&[u8]>, label: &[u8]) -> Labelled {
        let caller = caller.unwrap_or_default();
        let pattern = Pattern::new(exten);
        let first = ExtensionKey { pattern: pattern.clone(), caller: Some(Pattern::new(b"")) };
        let same =
            self.plain.range(Box::new(first)..).take_while(|(key, _)| key.pattern == pattern);
        let matching = self.patterns.iter().filter(|(key, _)| key.pattern.matches(exten).exact);
        let mut found = Labelled::NoExtension;
        for (key, &extension) in same.chain(matching) {
            let is_asked = key.caller.as_ref().is_none_or(|asked| asked.matches_caller(caller));
            if !is_asked {
                continue;
            }
            match self.labels.get(&(extension, label.to_vec())) {
                Some(holders) => return Labelled::At(holders.first),
                None => found = Labelled::NoLabel,
            }
        }
        found
    }

    /// Puts the names into a tree, as Asterisk does when it first looks for a label; whether a `[`
    /// without `]`, and whether a `[` with nothing in it, is found on the way.
    pub(super) fn grow_tree(&mut self) -> (bool, bool) {
        let is_new = !self.has_tree && !self.extensions.is_empty();
        self.has_tree |= is_new;
        (is_new && self.has_open_bracket, is_new && self.has_empty_set)
    }

    /// Notes a pattern with a `[` without `]`; whether it goes into the tree at once.
    pub(super) fn note_open_bracket(&mut self) -> bool {
        self.has_open_bracket = true;
        self.has_tree
    }

    /// Notes a pattern with a `[` with nothing in it; whether it goes into the tree at once.
    pub(super) fn note_empty_set(&mut self) -> bool {
        self.has_empty_set = true;
        self.has_tree
    }

    /// The patterns before and after a name in the listing.
    pub(super) fn neighbours(&self, key: &ExtensionKey) -> impl Iterator<Item = &Pattern> {
        let before = self.patterns.range::<ExtensionKey, _>((Unbounded, Excluded(key))).next_back();
        let after = self.patterns.range::<ExtensionKey, _>((Included(key), Unbounded)).next();
        before.into_iter().chain(after).map(|(key, _)| &key.pattern)
    }

    /// Whether this is the first of its kind; case does not matter.
    pub(super) fn is_first(&mut self, listed: Listed, text: &[u8]) -> bool {
        self.seen.insert((listed, text.to_ascii_lowercase()))
    }

    /// The finished context.
    pub(super) fn finish(mut self) -> Context {
        let keys = self.plain.into_iter().chain(self.patterns);
        let extensions = keys.map(|(key, number)| {
            let draft = std::mem::take(&mut self.extensions[number]);
            Extension { key: *key, priorities: draft.finish() }
        });
        Context {
            name: self.name,
            extensions: extensions.filter(|one| !one.priorities.is_empty()).collect(),
            includes: self.includes,
            ignorepats: self.ignorepats,
            switches: self.switches,
            has_autohints: self.has_autohints,
        }
    }
}

impl Holders {
    fn all(&self) -> impl Iterator<Item = i32> {
        std::iter::once(self.first).chain(self.later.iter().copied())
    }
}

impl ExtensionDraft {
    /// Adds a priority, or gives the one that has its number.
    fn add(&mut self, new: Priority) -> Option<Priority> {
        let next = self.priorities.len();
        if let Some(by_number) = &mut self.by_number {
            if let Some(&taken) = by_number.get(&new.number) {
                return Some(self.priorities[taken]);
            }
            by_number.insert(new.number, next);
        } else if self.priorities.last().is_some_and(|last| last.number >= new.number) {
            let found = self.priorities.binary_search_by_key(&new.number, |one| one.number);
            if let Ok(taken) = found {
                return Some(self.priorities[taken]);
            }
            let numbers = self.priorities.iter().map(|one| one.number).chain([new.number]);
            self.by_number = Some(numbers.enumerate().map(|(at, number)| (number, at)).collect());
        }
        self.priorities.push(new);
        None
    }

    /// Whether Asterisk comes by the priority `holder` when it looks for the place of `number`: it
    /// stops at the first one that is not lower.
    fn sees(&self, number: i32, holder: i32) -> bool {
        let stop = if let Some(by_number) = &self.by_number {
            by_number.range(number..).next().map(|(&number, _)| number)
        } else {
            let at = self.priorities.partition_point(|one| one.number < number);
            self.priorities.get(at).map(|one| one.number)
        };
        holder < number || (holder > number && Some(holder) == stop)
    }

    fn finish(mut self) -> Vec<Priority> {
        if self.by_number.is_some() {
            self.priorities.sort_by_key(|one| one.number);
        }
        self.priorities.shrink_to_fit();
        self.priorities
    }
}
