//! The linter's findings in the forms that people and other tools read; one file for each.
//!
//! Whatever stands in a dialplan, it cannot break out of a form: each escapes as its readers do.

mod github;
mod gitlab;
mod human;
mod json;
mod junit;
mod one_line;
mod path;
mod sarif;
#[cfg(test)]
mod tests;

use super::Look;
use crate::lint::{Kept, LocatedFinding};
use std::{io, path::Path};

/// A form that findings are written in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, clap::ValueEnum)]
pub enum Form {
    /// With the lines and carets below what it is about; in colour on a terminal.
    Human,
    /// `file:line:column: severity[code rule]: message`, one finding a line.
    OneLine,
    /// A JSON array of objects.
    Json,
    /// SARIF 2.1.0, for code scanning.
    Sarif,
    /// Workflow commands of GitHub, shown beside the changed lines.
    Github,
    /// GitLab's code quality report.
    Gitlab,
    /// `JUnit` XML: a suite for each file.
    Junit,
}

impl Form {
    /// What findings must keep of their lines to be written in this form.
    pub fn needs(self) -> Kept {
        match self {
            Self::Human => Kept { lines: true, ..Kept::NONE },
            Self::Sarif | Self::Gitlab => Kept { digests: true, ..Kept::NONE },
            Self::OneLine | Self::Json | Self::Github | Self::Junit => Kept::NONE,
        }
    }
}

/// All that a report tells.
#[derive(Debug, Clone, Copy)]
pub struct Report<'a> {
    /// The findings, sorted: see [`LocatedFinding::sort`].
    pub findings: &'a [LocatedFinding],
    /// The files that were linted, sorted; those without a finding passed.
    pub checked: &'a [&'a Path],
    /// The folder that the paths of the other forms than [`Form::Human`] and [`Form::OneLine`]
    /// are relative to, absolute: the working folder as a rule.
    pub folder: &'a Path,
    /// Whether [`Form::Human`] is coloured.
    pub look: Look,
}

/// Writes a whole report. Nothing is written of no findings in the forms for people.
///
/// # Errors
/// Those of `out`.
pub fn write(out: &mut impl io::Write, form: Form, report: &Report<'_>) -> io::Result<()> {
    match form {
        Form::Human => human::write(out, report),
        Form::OneLine => one_line::write(out, report),
        Form::Json => json::write(out, report),
        Form::Sarif => sarif::write(out, report),
        Form::Github => github::write(out, report),
        Form::Gitlab => gitlab::write(out, report),
        Form::Junit => junit::write(out, report),
    }
}
