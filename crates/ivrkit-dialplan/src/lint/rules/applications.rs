//! Applications, functions and what they are given.

use crate::lint::Rule;

mod blank_before_parenthesis;
mod blank_in_function_name;
mod blank_in_nested_application;
mod computed_variable_name;
mod missing_conference_profile;
mod missing_endpoint;
mod missing_mailbox;
mod missing_music_class;
mod missing_odbc_function;
mod missing_parking_lot;
mod missing_queue;
mod old_delimiter;
mod repeated_option;
mod set_without_equals;
mod too_few_arguments;
mod too_few_function_arguments;
mod too_many_arguments;
mod unbalanced_parentheses;
mod unknown_application;
mod unknown_function;
mod unknown_option;
mod unreadable_function;
mod unwritable_function;

/// The rules of this group.
pub(super) static RULES: &[&Rule] = &[
    &blank_before_parenthesis::RULE,
    &blank_in_function_name::RULE,
    &blank_in_nested_application::RULE,
    &computed_variable_name::RULE,
    &missing_conference_profile::RULE,
    &missing_endpoint::RULE,
    &missing_mailbox::RULE,
    &missing_music_class::RULE,
    &missing_odbc_function::RULE,
    &missing_parking_lot::RULE,
    &missing_queue::RULE,
    &old_delimiter::RULE,
    &repeated_option::RULE,
    &set_without_equals::RULE,
    &too_few_arguments::RULE,
    &too_few_function_arguments::RULE,
    &too_many_arguments::RULE,
    &unbalanced_parentheses::RULE,
    &unknown_application::RULE,
    &unknown_function::RULE,
    &unknown_option::RULE,
    &unreadable_function::RULE,
    &unwritable_function::RULE,
];

#[cfg(test)]
mod tests {
    use crate::{
        lint::{Neighbours, Settings},
        syntax::{self, Nothing},
    };

    /// Settings under which these files lie beside the dialplan.
    pub(super) fn beside(files: &[(&str, &str)]) -> Settings {
        let mut neighbours = Neighbours::default();
        for (name, text) in files {
            let document = syntax::read(name.as_bytes(), text.as_bytes().to_vec(), &mut Nothing);
            neighbours.take(name, &document);
        }
        Settings { neighbours: Some(neighbours), ..Settings::default() }
    }
}
