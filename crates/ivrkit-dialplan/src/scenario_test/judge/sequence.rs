//! A list that was found, held against one that is expected, in which `...` stands for anything.

use super::course::Found;
use std::collections::BTreeSet;

/// One item of an expected list.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Item<'a> {
    /// Any number of anything.
    Any,
    /// This.
    One(&'a str),
}

/// How items are compared.
#[derive(Clone, Copy)]
pub(super) struct Matching {
    is_match: fn(&str, &str) -> bool,
    /// Whether an item may stand for several in a row.
    may_repeat: fn(&str) -> bool,
}

/// Where two lists differ first.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Difference {
    pub(super) expected_at: usize,
    pub(super) found_at: usize,
}

impl<'a> Item<'a> {
    pub(super) fn of(text: &'a str) -> Self {
        if text == "..." { Self::Any } else { Self::One(text) }
    }
}

impl Matching {
    pub(super) const WHOLE: Self = Self { is_match: |item, found| item == found, may_repeat: no };
    /// `context` for all that happens in it, `context,exten` for one stay.
    pub(super) const PLACES: Self = Self {
        is_match: |item, found| {
            item == found || found.split_once(',').is_some_and(|(context, _)| context == item)
        },
        may_repeat: |item| !item.contains(','),
    };
    pub(super) const SOUNDS: Self = Self { is_match: is_sound, may_repeat: no };
    pub(super) const EVENTS: Self = Self { is_match: is_event, may_repeat: no };
    pub(super) const PIECES: Self =
        Self { is_match: |item, found| found.contains(item), may_repeat: no };
}

fn no(_: &str) -> bool {
    false
}

/// A sound by its name or the last part of it, with or without how it ended. One that was missing
/// was not heard, so that has to be said.
fn is_sound(item: &str, found: &str) -> bool {
    let (name, end) = split_end(found);
    let (wanted, wanted_end) = split_end(item);
    let is_name = name == wanted || name.rsplit('/').next() == Some(wanted);
    is_name && if wanted_end.is_empty() { end != "missing" } else { wanted_end == end }
}

fn split_end(text: &str) -> (&str, &str) {
    let ended = ["whole", "cut", "missing"].into_iter().find_map(|end| {
        let name = text.strip_suffix(')')?.strip_suffix(end)?.strip_suffix(" (")?;
        Some((name, end))
    });
    ended.unwrap_or((text, ""))
}

/// An event by its name, with all the fields that the item names.
fn is_event(item: &str, found: &str) -> bool {
    let (mut wanted, mut told) = (item.split(','), found.split(','));
    wanted.next().map(str::trim) == told.next()
        && wanted.all(|field| told.clone().any(|known| known == field.trim()))
}

/// Where the lists differ first; none if they do not.
pub(super) fn difference(
    items: &[Item<'_>],
    found: &[Found],
    matching: Matching,
) -> Option<Difference> {
    // Each place in the expected list at which one can be after what was found so far.
    let mut places = BTreeSet::from([0]);
    pass_any(items, &mut places);
    for (found_at, one) in found.iter().enumerate() {
        let mut next = BTreeSet::new();
        for &place in &places {
            match items.get(place) {
                Some(Item::Any) => {
                    next.insert(place);
                }
                Some(Item::One(item)) if (matching.is_match)(item, &one.text) => {
                    next.insert(place + 1);
                }
                _ => {}
            }
            if let Some(Item::One(last)) = place.checked_sub(1).and_then(|last| items.get(last))
                && (matching.may_repeat)(last)
                && (matching.is_match)(last, &one.text)
            {
                next.insert(place);
            }
        }
        pass_any(items, &mut next);
        if next.is_empty() {
            return Some(Difference { expected_at: furthest(items, &places), found_at });
        }
        places = next;
    }
    let is_done = places.contains(&items.len());
    (!is_done).then(|| Difference { expected_at: furthest(items, &places), found_at: found.len() })
}

/// Adds the places behind each `...`.
fn pass_any(items: &[Item<'_>], places: &mut BTreeSet<usize>) {
    for (place, item) in items.iter().enumerate() {
        if *item == Item::Any && places.contains(&place) {
            places.insert(place + 1);
        }
    }
}

/// The furthest expected item that is still open.
fn furthest(items: &[Item<'_>], places: &BTreeSet<usize>) -> usize {
    let open = places.iter().rev().find(|&&place| place < items.len());
    open.or(places.last()).copied().unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(
        matching: Matching,
        expected: &str,
        found: &str,
        difference_at: Option<(usize, usize)>,
    ) {
        let words = |text: &str| -> Vec<String> {
            text.split('|').filter(|word| !word.is_empty()).map(str::to_owned).collect()
        };
        let (expected, found) = (words(expected), words(found));
        let items: Vec<Item> = expected.iter().map(|text| Item::of(text)).collect();
        let found: Vec<Found> =
            found.into_iter().enumerate().map(|(at, text)| Found { text, at }).collect();
        let difference = difference(&items, &found, matching);
        let difference = difference.map(|one| (one.expected_at, one.found_at));
        assert_eq!(difference, difference_at, "{expected:?} {found:?}");
    }

    #[test]
    fn lists_are_compared_in_order() {
        check(Matching::WHOLE, "a|b", "a|b", None);
        check(Matching::WHOLE, "", "", None);
        check(Matching::WHOLE, "a|b", "a|c", Some((1, 1)));
        check(Matching::WHOLE, "a|b", "a", Some((1, 1)));
        check(Matching::WHOLE, "a", "a|b", Some((1, 1)));
    }

    #[test]
    fn dots_stand_for_any_number() {
        check(Matching::WHOLE, "a|...|b", "a|b", None);
        check(Matching::WHOLE, "a|...|b", "a|c|b|d|b", None);
        check(Matching::WHOLE, "...", "", None);
        check(Matching::WHOLE, "...|b|...", "a|b", None);
        check(Matching::WHOLE, "a|...|b", "a|c|d", Some((2, 3)));
        check(Matching::WHOLE, "a|...|b", "c", Some((0, 0)));
    }

    #[test]
    fn a_context_stands_for_all_that_happens_in_it() {
        check(Matching::PLACES, "a|b,s|a", "a,s|a,1|b,s|a,t", None);
        check(Matching::PLACES, "a|c", "a,s|b,s", Some((1, 1)));
        check(Matching::PLACES, "a,s", "a,s|a,1", Some((1, 1)));
    }

    #[test]
    fn sounds_have_ends_where_those_matter() {
        check(Matching::SOUNDS, "ok|x/y", "ok (whole)|x/y (cut)", None);
        check(Matching::SOUNDS, "ok (cut)", "/snd/ok (cut)", None);
        check(Matching::SOUNDS, "ok (cut)", "ok (whole)", Some((0, 0)));
        check(Matching::SOUNDS, "ok", "ok (missing)", Some((0, 0)));
        check(Matching::SOUNDS, "ok (missing)", "ok (missing)", None);
    }

    #[test]
    fn events_have_the_fields_that_matter() {
        check(Matching::EVENTS, "E", "E,a=1,b=2", None);
        check(Matching::EVENTS, "E, b=2", "E,a=1,b=2", None);
        check(Matching::EVENTS, "E,b=3", "E,a=1,b=2", Some((0, 0)));
        check(Matching::EVENTS, "F", "E", Some((0, 0)));
    }

    #[test]
    fn complaints_are_known_by_a_piece() {
        check(Matching::PIECES, "no function", "there is no function X", None);
    }
}
