//! How the text is written; these rules are off unless asked for.

use crate::lint::Rule;

mod blank_lines_at_end;
mod blank_lines_at_start;
mod byte_order_mark;
mod mixed_arrows;
mod mixed_indentation;
mod mixed_line_ends;
mod no_final_newline;
mod not_utf8;
mod priorities_out_of_order;
mod trailing_blanks;
mod uneven_blanks;
mod unset_variable;
mod unused_variable;

/// The rules of this group.
pub(super) static RULES: &[&Rule] = &[
    &blank_lines_at_end::RULE,
    &blank_lines_at_start::RULE,
    &byte_order_mark::RULE,
    &mixed_arrows::RULE,
    &mixed_indentation::RULE,
    &mixed_line_ends::RULE,
    &no_final_newline::RULE,
    &not_utf8::RULE,
    &priorities_out_of_order::RULE,
    &trailing_blanks::RULE,
    &uneven_blanks::RULE,
    &unset_variable::RULE,
    &unused_variable::RULE,
];
