//! Single keys of one call: put in order, repeats dropped, gathered into an entry.
//!
//! Facts behind the rules: a PBX may report keys twice, late or not at all; it may count them over
//! the whole call, per IVR, or not at all; the report of a whole entry may overtake the last keys.

use super::Digits;
use serde::{Deserialize, Serialize};
use std::{
    collections::{BTreeMap, VecDeque},
    fmt,
};

/// The keys that no entry has used yet, and what is needed to recognise those that do not count.
#[derive(Clone, Default, Serialize, Deserialize)]
pub(super) struct Keys {
    pending: Vec<Press>,
    /// Counted keys of this call by their count, to drop repeats.
    counted: BTreeMap<u32, char>,
    /// The highest count among the keys that were used or dropped.
    used: Option<u32>,
    /// Keys of an entry that was judged before they arrived.
    owed: VecDeque<char>,
    /// Counted keys that meant nothing where they came, until a later report shows that they were
    /// pressed somewhere else.
    #[serde(default)]
    strays: Vec<Press>,
    /// Whether this PBX reports single keys at all.
    seen: bool,
}

/// Most strays that are remembered.
const MAX_STRAYS: usize = 32;

#[derive(Clone, Serialize, Deserialize)]
struct Press {
    key: char,
    sequence: Option<u32>,
}

impl fmt::Debug for Keys {
    /// Counts only: the keys are a secret in the making.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "<{} keys pending, {} owed>", self.pending.len(), self.owed.len())
    }
}

impl Keys {
    /// Takes a key; `false` if it is a repeat or belongs to an entry that was judged already.
    pub(super) fn press(&mut self, key: char, sequence: Option<u32>) -> bool {
        self.seen = true;
        if let Some(sequence) = sequence {
            match self.counted.insert(sequence, key) {
                Some(before) if before == key => return false,
                // The same count for another key: this PBX starts its count over in each IVR.
                Some(_) => {
                    self.counted = BTreeMap::from([(sequence, key)]);
                    self.used = None;
                }
                None => {}
            }
        }
        if self.owed.front() == Some(&key) {
            self.owed.pop_front();
            self.used = self.used.max(sequence);
            return false;
        }
        self.owed.clear();
        let late = |press: &Press| press.sequence.is_some() && press.sequence > sequence;
        let at = match sequence {
            Some(_) => self.pending.iter().rposition(|press| !late(press)).map_or(0, |at| at + 1),
            None => self.pending.len(),
        };
        self.pending.insert(at, Press { key, sequence });
        true
    }

    /// The pending keys as text.
    pub(super) fn typed(&self) -> String {
        self.pending.iter().map(|press| press.key).collect()
    }

    /// Whether single keys have been reported in this call.
    pub(super) fn seen(&self) -> bool {
        self.seen
    }

    /// Forgets the pending keys: the dialplan has used or dropped them. Owed ones stay owed.
    pub(super) fn clear(&mut self) {
        let last = self.pending.iter().filter_map(|press| press.sequence).max();
        self.used = self.used.max(last);
        self.pending.clear();
    }

    /// The pending keys have led on to another menu; those that overtook them belong there.
    pub(super) fn lead_on(&mut self) {
        let last = self.pending.iter().filter_map(|press| press.sequence).max();
        self.clear();
        self.pending = std::mem::take(&mut self.strays);
        self.pending.retain(|press| last.is_some() && press.sequence > last);
        if !self.pending.is_empty() {
            self.used = last;
        }
    }

    /// The pending keys mean nothing here: the dialplan has dropped them, unless they have only
    /// overtaken the key that led to where they mean something.
    pub(super) fn drop_meaningless(&mut self) {
        let counted = self.pending.iter().filter(|press| press.sequence.is_some());
        self.strays.extend(counted.cloned());
        self.strays.truncate(MAX_STRAYS);
        self.strays.sort_by_key(|press| press.sequence);
        self.clear();
    }

    /// Whether the PBX's count has a gap before or among the pending keys: some are still on their
    /// way, or lost.
    pub(super) fn has_gap(&self) -> bool {
        let counts = self.pending.iter().filter_map(|press| press.sequence);
        let with_used: Vec<u32> = self.used.into_iter().chain(counts).collect();
        with_used.windows(2).any(|pair| pair[1].saturating_sub(pair[0]) > 1)
    }

