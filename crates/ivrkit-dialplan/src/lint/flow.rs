//! How calls move through a dialplan: a graph of its steps.
//!
//! Built once, in time that grows with the dialplan. Each priority is looked up anew, as Asterisk
//! does, so the step after one may belong to another extension or to an included context. Where a
//! call goes to something that cannot be known from the files, the step is [open](Trait::Open) and
//! no rule may conclude that a call does not go somewhere. Must not decide what is a mistake.

mod blocks;
mod build;
mod loops;
mod reach;

pub(super) use blocks::{Blocks, Unpaired};
pub(super) use loops::closed_loops;

use super::{Step, Subject};
use std::sync::OnceLock;

/// The graph. Steps go by their number, in the order of [`Subject::steps`].
#[derive(Debug)]
pub(crate) struct Flow {
    steps: Vec<At>,
    /// The first step of each context; one more at the end.
    contexts: Vec<u32>,
    traits: Vec<Traits>,
    /// Where the edges of each step begin; one more at the end.
    offsets: Vec<u32>,
    edges: Vec<Edge>,
    open: Vec<Open>,
    blocks: Blocks,
    reached: OnceLock<Vec<bool>>,
}

/// Where a step stands: the places of its context, extension and priority.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct At {
    pub(super) context: u32,
    pub(super) extension: u32,
    pub(super) priority: u32,
}

/// A way that a call can take.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Edge {
    pub(super) to: u32,
    pub(super) way: Way,
}

/// How a call takes an edge.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum Way {
    /// To the next priority.
    Next,
    /// Always, by the application.
    Jump,
    /// Sometimes, by the application.
    Branch,
    /// To a subroutine, which comes back.
    Call,
    /// After a time-out.
    Timeout,
    /// By a key, on another channel, when the call ends, or from elsewhere.
    Other,
}

/// What is known of a step; several hold at once.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Trait {
    /// It goes on at the next priority, if only sometimes, but there is none: the call ends.
    FallsOff = 1,
    /// It may lead to what no file shows.
    Open = 2,
    /// The call may end in it, or another side decides how it goes on.
    MayEnd = 4,
    /// It ends the call or the subroutine on purpose.
    Ends = 8,
    /// It plays something, or waits.
    TakesTime = 16,
    /// It takes what the caller types for an extension.
    Collects = 32,
    /// The next priority belongs to another extension.
    GoesElsewhere = 64,
    /// A jump of it certainly leads nowhere.
    Misses = 128,
}

/// The [`Trait`]s of a step.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct Traits(u8);

/// Somewhere that a step leads to, as far as it is known.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
struct Open {
    /// The step that leads there.
    from: u32,
    /// The context; none if that is unknown too.
    context: Option<u32>,
    /// Which of the steps there.
    which: Which,
}

/// Which steps a half-known target can mean.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
enum Which {
    /// Those with priority 1.
    First,
    /// Those with a label, or with priority 1.
    Labelled,
    /// All.
    All,
}

impl Traits {
    pub(super) fn has(self, one: Trait) -> bool {
        self.0 & one as u8 != 0
    }

    /// Whether one of these holds.
    pub(super) fn has_any(self, some: &[Trait]) -> bool {
        some.iter().any(|&one| self.has(one))
    }

    fn add(&mut self, one: Trait) {
        self.0 |= one as u8;
    }
}

impl Flow {
    /// How many steps there are.
    pub(super) fn len(&self) -> usize {
        self.steps.len()
    }

    /// Where a step stands.
    pub(super) fn at(&self, step: usize) -> At {
        self.steps[step]
    }

    /// A step by its number.
    pub(super) fn step<'a>(&self, subject: &'a Subject<'a>, step: usize) -> Step<'a> {
        let At { context, extension, priority } = self.steps[step];
        let context = &subject.dialplan.contexts[context as usize];
        let extension = &context.extensions[extension as usize];
        Step { subject, context, extension, priority: &extension.priorities[priority as usize] }
    }

    /// What is known of a step.
    pub(super) fn traits(&self, step: usize) -> Traits {
        self.traits[step]
    }

    /// The ways on from a step.
    pub(super) fn edges(&self, step: usize) -> &[Edge] {
        &self.edges[self.offsets[step] as usize..self.offsets[step + 1] as usize]
    }

    /// The parts of blocks, such as `While` and its `EndWhile`.
    pub(super) fn blocks(&self) -> &Blocks {
        &self.blocks
    }

    /// Whether a step has a step before it in its extension, one priority lower.
    pub(super) fn follows_own(&self, subject: &Subject<'_>, step: usize) -> bool {
        step > 0 && {
            let (before, own) = (self.steps[step - 1], self.steps[step]);
            let number = |at: usize| self.step(subject, at).priority.number;
            (before.context, before.extension) == (own.context, own.extension)
                && number(step - 1) + 1 == number(step)
        }
    }

    /// The steps of a context.
    fn of_context(&self, context: usize) -> std::ops::Range<usize> {
        self.contexts[context] as usize..self.contexts[context + 1] as usize
    }
}

#[cfg(test)]
mod tests;
