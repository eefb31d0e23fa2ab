//! Where a call goes on after a step: mostly at the next priority of its extension, else wherever
//! Asterisk finds that priority.

use super::{At, Builder, Trait, Way, Which};
use crate::{
    dialplan::{Extension, pattern::Language},
    lint::{Resolution, Step, target::Look},
    syntax::narrow,
};

impl<'a> Builder<'a> {
    /// A step without one before it in its extension takes calls over from all extensions that
    /// have the priority before it and a string in common with its own.
    pub(super) fn join(&mut self) {
        /// Most extensions that a step takes calls over from.
        const MOST: usize = 64;
        let subject = self.subject;
        let mut joined = Vec::new();
        for number in 0..self.flow.len() {
            let step = self.flow.step(subject, number);
            let before = step.priority.number - 1;
            if before < 1 || self.flow.follows_own(subject, number) {
                continue;
            }
            let own = self.flow.steps[number].context as usize;
            let language = Language::new(&step.extension.key.pattern);
            for &channel in self.channels[own].iter().flatten() {
                let mut left = MOST;
                subject.index().search(subject, channel, &language, &mut |look| {
                    if let Look::Extension(context, extension) = look
                        && let Some(from) = self.step_of(context, extension, before)
                    {
                        joined.push((narrow(from), narrow(number)));
                        left -= 1;
                    }
                    left > 0
                });
            }
        }
        joined.sort_unstable();
        joined.dedup();
        self.joined = joined;
    }

    /// The step after this one, wherever Asterisk finds it.
    pub(super) fn add_next(&mut self, number: usize, step: Step<'a>) {
        let Some(next) = step.priority.number.checked_add(1) else {
            self.flow.traits[number].add(Trait::FallsOff);
            return;
        };
        let own = self.flow.steps.get(number + 1).filter(|at| {
            let own = self.flow.steps[number];
            (at.context, at.extension) == (own.context, own.extension)
        });
        if own.is_some() && self.flow.step(self.subject, number + 1).priority.number == next {
            self.edge(number + 1, Way::Next);
            return;
        }
        let is_wait = self.is(step, "WaitExten");
        let own = self.flow.steps[number];
        let Some(channels) = self.channels[own.context as usize].clone() else {
            self.open(number, None, Which::All);
            return;
        };
        let language = Language::new(&step.extension.key.pattern);
        for channel in channels {
            match self.next_elsewhere(channel, own, &language, next) {
                Some(Look::Extension(context, extension)) => {
                    let to = self.step_of(context, extension, next).expect("it has such a step");
                    let extension = &self.subject.dialplan.contexts[context].extensions[extension];
                    self.flow.traits[number].add(Trait::GoesElsewhere);
                    self.edge(to, Way::Next);
                    if !Language::new(&extension.key.pattern).covers(&language) {
                        self.flow.traits[number].add(Trait::FallsOff);
                    }
                }
                Some(Look::Unknown) => self.open(number, Some(channel), Which::All),
                None if is_wait => self.add_timeout(number, channel),
                None => self.flow.traits[number].add(Trait::FallsOff),
            }
        }
    }

    /// The extension that goes on with a priority that this one lacks.
    fn next_elsewhere(
        &self,
        channel: usize,
        own: At,
        language: &Language,
        next: i32,
    ) -> Option<Look> {
        let has = |extension: &Extension, number: i32| {
            extension.priorities.binary_search_by_key(&number, |one| one.number).is_ok()
        };
        let mut found = None;
        self.subject.index().search(self.subject, channel, language, &mut |look| {
            let is_it = match look {
                Look::Unknown => true,
                Look::Extension(context, at) => {
                    let extension = &self.subject.dialplan.contexts[context].extensions[at];
                    // What goes before this one would have had the call already.
                    let is_before = context == own.context as usize && at < own.extension as usize;
                    has(extension, next) && !(is_before && has(extension, next - 1))
                }
            };
            if is_it {
                found = Some(look);
            }
            !is_it
        });
        let is_complete = self.subject.index().is_complete();
        found.or_else(|| (!is_complete).then_some(Look::Unknown))
    }

    /// Where `WaitExten` goes if there is no step after it.
    fn add_timeout(&mut self, number: usize, channel: usize) {
        for name in [b"t", b"e"] {
            match self.subject.resolve_priority(channel, &Language::exactly(name), 1) {
                Resolution::Found(step) => {
                    self.edge(self.number_of(step), Way::Timeout);
                    return;
                }
                Resolution::Unknown => {
                    self.open(number, Some(channel), Which::First);
                    return;
                }
                _ => {}
            }
        }
        self.flow.traits[number].add(Trait::FallsOff);
    }
}
