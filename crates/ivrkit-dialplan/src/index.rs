//! Finds items of a list by names that the list itself holds.
//!
//! A map from names to places would keep a copy of each name; a dialplan of ten million lines has
//! no room for that. Must not know what the items are: who asks says how to compare them.

use hashbrown::{DefaultHashBuilder, HashTable};
use std::hash::{BuildHasher as _, Hash, Hasher};

/// The places of items in a list, found by the hashes of their names.
///
/// The hashes are seeded anew for each index, so that no file can make them collide.
#[derive(Debug, Default)]
pub(crate) struct Index {
    places: HashTable<Place>,
    seed: DefaultHashBuilder,
}

/// An index of all items of a list, which a short list does without.
#[derive(Debug, Default)]
pub(crate) struct ListIndex(Option<Box<Index>>);

/// The longest list that is searched item by item.
const MAX_SHORT: usize = 8;

/// The upper half of a hash beside the place, so that growing does not read the names again.
#[derive(Debug, Clone, Copy)]
struct Place {
    hash: u32,
    at: u32,
}

/// A name that is hashed without regard to case.
#[derive(Debug, Clone, Copy)]
pub(crate) struct IgnoreCase<'a>(pub(crate) &'a [u8]);

impl Index {
    /// The hash that a name is found under.
    pub(crate) fn hash(&self, name: &(impl Hash + ?Sized)) -> u32 {
        u32::try_from(self.seed.hash_one(name) >> 32).expect("half of it is left")
    }

    /// The place of the item of that hash for which `is_it` holds.
    pub(crate) fn find(&self, hash: u32, mut is_it: impl FnMut(usize) -> bool) -> Option<usize> {
        let found =
            self.places.find(spread(hash), |place| place.hash == hash && is_it(place.at as usize));
        found.map(|place| place.at as usize)
    }

    /// Notes an item that is not there yet.
    pub(crate) fn insert(&mut self, hash: u32, at: usize) {
        let at = u32::try_from(at).expect("files are shorter than 4 GiB");
        self.places.insert_unique(spread(hash), Place { hash, at }, |place| spread(place.hash));
    }
}

impl ListIndex {
    /// The place of the item of that name, for which `is_it` holds, in a list of so many items.
    pub(crate) fn find(
        &self,
        len: usize,
        name: &impl Hash,
        mut is_it: impl FnMut(usize) -> bool,
    ) -> Option<usize> {
        match &self.0 {
            None => (0..len).find(|&at| is_it(at)),
            Some(index) => index.find(index.hash(name), is_it),
        }
    }

    /// Notes the last of so many items; `name` tells the name of each.
    pub(crate) fn note_last<N: Hash>(&mut self, len: usize, name: impl Fn(usize) -> N) {
        if self.0.is_none() && len <= MAX_SHORT {
            return;
        }
        let first = if self.0.is_some() { len - 1 } else { 0 };
        let index = self.0.get_or_insert_default();
        for at in first..len {
            index.insert(index.hash(&name(at)), at);
        }
    }
}

impl Hash for IgnoreCase<'_> {
    fn hash<H: Hasher>(&self, state: &mut H) {
        for part in self.0.chunks(64) {
            let mut lower = [0; 64];
            let lower = &mut lower[..part.len()];
            lower.copy_from_slice(part);
            lower.make_ascii_lowercase();
            state.write(lower);
        }
        // Where a name ends counts if another value follows.
        state.write_u8(u8::MAX);
    }
}

/// The table takes the bucket from the lower bits and seven more from the upper ones.
fn spread(hash: u32) -> u64 {
    u64::from(hash).wrapping_mul(0x9E37_79B9_7F4A_7C15)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_item_is_found_by_its_name_and_no_other() {
        let names: Vec<String> = (0..1_000).map(|number| format!("name {number}")).collect();
        let mut index = Index::default();
        for (at, name) in names.iter().enumerate() {
            let hash = index.hash(name);
            assert_eq!(index.find(hash, |at| names[at] == *name), None);
            index.insert(hash, at);
        }
        for (at, name) in names.iter().enumerate() {
            assert_eq!(index.find(index.hash(name), |at| names[at] == *name), Some(at));
        }
    }

    #[test]
    fn a_list_is_found_in_while_it_grows() {
        let (mut names, mut index) = (Vec::new(), ListIndex::default());
        for number in 0..50 {
            names.push(format!("name {number}"));
            index.note_last(names.len(), |at| names[at].as_str());
            for (at, name) in names.iter().enumerate() {
                let found = index.find(names.len(), &name.as_str(), |at| names[at] == *name);
                assert_eq!(found, Some(at));
            }
            assert_eq!(index.find(names.len(), &"name", |at| names[at] == "name"), None);
        }
    }

    #[test]
    fn case_can_be_left_out_of_a_hash() {
        let index = Index::default();
        let check = |one: &[u8], other: &[u8], is_same: bool| {
            let hashes = [one, other].map(|name| index.hash(&IgnoreCase(name)));
            assert_eq!(hashes[0] == hashes[1], is_same);
        };
        check(b"General", b"gENERAL", true);
        check(&[b'A'; 200], &[b'a'; 200], true);
        check(b"a", b"b", false);
        check("É".as_bytes(), "é".as_bytes(), false);
    }
}
