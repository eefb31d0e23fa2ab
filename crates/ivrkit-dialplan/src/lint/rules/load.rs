//! What Asterisk itself says while it loads; a rule for each kind of message.

use crate::lint::Rule;

mod duplicate_priority;
mod malformed_suppression;
mod suppression_without_reason;
mod unknown_suppression;
mod unused_suppression;

/// The rules of this group.
pub(super) static RULES: &[&Rule] = &[
    &duplicate_priority::RULE,
    &malformed_suppression::RULE,
    &suppression_without_reason::RULE,
    &unknown_suppression::RULE,
    &unused_suppression::RULE,
];
