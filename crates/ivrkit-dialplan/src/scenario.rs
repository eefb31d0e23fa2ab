//! The scenario: one YAML file that describes the IVRs, their prompts and what a verified call does.
//!
//! [`model`] has the types; their JSON Schema is [`schema`]. [`read`] turns text into a scenario and
//! every mistake that is in it. Must not open files: prompts are named here, looked for upstairs.

pub mod model;

pub use model::{
    Calls, EndKey, Entry, Hold, Ivr, KeySequence, Lookup, Media, Number, Profile, ProfileSettings,
    Prompt, Scenario, Seconds, Target, Verification,
};

use crate::{
    diagnostic::{Diagnostic, Severity},
    source::Source,
};

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
pub fn read(source: Source) -> Reading {
    // placeholder of the skeleton: replaced by the reader
    match serde_yaml::from_str(source.text()) {
        Ok(scenario) => Reading { source, scenario: Some(scenario), diagnostics: Vec::new() },
        Err(error) => {
            let at = error.location().map_or(0, |place| place.index());
            let finding =
                Diagnostic::error("yaml", crate::source::Span::new(at, at), error.to_string());
            debug_assert_eq!(finding.severity, Severity::Error);
            Reading { source, scenario: None, diagnostics: vec![finding] }
        }
    }
}

/// The JSON Schema of scenarios, generated from the types.
pub fn schema() -> schemars::Schema {
    schemars::schema_for!(Scenario)
}
