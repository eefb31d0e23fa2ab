//! `${...}` and `$[...]`: what is written wrongly, and what can only mean something else.

use crate::lint::{Call, Findings, Rule, Substitutions};

mod blank_before_event_field;
mod blank_in_variable_name;
mod brace_without_dollar;
mod broken_expression;
mod constant_condition;
mod dollar_without_brace;
mod drifting_event_field;
mod dropped_character;
mod forgotten_expression;
mod function_without_parenthesis;
mod missing_question_mark;
mod misspelt_variable;
mod substring_not_a_number;
mod text_after_function;
mod too_deep_nesting;
mod unclosed_expression;
mod unclosed_quote;
mod unclosed_variable;
mod vanishing_operand;

/// The rules of this group.
pub(super) static RULES: &[&Rule] = &[
    &blank_before_event_field::RULE,
    &blank_in_variable_name::RULE,
    &brace_without_dollar::RULE,
    &broken_expression::RULE,
    &constant_condition::RULE,
    &dollar_without_brace::RULE,
    &drifting_event_field::RULE,
    &dropped_character::RULE,
    &forgotten_expression::RULE,
    &function_without_parenthesis::RULE,
    &missing_question_mark::RULE,
    &misspelt_variable::RULE,
    &substring_not_a_number::RULE,
    &text_after_function::RULE,
    &too_deep_nesting::RULE,
    &unclosed_expression::RULE,
    &unclosed_quote::RULE,
    &unclosed_variable::RULE,
    &vanishing_operand::RULE,
];

/// Says what the reading of expressions found of one kind.
fn report_problems(
    call: &Call<'_>,
    substitutions: &Substitutions,
    findings: &mut Findings<'_>,
    code: &str,
) {
    for problem in substitutions.problems.iter().filter(|problem| problem.code == code) {
        let place = call.data_place(problem.span.range());
        let finding = findings.report(place, problem.message.clone());
        finding.help = problem.help.clone().map(Into::into);
    }
}
