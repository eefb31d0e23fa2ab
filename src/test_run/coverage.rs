//! Which priorities of a dialplan calls have reached.

use crate::simulation::Subject;
use ivrkit_dialplan::{
    call::What,
    dialplan::{Dialplan, HINT},
    rehearsal::{Happened, Record},
    syntax::{Lines, Place},
};
use std::collections::{BTreeMap, HashMap};

/// The files of a dialplan with their priorities.
#[derive(Debug, Clone, Default)]
pub struct Coverage {
    /// By their names, without what the PBX has beside a rendered dialplan.
    pub files: BTreeMap<String, FileCoverage>,
    /// Which step stands where.
    places: HashMap<(u32, u32), (String, usize)>,
}

/// The priorities in a file.
#[derive(Debug, Clone, Default)]
pub struct FileCoverage {
    /// In the order of their lines.
    pub steps: Vec<Step>,
}

/// A priority, and how often calls reached it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Step {
    /// Its line, from 1.
    pub line: usize,
    /// `context,exten,priority`.
    pub name: String,
    /// The application.
    pub application: String,
    /// How many times a call executed it.
    pub hits: u64,
}

/// How often a call reached the steps at their places: file and first byte.
#[derive(Debug, Clone, Default)]
pub(super) struct Reached(HashMap<(u32, u32), u64>);

impl Reached {
    pub(super) fn by(record: &Record) -> Self {
        let mut reached = HashMap::new();
        for happening in &record.happenings {
            if let Happened::Call(What::Step { place, .. }) = &happening.what {
                *reached.entry(key(*place)).or_insert(0) += 1;
            }
        }
        Self(reached)
    }
}

fn key(place: Place) -> (u32, u32) {
    (place.file, place.start)
}

impl Coverage {
    /// Nothing is reached yet. Hints are no steps.
    pub(super) fn of(dialplan: &Dialplan) -> Self {
        let mut coverage = Self::default();
        let mut found = Vec::new();
        let mut lines = Lines::new(&dialplan.files);
        let shown = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        for context in &dialplan.contexts {
            for extension in &context.extensions {
                for priority in extension.priorities.iter().filter(|one| one.number != HINT) {
                    let line = lines.excerpt(priority.place);
                    if Subject::is_beside(line.file) {
                        continue;
                    }
                    let name = format!(
                        "{},{},{}",
                        shown(dialplan.files.bytes(context.name)),
                        shown(dialplan.files.bytes(priority.name)),
                        priority.number
                    );
                    let application = shown(dialplan.files.bytes(priority.application));
                    let step = Step { line: line.line, name, application, hits: 0 };
                    found.push((shown(line.file), step, key(priority.place)));
                }
            }
        }
        found.sort_by_key(|(_, step, _)| step.line);
        for (file, step, place) in found {
            let steps = &mut coverage.files.entry(file.clone()).or_default().steps;
            coverage.places.insert(place, (file, steps.len()));
            steps.push(step);
        }
        coverage
    }

    pub(super) fn add(&mut self, reached: &Reached) {
        for (place, hits) in &reached.0 {
            let Some((file, at)) = self.places.get(place) else { continue };
            self.files.get_mut(file).expect("it has this step").steps[*at].hits += hits;
        }
    }

    /// The same with what other tests reached: files of the same name are the same.
    pub fn join(&mut self, other: &Self) {
        for (name, file) in &other.files {
            let Some(own) = self.files.get_mut(name) else {
                self.files.insert(name.clone(), file.clone());
                continue;
            };
            for step in &file.steps {
                let is_same = |one: &&mut Step| one.line == step.line && one.name == step.name;
                match own.steps.iter_mut().find(is_same) {
                    Some(known) => known.hits += step.hits,
                    None => own.steps.push(step.clone()),
                }
            }
        }
    }

    /// All steps.
    pub fn steps(&self) -> impl Iterator<Item = &Step> {
        self.files.values().flat_map(|file| &file.steps)
    }

    /// How many steps were reached, and how many there are.
    pub fn counts(&self) -> (usize, usize) {
        let reached = self.steps().filter(|step| step.hits > 0).count();
        (reached, self.steps().count())
    }

    /// Per cent of the steps that were reached; 100 if there are none.
    #[expect(clippy::cast_precision_loss, reason = "dialplans have millions of steps at most")]
    pub fn percent(&self) -> f64 {
        match self.counts() {
            (_, 0) => 100.0,
            (reached, all) => reached as f64 * 100.0 / all as f64,
        }
    }
}
