//! Finding things by a name whose letter case does not count, as Asterisk finds applications.
//!
//! A linter asks for each line of a dialplan: looking up must not allocate.

use hashbrown::HashMap;

/// Longer names than this are nobody's.
const MAX_NAME_BYTES: usize = 48;

/// Values by name.
#[derive(Debug)]
pub(crate) struct ByName<T>(HashMap<Vec<u8>, T>);

impl<T> ByName<T> {
    /// What has that name in any case.
    pub(crate) fn find(&self, name: &[u8]) -> Option<&T> {
        let mut lowered = [0; MAX_NAME_BYTES];
        let lowered = lowered.get_mut(..name.len())?;
        lowered.copy_from_slice(name);
        lowered.make_ascii_lowercase();
        self.0.get(&*lowered)
    }

    /// How many names there are.
    #[cfg(test)]
    pub(crate) fn len(&self) -> usize {
        self.0.len()
    }
}

impl<T: Default + Extend<V>, V> FromIterator<(&'static str, V)> for ByName<T> {
    /// Values of one name are collected.
    fn from_iter<I: IntoIterator<Item = (&'static str, V)>>(all: I) -> Self {
        let mut found: HashMap<Vec<u8>, T> = HashMap::new();
        for (name, value) in all {
            assert!(name.len() <= MAX_NAME_BYTES, "{name} is longer than any name");
            found.entry(name.to_ascii_lowercase().into_bytes()).or_default().extend([value]);
        }
        Self(found)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_found_in_any_case_and_at_any_length() {
        let all: ByName<Vec<u8>> = [("Dial", 1), ("Goto", 2), ("dial", 3)].into_iter().collect();
        assert_eq!(all.find(b"DIAL"), Some(&vec![1, 3]));
        assert_eq!(all.find(b"goto"), Some(&vec![2]));
        assert_eq!(all.find(b"got"), None);
        assert_eq!(all.find(b""), None);
        assert_eq!(all.find(&[b'a'; 1000]), None);
        assert_eq!(all.len(), 2);
    }
}
