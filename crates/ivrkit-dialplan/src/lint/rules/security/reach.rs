//! Which steps the callers of a context can get to.
//!
//! Follows includes and the jumps whose target is written; what a password guards is left out, and
//! so is a jump into a context that the operator trusts: somebody has decided who may make it.
//! Says too little rather than too much, so a rule may conclude that a call can get there, never
//! that it cannot.

use super::is_trusted_name;
use crate::{
    dialplan::{Context, Extension},
    lint::{Resolution, Step, Subject, jumps},
};

/// The steps that callers get to.
#[derive(Debug)]
pub(super) struct Reach {
    /// The first of the contexts they come from, by the number of the step in the order of
    /// [`Subject::steps`].
    steps: Vec<Option<usize>>,
}

/// An extension by the place of its context and its own place there.
type Place = (usize, usize);

struct Walk<'a> {
    subject: &'a Subject<'a>,
    /// The number of the first step of each extension, by context.
    firsts: Vec<Vec<u32>>,
    /// Contexts in which a caller can choose any extension.
    open: Vec<bool>,
    contexts: Vec<usize>,
    extensions: Vec<Place>,
    reach: Reach,
}

impl Reach {
    /// What callers get to who come into these contexts.
    pub(super) fn from<'a>(subject: &'a Subject<'a>, entries: &[usize]) -> Self {
        let (firsts, count) = firsts(subject);
        let open = vec![false; firsts.len()];
        let reach = Self { steps: vec![None; count as usize] };
        let (contexts, extensions) = (Vec::new(), Vec::new());
        let mut walk = Walk { subject, firsts, open, contexts, extensions, reach };
        for &entry in entries {
            walk.open(entry);
            walk.run(entry);
        }
        walk.reach
    }

    /// The context from which they get to this step.
    pub(super) fn entry(&self, step: u32) -> Option<usize> {
        self.steps[step as usize]
    }
}

impl<'a> Walk<'a> {
    fn run(&mut self, entry: usize) {
        loop {
            if let Some(extension) = self.extensions.pop() {
                self.extension(extension, entry);
            } else if let Some(context) = self.contexts.pop() {
                self.context(context);
            } else {
                return;
            }
        }
    }

    fn open(&mut self, context: usize) {
        if !std::mem::replace(&mut self.open[context], true) {
            self.contexts.push(context);
        }
    }

    fn context(&mut self, number: usize) {
        let subject = self.subject;
        let context: &Context = &subject.dialplan.contexts[number];
        for include in &context.includes {
            let name = subject.bytes(include.context());
            subject.context_number(name).into_iter().for_each(|included| self.open(included));
        }
        self.extensions.extend((0..context.extensions.len()).map(|extension| (number, extension)));
    }

    fn extension(&mut self, (context_number, number): Place, entry: usize) {
        let subject = self.subject;
        let context = &subject.dialplan.contexts[context_number];
        let extension = &context.extensions[number];
        let priorities = extension.priorities.iter().filter(|one| one.number > 0);
        for (priority, step) in priorities.zip(self.firsts[context_number][number]..) {
            let here = Step { subject, context, extension, priority };
            let reached = &mut self.reach.steps[step as usize];
            if asks_password(here) || reached.is_some() {
                return;
            }
            *reached = Some(entry);
            self.jumps(here);
        }
    }

    fn jumps(&mut self, step: Step<'a>) {
        for call in step.calls().filter(|call| !call.is("DISA")) {
            for jump in jumps(&call).iter().filter(|jump| jump.role().is_own()) {
                let [context, exten, _] = jump.parts();
                if let Resolution::Found(found) = jump.resolution()
                    && !self.is_trusted_elsewhere(step, found.context)
                {
                    self.extensions.extend(self.place(found.context, found.extension));
                }
                let is_chosen = exten.is_some_and(|exten| exten.starts_with(b"${"));
                let chosen = context.filter(|_| is_chosen).map(<[u8]>::trim_ascii);
                if let Some(number) = chosen.and_then(|name| self.subject.context_number(name))
                    && !self.is_trusted_elsewhere(step, &self.subject.dialplan.contexts[number])
                {
                    self.open(number);
                }
            }
        }
    }

    fn is_trusted_elsewhere(&self, step: Step<'a>, context: &Context) -> bool {
        !std::ptr::eq(step.context, context) && is_trusted_name(self.subject, context.name)
    }

    fn place(&self, context: &Context, extension: &Extension) -> Option<Place> {
        let number = self.subject.context_number(self.subject.bytes(context.name))?;
        let extensions = &self.subject.dialplan.contexts[number].extensions;
        // They stand one after the other, so their addresses are in order.
        let address = std::ptr::from_ref(extension);
        let at = extensions.partition_point(|one| std::ptr::from_ref(one) < address);
        (at < extensions.len()).then_some((number, at))
    }
}

fn firsts(subject: &Subject<'_>) -> (Vec<Vec<u32>>, u32) {
    let mut count = 0;
    let contexts = subject.dialplan.contexts.iter();
    let firsts = contexts.map(|context| {
        let extensions = context.extensions.iter();
        let firsts = extensions.map(|extension| {
            let first = count;
            count += extension.priorities.iter().map(|one| u32::from(one.number > 0)).sum::<u32>();
            first
        });
        firsts.collect()
    });
    (firsts.collect(), count)
}

fn asks_password(step: Step<'_>) -> bool {
    let name = step.subject.bytes(step.priority.application);
    [&b"Authenticate"[..], b"VMAuthenticate"].iter().any(|one| name.eq_ignore_ascii_case(one))
}
