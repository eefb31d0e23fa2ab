//! What other versions of Asterisk lack.

use crate::lint::Rule;

mod deprecated_application;
mod removed_application;
mod removed_function;
mod removed_technology;

/// The rules of this group.
pub(super) static RULES: &[&Rule] = &[
    &deprecated_application::RULE,
    &removed_application::RULE,
    &removed_function::RULE,
    &removed_technology::RULE,
];
