//! Which parts the linting of a dialplan has: about as much work each, and enough of them for a
//! machine with many cores.

use super::Chosen;
use crate::lint::{Check, Step, Subject};
use std::ops::Range;

/// A part of the work.
#[derive(Debug)]
pub(super) enum Part {
    /// Rules that look for themselves at what they need, by their places among those that are on.
    Rules(Range<usize>),
    /// All rules that look at calls, at those of these steps.
    Calls(Steps),
    /// All rules that look at written lines, at those of these files.
    Written(Range<usize>),
    /// All rules that look at `exten` and `same` lines, at these of a section.
    ExtensionLines(usize, Range<usize>),
}

/// The steps of some extensions that come one after the other.
#[derive(Debug, Clone)]
pub(super) struct Steps {
    /// The context and the extension that they begin with.
    from: (usize, usize),
    /// Those that they end before.
    to: (usize, usize),
}

/// About so many steps or lines make a part.
const SIZE: usize = 4_096;

/// The parts of the work. Rules that share an analysis are in one part, so that nobody waits for
/// another to make it; these come first, as they take longest.
pub(super) fn of(subject: &Subject<'_>, rules: &[Chosen]) -> Vec<Part> {
    let mut parts = by_group(rules);
    if rules.iter().any(|(rule, _)| matches!(rule.check, Check::Written(_))) {
        let files = subject.files().count();
        parts.extend((0..files).map(|file| Part::Written(file..file + 1)));
    }
    if rules.iter().any(|(rule, _)| matches!(rule.check, Check::Extension(_))) {
        parts.extend(extension_lines(subject));
    }
    if rules.iter().any(|(rule, _)| rule.check.is_on_calls()) {
        parts.extend(steps(subject).into_iter().map(Part::Calls));
    }
    parts
}

/// The rules, those of a group together.
fn by_group(rules: &[Chosen]) -> Vec<Part> {
    let mut start = 0;
    let groups = rules.chunk_by(|(one, _), (next, _)| one.group == next.group);
    let parts = groups.map(|group| {
        start += group.len();
        Part::Rules(start - group.len()..start)
    });
    parts.collect()
}

fn extension_lines(subject: &Subject<'_>) -> Vec<Part> {
    let mut parts = Vec::new();
    for (at, section) in subject.sections.iter().enumerate() {
        let is_one = subject.has_extensions(section);
        let len = if is_one { section.settings.len() } else { 0 };
        let starts = (0..len).step_by(SIZE);
        parts.extend(starts.map(|start| Part::ExtensionLines(at, start..len.min(start + SIZE))));
    }
    parts
}

fn steps(subject: &Subject<'_>) -> Vec<Steps> {
    let mut found = Vec::new();
    let (mut from, mut count) = ((0, 0), 0);
    for (context, own) in subject.dialplan.contexts.iter().enumerate() {
        for (extension, own) in own.extensions.iter().enumerate() {
            count += own.priorities.len();
            if count >= SIZE {
                let to = (context, extension + 1);
                found.push(Steps { from, to });
                (from, count) = (to, 0);
            }
        }
    }
    if count > 0 {
        found.push(Steps { from, to: (subject.dialplan.contexts.len(), 0) });
    }
    found
}

impl Steps {
    /// The steps themselves; hints are none.
    pub(super) fn of<'a>(&self, subject: &'a Subject<'a>) -> impl Iterator<Item = Step<'a>> {
        let Self { from, to } = self.clone();
        let contexts = subject.dialplan.contexts.iter().enumerate().skip(from.0);
        let contexts = contexts.take_while(move |&(at, _)| at < to.0 || (at == to.0 && to.1 > 0));
        contexts.flat_map(move |(at, context)| {
            let start = if at == from.0 { from.1 } else { 0 };
            let end = if at == to.0 { to.1 } else { context.extensions.len() };
            context.extensions[start..end].iter().flat_map(move |extension| {
                let steps = extension.priorities.iter().filter(|one| one.number > 0);
                steps.map(move |priority| Step { subject, context, extension, priority })
            })
        })
    }
}
