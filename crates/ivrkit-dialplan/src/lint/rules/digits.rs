//! Which extension answers what a caller types, and how long that takes.

use crate::{lint::Rule, syntax::Place};
use std::ops::Range;

mod bounded_entry;
mod dead_characters_after_wildcard;
mod empty_set;
mod entry_waits_for_longer;
mod entry_without_end;
mod forgotten_underscore;
mod letter_taken_for_digits;
mod negated_set;
mod non_canonical_pattern;
mod odd_set_member;
mod pattern_catches_handlers;
mod reversed_range;
mod shadowed_pattern;
mod wildcard_after_wildcard;

/// The rules of this group.
pub(super) static RULES: &[&Rule] = &[
    &dead_characters_after_wildcard::RULE,
    &empty_set::RULE,
    &entry_waits_for_longer::RULE,
    &entry_without_end::RULE,
    &forgotten_underscore::RULE,
    &letter_taken_for_digits::RULE,
    &negated_set::RULE,
    &non_canonical_pattern::RULE,
    &odd_set_member::RULE,
    &pattern_catches_handlers::RULE,
    &reversed_range::RULE,
    &shadowed_pattern::RULE,
    &wildcard_after_wildcard::RULE,
];

/// What stands between the `[` and `]` of a pattern, as far as it counts.
fn sets(name: &[u8]) -> impl Iterator<Item = Range<usize>> {
    let mut at = usize::from(name.first() == Some(&b'_'));
    let is_pattern = at == 1;
    std::iter::from_fn(move || {
        while is_pattern && at < name.len() && !matches!(name[at], b'.' | b'!') {
            at += 1;
            if name[at - 1] == b'[' {
                let start = at;
                let end = start + name[start..].iter().position(|&byte| byte == b']')?;
                at = end + 1;
                return Some(start..end);
            }
        }
        None
    })
}

/// Where a part of a name stands; the whole place if the file has it in other bytes.
fn within(place: Place, name: &[u8], part: Range<usize>) -> Place {
    let at = |offset: usize| place.start + u32::try_from(offset).expect("names are short");
    let is_as_written = (place.end - place.start) as usize == name.len();
    if is_as_written { Place { start: at(part.start), end: at(part.end), ..place } } else { place }
}
