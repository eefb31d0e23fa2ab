//! Digits that a callee typed: never shown, compared in constant time.

use serde::{Deserialize, Serialize};
use std::fmt;

/// What a callee typed. `Debug` shows the length only; there is no `Display`.
///
/// It serialises in the clear, because a call's state must survive a restart: whoever stores the
/// state seals it.
#[derive(Clone, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Digits(String);

impl Digits {
    /// The digits as typed, without an end key.
    pub fn new(text: impl Into<String>) -> Self {
        Self(text.into())
    }

    /// For the one who looks them up; every use of this is a place where a secret could leak.
    pub fn expose(&self) -> &str {
        &self.0
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl PartialEq for Digits {
    /// Takes the same time wherever the first difference is.
    fn eq(&self, other: &Self) -> bool {
        let (a, b) = (self.0.as_bytes(), other.0.as_bytes());
        a.len() == b.len()
            && a.iter().zip(b).fold(0u8, |difference, (x, y)| difference | (x ^ y)) == 0
    }
}

impl Eq for Digits {}

impl fmt::Debug for Digits {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "<{} digits>", self.0.len())
    }
}
