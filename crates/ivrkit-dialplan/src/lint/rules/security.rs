//! What a caller can make the PBX do.

use crate::lint::{Finding, Rule, Subject, taint::Hit};

mod application_from_caller;
mod context_from_caller;
mod dial_string_injection;
mod evaluation_injection;
mod file_name_from_caller;
mod header_injection;
mod password_from_caller;
mod program_from_caller;
mod shell_injection;
mod sql_injection;
mod url_injection;

/// The rules of this group.
pub(super) static RULES: &[&Rule] = &[
    &application_from_caller::RULE,
    &context_from_caller::RULE,
    &dial_string_injection::RULE,
    &evaluation_injection::RULE,
    &file_name_from_caller::RULE,
    &header_injection::RULE,
    &password_from_caller::RULE,
    &program_from_caller::RULE,
    &shell_injection::RULE,
    &sql_injection::RULE,
    &url_injection::RULE,
];

/// Points at where the caller's text was put into a variable.
fn tell_origin(hit: &Hit, finding: &mut Finding) {
    if let Some(origin) = &hit.taint.origin {
        finding.note(origin.place, origin.text.clone());
    }
}

/// Whether the operator trusts the callers of a context.
fn is_trusted(subject: &Subject<'_>, context: u32) -> bool {
    let name = subject.dialplan.contexts[context as usize].name;
    let name = subject.bytes(name);
    subject.settings.trusted_contexts.iter().any(|trusted| trusted.as_bytes() == name)
}
