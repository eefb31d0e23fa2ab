//! How the text is written; these rules are off unless asked for.

use crate::lint::Rule;

mod no_final_newline;
mod unset_variable;
mod unused_variable;

/// The rules of this group.
pub(super) static RULES: &[&Rule] =
    &[&no_final_newline::RULE, &unset_variable::RULE, &unused_variable::RULE];
