//! A context while it is loaded: its extensions in order, their priorities, their labels.

mod extension;
mod labels;
mod order;
mod reach;
mod tree;

use super::{Context, Extension, Include, Priority, Switch, brackets, pattern::ExtensionKey};
use crate::{
    index::{IgnoreCase, ListIndex},
    syntax::{Files, Text},
};
use extension::OutOfOrder;
use labels::Labels;
use reach::{Reach, Wanted};
use std::{
    collections::BTreeSet,
    ops::Bound::{Excluded, Included, Unbounded},
};
use tree::NameTree;

/// A context that is being filled.
#[derive(Debug)]
#[expect(clippy::struct_excessive_bools, reason = "each is a fact of its own")]
#[expect(clippy::box_collection, reason = "there are millions of contexts, hardly one has these")]
pub(super) struct Draft {
    pub(super) name: Text,
    extensions: Vec<Extension>,
    out_of_order: OutOfOrder,
    by_key: ListIndex,
    labels: Labels,
    includes: Vec<Include>,
    by_include: ListIndex,
    ignorepats: Vec<Text>,
    by_ignorepat: ListIndex,
    switches: Vec<Switch>,
    by_switch: ListIndex,
    pub(super) has_autohints: bool,
    /// Whether an include without times names another context.
    includes_others: bool,
    /// Whether a pattern has a `[` without `]`.
    has_open_pattern: bool,
    /// Whether the tree of names finds a `[` without `]`.
    has_open_bracket: bool,
    /// Whether a pattern has a `[` with nothing in it.
    has_empty_set: bool,
    /// The tree of the names that Asterisk keeps once a label was looked for.
    tree: Option<Box<NameTree>>,
    /// The patterns in order, once one has a `[` without `]`.
    sorted: Option<Box<BTreeSet<ExtensionKey>>>,
    /// What names reach, once a label was looked for.
    reach: Option<Box<Reach>>,
}

/// What is noticed while names are put into a tree.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Grown {
    /// A `[` without `]`.
    pub(super) has_open_bracket: bool,
    /// A `[` with nothing in it.
    pub(super) has_empty_set: bool,
    /// Two names at the same place.
    pub(super) has_duplicate: bool,
}

