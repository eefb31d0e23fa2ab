//! Which of the extensions of a context a name reaches, for a label that is looked for.
//!
//! Asterisk tries one extension after the other. A file may look for a label on every line, so here
//! the sort keys stand in a tree, and what cannot match is passed over.

mod search;
mod tree;

use super::Labels;
use crate::{
    dialplan::{
        Extension,
        pattern::{ExtensionKey, Pattern},
    },
    syntax::{Files, narrow},
};
use hashbrown::HashMap;
use search::Search;
pub(super) use search::Wanted;
use tree::Node;

/// The extensions of a context by their keys.
#[derive(Debug, Default)]
pub(super) struct Reach {
    all: List,
    /// Those with a label.
    labelled: HashMap<Vec<u8>, List>,
    noted_extensions: usize,
    noted_labels: usize,
}

/// Some of the extensions of a context.
#[derive(Debug, Default)]
struct List {
    by_key: Node,
    /// Those whose keys do not tell all that they match, in the order of the keys.
    odd: Vec<u32>,
}

impl Reach {
    /// Takes up the labels that came since the last time.
    pub(super) fn note_labels(&mut self, files: &Files, extensions: &[Extension], labels: &Labels) {
        for holders in labels.all().iter().skip(self.noted_labels) {
            let list = self.labelled.entry_ref(files.bytes(holders.label)).or_default();
            list.insert(extensions, narrow(holders.extension));
        }
        self.noted_labels = labels.all().len();
    }

    /// Whether a name reaches any extension. The list of all is made when it is first asked for: where
    /// each label is found, nobody does.
    pub(super) fn is_any(&mut self, extensions: &[Extension], wanted: &Wanted<'_>) -> bool {
        for extension in self.noted_extensions..extensions.len() {
            self.all.insert(extensions, narrow(extension));
        }
        self.noted_extensions = extensions.len();
        self.all.first(extensions, wanted).is_some()
    }

    /// The first extension with this label that a name reaches.
    pub(super) fn labelled(
        &self,
        extensions: &[Extension],
        wanted: &Wanted<'_>,
        label: &[u8],
    ) -> Option<usize> {
        self.labelled.get(label)?.first(extensions, wanted)
    }
}

impl List {
    fn insert(&mut self, extensions: &[Extension], extension: u32) {
        let key = |extension: u32| &extensions[extension as usize].key;
        let ExtensionKey { pattern, caller } = key(extension);
        let is_told = |name: &Pattern| name.is_told_by_key();
        if is_told(pattern) && caller.as_ref().is_none_or(is_told) {
            self.by_key.insert(extensions, extension);
        } else {
            let at = self.odd.partition_point(|&one| key(one) < key(extension));
            self.odd.insert(at, extension);
        }
    }

    /// The first of them that a name reaches.
    fn first(&self, extensions: &[Extension], wanted: &Wanted<'_>) -> Option<usize> {
        let search = Search { extensions, wanted };
        let odd = self.odd.iter().copied().find(|&extension| search.is_reached(extension));
        search.earlier(search.first(&self.by_key), odd).map(|extension| extension as usize)
    }
}

#[cfg(test)]
mod tests;
