//! What tells the extensions of a context apart: a name, and the caller id it asks for.

use super::{ANY_CALLER, Pattern};
use std::cmp::Ordering;

/// An extension's place in the listing of its context.
///
/// The variants for a caller id come before the one for everybody.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct ExtensionKey {
    /// The name of the extension.
    pub pattern: Pattern,
    /// The caller id it asks for; an empty name asks for a call without one.
    pub caller: Option<Pattern>,
}

impl ExtensionKey {
    /// Appends the sort key: bytewise, these have the order of the extensions.
    pub(in crate::dialplan) fn append_to(&self, key: &mut Vec<u8>) {
        self.pattern.append_key(key);
        match &self.caller {
            Some(caller) => caller.append_key(key),
            None => key.push(ANY_CALLER),
        }
    }
}

impl PartialOrd for ExtensionKey {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for ExtensionKey {
    fn cmp(&self, other: &Self) -> Ordering {
        let callers = || match (&self.caller, &other.caller) {
            (Some(caller), Some(other)) => caller.cmp(other),
            (caller, other) => other.is_some().cmp(&caller.is_some()),
        };
        self.pattern.cmp(&other.pattern).then_with(callers)
    }
}