/// What became of a priority.
#[derive(Debug)]
pub(super) struct Added {
    /// Whether another extension stood at its place in the tree of names.
    pub(super) is_duplicate: bool,
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
            extensions: Vec::new(),
            out_of_order: OutOfOrder::default(),
            by_key: ListIndex::default(),
            labels: Labels::default(),
            includes: Vec::new(),
            by_include: ListIndex::default(),
            ignorepats: Vec::new(),
            by_ignorepat: ListIndex::default(),
            switches: Vec::new(),
            by_switch: ListIndex::default(),
            has_autohints: false,
            includes_others: false,
            has_open_pattern: false,
            has_open_bracket: false,
            has_empty_set: false,
            tree: None,
            sorted: None,
            reach: None,
        }
    }

    /// The number of an extension within the context; a new one if it is not there.
    pub(super) fn extension(&mut self, key: &ExtensionKey) -> usize {
        let extensions = &mut self.extensions;
        let next = extensions.len();
        if let Some(found) = self.by_key.find(next, key, |at| extensions[at].key == *key) {
            return found;
        }
        extensions.push(Extension::new(key.clone()));
        self.by_key.note_last(next + 1, |at| &extensions[at].key);
        if let Some(sorted) = self.sorted.as_mut().filter(|_| key.pattern.is_pattern()) {
            sorted.insert(key.clone());
        }
        next
    }

    /// Adds a priority to an extension, unless its number is taken; `key` is its name as spelled.
    pub(super) fn add(
        &mut self,
        files: &Files,
        extension: usize,
        key: &ExtensionKey,
        new: Priority,
    ) -> Added {
        let in_tree = self.tree.as_mut().map(|tree| tree.add(key));
        let mut added = self.add_to(files, extension, new);
        if let (Some(tree), Some(in_tree)) = (&mut self.tree, in_tree) {
            added.is_duplicate = in_tree.is_duplicate;
            if added.taken_by.is_some() {
                tree.take_back(key, in_tree);
            }
        }
        added
    }

    fn add_to(&mut self, files: &Files, extension: usize, mut new: Priority) -> Added {
        let Self { extensions, out_of_order, .. } = self;
        let Some(label) = new.label else {
            let taken_by = out_of_order.add(extensions, extension, new);
            return Added { is_duplicate: false, taken_by, label_at: None };
        };
        let holders = self.labels.holders(files, extension, files.bytes(label));
        let next = out_of_order.next_number(extensions, extension, new.number);
        let label_at = holders.and_then(|holders| holders.seen(new.number, next));
        if label_at.is_some() {
            new.label = None;
        }
        let taken_by = out_of_order.add(extensions, extension, new);
        if taken_by.is_none() && label_at.is_none() {
            self.labels.add(files, extension, label, new.number);
        }
        Added { is_duplicate: false, taken_by, label_at }
    }

    /// Looks a label up in every extension that a name reaches.
    pub(super) fn label(
        &mut self,
        files: &Files,
        exten: &[u8],
        caller: Option<&[u8]>,
        label: &[u8],
    ) -> Labelled {
        let Self { extensions, labels, reach, .. } = self;
        let reach = reach.get_or_insert_default();
        reach.note_labels(files, extensions, labels);
        let wanted = Wanted::new(exten, caller.unwrap_or_default());
        match reach.labelled(extensions, &wanted, label) {
            Some(extension) => {
                let holders = labels.holders(files, extension, label);
                Labelled::At(holders.expect("it was found by its label").first)
            }
            None if reach.is_any(extensions, &wanted) => Labelled::NoLabel,
            None => Labelled::NoExtension,
        }
    }

    /// Puts the names into a tree, as Asterisk does when it first looks for a label.
    pub(super) fn grow_tree(&mut self) -> Grown {
        if self.tree.is_some() || self.extensions.is_empty() {
            return Grown::default();
        }
        let (tree, has_duplicate) = NameTree::of(&self.extensions);
        self.tree = Some(Box::new(tree));
        let Self { has_open_bracket, has_empty_set, .. } = *self;
        Grown { has_open_bracket, has_empty_set, has_duplicate }
    }

    /// Notes a pattern with a `[` without `]`; whether it goes into the tree at once.
    pub(super) fn note_open_bracket(&mut self) -> bool {
        self.has_open_bracket = true;
        self.tree.is_some()
    }

    /// Whether Asterisk comes by a `[` without `]` when it looks for the place of a pattern: it
    /// compares it with those before and after it in the listing.
    pub(super) fn notices_bracket(&mut self, key: &ExtensionKey) -> bool {
        if !self.has_open_pattern && !brackets::is_open(&key.pattern) {
            return false;
        }
        let keys = self.extensions.iter().map(|extension| &extension.key);
        let patterns = || keys.filter(|key| key.pattern.is_pattern()).cloned().collect();
        let sorted = self.sorted.get_or_insert_with(|| Box::new(patterns()));
        let before = sorted.range::<ExtensionKey, _>((Unbounded, Excluded(key))).next_back();
        let after = sorted.range::<ExtensionKey, _>((Included(key), Unbounded)).next();
        let mut neighbours = before.into_iter().chain(after);
        neighbours.any(|other: &ExtensionKey| brackets::is_noticed(&key.pattern, &other.pattern))
    }

    /// Notes a pattern with a `[` without `]`.
    pub(super) fn note_open_pattern(&mut self) {
        self.has_open_pattern = true;
    }

    /// Notes a pattern with a `[` with nothing in it; whether it goes into the tree at once.
    pub(super) fn note_empty_set(&mut self) -> bool {
        self.has_empty_set = true;
        self.tree.is_some()
    }

    /// Adds an include, unless it is there; case does not matter.
    pub(super) fn add_include(&mut self, files: &Files, new: Include) -> bool {
        let text = |include: &Include| files.bytes(include.text);
        let is_it = |at: usize| text(&self.includes[at]).eq_ignore_ascii_case(text(&new));
        let name = IgnoreCase(text(&new));
        let is_first = self.by_include.find(self.includes.len(), &name, is_it).is_none();
        if is_first {
            let is_own = || files.bytes(new.context()).eq_ignore_ascii_case(files.bytes(self.name));
            self.includes_others |= !new.is_timed() && !is_own();
            if self.includes.is_empty() {
                // Most contexts have one or none; a list begins with room for four.
                self.includes.reserve_exact(1);
            }
            self.includes.push(new);
            let includes = &self.includes;
            self.by_include.note_last(includes.len(), |at| IgnoreCase(text(&includes[at])));
        }
        is_first
    }

    /// Adds an ignorepat, unless it is there; case does not matter.
    pub(super) fn add_ignorepat(&mut self, files: &Files, new: Text) -> bool {
        let name = files.bytes(new);
        let is_it = |at: usize| files.bytes(self.ignorepats[at]).eq_ignore_ascii_case(name);
        let len = self.ignorepats.len();
        let is_first = self.by_ignorepat.find(len, &IgnoreCase(name), is_it).is_none();
        if is_first {
            self.ignorepats.push(new);
            let all = &self.ignorepats;
            self.by_ignorepat.note_last(all.len(), |at| IgnoreCase(files.bytes(all[at])));
        }
        is_first
    }

    /// Adds a switch, unless it is there; case does not matter. One without data equals one with
    /// empty data.
    pub(super) fn add_switch(&mut self, files: &Files, new: Switch) -> bool {
        let parts = |switch: &Switch| [switch.name, switch.data].map(|part| files.bytes(part));
        let both = |switch: &Switch| parts(switch).map(IgnoreCase);
        let [name, data] = parts(&new);
        let is_it = |at: usize| {
            let [other, other_data] = parts(&self.switches[at]);
            name.eq_ignore_ascii_case(other) && data.eq_ignore_ascii_case(other_data)
        };
        let is_first = self.by_switch.find(self.switches.len(), &both(&new), is_it).is_none();
        if is_first {
            self.switches.push(new);
            let all = &self.switches;
            self.by_switch.note_last(all.len(), |at| both(&all[at]));
        }
        is_first
    }

    pub(super) fn includes(&self) -> &[Include] {
        &self.includes
    }

    pub(super) fn switches(&self) -> &[Switch] {
        &self.switches
    }

    /// Whether a label that is not found is looked for in another context too.
    pub(super) fn includes_others(&self) -> bool {
        self.includes_others
    }

    /// The finished context.
    pub(super) fn finish(mut self) -> Context {
        // Their memory is needed for sorting.
        drop((self.by_key, self.labels, self.sorted, self.reach, self.tree));
        self.out_of_order.finish(&mut self.extensions);
        order::sort(&mut self.extensions);
        Context {
            name: self.name,
            extensions: self.extensions,
            includes: self.includes,
            ignorepats: self.ignorepats,
            switches: self.switches,
            has_autohints: self.has_autohints,
        }
    }
}
