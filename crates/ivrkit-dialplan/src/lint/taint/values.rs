//! What variables can hold: assignments are followed until nothing new is found.

use super::{
    At, Facts, Hit, Origin, Sink, Taint,
    leaves::{Leaf, Read},
    sources,
};
use crate::{dialplan::pattern::Class, lint::Subject, syntax::Text};
use std::collections::HashMap;

/// The values of variables as they become known.
pub(super) struct Values<'f> {
    facts: &'f Facts,
    /// That of each assignment.
    assigned: Vec<Option<Taint>>,
    /// Those of names where no assignment of the same extension is known.
    lasting: HashMap<&'f [u8], Taint>,
}

/// How many assignments that happen only sometimes are looked at for one reading.
const MAX_CONDITIONAL: usize = 16;

impl<'f> Values<'f> {
    pub(super) fn new(facts: &'f Facts) -> Self {
        let assigned = vec![None; facts.assignments.len()];
        Self { facts, assigned, lasting: HashMap::new() }
    }

    /// Goes once through all assignments; whether something is new.
    pub(super) fn advance(&mut self) -> bool {
        let mut is_new = false;
        for (number, assignment) in self.facts.assignments.iter().enumerate() {
            let leaves = assignment.leaves.iter();
            let own = narrow(number);
            let taints = leaves.filter_map(|leaf| {
                let taint = self.read(leaf, assignment.at)?;
                Some(Taint { from: taint.from.or(Some((own, leaf.written))), ..taint })
            });
            let Some(taint) = taints.reduce(Taint::or) else { continue };
            if assignment.is_lasting {
                is_new |= self.last(&assignment.name, &taint);
            }
            self.assigned[number] = Some(taint);
        }
        is_new
    }

    /// Adds to what a name can hold; whether that is new.
    fn last(&mut self, name: &'f [u8], taint: &Taint) -> bool {
        let taint = Taint { is_certain: false, ..*taint };
        let Some(known) = self.lasting.get_mut(name) else {
            self.lasting.insert(name, taint);
            return true;
        };
        let before = (known.class, known.is_long, known.begins_with_digit);
        *known = known.or(taint);
        before != (known.class, known.is_long, known.begins_with_digit)
    }

    /// What a reading brings at a step.
    fn read(&self, leaf: &Leaf, at: At) -> Option<Taint> {
        let taint = match &leaf.read {
            Read::Exten(_) if self.is_checked(b"EXTEN", at) => return None,
            Read::Source(source) | Read::Exten(source) => Taint::of(*source),
            Read::Variable(name) => self.variable(name, at)?,
        };
        let taint = Taint {
            class: taint.class.and(leaf.mask),
            begins_with_digit: taint.begins_with_digit && leaf.is_whole,
            ..taint
        };
        (taint.class != Class::NONE).then_some(taint)
    }

    fn variable(&self, name: &[u8], at: At) -> Option<Taint> {
        if self.is_checked(name, at) {
            return None;
        }
        let all = self.facts.by_name.get(name).map_or(&[][..], Vec::as_slice);
        let assignment = |number: u32| &self.facts.assignments[number as usize];
        let end = all.partition_point(|&number| assignment(number).at.step < at.step);
        let own = all[..end].iter().rev();
        let own = own.take_while(|&&number| assignment(number).at.extension == at.extension);
        let mut taint: Option<Taint> = None;
        for &number in own.take(MAX_CONDITIONAL) {
            let one = self.assigned[number as usize];
            taint = taint.into_iter().chain(one).reduce(Taint::or);
            if !assignment(number).is_conditional {
                return taint;
            }
        }
        let source = sources::variable(name).map(|source| {
            // Somewhere else it may have been given another value before the call came here.
            Taint { is_certain: all.is_empty(), ..Taint::of(source) }
        });
        let lasting = self.lasting.get(name).copied().map(|taint| {
            // What a caller says himself needs no origin.
            Taint { from: taint.from.filter(|_| source.is_none()), ..taint }
        });
        taint.into_iter().chain(source).chain(lasting).reduce(Taint::or)
    }

    /// Whether a regular expression was asked about it before this step.
    fn is_checked(&self, name: &[u8], at: At) -> bool {
        let Some(guards) = self.facts.guards.get(name) else { return false };
        let own = guards.binary_search_by_key(&at.extension, |&(extension, _)| extension);
        own.is_ok_and(|own| guards[own].1 <= at.step)
    }

    pub(super) fn hit(&self, subject: &Subject<'_>, sink: &Sink) -> Option<Hit> {
        let taint = self.read(&sink.leaf, sink.at)?;
        sink.risk.is_run(&taint).then(|| Hit {
            risk: sink.risk,
            sink: subject.shown(sink.name),
            context: sink.at.context,
            step: sink.at.step,
            place: sink.place,
            written: subject.shown(sink.leaf.written),
            is_exact: sink.is_exact,
            taint,
            origin: taint.from.map(|(number, from)| self.origin(subject, number, from)),
        })
    }

    fn origin(&self, subject: &Subject<'_>, number: u32, from: Text) -> Origin {
        let assignment = &self.facts.assignments[number as usize];
        let name = String::from_utf8_lossy(&assignment.name);
        let name = name.split('@').next().unwrap_or_default();
        let text = format!("`{name}` is set from `{}` here", subject.shown(from));
        Origin { place: assignment.place, text }
    }
}

impl Taint {
    fn of(source: sources::Source) -> Self {
        Self {
            class: source.class,
            begins_with_digit: source.begins_with_digit,
            is_long: source.is_long,
            is_certain: true,
            from: None,
        }
    }

    fn or(self, other: Self) -> Self {
        // The origin that is told is that of the value which can hold more.
        let (first, second) = if other.class.contains(self.class) && other.class != self.class {
            (other.from, self.from)
        } else {
            (self.from, other.from)
        };
        Self {
            class: self.class.or(other.class),
            begins_with_digit: self.begins_with_digit && other.begins_with_digit,
            is_long: self.is_long || other.is_long,
            is_certain: self.is_certain && other.is_certain,
            from: first.or(second),
        }
    }
}

fn narrow(number: usize) -> u32 {
    u32::try_from(number).expect("fewer than four billion assignments")
}