    /// An entry was taken: its keys are used, and those not here yet are owed.
    pub(super) fn consume(&mut self, digits: &Digits, end_key: char) {
        let whole: Vec<char> = digits.expose().chars().chain([end_key]).collect();
        let typed: Vec<char> = self.typed().chars().collect();
        // The longest beginning of the entry that the pending keys end with is here already.
        let here = (0..=whole.len()).rev().find(|&n| typed.ends_with(&whole[..n])).unwrap_or(0);
        self.clear();
        self.owed =
            if self.seen { whole[here..].iter().copied().collect() } else { VecDeque::new() };
    }

    /// Whether the pending keys can have typed this entry anew: all of it, with or without the end
    /// key, or its end with the end key when the first keys fell into the transfer before it.
    pub(super) fn could_have_typed(&self, digits: &Digits, end_key: char) -> bool {
        let typed = self.typed();
        let text = digits.expose();
        match typed.strip_suffix(end_key) {
            Some(before) => {
                !before.is_empty() && (before.ends_with(text) || text.ends_with(before))
            }
            None => !text.is_empty() && typed.ends_with(text),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Presses `keys` as (key, count) and compares what is pending.
    fn check(keys: &[(char, Option<u32>)], expected: &str) -> Keys {
        let mut room = Keys::default();
        for &(key, sequence) in keys {
            room.press(key, sequence);
        }
        assert_eq!(room.typed(), expected);
        room
    }

    #[test]
    fn repeats_are_dropped_and_late_keys_sorted_in() {
        check(&[('5', Some(1)), ('5', Some(1)), ('7', Some(3)), ('6', Some(2))], "567");
    }

    #[test]
    fn uncounted_keys_are_taken_as_they_come() {
        check(&[('5', None), ('5', None), ('1', None)], "551");
    }

    #[test]
    fn a_count_that_starts_over_is_survived() {
        let mut keys = check(&[('1', Some(0))], "1");
        keys.clear();
        keys.press('5', Some(0));
        keys.press('6', Some(1));
        assert_eq!(keys.typed(), "56");
    }

    #[test]
    fn a_gap_in_the_count_is_seen_before_and_among_the_keys() {
        assert!(!check(&[('5', Some(1)), ('6', Some(2))], "56").has_gap());
        assert!(check(&[('5', Some(1)), ('7', Some(3))], "57").has_gap());
        let mut keys = check(&[('1', Some(0))], "1");
        keys.clear();
        keys.press('6', Some(2));
        assert!(keys.has_gap(), "key 1 of the count never came");
    }

    #[test]
    fn the_highest_count_there_is_does_no_harm() {
        assert!(
            !check(&[('5', Some(u32::MAX)), ('6', None), ('7', Some(u32::MAX))], "567").has_gap()
        );
        let mut keys = check(&[('1', Some(u32::MAX))], "1");
        keys.clear();
        keys.press('5', Some(0));
        assert!(!keys.has_gap());
    }

    #[test]
    fn keys_overtaken_by_their_entry_are_owed_not_pending() {
        let mut keys = check(&[('5', Some(1)), ('6', Some(2))], "56");
        keys.consume(&Digits::new("5678"), '#');
        for (key, sequence) in [('7', 3), ('8', 4), ('#', 5)] {
            assert!(!keys.press(key, Some(sequence)));
        }
        assert!(keys.press('9', Some(6)));
        assert_eq!(keys.typed(), "9");
    }

    #[test]
    fn keys_that_overtook_the_one_that_led_on_are_kept() {
        let mut keys = check(&[('5', Some(1))], "5");
        keys.drop_meaningless();
        keys.press('1', Some(0));
        assert_eq!(keys.typed(), "1");
        keys.lead_on();
        assert_eq!(keys.typed(), "5");
        keys.press('7', Some(3));
        assert!(keys.has_gap());
        keys.press('6', Some(2));
        assert_eq!((keys.typed().as_str(), keys.has_gap()), ("567", false));
    }

    #[test]
    fn keys_that_meant_nothing_before_the_one_that_led_on_stay_dropped() {
        let mut keys = check(&[('5', Some(0))], "5");
        keys.drop_meaningless();
        keys.press('1', Some(1));
        keys.lead_on();
        assert_eq!(keys.typed(), "");
        keys.press('6', Some(2));
        assert_eq!((keys.typed().as_str(), keys.has_gap()), ("6", false));
    }

    #[test]
    fn a_second_entry_of_the_same_digits_needs_new_keys() {
        let code = Digits::new("1111");
        let mut keys = Keys::default();
        assert!(!keys.could_have_typed(&code, '#'));
        "11".chars().for_each(|key| {
            keys.press(key, None);
        });
        assert!(!keys.could_have_typed(&code, '#'), "half an entry is no entry");
        "11".chars().for_each(|key| {
            keys.press(key, None);
        });
        assert!(keys.could_have_typed(&code, '#'));
    }
}
