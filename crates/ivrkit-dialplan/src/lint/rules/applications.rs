//! Applications, functions and what they are given.

use crate::lint::Rule;

mod blank_before_parenthesis;

/// The rules of this group.
pub(super) static RULES: &[&Rule] = &[&blank_before_parenthesis::RULE];
