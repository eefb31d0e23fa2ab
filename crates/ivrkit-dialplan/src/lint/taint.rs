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
mod values;

pub(super) use collect::is_to_trunk;
pub(super) use risk::Risk;

use super::Subject;
use crate::{
    dialplan::pattern::Class,
    syntax::{Place, Text},
};
use leaves::Leaf;
use std::collections::HashMap;
use values::Values;

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
    /// Where that was put into a variable, if it did not come straight here.
    pub(super) origin: Option<Origin>,
}

/// What is known of a value that a caller controls.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Taint {
    /// The characters that it can hold.
    pub(super) class: Class,
    /// Whether it begins with a digit for sure.
    pub(super) begins_with_digit: bool,
    /// Whether it can be as long as the number of somebody outside.
    pub(super) is_long: bool,
    /// Whether it gets here on every way, as far as one extension shows.
    pub(super) is_certain: bool,
    /// The assignment that put it into a variable, and what was read there.
    from: Option<(u32, Text)>,
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
    name: Text,
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
    /// The extensions that check a name, in their order, each with the first step that does.
    guards: HashMap<Vec<u8>, Vec<(u32, u32)>>,
    sinks: Vec<Sink>,
}

/// Values that go round are followed as often as this.
const MAX_ROUNDS: usize = 16;
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
        let hits = facts.sinks.iter().filter_map(|sink| values.hit(subject, sink));
        Self { hits: hits.collect() }
    }

    /// The places where this risk is run.
    pub(super) fn hits(&self, risk: Risk) -> impl Iterator<Item = &Hit> {
        self.hits.iter().filter(move |hit| hit.risk == risk)
    }
}

#[cfg(test)]
mod tests;
