//! The steps by their numbers.

use super::Subject;
use std::collections::HashSet;

/// Context, extension as spelled without blanks, and number of each step.
pub(super) fn steps<'a>(subject: &'a Subject<'_>) -> HashSet<(&'a [u8], &'a [u8], i32)> {
    let steps = subject.steps();
    steps
        .map(|step| {
            let context = subject.bytes(step.context.name);
            (context, subject.bytes(step.priority.name), step.priority.number)
        })
        .collect()
}
