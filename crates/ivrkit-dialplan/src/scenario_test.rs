//! Tests of dialplans and scenarios, written in YAML: given, when, then.
//!
//! [`read`] turns text into [`Tests`] and every mistake that is in it; [`Tests::cases`] makes
//! the single [`Case`]s, with the file's defaults in them; [`Case::judge`] compares what happened in
//! a [rehearsed](crate::rehearsal) call with what should have. Must not open files.

mod case;
mod check;
mod judge;
pub mod model;
mod value;

pub use case::{Case, World};
pub use judge::{Comparison, Failure};
pub use model::TestFile;

use crate::{
    diagnostic::{Diagnostic, Severity},
    rehearsal::Script,
    scenario::{
        Scenario, code, in_text_order,
        schema::{printed, written_in_yaml},
        shape,
        words::{did_you_mean, quoted},
        yaml,
    },
    source::{Source, Span},
};
use schemars::{Schema, generate::SchemaSettings};
use std::{collections::HashMap, sync::LazyLock};

/// What such a file is called in messages.
const NOUN: &str = "test file";

/// What reading a test file gives: the tests if it has no error, and every finding either way.
#[derive(Debug)]
pub struct Reading {
    /// The text that was read, to show findings in.
    pub source: Source,
    /// The tests; `None` as soon as one finding is an error.
    pub tests: Option<Tests>,
    /// Every finding, in the order of the text.
    pub diagnostics: Vec<Diagnostic>,
}

/// The tests of a file, and where each stands.
#[derive(Debug)]
pub struct Tests {
    /// As the file says it.
    pub file: TestFile,
    /// Of each test.
    pub(crate) places: Vec<Places>,
    /// The sounds that are given lengths, and where.
    sounds: Vec<(String, Span)>,
}

/// Where a test and its expectations stand, as lines from 1.
#[derive(Debug, Default)]
pub(crate) struct Places {
    pub(crate) test: usize,
    pub(crate) expectations: HashMap<String, usize>,
    /// What the caller does.
    pub(crate) script: Script,
}

static FORM: LazyLock<shape::Form> = LazyLock::new(|| shape::Form::new(NOUN, schema().to_value()));

/// The JSON Schema of test files, draft 2020-12.
pub fn schema() -> Schema {
    written_in_yaml::<TestFile>(SchemaSettings::draft2020_12().into_generator(), "ivrkit tests")
}

/// The schema as it is printed and shipped: indented JSON that ends with a newline.
pub fn schema_text() -> String {
    printed(&schema())
}

/// Reads a test file: its YAML, its shape, and its sense as far as it shows without what it tests.
pub fn read(source: Source) -> Reading {
    let (root, mut diagnostics) = yaml::parse(&source, NOUN);
    let (mut places, mut sounds) = (Vec::new(), Vec::new());
    let root = root.map(|root| {
        let held = shape::hold(root, &FORM);
        diagnostics.extend(held.findings);
        places = check::tests(&held.root, &source, &mut diagnostics);
        sounds = check::sounds(&held.root);
        held.root
    });
    let sound = !diagnostics.iter().any(|finding| finding.severity == Severity::Error);
    let file = root.filter(|_| sound).and_then(|root| decode(&root, &mut diagnostics));
    in_text_order(&mut diagnostics);
    let tests = file.map(|file| Tests { file, places, sounds });
    Reading { source, tests, diagnostics }
}

impl Tests {
    /// Sounds without a folder in their names that are no prompts of the tested scenario: a length
    /// that is given to nothing.
    pub fn unknown_sounds(&self, scenario: &Scenario) -> Vec<Diagnostic> {
        let is_known = |name: &str| name.contains('/') || scenario.prompts.contains_key(name);
        let unknown = self.sounds.iter().filter(|(name, _)| !is_known(name));
        let findings = unknown.map(|(name, span)| {
            let message = format!("there is no prompt {} in the scenario", quoted(name));
            Diagnostic::error(code::UNKNOWN_PROMPT, *span, message)
                .with_optional_help(did_you_mean(name, scenario.prompts.keys().map(String::as_str)))
        });
        findings.collect()
    }
}

fn decode(root: &yaml::Node, diagnostics: &mut Vec<Diagnostic>) -> Option<TestFile> {
    match serde_yaml::from_value(root.to_yaml()) {
        Ok(file) => Some(file),
        Err(error) => {
            let message = format!("this is no {NOUN}: {error}");
            diagnostics.push(Diagnostic::error(code::WRONG_TYPE, Span::default(), message));
            None
        }
    }
}

#[cfg(test)]
mod tests;
