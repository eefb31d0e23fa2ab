//! Which steps a call can get to.

use super::{Flow, Open, Which};
use crate::lint::Subject;
use std::collections::HashSet;

/// Names that Asterisk looks for itself.
const HANDLERS: [&[u8]; 9] = [b"i", b"t", b"e", b"h", b"o", b"a", b"T", b"fax", b"talk"];

fn is_handler(name: &[u8]) -> bool {
    name.len() <= 4 && HANDLERS.contains(&name)
}

impl Flow {
    /// For each step whether a call can get there that begins at priority 1 of any extension.
    pub(crate) fn reached(&self, subject: &Subject<'_>) -> &[bool] {
        self.reached.get_or_init(|| {
            let all = Open { from: 0, context: None, which: Which::First };
            self.reach(subject, &[all])
        })
    }

    /// For each step whether a call can get there that begins in one of these contexts.
    pub(crate) fn reached_from(&self, subject: &Subject<'_>, contexts: &[usize]) -> Vec<bool> {
        let begins = contexts.iter().map(|&context| Open {
            from: 0,
            context: Some(u32::try_from(context).expect("a context's place")),
            which: Which::First,
        });
        self.reach(subject, &begins.collect::<Vec<_>>())
    }

    fn reach(&self, subject: &Subject<'_>, begins: &[Open]) -> Vec<bool> {
        let mut search = Search {
            flow: self,
            subject,
            reached: vec![false; self.len()],
            waiting: Vec::new(),
            opened: HashSet::new(),
            entered: vec![false; subject.dialplan.contexts.len()],
        };
        for open in begins {
            search.open(open.context, open.which);
        }
        search.run();
        search.reached
    }
}

struct Search<'a, 's> {
    flow: &'a Flow,
    subject: &'a Subject<'s>,
    reached: Vec<bool>,
    waiting: Vec<usize>,
    opened: HashSet<(Option<u32>, Which)>,
    /// The contexts whose handlers were reached.
    entered: Vec<bool>,
}

impl Search<'_, '_> {
    fn run(&mut self) {
        while let Some(step) = self.waiting.pop() {
            for edge in self.flow.edges(step) {
                self.mark(edge.to as usize);
            }
            let open = &self.flow.open;
            let from = open.partition_point(|one| (one.from as usize) < step);
            let own = open[from..].iter().take_while(|one| one.from as usize == step);
            own.for_each(|one| self.open(one.context, one.which));
            self.enter(self.flow.at(step).context as usize);
        }
    }

    fn mark(&mut self, step: usize) {
        if !std::mem::replace(&mut self.reached[step], true) {
            self.waiting.push(step);
        }
    }

    /// A call in a context can get to its handlers, and to those of what includes or is included.
    fn enter(&mut self, context: usize) {
        let mut waiting = vec![context];
        while let Some(context) = waiting.pop() {
            if std::mem::replace(&mut self.entered[context], true) {
                continue;
            }
            for step in self.flow.of_context(context) {
                let one = self.flow.step(self.subject, step);
                if one.priority.number == 1 && is_handler(one.extension.key.pattern.name()) {
                    self.mark(step);
                }
            }
            let index = self.subject.index();
            waiting.extend(index.includes(context).flatten());
            waiting.extend(index.channels(context).unwrap_or_default());
        }
    }

    fn open(&mut self, context: Option<u32>, which: Which) {
        let mut waiting = vec![context];
        while let Some(context) = waiting.pop() {
            if !self.opened.insert((context, which)) {
                continue;
            }
            let steps = match context {
                None => 0..self.flow.len(),
                Some(context) => self.flow.of_context(context as usize),
            };
            steps.for_each(|step| self.mark_if(step, which));
            if let Some(context) = context {
                let included = self.subject.index().includes(context as usize).flatten();
                let included = included.map(|one| u32::try_from(one).expect("a context's place"));
                waiting.extend(included.map(Some));
            }
        }
    }

    fn mark_if(&mut self, step: usize, which: Which) {
        let priority = self.flow.step(self.subject, step).priority;
        let is_meant = match which {
            Which::First => priority.number == 1,
            Which::Labelled => priority.number == 1 || priority.label.is_some(),
            Which::All => true,
        };
        if is_meant {
            self.mark(step);
        }
    }
}
