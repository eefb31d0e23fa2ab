//! Brings the extensions of a context into the order of the listing.

use crate::dialplan::Extension;

/// Sorts extensions by their keys.
///
/// Comparing keys means reading them from all over the memory, so most of it is done on a number
/// that each key begins with.
pub(super) fn sort(extensions: &mut [Extension]) {
    if extensions.is_sorted_by(|one, next| one.key < next.key) {
        return;
    }
    let ranked = extensions.iter().enumerate().map(|(at, one)| (one.key.pattern.rank(), at));
    let mut ranked: Vec<_> = ranked.collect();
    ranked.sort_unstable_by(|(rank, at), (other_rank, other)| {
        rank.cmp(other_rank).then_with(|| extensions[*at].key.cmp(&extensions[*other].key))
    });
    let mut sources: Vec<usize> = ranked.into_iter().map(|(_, at)| at).collect();
    arrange(extensions, &mut sources);
}

/// Puts into each place the item from its source; each place is the source of one.
fn arrange<T>(items: &mut [T], sources: &mut [usize]) {
    for first in 0..items.len() {
        let mut place = first;
        // One circle of places after the other; a place that is its own source is done.
        while sources[place] != place {
            let source = std::mem::replace(&mut sources[place], place);
            if source == first {
                break;
            }
            items.swap(place, source);
            place = source;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn items_come_to_their_places(sources in Just((0..50_usize).collect()).prop_shuffle()) {
            let sources: Vec<usize> = sources;
            let mut items: Vec<usize> = (0..50).collect();
            arrange(&mut items, &mut sources.clone());
            prop_assert_eq!(items, sources);
        }
    }
}
