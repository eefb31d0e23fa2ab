//! What a caller can make the PBX do.

use crate::{
    diagnostic::Severity,
    lint::{Finding, Rule, Safety, Subject, taint::Hit},
    syntax::Text,
};

mod application_from_caller;
mod context_from_caller;
mod dial_string_injection;
mod disa_without_password;
mod evaluation_injection;
mod file_name_from_caller;
mod header_injection;
mod mailbox_without_password;
mod open_trunk;
mod password_from_caller;
mod plaintext_password;
mod program_from_caller;
mod reach;
mod shell_injection;
mod sql_injection;
mod transfer_from_outside;
mod url_injection;

/// The rules of this group.
pub(super) static RULES: &[&Rule] = &[
    &application_from_caller::RULE,
    &context_from_caller::RULE,
    &dial_string_injection::RULE,
    &disa_without_password::RULE,
    &evaluation_injection::RULE,
    &file_name_from_caller::RULE,
    &header_injection::RULE,
    &mailbox_without_password::RULE,
    &open_trunk::RULE,
    &password_from_caller::RULE,
    &plaintext_password::RULE,
    &program_from_caller::RULE,
    &shell_injection::RULE,
    &sql_injection::RULE,
    &transfer_from_outside::RULE,
    &url_injection::RULE,
];

/// Points at where the caller's text was put into a variable.
fn tell_origin(hit: &Hit, finding: &mut Finding) {
    if let Some(origin) = &hit.origin {
        finding.note(origin.place, origin.text.clone());
    }
}

/// An error only where it is certain that the text is the caller's.
fn weigh_doubt(hit: &Hit, finding: &mut Finding) {
    if !hit.taint.is_certain {
        finding.severity = finding.severity.max(Severity::Warning);
    }
}

/// Says how to let only harmless characters through, and offers to write it.
fn offer_filter(hit: &Hit, finding: &mut Finding, allowed: &str, title: &'static str) {
    let filtered = format!("${{FILTER({allowed},{})}}", hit.written);
    finding.help(format!("write {filtered}"));
    if hit.is_exact && hit.origin.is_none() {
        finding.fix(Safety::Unsafe, title, hit.place, filtered);
    }
}

/// Whether the operator trusts the callers of a context, by its place in the dialplan.
fn is_trusted(subject: &Subject<'_>, context: u32) -> bool {
    is_trusted_name(subject, subject.dialplan.contexts[context as usize].name)
}

/// The same for its name.
fn is_trusted_name(subject: &Subject<'_>, context: Text) -> bool {
    let name = subject.bytes(context);
    subject.settings.trusted_contexts.iter().any(|trusted| trusted.as_bytes() == name)
}
