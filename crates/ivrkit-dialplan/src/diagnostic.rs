//! What is wrong with an input, where, and what to do about it.
//!
//! Holds plain values only; how they look on a terminal or in JSON is decided a floor up.

use crate::source::{Source, Span};
use serde::{Deserialize, Serialize};

/// How much a finding matters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Severity {
    /// It will not work; commands end with exit code 1.
    Error,
    /// It works, but somebody will regret it.
    Warning,
    /// It works; it could read better.
    Hint,
}

/// One finding in one source.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Diagnostic {
    /// How much it matters.
    pub severity: Severity,
    /// Kebab-case name of the kind of mistake; stable, for machines and for searching.
    pub code: &'static str,
    /// What was found and what was expected: a lower-case fragment without a full stop.
    pub message: String,
    /// Where.
    pub span: Span,
    /// What to do; empty when the message says it all.
    pub help: Option<String>,
}

/// A finding as machines read it: stable field names, positions from 1.
#[derive(Debug, Clone, Serialize)]
pub struct Located<'a> {
    /// Name of the source, as given.
    pub file: &'a str,
    /// Line of the first character, from 1.
    pub line: usize,
    /// Column of the first character, in characters from 1.
    pub column: usize,
    /// Line of the end.
    pub end_line: usize,
    /// Column one past the end.
    pub end_column: usize,
    /// How much it matters.
    pub severity: Severity,
    /// Kind of mistake.
    pub code: &'static str,
    /// What was found and expected.
    pub message: &'a str,
    /// What to do.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub help: Option<&'a str>,
}

impl Diagnostic {
    /// An error at a place.
    pub fn error(code: &'static str, span: Span, message: impl Into<String>) -> Self {
        Self { severity: Severity::Error, code, message: message.into(), span, help: None }
    }

    /// A warning at a place.
    pub fn warning(code: &'static str, span: Span, message: impl Into<String>) -> Self {
        Self { severity: Severity::Warning, ..Self::error(code, span, message) }
    }

    /// The same with advice.
    #[must_use]
    pub fn with_help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(help.into());
        self
    }

    /// The same with advice, if there is any.
    #[must_use]
    pub fn with_optional_help(mut self, help: Option<String>) -> Self {
        self.help = help;
        self
    }

    /// The same with its file, lines and columns filled in.
    pub fn located<'a>(&'a self, source: &'a Source) -> Located<'a> {
        let start = source.position(self.span.start);
        let end = source.position(self.span.end);
        Located {
            file: source.name(),
            line: start.line,
            column: start.column,
            end_line: end.line,
            end_column: end.column,
            severity: self.severity,
            code: self.code,
            message: &self.message,
            help: self.help.as_deref(),
        }
    }
}
