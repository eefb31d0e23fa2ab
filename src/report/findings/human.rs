//! Findings with the lines they are about, carets below the place, and what would mend them.

use super::{
    Report,
    path::{self, on_one_line},
};
use crate::{
    lint::{Located, LocatedFinding, LocatedFix, Shown},
    report::text::without_password,
};
use annotate_snippets::{Annotation, AnnotationKind, Group, Level, Patch, Snippet};
use ivrkit_dialplan::{diagnostic::Severity, lint::Safety};
use std::{io, ops::Range};

/// Most notes whose lines are shown; a finding about a hundred places is not read to its end.
const MAX_NOTES: usize = 10;

/// Writes each finding with its lines, and an empty line after it.
pub(super) fn write(out: &mut impl io::Write, report: &Report<'_>) -> io::Result<()> {
    let renderer = report.look.renderer();
    for finding in report.findings {
        let pieces = Pieces::of(finding);
        let groups = pieces.groups(finding);
        writeln!(out, "{}\n", renderer.render(&groups))?;
    }
    Ok(())
}

/// The texts that a finding shows; its groups borrow from them.
struct Pieces<'a> {
    id: String,
    message: String,
    help: Option<String>,
    excerpts: Vec<Excerpt<'a>>,
    patched: Vec<Excerpt<'a>>,
}

/// Lines that follow each other, and marks in them.
struct Excerpt<'a> {
    path: String,
    first_line: usize,
    /// Its lines as they are in the file.
    lines: Vec<&'a str>,
    /// Its lines as they are shown.
    text: String,
    marks: Vec<Mark>,
}

struct Mark {
    range: Range<usize>,
    /// What a mark says, or what a patch puts there.
    text: String,
    is_primary: bool,
}

impl<'a> Pieces<'a> {
    fn of(finding: &'a LocatedFinding) -> Self {
        let primary = std::iter::once((&finding.place, String::new(), true));
        let notes = finding.notes.iter().take(MAX_NOTES);
        let notes = notes.map(|note| (&note.place, on_one_line(&note.text), false));
        let patched = match &finding.fix {
            Some(fix) if is_within_lines(fix) => {
                let edits = fix.edits.iter();
                excerpts(edits.map(|edit| (&edit.place, shown_lines(&edit.text), false)))
            }
            _ => Vec::new(),
        };
        let id = format!("{} {}", finding.rule.code, finding.rule.name);
        let message = on_one_line(&finding.message);
        let help = finding.help.as_deref().map(on_one_line);
        Self { id, message, help, excerpts: excerpts(primary.chain(notes)), patched }
    }

    fn groups<'b>(&'b self, finding: &'b LocatedFinding) -> Vec<Group<'b>> {
        let level = match finding.severity {
            Severity::Error => Level::ERROR,
            Severity::Warning => Level::WARNING,
            Severity::Hint => Level::NOTE.with_name("hint"),
        };
        let title = level.primary_title(self.message.as_str()).id(self.id.as_str());
        let mut group = title.elements(self.excerpts.iter().map(Excerpt::marked));
        if let Some(more) = finding.notes.len().checked_sub(MAX_NOTES + 1) {
            group = group.element(Level::NOTE.message(format!("and {} more places", more + 1)));
        }
        if let Some(help) = &self.help {
            group = group.element(Level::HELP.message(help.as_str()));
        }
        let Some(fix) = &finding.fix else { return vec![group] };
        let title = on_one_line(&fix.title);
        let (name, title) = match fix.safety {
            Safety::Safe => ("fix", title),
            Safety::Unsafe => ("unsafe fix", format!("{title} (calls may go another way)")),
        };
        let level = Level::HELP.with_name(name);
        if self.patched.is_empty() {
            return vec![group.element(level.message(title))];
        }
        let patches = self.patched.iter().map(Excerpt::patched);
        vec![group, level.secondary_title(title).elements(patches)]
    }
}

/// Whether each edit changes one line only and the whole of it is shown.
fn is_within_lines(fix: &LocatedFix) -> bool {
    fix.edits.iter().all(|edit| {
        let Located { line, column, end_line, end_column, .. } = &edit.place;
        let shown = shown(&edit.place);
        let marked = shown.text[shown.start..shown.end].chars().count();
        line == end_line && end_column - column == marked
    })
}

/// The line that a place begins in.
fn shown(place: &Located) -> &Shown {
    place.shown.as_ref().expect("who shows lines has them kept")
}

/// What a patch puts in, line by line.
fn shown_lines(text: &str) -> String {
    text.split('\n').map(on_one_line).collect::<Vec<_>>().join("\n")
}

/// The lines of some places, those of one file that follow each other together; the primary place
/// comes first.
fn excerpts<'a>(places: impl Iterator<Item = (&'a Located, String, bool)>) -> Vec<Excerpt<'a>> {
    let mut places: Vec<_> = places.collect();
    places.sort_by_key(|(place, _, is_primary)| {
        (&place.path, place.line, shown(place).start, !is_primary)
    });
    let mut excerpts: Vec<Excerpt<'a>> = Vec::new();
    for (place, text, is_primary) in places {
        let path = path::shown(&place.path);
        match excerpts.last_mut() {
            Some(last) if last.path == path && last.takes(place) => {}
            _ => excerpts.push(Excerpt::new(path, place.line)),
        }
        let excerpt = excerpts.last_mut().expect("there is one now");
        excerpt.add(place, text, is_primary);
    }
    excerpts.sort_by_key(|excerpt| !excerpt.marks.iter().any(|mark| mark.is_primary));
    excerpts
}

impl<'a> Excerpt<'a> {
    fn new(path: String, first_line: usize) -> Self {
        Self { path, first_line, lines: Vec::new(), text: String::new(), marks: Vec::new() }
    }

    /// Whether a place is in the last line, cut in the same way, or in the one below.
    fn takes(&self, place: &Located) -> bool {
        let next = self.first_line + self.lines.len();
        place.line == next || (place.line + 1 == next && self.shows(place))
    }

    fn shows(&self, place: &Located) -> bool {
        self.lines.last() == Some(&shown(place).text.as_str())
    }

    fn add(&mut self, place: &'a Located, text: String, is_primary: bool) {
        let shown = shown(place);
        let line = without_password(&shown.text);
        if place.line == self.first_line + self.lines.len() {
            if !self.lines.is_empty() {
                self.text.push('\n');
            }
            self.text.push_str(&line);
            self.lines.push(&shown.text);
        }
        let offset = self.text.len() - line.len();
        let range = offset + shown.start..offset + shown.end;
        self.marks.push(Mark { range, text, is_primary });
    }

    fn marked(&self) -> Snippet<'_, Annotation<'_>> {
        let marks = self.marks.iter().map(|mark| {
            let kind =
                if mark.is_primary { AnnotationKind::Primary } else { AnnotationKind::Context };
            let label = (!mark.text.is_empty()).then_some(mark.text.as_str());
            kind.span(mark.range.clone()).label(label)
        });
        let snippet = Snippet::source(self.text.as_str()).line_start(self.first_line);
        snippet.path(self.path.as_str()).fold(false).annotations(marks)
    }

    fn patched(&self) -> Snippet<'_, Patch<'_>> {
        let patches =
            self.marks.iter().map(|mark| Patch::new(mark.range.clone(), mark.text.as_str()));
        let snippet = Snippet::source(self.text.as_str()).line_start(self.first_line);
        snippet.path(self.path.as_str()).patches(patches)
    }
}
