//! The labels of a context: which priorities of an extension have one.

use crate::{
    index::ListIndex,
    syntax::{Files, Text},
};

/// The labels in the order in which they came.
#[derive(Debug, Default)]
pub(super) struct Labels {
    all: Vec<Holders>,
    by_name: ListIndex,
}

/// The priorities of one extension that have the same label; mostly that is one.
///
/// A priority goes without a label that a lower one has, so each of them is lower than those
/// before it.
#[derive(Debug)]
pub(super) struct Holders {
    pub(super) extension: usize,
    pub(super) label: Text,
    pub(super) first: i32,
    later: Vec<i32>,
}

impl Labels {
    pub(super) fn all(&self) -> &[Holders] {
        &self.all
    }

    pub(super) fn holders(
        &self,
        files: &Files,
        extension: usize,
        label: &[u8],
    ) -> Option<&Holders> {
        self.place(files, extension, label).map(|at| &self.all[at])
    }

    /// Notes that a priority has a label.
    pub(super) fn add(&mut self, files: &Files, extension: usize, label: Text, number: i32) {
        if let Some(at) = self.place(files, extension, files.bytes(label)) {
            self.all[at].later.push(number);
            return;
        }
        if self.all.is_empty() {
            // Most contexts have one or none; a list begins with room for four.
            self.all.reserve_exact(1);
        }
        self.all.push(Holders { extension, label, first: number, later: Vec::new() });
        let all = &self.all;
        self.by_name.note_last(all.len(), |at| (all[at].extension, files.bytes(all[at].label)));
    }

    fn place(&self, files: &Files, extension: usize, label: &[u8]) -> Option<usize> {
        self.by_name.find(self.all.len(), &(extension, label), |at| {
            let holders = &self.all[at];
            holders.extension == extension && files.bytes(holders.label) == label
        })
    }
}

impl Holders {
    /// The first of them that Asterisk comes by when it looks for the place of `number`: it stops
    /// at `next`, the first one that is not lower.
    pub(super) fn seen(&self, number: i32, next: Option<i32>) -> Option<i32> {
        let is_holder = |next: &i32| {
            *next > number
                && (*next == self.first || self.later.binary_search_by(|at| next.cmp(at)).is_ok())
        };
        next.filter(is_holder).or_else(|| {
            let lower = self.later.partition_point(|&holder| holder >= number);
            if self.first < number { Some(self.first) } else { self.later.get(lower).copied() }
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_holder_is_seen_up_to_the_next_priority() {
        let holders = Holders { extension: 0, label: Text::default(), first: 9, later: vec![7, 3] };
        let check = |number, next, expected| assert_eq!(holders.seen(number, next), expected);
        check(10, None, Some(9));
        check(8, Some(9), Some(9));
        check(8, Some(8), Some(7));
        check(6, Some(7), Some(7));
        check(5, Some(6), Some(3));
        check(2, Some(3), Some(3));
        check(2, Some(2), None);
        check(1, Some(2), None);
    }
}
