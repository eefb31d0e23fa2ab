//! What an operator says about the PBX and about the rules.

use super::{Neighbours, Rule, Sounds};
use crate::{application::Version, diagnostic::Severity};
use serde::{Deserialize, Serialize};
use std::collections::HashMap;

/// What an operator says about the PBX and about the rules.
#[derive(Debug, Clone, Default)]
pub struct Settings {
    /// The version of Asterisk that is to run the dialplan.
    pub version: Version,
    /// What to do with rules, by the name or code of a rule or the name of a group. A rule's own
    /// entry counts before that of its group.
    pub levels: HashMap<String, Level>,
    /// Contexts that calls come into; none: those that nothing in the dialplan leads to.
    pub entry_contexts: Vec<String>,
    /// Contexts whose callers may dial out at the operator's cost.
    pub trusted_contexts: Vec<String>,
    /// Contexts that the PBX has although no file shows them.
    pub external_contexts: Vec<String>,
    /// The sounds that the PBX has; none if nobody looked.
    pub sounds: Option<Sounds>,
    /// What the files beside the dialplan define; none if nobody looked.
    pub neighbours: Option<Neighbours>,
}

/// What to do with a rule.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Level {
    /// It does not look.
    Off,
    /// It looks, and its findings matter as much as it says itself.
    On,
    /// It looks, and its findings are errors.
    Error,
    /// It looks, and its findings are warnings.
    Warning,
    /// It looks, and its findings are hints.
    Hint,
}

impl Settings {
    /// How much the findings of a rule matter; none if it is off.
    pub fn severity(&self, rule: &Rule) -> Option<Severity> {
        match self.level(rule) {
            None => rule.group.is_on().then_some(rule.severity),
            Some(Level::Off) => None,
            Some(_) => Some(self.severity_said(rule).unwrap_or(rule.severity)),
        }
    }

    /// How much the operator says that the findings of a rule matter; none if that is left to the
    /// rule.
    pub fn severity_said(&self, rule: &Rule) -> Option<Severity> {
        match self.level(rule)? {
            Level::Off | Level::On => None,
            Level::Error => Some(Severity::Error),
            Level::Warning => Some(Severity::Warning),
            Level::Hint => Some(Severity::Hint),
        }
    }

    fn level(&self, rule: &Rule) -> Option<Level> {
        let names = [rule.name, rule.code, rule.group.name()];
        names.iter().find_map(|&name| self.levels.get(name)).copied()
    }
}
