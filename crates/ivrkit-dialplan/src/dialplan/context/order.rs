//! Brings the extensions of a context into the order of the listing.

use super::extension::ExtensionDraft;
use crate::dialplan::Extension;

/// The finished extensions, sorted by their keys.
///
/// Comparing keys means reading them from all over the memory, so most of it is done on a number
/// that each key begins with.
pub(super) fn sorted(drafts: Vec<ExtensionDraft>) -> Vec<Extension> {
    if drafts.is_sorted_by(|one, next| one.key < next.key) {
        return drafts.into_iter().map(ExtensionDraft::finish).collect();
    }
    let ranked = drafts.iter().enumerate().map(|(at, draft)| (draft.key.pattern.rank(), at));
    let mut ranked: Vec<_> = ranked.collect();
    ranked.sort_unstable_by(|(rank, at), (other_rank, other)| {
        rank.cmp(other_rank).then_with(|| drafts[*at].key.cmp(&drafts[*other].key))
    });
    let mut drafts: Vec<_> = drafts.into_iter().map(Some).collect();
    let take = |(_, at): (u128, usize)| drafts[at].take().expect("each place comes up once");
    ranked.into_iter().map(take).map(ExtensionDraft::finish).collect()
}
