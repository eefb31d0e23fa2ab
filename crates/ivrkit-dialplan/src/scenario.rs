//! The scenario: one YAML file that describes the IVRs, their prompts and what a verified call does.
//!
//! [`model`] has the types; their JSON Schema is [`schema()`]. [`read`] turns text into a scenario and
//! every mistake that is in it, in three steps of which each leaves the next as much as it can:
//! `yaml` (text to a tree with places), `shape` (the tree against the schema), `check` (does it make
//! sense). Must not open files: prompts are named here, looked for upstairs.

mod check;
pub(crate) mod code;
pub mod model;
mod outline;
pub(crate) mod schema;
pub(crate) mod shape;
pub mod speech;
#[cfg(test)]
mod tests;
pub(crate) mod words;
pub(crate) mod yaml;

pub use code::CODES;
pub use model::{
    Calls, EndKey, Entry, Hold, Ivr, KeySequence, Level, Media, Number, Part, Profile,
    ProfileSettings, Prompt, Scenario, Seconds, Sound, SoundFormat, SoundOptions, Target,
    Verification,
};
pub use schema::{schema, schema_text};
pub use speech::Tts;

use crate::{
    diagnostic::{Diagnostic, Severity},
    source::{Source, Span},
};
use std::sync::LazyLock;

/// What reading a scenario gives: the scenario if it has no error, and every finding either way.
#[derive(Debug)]
pub struct Reading {
    /// The text that was read, to show findings in.
    pub source: Source,
    /// The scenario; `None` as soon as one finding is an error.
    pub scenario: Option<Scenario>,
    /// Every finding, in the order of the text.
    pub diagnostics: Vec<Diagnostic>,
}

/// Reads and checks a scenario: its YAML, its shape, and its sense.
///
/// Findings stand in the order of the text. A finding that another one brings about (a misspelt IVR
/// makes the IVR that was meant unreachable) is left out where that can be told.
pub fn read(source: Source) -> Reading {
    let (root, mut diagnostics) = yaml::parse(&source, "scenario");
    let root = root.map(|root| {
        let held = shape::hold(root, &FORM);
        diagnostics.extend(held.findings);
        diagnostics.extend(check::findings(&outline::Outline::new(&held.root)));
        held.root
    });
    let sound = !diagnostics.iter().any(|finding| finding.severity == Severity::Error);
    let scenario = root.filter(|_| sound).and_then(|root| decode(&root, &mut diagnostics));
    in_text_order(&mut diagnostics);
    Reading { source, scenario, diagnostics }
}

static FORM: LazyLock<shape::Form> =
    LazyLock::new(|| shape::Form::new("scenario", schema().to_value()));

/// The scenario of a tree that has the right shape.
fn decode(root: &yaml::Node, diagnostics: &mut Vec<Diagnostic>) -> Option<Scenario> {
    match serde_yaml::from_value(root.to_yaml()) {
        Ok(scenario) => Some(scenario),
        Err(error) => {
            let message = format!("this is not a scenario: {error}");
            diagnostics.push(Diagnostic::error(code::WRONG_TYPE, Span::default(), message));
            None
        }
    }
}

/// Sorts by place. What stands in a value that is repeated by an alias is found once for each
/// repetition and said once.
pub(crate) fn in_text_order(diagnostics: &mut Vec<Diagnostic>) {
    diagnostics.sort_by(|a, b| (a.span, a.code, &a.message).cmp(&(b.span, b.code, &b.message)));
    diagnostics.dedup();
}
