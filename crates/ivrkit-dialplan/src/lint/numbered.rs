//! The steps by their numbers.

use super::Subject;
use crate::{dialplan::RemarkKind, syntax::Place};
use std::collections::{HashMap, HashSet};

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

/// The lines whose `n` goes on from another extension.
pub(super) fn continued(subject: &Subject<'_>) -> HashSet<Place> {
    let remarks = subject.dialplan.remarks.iter();
    remarks
        .filter(|remark| matches!(remark.kind, RemarkKind::Continued { .. }))
        .map(|remark| remark.place)
        .collect()
}

/// Context and extension as spelled without blanks.
type Name<'a> = (&'a [u8], &'a [u8]);

/// The steps of each extension by their lines.
pub(super) struct ByLine<'a> {
    steps: HashMap<Name<'a>, Vec<(Place, i32)>>,
}

impl<'a> ByLine<'a> {
    pub(super) fn new(subject: &'a Subject<'_>) -> Self {
        let mut steps: HashMap<Name<'a>, Vec<(Place, i32)>> = HashMap::new();
        for step in subject.steps() {
            let context = subject.bytes(step.context.name);
            let name = subject.bytes(step.priority.name);
            steps
                .entry((context, name))
                .or_default()
                .push((step.priority.place, step.priority.number));
        }
        for steps in steps.values_mut() {
            steps.sort_unstable();
        }
        Self { steps }
    }

    /// The number after that of the extension's last step above a line of the same file.
    pub(super) fn next(&self, context: &[u8], name: &[u8], line: Place) -> Option<i32> {
        let steps = self.steps.get(&(context, name))?;
        let below = steps.partition_point(|&(place, _)| place < line);
        let &(place, number) = steps[..below].last()?;
        (place.file == line.file).then_some(number + 1)
    }
}
