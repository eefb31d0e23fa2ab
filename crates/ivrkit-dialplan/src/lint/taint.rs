//! Taint analysis: which values a caller controls, which characters they can hold, and where they
//! do harm.
//!
//! A value is followed by its characters: `FILTER` leaves those that it allows, `URIENCODE` those
//! that need no escape, and a value does harm where one of the characters is left that a shell, a
//! database or a dial string obeys. Within an extension the last assignment before a step counts;
//! across extensions all assignments of a name do, whatever their order. What a database, a web
//! server or a script gives back is not followed, and a value that a regular expression was asked
//! about counts as checked. Must not decide what is a mistake: rules do.

mod collect;
mod leaves;
mod risk;
mod sources;

pub(super) use collect::is_to_trunk;
pub(super) use risk::Risk;

use super::Subject;
use crate::{dialplan::pattern::Class, syntax::Place};
use leaves::{Leaf, Read};
use std::collections::HashMap;

/// What callers control, and where it does harm.
#[derive(Debug, Default)]
pub(super) struct Taints {
    hits: Vec<Hit>,
}

/// A place where a caller's text gets into something that obeys it.
#[derive(Debug, Clone)]
pub(super) struct Hit {
    /// What is in danger.
    pub(super) risk: Risk,
    /// The application or function.
    pub(super) sink: String,
    /// The context it stands in, by its place in the dialplan.
    pub(super) context: u32,
    /// The step, in the order of [`Subject::steps`].
    pub(super) step: u32,
    /// Where the `${...}` stands that brings the text.
    pub(super) place: Place,
    /// That `${...}` as written.
    pub(super) written: String,
    /// Whether the place holds exactly what is written, so that it can be replaced.
    pub(super) is_exact: bool,
    /// What it brings.
    pub(super) taint: Taint,
}

/// What is known of a value that a caller controls.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Taint {
    /// The characters that it can hold.
    pub(super) class: Class,
    /// Whether it begins with a digit for sure.
    pub(super) begins_with_digit: bool,
    /// Whether it can be as long as the number of somebody outside.
    pub(super) is_long: bool,
    /// Whether it gets here on every way, as far as one extension shows.
    pub(super) is_certain: bool,
    /// Where it was put into a variable, if it did not come straight here.
    pub(super) origin: Option<Origin>,
}

/// Where a caller's text was put into a variable.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Origin {
    /// Where.
    pub(super) place: Place,
    /// What happens there: a lower-case fragment.
    pub(super) text: String,
}

/// The extension and the step that something happens in, both counted over the whole dialplan.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct At {
    context: u32,
    extension: u32,
    step: u32,
}

/// A variable gets a value.
#[derive(Debug)]
struct Assignment {
    at: At,
    name: Vec<u8>,
    place: Place,
    /// Whether it happens only sometimes.
    is_conditional: bool,
    /// Whether it adds to what the variable can be elsewhere: not if the same extension always
    /// gives it another value afterwards.
    is_lasting: bool,
    leaves: Vec<Leaf>,
}

/// A `${...}` in something that would obey it.
#[derive(Debug)]
struct Sink {
    at: At,
    risk: Risk,
    name: String,
    place: Place,
    is_exact: bool,
    leaf: Leaf,
}

/// All that was read from the dialplan.
#[derive(Debug, Default)]
struct Facts {
    assignments: Vec<Assignment>,
    /// The assignments of each name, in the order of the steps.
    by_name: HashMap<Vec<u8>, Vec<u32>>,
    /// The first step of an extension at which a name is checked.
    guards: HashMap<(u32, Vec<u8>), u32>,
    sinks: Vec<Sink>,
}

/// The values of variables as they become known.
struct Values<'f> {
    facts: &'f Facts,
    /// That of each assignment.
    assigned: Vec<Option<Taint>>,
    /// Those of names where no assignment of the same extension is known.
    lasting: HashMap<&'f [u8], Taint>,
}

/// Values that go round are followed as often as this.
const MAX_ROUNDS: usize = 16;
/// How many assignments that happen only sometimes are looked at for one reading.
const MAX_CONDITIONAL: usize = 16;

impl Taints {
    pub(super) fn new(subject: &Subject<'_>) -> Self {
        let facts = collect::facts(subject);
        if facts.sinks.is_empty() {
            return Self::default();
        }
        let mut values = Values::new(&facts);
        let mut rounds = 0;
        while values.advance() && rounds < MAX_ROUNDS {
            rounds += 1;
        }
        let hits = facts.sinks.iter().filter_map(|sink| values.hit(sink));
        Self { hits: hits.collect() }
    }

    /// The places where this risk is run.
    pub(super) fn hits(&self, risk: Risk) -> impl Iterator<Item = &Hit> {
        self.hits.iter().filter(move |hit| hit.risk == risk)
    }
}

impl<'f> Values<'f> {
    fn new(facts: &'f Facts) -> Self {
        let assigned = vec![None; facts.assignments.len()];
        Self { facts, assigned, lasting: HashMap::new() }
    }

    /// Goes once through all assignments; whether something is new.
    fn advance(&mut self) -> bool {
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
            Read::Source(source) => Taint::of(*source),
            Read::Exten(_) if self.is_checked(b"EXTEN", at) => return None,
            Read::Exten(source) => Taint::of(*source),
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
        let guard = self.facts.guards.get(&(at.extension, name.to_vec()));
        guard.is_some_and(|&step| step <= at.step)
    }

    fn hit(&self, sink: &Sink) -> Option<Hit> {
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

#[cfg(test)]
mod tests;
