//! What a rule found, where, and how it could be mended.

use super::Rule;
use crate::{diagnostic::Severity, syntax::Place};
use std::borrow::Cow;

/// One finding.
#[derive(Debug, Clone)]
pub struct Finding {
    /// The rule that found it.
    pub rule: &'static Rule,
    /// How much it matters, as the settings have it.
    pub severity: Severity,
    /// Where.
    pub place: Place,
    /// What was found and what comes of it: a lower-case fragment without a full stop.
    pub message: Cow<'static, str>,
    /// What to do; none when the message says it all.
    pub help: Option<Cow<'static, str>>,
    /// Other places that belong to it.
    pub notes: Vec<Note>,
    /// What would mend it, if that can be known.
    pub fix: Option<Fix>,
    /// Whether the text at the place is a secret, which no report may show.
    pub is_secret: bool,
}

/// Another place that belongs to a finding, and what there is to see.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Note {
    /// Where.
    pub place: Place,
    /// What there is to see: a lower-case fragment.
    pub text: Cow<'static, str>,
}

/// Changes of the text that mend a finding when all of them are made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fix {
    /// What is done, in the imperative: "remove the blank".
    pub title: String,
    /// Whether a call could notice.
    pub safety: Safety,
    /// The changes; they do not overlap.
    pub edits: Vec<Edit>,
}

/// Whether a call could notice a fix.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Safety {
    /// What Asterisk loads and does stays the same.
    Safe,
    /// Calls will go another way: most likely the one that was meant.
    Unsafe,
}

/// A place that is replaced.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Edit {
    /// What is replaced; an empty place is inserted at.
    pub place: Place,
    /// What takes its place.
    pub text: Vec<u8>,
}

/// Where a rule puts what it finds.
#[derive(Debug)]
pub struct Findings<'a> {
    rule: &'static Rule,
    severity: Severity,
    found: &'a mut Vec<Finding>,
}

impl<'a> Findings<'a> {
    pub(super) fn new(
        rule: &'static Rule,
        severity: Severity,
        found: &'a mut Vec<Finding>,
    ) -> Self {
        Self { rule, severity, found }
    }

    /// Adds a finding, to which advice, notes and a fix can be added.
    pub fn report(&mut self, place: Place, message: impl Into<Cow<'static, str>>) -> &mut Finding {
        let at = self.found.len();
        self.found.push(Finding {
            rule: self.rule,
            severity: self.severity,
            place,
            message: message.into(),
            help: None,
            notes: Vec::new(),
            fix: None,
            is_secret: false,
        });
        &mut self.found[at]
    }
}

impl Finding {
    /// Says what to do.
    pub fn help(&mut self, help: impl Into<Cow<'static, str>>) -> &mut Self {
        self.help = Some(help.into());
        self
    }

    /// Says that the text at the place is a secret, which no report may show.
    pub fn secret(&mut self) -> &mut Self {
        self.is_secret = true;
        self
    }

    /// Points at another place.
    pub fn note(&mut self, place: Place, text: impl Into<Cow<'static, str>>) -> &mut Self {
        if self.notes.is_empty() {
            // Most have one; a list begins with room for four.
            self.notes.reserve_exact(1);
        }
        self.notes.push(Note { place, text: text.into() });
        self
    }

    /// Says how to mend it by replacing one place.
    pub fn fix(
        &mut self,
        safety: Safety,
        title: impl Into<String>,
        place: Place,
        text: impl Into<Vec<u8>>,
    ) -> &mut Self {
        let edits = vec![Edit { place, text: text.into() }];
        self.fix = Some(Fix { title: title.into(), safety, edits });
        self
    }
}
