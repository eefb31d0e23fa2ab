//! Answers that are kept: who misspells a name does so in many lines, and to find what was meant
//! takes long.

use hashbrown::HashMap;
use std::sync::{Mutex, PoisonError};

/// Answers by what was asked.
#[derive(Debug)]
pub(super) struct Remembered<T>(Mutex<HashMap<Vec<u8>, T>>);

impl<T> Default for Remembered<T> {
    fn default() -> Self {
        Self(Mutex::default())
    }
}

impl<T: Clone> Remembered<T> {
    /// The answer, found out if nobody asked yet; it may depend on nothing but what is asked.
    pub(super) fn answer(&self, asked: &[u8], find: impl FnOnce() -> T) -> T {
        // Whoever panicked meanwhile left answers that are right.
        let known = || self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(answer) = known().get(asked) {
            return answer.clone();
        }
        // Others need not wait meanwhile, at worst they find out the same.
        let answer = find();
        known().insert(asked.to_vec(), answer.clone());
        answer
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_asked_is_found_out_once() {
        let remembered = Remembered::default();
        let mut times = 0;
        for (asked, expected) in [("a", 1), ("b", 2), ("a", 1), ("b", 2)] {
            let answer = remembered.answer(asked.as_bytes(), || {
                times += 1;
                times
            });
            assert_eq!(answer, expected, "{asked}");
        }
    }
}
