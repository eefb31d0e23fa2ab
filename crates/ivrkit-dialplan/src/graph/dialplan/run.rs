//! Which extensions do the same, and where straight runs of steps begin.

use super::Key;
use crate::{
    application::behaviour::{Block, Flow},
    application::target::Role,
    dialplan::{Extension, Priority},
    lint::{Call, Jump, Resolution, Step, Subject, Target, jumps},
};
use std::collections::{HashMap, HashSet};

/// The runs of a dialplan.
#[derive(Debug)]
pub(super) struct Runs {
    /// For each context, for each extension, the first one that does the same.
    representatives: Vec<Vec<usize>>,
    begins: HashSet<Key>,
}

impl Runs {
    pub(super) fn new(subject: &Subject<'_>) -> Self {
        let contexts = subject.dialplan.contexts.iter();
        let representatives =
            contexts.map(|context| representatives(subject, &context.extensions)).collect();
        let mut runs = Self { representatives, begins: HashSet::new() };
        for step in subject.steps() {
            runs.add(step);
        }
        runs
    }

    /// The extension of a context that stands for one.
    pub(super) fn representative(&self, context: usize, extension: usize) -> usize {
        self.representatives[context][extension]
    }

    /// The extensions that do the same as one.
    pub(super) fn alike(&self, context: usize, extension: usize) -> Vec<usize> {
        let all = self.representatives[context].iter().enumerate();
        all.filter(|&(_, &one)| one == extension).map(|(at, _)| at).collect()
    }

    /// The extensions of a context that stand for themselves or more, in the order of the files.
    pub(super) fn in_order(&self, subject: &Subject<'_>, context: usize) -> Vec<usize> {
        let extensions = &subject.dialplan.contexts[context].extensions;
        let own = self.representatives[context].iter().enumerate();
        let mut own: Vec<_> = own.filter(|&(at, &one)| at == one).map(|(at, _)| at).collect();
        own.sort_by_key(|&at| steps(&extensions[at]).next().map(|one| one.place));
        own
    }

    /// Whether a run begins with a step.
    pub(super) fn begins_at(&self, key: Key) -> bool {
        self.begins.contains(&key)
    }

    /// The runs that begin because of a step.
    fn add(&mut self, step: Step<'_>) {
        let Some(own) = Key::of(step) else { return };
        if steps(step.extension).next().is_some_and(|first| first.number == own.priority) {
            self.begins.insert(self.represented(own));
        }
        for call in step.calls() {
            for jump in jumps(&call) {
                self.add_found(jump.resolution());
            }
        }
        let next = own.priority.saturating_add(1);
        if steps(step.extension).any(|one| one.number == next) {
            if !goes_on(step) {
                self.begins.insert(self.represented(Key { priority: next, ..own }));
            }
            return;
        }
        // What follows after a gap is a run of its own.
        if let Some(after) = steps(step.extension).find(|one| one.number > own.priority) {
            self.begins.insert(self.represented(Key { priority: after.number, ..own }));
        }
        if goes_on(step) {
            self.add_found(next_of(step));
        }
    }

    fn add_found(&mut self, resolution: Resolution<'_>) {
        if let Resolution::Found(step) = resolution
            && let Some(key) = Key::of(step)
        {
            self.begins.insert(self.represented(key));
        }
    }

    pub(super) fn represented(&self, key: Key) -> Key {
        Key { extension: self.representative(key.context, key.extension), ..key }
    }
}

/// Where the next priority of a step is, which may belong to another extension.
pub(super) fn next_of(step: Step<'_>) -> Resolution<'_> {
    step.subject.resolve(step, Target { context: None, exten: None, priority: b"+1" })
}

/// Whether a call can go on at the next priority after a step.
pub(super) fn goes_on(step: Step<'_>) -> bool {
    let Some(call) = step.calls().next() else { return true };
    let behaviour = call.behaviour;
    // A loop and its body are read as what they are, not as jumps back and forth.
    let is_block = behaviour
        .and_then(|one| one.block)
        .is_some_and(|block| !matches!(block, Block::Return | Block::MacroExit | Block::StackPop));
    if is_block {
        return true;
    }
    let flow = behaviour.map(|behaviour| behaviour.flow);
    !matches!(flow, Some(Flow::Leaves | Flow::Ends)) && !leaves_both_ways(&call)
}

/// Whether a condition has a place for either answer.
fn leaves_both_ways(call: &Call<'_>) -> bool {
    if !call.is("GotoIf") && !call.is("GotoIfTime") {
        return false;
    }
    let has = |wanted: bool| {
        let is_it =
            |jump: &Jump<'_>| matches!(jump.role(), Role::Branch { when } if when == wanted);
        jumps(call).iter().any(is_it)
    };
    has(true) && has(false)
}

pub(super) fn steps(extension: &Extension) -> impl Iterator<Item = &Priority> {
    extension.priorities.iter().filter(|one| one.number > 0)
}

/// For each extension the first one that does the same. Names with a letter mean something to
/// Asterisk or to a jump, and stand alone.
fn representatives(subject: &Subject<'_>, extensions: &[Extension]) -> Vec<usize> {
    /// Priority, label, application and data of each step.
    type Does<'a> = Vec<(i32, &'a [u8], &'a [u8], &'a [u8])>;
    let mut known: HashMap<Does<'_>, usize> = HashMap::new();
    let of = |(at, extension): (usize, &Extension)| {
        let name = extension.key.pattern.name();
        let is_named =
            !extension.key.pattern.is_pattern() && name.iter().any(u8::is_ascii_alphabetic);
        if is_named {
            return at;
        }
        let does = steps(extension).map(|one| {
            let label = one.label.map_or(&b""[..], |label| subject.bytes(label));
            (one.number, label, subject.bytes(one.application), subject.bytes(one.data))
        });
        *known.entry(does.collect()).or_insert(at)
    };
    extensions.iter().enumerate().map(of).collect()
}
