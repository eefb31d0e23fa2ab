//! How the text is written; these rules are off unless asked for.

use crate::lint::Rule;

mod no_final_newline;

/// The rules of this group.
pub(super) static RULES: &[&Rule] = &[&no_final_newline::RULE];
