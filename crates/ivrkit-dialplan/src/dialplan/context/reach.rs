//! Which of the extensions of a context a name reaches, for a label that is looked for.
//!
//! Asterisk tries one extension after the other. A file may look for a label on every line, so here
//! the sort keys are gone through place by place, and what cannot match is passed over.

use super::Labels;
use crate::{
    dialplan::{
        Extension,
        pattern::{ANY_CALLER, ExtensionKey, PATTERN, Pattern, UnitKey},
    },
    syntax::{Files, narrow},
};
use std::{
    collections::BTreeMap,
    ops::Bound::{Included, Unbounded},
};

/// The extensions of a context by their keys, each after what its list begins with: the list of
/// all, or that of a label.
#[derive(Debug, Default)]
pub(super) struct Reach {
    by_key: BTreeMap<Box<[u8]>, u32>,
    /// The same, of those whose keys do not tell all that they match.
    odd: BTreeMap<Box<[u8]>, u32>,
    noted_extensions: usize,
    noted_labels: usize,
}

/// What a list of keys begins with.
fn list_of(label: Option<&[u8]>) -> Vec<u8> {
    match label {
        None => vec![0],
        // No label holds a NUL: that would end its line.
        Some(label) => [&[1], label, &[0]].concat(),
    }
}

impl Reach {
    /// Takes up the labels that came since the last time.
    pub(super) fn note_labels(&mut self, files: &Files, extensions: &[Extension], labels: &Labels) {
        for holders in labels.all().iter().skip(self.noted_labels) {
            let key = &extensions[holders.extension].key;
            self.insert(list_of(Some(files.bytes(holders.label))), key, holders.extension);
        }
        self.noted_labels = labels.all().len();
    }

    fn insert(&mut self, mut list: Vec<u8>, key: &ExtensionKey, extension: usize) {
        let is_told = |name: &Pattern| name.is_told_by_key();
        let is_regular = is_told(&key.pattern) && key.caller.as_ref().is_none_or(is_told);
        key.append_to(&mut list);
        let keys = if is_regular { &mut self.by_key } else { &mut self.odd };
        keys.insert(list.into(), narrow(extension));
    }

    /// Whether a name reaches any extension for this caller. The list of all is made when it is first
    /// asked for: where each label is found, nobody does.
    pub(super) fn is_any(&mut self, extensions: &[Extension], exten: &[u8], caller: &[u8]) -> bool {
        for (at, draft) in extensions.iter().enumerate().skip(self.noted_extensions) {
            self.insert(list_of(None), &draft.key, at);
        }
        self.noted_extensions = extensions.len();
        self.first(extensions, &list_of(None), exten, caller).is_some()
    }

    /// The first extension with this label that a name reaches.
    pub(super) fn labelled(
        &self,
        extensions: &[Extension],
        exten: &[u8],
        caller: &[u8],
        label: &[u8],
    ) -> Option<usize> {
        self.first(extensions, &list_of(Some(label)), exten, caller)
    }

    fn first(
        &self,
        extensions: &[Extension],
        list: &[u8],
        exten: &[u8],
        caller: &[u8],
    ) -> Option<usize> {
        let plain = Pattern::new(exten);
        let is_reached = |extension: u32| {
            let ExtensionKey { pattern, caller: asked } = &extensions[extension as usize].key;
            let is_named = *pattern == plain && !pattern.is_pattern();
            (is_named || (pattern.is_pattern() && pattern.matches(exten).exact))
                && asked.as_ref().is_none_or(|asked| asked.matches_caller(caller))
        };
        let search = Search {
            keys: &self.by_key,
            is_reached: &is_reached,
            exten: dialled(exten),
            caller: Pattern::new(caller),
            caller_digits: dialled(caller),
        };
        let itself = search.callers(&with_key(list, &plain));
        let patterns = search
            .patterns(&[list, &[PATTERN]].concat(), &search.exten, &|place| search.callers(place));
        let mut odd = from(&self.odd, list).take_while(|(key, _)| key.starts_with(list));
        let odd = odd.find(|&(_, extension)| is_reached(extension));
        let found = [itself, patterns, odd].into_iter().flatten().min();
        found.map(|(_, extension)| extension as usize)
    }
}

/// A key that was found, and its extension.
type Found<'a> = Option<(&'a [u8], u32)>;

/// The keys from one on.
fn from<'a>(
    keys: &'a BTreeMap<Box<[u8]>, u32>,
    first: &[u8],
) -> impl Iterator<Item = (&'a [u8], u32)> + use<'a> {
    let keys = keys.range::<[u8], _>((Included(first), Unbounded));
    keys.map(|(key, &extension)| (&**key, extension))
}

/// One name that is looked for.
struct Search<'a, R> {
    keys: &'a BTreeMap<Box<[u8]>, u32>,
    is_reached: &'a R,
    exten: Vec<u8>,
    caller: Pattern,
    caller_digits: Vec<u8>,
}

impl<'a, R: Fn(u32) -> bool> Search<'a, R> {
    /// The first of the variants for a caller id; `place` is the key of the name.
    fn callers(&self, place: &[u8]) -> Found<'a> {
        let itself = self.exactly(&with_key(place, &self.caller));
        let everybody = self.exactly(&[place, &[ANY_CALLER]].concat());
        // Nothing but an empty name asks for a call without a number.
        let patterns = (!self.caller_digits.is_empty()).then(|| {
            self.patterns(&[place, &[PATTERN]].concat(), &self.caller_digits, &|place| {
                self.exactly(place)
            })
        });
        [itself, patterns.flatten(), everybody].into_iter().flatten().min()
    }

    fn exactly(&self, key: &[u8]) -> Found<'a> {
        let found = self.keys.get_key_value(key);
        let found = found.map(|(key, &extension)| (&**key, extension));
        found.filter(|&(_, extension)| (self.is_reached)(extension))
    }

    /// The first pattern that goes on from `place` so that it takes the digits; `then` is asked for
    /// what stands after it.
    fn patterns(
        &self,
        place: &[u8],
        digits: &[u8],
        then: &dyn Fn(&[u8]) -> Found<'a>,
    ) -> Found<'a> {
        let mut next = place.to_vec();
        loop {
            let found = from(self.keys, &next).next();
            let key = found.map(|(key, _)| key).filter(|key| key.starts_with(place))?;
            let unit = UnitKey::first_of(&key[place.len()..]);
            let after = &key[..place.len() + unit.bytes().len()];
            let found = match (unit, digits) {
                (UnitKey::End, []) => then(after),
                (UnitKey::Rest, [_, ..]) | (UnitKey::Early, _) => self.any_after(after),
                (UnitKey::Members(_), [digit, rest @ ..]) if unit.takes(*digit) => {
                    self.patterns(after, rest, then)
                }
                _ => None,
            };
            if found.is_some() {
                return found;
            }
            next.truncate(place.len());
            unit.push_next(digits.first().copied(), &mut next);
        }
    }

    /// Nothing that stands after this matters.
    fn any_after(&self, place: &[u8]) -> Found<'a> {
        let mut after = from(self.keys, place).take_while(|(key, _)| key.starts_with(place));
        after.find(|&(_, extension)| (self.is_reached)(extension))
    }
}

/// The key of a name after another key.
fn with_key(place: &[u8], name: &Pattern) -> Vec<u8> {
    let mut key = place.to_vec();
    name.append_key(&mut key);
    key
}

fn dialled(name: &[u8]) -> Vec<u8> {
    name.iter().copied().filter(|&byte| byte != b'-').collect()
}

#[cfg(test)]
mod tests;
