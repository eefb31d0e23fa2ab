//! What Asterisk itself says while it loads, and what it does there without a word.

use crate::lint::Rule;

mod append_to_missing_section;
mod appended_line;
mod backslash_before_blank;
mod bad_expression_at_load;
mod bad_include_time;
mod bad_section_filter;
mod beyond_limits;
mod blank_before_section_options;
mod blank_in_context_name;
mod blank_in_label;
mod byte_order_mark_in_line;
mod catch_all_pattern;
mod comments_too_deep;
mod control_character;
mod duplicate_extension;
mod duplicate_ignorepat;
mod duplicate_include;
mod duplicate_label;
mod duplicate_priority;
mod duplicate_switch;
mod exec_directive;
mod failing_function_at_load;
mod file_included_twice;
mod full_width_punctuation;
mod global_not_utf8;
mod include_of_no_file;
mod include_too_deep;
mod include_without_file;
mod invisible_blank;
mod line_before_section;
mod line_too_long;
mod line_without_equals;
mod line_without_name;
mod long_context_name;
mod malformed_suppression;
mod missing_context;
mod missing_function_at_load;
mod missing_include_file;
mod missing_template;
mod misspelt_same;
mod nameless_extension;
mod next_before_priority;
mod next_of_another_extension;
mod no_application;
mod nul_byte;
mod odd_arrow;
mod old_argument_syntax;
mod priority_below_one;
mod same_before_exten;
mod second_general;
mod semicolon_in_arguments;
mod slash_comment;
mod slash_comment_in_data;
mod step_outside_of_context;
mod stray_comment_end;
mod suppression_without_reason;
mod tab_in_extension;
mod text_after_parenthesis;
mod text_after_priority;
mod text_after_section_name;
mod too_deep_substitution_at_load;
mod too_many_includes;
mod typographic_quotes;
mod unclosed_application;
mod unclosed_comment;
mod unclosed_label;
mod unclosed_section_name;
mod unclosed_section_options;
mod unclosed_set;
mod unclosed_substitution;
mod unknown_directive;
mod unknown_file_directive;
mod unknown_presence_provider;
mod unknown_priority;
mod unknown_suppression;
mod unknown_switch;
mod unused_suppression;
mod vanishing_step;
mod wrapped_line;

/// The rules of this group.
pub(super) static RULES: &[&Rule] = &[
    &append_to_missing_section::RULE,
    &appended_line::RULE,
    &backslash_before_blank::RULE,
    &bad_expression_at_load::RULE,
    &bad_include_time::RULE,
    &bad_section_filter::RULE,
    &beyond_limits::RULE,
    &blank_before_section_options::RULE,
    &blank_in_context_name::RULE,
    &blank_in_label::RULE,
    &byte_order_mark_in_line::RULE,
    &catch_all_pattern::RULE,
    &comments_too_deep::RULE,
    &control_character::RULE,
    &duplicate_extension::RULE,
    &duplicate_ignorepat::RULE,
    &duplicate_include::RULE,
    &duplicate_label::RULE,
    &duplicate_priority::RULE,
    &duplicate_switch::RULE,
    &exec_directive::RULE,
    &failing_function_at_load::RULE,
    &file_included_twice::RULE,
    &full_width_punctuation::RULE,
    &global_not_utf8::RULE,
    &include_of_no_file::RULE,
    &include_too_deep::RULE,
    &include_without_file::RULE,
    &invisible_blank::RULE,
    &line_before_section::RULE,
    &line_too_long::RULE,
    &line_without_equals::RULE,
    &line_without_name::RULE,
    &long_context_name::RULE,
    &malformed_suppression::RULE,
    &missing_context::RULE,
    &missing_function_at_load::RULE,
    &missing_include_file::RULE,
    &missing_template::RULE,
    &misspelt_same::RULE,
    &nameless_extension::RULE,
    &next_before_priority::RULE,
    &next_of_another_extension::RULE,
    &no_application::RULE,
    &nul_byte::RULE,
    &odd_arrow::RULE,
    &old_argument_syntax::RULE,
    &priority_below_one::RULE,
    &same_before_exten::RULE,
    &second_general::RULE,
    &semicolon_in_arguments::RULE,
    &slash_comment::RULE,
    &slash_comment_in_data::RULE,
    &step_outside_of_context::RULE,
    &stray_comment_end::RULE,
    &suppression_without_reason::RULE,
    &tab_in_extension::RULE,
    &text_after_parenthesis::RULE,
    &text_after_priority::RULE,
    &text_after_section_name::RULE,
    &too_deep_substitution_at_load::RULE,
    &too_many_includes::RULE,
    &typographic_quotes::RULE,
    &unclosed_application::RULE,
    &unclosed_comment::RULE,
    &unclosed_label::RULE,
    &unclosed_section_name::RULE,
    &unclosed_section_options::RULE,
    &unclosed_set::RULE,
    &unclosed_substitution::RULE,
    &unknown_directive::RULE,
    &unknown_file_directive::RULE,
    &unknown_presence_provider::RULE,
    &unknown_priority::RULE,
    &unknown_suppression::RULE,
    &unknown_switch::RULE,
    &unused_suppression::RULE,
    &vanishing_step::RULE,
    &wrapped_line::RULE,
];
