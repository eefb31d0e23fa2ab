//! Which parts the linting of a dialplan has: about as much work each, and enough of them for a
//! machine with many cores.

use super::Chosen;
use crate::{
    lint::{Check, Group, Step, Subject},
    syntax::{Section, Setting},
};
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
    /// All rules that look at `exten` and `same` lines, at those of these sections.
    ExtensionLines(Lines),
}

/// The steps of some extensions that come one after the other.
#[derive(Debug, Clone)]
pub(super) struct Steps {
    /// The context and the extension that they begin with.
    from: (usize, usize),
    /// Those that they end before.
    to: (usize, usize),
}

/// The lines of some sections that come one after the other.
#[derive(Debug, Clone)]
pub(super) struct Lines {
    /// The section and the line that they begin with.
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
        parts.extend(steps(subject));
    }
    parts
}

/// Groups whose rules take longest, as each makes an analysis of the whole dialplan.
const LONGEST: [Group; 4] = [Group::Flow, Group::Security, Group::Expressions, Group::Digits];

/// The rules, those of a group together.
fn by_group(rules: &[Chosen]) -> Vec<Part> {
    let mut start = 0;
    let groups = rules.chunk_by(|(one, _), (next, _)| one.group == next.group);
    let mut ranges: Vec<_> = groups
        .map(|group| {
            start += group.len();
            start - group.len()..start
        })
        .collect();
    ranges.sort_by_key(|range| {
        let group = rules[range.start].0.group;
        LONGEST.iter().position(|&one| one == group).unwrap_or(LONGEST.len())
    });
    ranges.into_iter().map(Part::Rules).collect()
}

fn extension_lines(subject: &Subject<'_>) -> Vec<Part> {
    let sizes =
        subject.sections.iter().map(|section| std::iter::repeat_n(1, section.settings.len()));
    let parts = divided(sizes).into_iter();
    parts.map(|(from, to)| Part::ExtensionLines(Lines { from, to })).collect()
}

fn steps(subject: &Subject<'_>) -> Vec<Part> {
    let contexts = subject.dialplan.contexts.iter();
    let sizes = contexts
        .map(|context| context.extensions.iter().map(|extension| extension.priorities.len()));
    let parts = divided(sizes).into_iter();
    parts.map(|(from, to)| Part::Calls(Steps { from, to })).collect()
}

/// Divides things that consist of others, whose sizes are given, into ranges of about the same size:
/// each from one place to before another.
fn divided(
    things: impl Iterator<Item = impl Iterator<Item = usize>>,
) -> Vec<((usize, usize), (usize, usize))> {
    let mut found = Vec::new();
    let (mut from, mut size, mut end) = ((0, 0), 0, 0);
    for (thing, sizes) in things.enumerate() {
        end = thing + 1;
        for (own, one) in sizes.enumerate() {
            size += one;
            if size >= SIZE {
                let to = (thing, own + 1);
                found.push((from, to));
                (from, size) = (to, 0);
            }
        }
    }
    if size > 0 {
        found.push((from, (end, 0)));
    }
    found
}

/// The part of something with so many members that is between two places.
fn between(
    (from, to): ((usize, usize), (usize, usize)),
    thing: usize,
    members: usize,
) -> Range<usize> {
    let start = if thing == from.0 { from.1 } else { 0 };
    let end = if thing == to.0 { to.1 } else { members };
    start..end
}

impl Steps {
    /// The steps themselves; hints are none.
    pub(super) fn of<'a>(&self, subject: &'a Subject<'a>) -> impl Iterator<Item = Step<'a>> {
        let Self { from, to } = self.clone();
        let contexts = subject.dialplan.contexts.iter().enumerate();
        contexts.take(to.0 + 1).skip(from.0).flat_map(move |(at, context)| {
            let own = between((from, to), at, context.extensions.len());
            context.extensions[own].iter().flat_map(move |extension| {
                let steps = extension.priorities.iter().filter(|one| one.number > 0);
                steps.map(move |priority| Step { subject, context, extension, priority })
            })
        })
    }
}

impl Lines {
    /// The lines themselves, each with its section; `[general]` and `[globals]` have none.
    pub(super) fn of<'a>(
        &self,
        subject: &'a Subject<'a>,
    ) -> impl Iterator<Item = (&'a Section, &'a Setting)> {
        let Self { from, to } = self.clone();
        let sections = subject.sections.iter().enumerate().take(to.0 + 1).skip(from.0);
        let sections = sections.filter(|(_, section)| subject.has_extensions(section));
        sections.flat_map(move |(at, section)| {
            let own = between((from, to), at, section.settings.len());
            section.settings[own].iter().map(move |setting| (section, setting))
        })
    }
}
