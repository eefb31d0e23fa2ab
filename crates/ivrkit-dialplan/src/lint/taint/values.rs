//! What variables can hold: assignments are followed until nothing new is found.

use super::{
    Assignment, At, Facts, Hit, Origin, Sink, Taint,
    leaves::{Leaf, Read},
    sources,
};
use crate::dialplan::pattern::Class;
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
            let taints = leaves.filter_map(|leaf| {
                let taint = self.read(leaf, assignment.at)?;
                Some(taint.set_at(assignment, leaf))
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
        let taint = Taint { is_certain: false, ..taint.clone() };
        let Some(known) = self.lasting.get_mut(name) else {
            self.lasting.insert(name, taint);
            return true;
        };
        let before = (known.class, known.is_long, known.begins_with_digit);
        *known = known.clone().or(taint);
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
            if let Some(one) = &self.assigned[number as usize] {
                taint = Some(taint.map_or_else(|| one.clone(), |all| all.or(one.clone())));
            }
            if !assignment(number).is_conditional {
                return taint;
            }
        }
        let source = sources::variable(name).map(|source| {
            // Somewhere else it may have been given another value before the call came here.
            Taint { is_certain: all.is_empty(), ..Taint::of(source) }
        });
        let lasting = self.lasting.get(name).cloned().map(|taint| {
            // What a caller says himself needs no origin.
            Taint { origin: taint.origin.filter(|_| source.is_none()), ..taint }
        });
        taint.into_iter().chain(source).chain(lasting).reduce(Taint::or)
    }

    /// Whether a regular expression was asked about it before this step.
    fn is_checked(&self, name: &[u8], at: At) -> bool {
        let Some(guards) = self.facts.guards.get(name) else { return false };
        let own = guards.binary_search_by_key(&at.extension, |&(extension, _)| extension);
        own.is_ok_and(|own| guards[own].1 <= at.step)
    }

    pub(super) fn hit(&self, sink: &Sink) -> Option<Hit> {
        let taint = self.read(&sink.leaf, sink.at)?;
        sink.risk.is_run(&taint).then(|| Hit {
            risk: sink.risk,
            sink: sink.name.clone(),
            context: sink.at.context,
            step: sink.at.step,
            place: sink.place,
            written: sink.leaf.written.clone(),
            is_exact: sink.is_exact,
            taint,
        })
    }
}

impl Taint {
    fn of(source: sources::Source) -> Self {
        Self {
            class: source.class,
            begins_with_digit: source.begins_with_digit,
            is_long: source.is_long,
            is_certain: true,
            origin: None,
        }
    }

    fn or(self, other: Self) -> Self {
        // The origin that is told is that of the value which can hold more.
        let (first, second) = if other.class.contains(self.class) && other.class != self.class {
            (other.origin, self.origin)
        } else {
            (self.origin, other.origin)
        };
        Self {
            class: self.class.or(other.class),
            begins_with_digit: self.begins_with_digit && other.begins_with_digit,
            is_long: self.is_long || other.is_long,
            is_certain: self.is_certain && other.is_certain,
            origin: first.or(second),
        }
    }

    /// The same value, once it is in the variable.
    fn set_at(mut self, assignment: &Assignment, leaf: &Leaf) -> Self {
        if self.origin.is_none() {
            let name = String::from_utf8_lossy(&assignment.name);
            let name = name.split('@').next().unwrap_or_default();
            let text = format!("`{name}` is set from `{}` here", leaf.written);
            self.origin = Some(Origin { place: assignment.place, text });
        }
        self
    }
}
