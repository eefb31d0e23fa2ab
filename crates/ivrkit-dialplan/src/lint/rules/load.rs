//! What Asterisk itself says while it loads; a rule for each kind of message.

use crate::lint::Rule;

mod duplicate_priority;

/// The rules of this group.
pub(super) static RULES: &[&Rule] = &[&duplicate_priority::RULE];
