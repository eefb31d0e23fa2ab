//! An extension while it is loaded: its priorities in the order in which they came.

use crate::dialplan::{Extension, Priority, pattern::ExtensionKey};
use std::collections::BTreeMap;

/// An extension that is being filled.
#[derive(Debug)]
#[expect(clippy::box_collection, reason = "there are millions of extensions, hardly one has this")]
pub(super) struct ExtensionDraft {
    pub(super) key: ExtensionKey,
    priorities: Vec<Priority>,
    /// Priorities by number, once they did not come in order.
    by_number: Option<Box<BTreeMap<i32, usize>>>,
}

impl ExtensionDraft {
    pub(super) fn new(key: ExtensionKey) -> Self {
        Self { key, priorities: Vec::new(), by_number: None }
    }

    /// Adds a priority, or gives the one that has its number.
    pub(super) fn add(&mut self, new: Priority) -> Option<Priority> {
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
            let by_number = numbers.enumerate().map(|(at, number)| (number, at)).collect();
            self.by_number = Some(Box::new(by_number));
        }
        if next == self.priorities.capacity() {
            // Most extensions have one priority or two; a list begins with room for four.
            self.priorities.reserve_exact(next.max(1));
        }
        self.priorities.push(new);
        None
    }

    /// The lowest number that is not below this one.
    pub(super) fn next_number(&self, number: i32) -> Option<i32> {
        if let Some(by_number) = &self.by_number {
            return by_number.range(number..).next().map(|(&number, _)| number);
        }
        let is_last = self.priorities.last().is_none_or(|last| last.number < number);
        let at = if is_last {
            self.priorities.len()
        } else {
            self.priorities.partition_point(|one| one.number < number)
        };
        self.priorities.get(at).map(|one| one.number)
    }

    pub(super) fn finish(mut self) -> Extension {
        if self.by_number.is_some() {
            self.priorities.sort_by_key(|one| one.number);
        }
        self.priorities.shrink_to_fit();
        Extension { key: self.key, priorities: self.priorities }
    }
}
