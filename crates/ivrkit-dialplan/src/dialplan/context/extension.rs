//! An extension while it is loaded: its priorities in the order in which they came.

use crate::dialplan::{Extension, Priority, pattern::ExtensionKey};
use std::collections::{BTreeMap, HashMap};

/// The priorities of each extension by number, once those of it did not come in order; hardly any
/// dialplan has one.
#[derive(Debug, Default)]
#[expect(clippy::box_collection, reason = "there are millions of contexts, hardly one has these")]
pub(super) struct OutOfOrder(Option<Box<HashMap<usize, ByNumber>>>);

/// The places of priorities by their numbers.
type ByNumber = BTreeMap<i32, usize>;

impl Extension {
    pub(super) fn new(key: ExtensionKey) -> Self {
        Self { key, priorities: Vec::new() }
    }

    /// Whether a priority comes after all that are there.
    fn ends_before(&self, number: i32) -> bool {
        self.priorities.last().is_none_or(|last| last.number < number)
    }

    fn push(&mut self, new: Priority) {
        let len = self.priorities.len();
        if len == self.priorities.capacity() {
            // Most extensions have one priority or two; a list begins with room for four.
            self.priorities.reserve_exact(len.max(1));
        }
        self.priorities.push(new);
    }
}

impl OutOfOrder {
    /// Adds a priority to the extension of a number, or gives the one that has its number.
    pub(super) fn add(
        &mut self,
        extensions: &mut [Extension],
        at: usize,
        new: Priority,
    ) -> Option<Priority> {
        let extension = &mut extensions[at];
        let next = extension.priorities.len();
        if let Some(by_number) = self.of(at) {
            if let Some(&taken) = by_number.get(&new.number) {
                return Some(extension.priorities[taken]);
            }
            by_number.insert(new.number, next);
        } else if !extension.ends_before(new.number) {
            let priorities = &extension.priorities;
            let found = priorities.binary_search_by_key(&new.number, |one| one.number);
            if let Ok(taken) = found {
                return Some(priorities[taken]);
            }
            let numbers = priorities.iter().map(|one| one.number).chain([new.number]);
            let by_number = numbers.enumerate().map(|(at, number)| (number, at)).collect();
            self.0.get_or_insert_default().insert(at, by_number);
        }
        extension.push(new);
        None
    }

    /// The lowest number of an extension that is not below this one.
    pub(super) fn next_number(
        &mut self,
        extensions: &[Extension],
        at: usize,
        number: i32,
    ) -> Option<i32> {
        let extension = &extensions[at];
        if let Some(by_number) = self.of(at) {
            return by_number.range(number..).next().map(|(&number, _)| number);
        }
        if extension.ends_before(number) {
            return None;
        }
        let priorities = &extension.priorities;
        priorities.get(priorities.partition_point(|one| one.number < number)).map(|one| one.number)
    }

    /// Brings the priorities of each extension into order.
    pub(super) fn finish(self, extensions: &mut [Extension]) {
        for at in self.0.into_iter().flat_map(|all| all.into_keys()) {
            extensions[at].priorities.sort_by_key(|one| one.number);
        }
    }

    fn of(&mut self, at: usize) -> Option<&mut ByNumber> {
        self.0.as_mut()?.get_mut(&at)
    }
}
