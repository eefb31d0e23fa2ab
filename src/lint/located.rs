//! Findings with files, lines and columns, as people and machines read them.
//!
//! Made from the places of `ivrkit_dialplan::lint`, which know bytes of files only; from here on
//! nobody needs the files any more.

use super::secrets::Secrets;
use ivrkit_dialplan::{
    diagnostic::Severity,
    lint::{Finding, Fix, Note, Reading, Rule, Safety},
    syntax::{Excerpt, Lines, MAX_LINE_BYTES, Place},
};
use rayon::prelude::*;
use serde::{Serialize, Serializer, ser::SerializeStruct};
use sha2::{Digest as _, Sha256};
use std::{
    borrow::Cow, cmp::Ordering, ffi::OsStr, ops::Range, os::unix::ffi::OsStrExt as _, path::Path,
    sync::Arc,
};

/// Longest piece of a line that is shown, in bytes; real lines are shorter.
const MAX_SHOWN_BYTES: usize = 400;

/// So few findings are not worth sharing.
const SMALLEST_SHARE: usize = 1_024;

/// A finding of the linter with its place in a file.
#[derive(Debug, Clone)]
pub struct LocatedFinding {
    /// The rule that found it.
    pub rule: &'static Rule,
    /// How much it matters, as the settings have it.
    pub severity: Severity,
    /// Where.
    pub place: Located,
    /// What was found and what comes of it: a lower-case fragment without a full stop.
    pub message: Cow<'static, str>,
    /// What to do; none when the message says it all.
    pub help: Option<Cow<'static, str>>,
    /// What would mend it, if that can be known.
    pub fix: Option<LocatedFix>,
    /// Other places that belong to it.
    pub notes: Vec<LocatedNote>,
    /// SHA-256 of the line, runs of blanks counted as one, and a secret as a star: it knows the line
    /// again when it has moved. None unless [`Kept::digests`] asks for it.
    pub line_digest: Option<Box<[u8; 32]>>,
}

/// A place in a file: lines and columns count from 1, columns count characters; a byte that is no
/// character counts as one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Located {
    /// The file as it was found: the path given, or the main file's folder and the included name.
    pub path: Arc<Path>,
    /// Line of the first character.
    pub line: usize,
    /// Column of the first character.
    pub column: usize,
    /// Line of the end.
    pub end_line: usize,
    /// Column one past the last character.
    pub end_column: usize,
    /// The line it begins in; none unless [`Kept::lines`] asks for it.
    pub shown: Option<Box<Shown>>,
}

/// A line, cut to a readable length, and a place in it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Shown {
    /// The text; bytes that are no characters are `\u{fffd}`.
    pub text: String,
    /// Where the place begins in the text, in bytes.
    pub start: usize,
    /// Where it ends, with the line at the latest.
    pub end: usize,
}

/// Changes that mend a finding when all of them are made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LocatedFix {
    /// What is done, in the imperative.
    pub title: Cow<'static, str>,
    /// Whether a call could notice.
    pub safety: Safety,
    /// The changes; none if they would show a secret.
    pub edits: Vec<LocatedEdit>,
}

/// A place that is replaced.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LocatedEdit {
    /// What is replaced; inserted at if it is empty.
    pub place: Located,
    /// What takes its place; bytes that are no characters are `\u{fffd}`.
    pub text: String,
}

/// Another place that belongs to a finding, and what there is to see.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LocatedNote {
    /// Where.
    pub place: Located,
    /// What there is to see: a lower-case fragment.
    pub text: Cow<'static, str>,
}

/// What is kept of the lines that findings are in, beside their places: of many findings it is a
/// lot, and few forms need it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Kept {
    /// The lines themselves, for people.
    pub lines: bool,
    /// What the lines are known by when they have moved.
    pub digests: bool,
}

impl Default for Kept {
    fn default() -> Self {
        Self::NONE
    }
}

impl Kept {
    /// All of it.
    pub const ALL: Self = Self { lines: true, digests: true };
    /// The places alone.
    pub const NONE: Self = Self { lines: false, digests: false };
}

/// The findings of one dialplan with their places, sorted; a file that is included twice counts
/// once.
///
/// Secrets are shown nowhere: stars stand for them in lines and texts, and a fix that would write one
/// has no edits.
pub fn located(reading: &Reading, found: Vec<Finding>, kept: Kept) -> Vec<LocatedFinding> {
    if found.is_empty() {
        return Vec::new();
    }
    let secrets = Secrets::of(reading, &found);
    let files = reading.dialplan.files.all().iter();
    let paths: Vec<Arc<Path>> =
        files.map(|file| Path::new(OsStr::from_bytes(&file.name)).into()).collect();
    // A share for each core: whoever has one counts the lines of the files anew.
    let share = found.len().div_ceil(rayon::current_num_threads()).max(SMALLEST_SHARE);
    let lines = || Lines::new(&reading.dialplan.files);
    let locator = || Locator { lines: lines(), secrets: &secrets, paths: &paths, kept };
    let shares = found.into_par_iter().with_min_len(share);
    let mut located: Vec<_> = shares.map_init(locator, Locator::finding).collect();
    LocatedFinding::sort(&mut located);
    located
}

/// The name of a severity, for machines.
pub(crate) fn severity_name(severity: Severity) -> &'static str {
    match severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
        Severity::Hint => "hint",
    }
}

/// The name of a safety, for machines.
pub(crate) fn safety_name(safety: Safety) -> &'static str {
    match safety {
        Safety::Safe => "safe",
        Safety::Unsafe => "unsafe",
    }
}

struct Locator<'a> {
    lines: Lines<'a>,
    secrets: &'a Secrets,
    /// Those of the files, by their numbers.
    paths: &'a [Arc<Path>],
    kept: Kept,
}

impl Locator<'_> {
    fn finding(&mut self, finding: Finding) -> LocatedFinding {
        let Finding { rule, severity, place, message, help, notes, fix, .. } = finding;
        let line = self.lines.excerpt(place);
        LocatedFinding {
            rule,
            severity,
            place: self.place_in(&line, place),
            message: self.secrets.without(message, &line),
            help: help.map(|help| self.secrets.without(help, &line)),
            notes: notes.into_iter().map(|note| self.note(note)).collect(),
            fix: fix.map(|fix| self.fix(fix, &line)),
            line_digest: self
                .kept
                .digests
                .then(|| Box::new(line_digest(&self.secrets.shortened(&line)))),
        }
    }

    fn note(&mut self, note: Note) -> LocatedNote {
        let line = self.lines.excerpt(note.place);
        let place = self.place_in(&line, note.place);
        LocatedNote { place, text: self.secrets.without(note.text, &line) }
    }

    fn fix(&mut self, fix: Fix, line: &Excerpt<'_>) -> LocatedFix {
        let title = self.secrets.without(fix.title.into(), line);
        let mut edits = Vec::new();
        for edit in &fix.edits {
            let text = String::from_utf8_lossy(&edit.text).into_owned();
            let there = self.lines.excerpt(edit.place);
            if self.secrets.are_in(&text, &there) {
                edits.clear();
                break;
            }
            edits.push(LocatedEdit { place: self.place_in(&there, edit.place), text });
        }
        LocatedFix { title, safety: fix.safety, edits }
    }

    /// A place, and the line it begins in.
    fn place_in(&mut self, start: &Excerpt<'_>, place: Place) -> Located {
        // Most places end in the line that they begin in.
        let is_one_line = place.end as usize == place.start as usize + start.end - start.start;
        let (end_line, end_column) = if is_one_line {
            (start.line, start.end_column())
        } else {
            let end = self.lines.excerpt(Place { start: place.end.max(place.start), ..place });
            (end.line, end.column())
        };
        let shown = || Shown::of(&self.secrets.starred(start), start.start..start.end);
        Located {
            path: Arc::clone(&self.paths[place.file as usize]),
            line: start.line,
            column: start.column(),
            end_line,
            end_column,
            shown: self.kept.lines.then(|| Box::new(shown())),
        }
    }
}

impl Shown {
    fn of(line: &[u8], place: Range<usize>) -> Self {
        let from = place.start.saturating_sub(MAX_SHOWN_BYTES / 2);
        let to = line.len().min(from + MAX_SHOWN_BYTES);
        let end = place.end.min(to);
        let part = |range: Range<usize>| String::from_utf8_lossy(&line[range]);
        let mut text = String::with_capacity(to - from);
        text.push_str(&part(from..place.start));
        let start = text.len();
        text.push_str(&part(place.start..end));
        let end_shown = text.len();
        text.push_str(&part(end..to));
        Self { text, start, end: end_shown }
    }
}

fn line_digest(line: &[u8]) -> [u8; 32] {
    let line = &line[..line.len().min(MAX_LINE_BYTES)];
    let mut hash = Sha256::new();
    for word in line.split(u8::is_ascii_whitespace).filter(|word| !word.is_empty()) {
        hash.update(word);
        hash.update(b" ");
    }
    hash.finalize().into()
}

impl LocatedFinding {
    /// The file.
    pub fn path(&self) -> &Path {
        &self.place.path
    }

    /// Puts findings, of several dialplans too, in the order of files and places, and leaves out
    /// what is there twice.
    pub fn sort(findings: &mut Vec<Self>) {
        // Those of one file are in this order already, and sorting takes memory even so.
        if !findings.is_sorted_by(|left, right| left.order(right).is_le()) {
            findings.sort_by(Self::order);
        }
        findings.dedup_by(|left, right| left.order(right) == Ordering::Equal);
    }

    fn order(&self, other: &Self) -> Ordering {
        let place = |one: &Self| {
            let Located { line, column, end_line, end_column, .. } = one.place;
            (line, column, end_line, end_column)
        };
        self.path()
            .as_os_str()
            .cmp(other.path().as_os_str())
            .then_with(|| place(self).cmp(&place(other)))
            .then_with(|| self.rule.code.cmp(other.rule.code))
            .then_with(|| self.message.cmp(&other.message))
    }
}

/// The form that machines read: `file`, `line`, `column`, `end_line`, `end_column`, `rule`, `code`,
/// `severity`, `message`, `help` and `fix` (null if there is none), `notes`. Fields may be added,
/// none is renamed.
impl Serialize for LocatedFinding {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut object = serializer.serialize_struct("Finding", 12)?;
        self.place.fields(&mut object)?;
        object.serialize_field("rule", self.rule.name)?;
        object.serialize_field("code", self.rule.code)?;
        object.serialize_field("severity", severity_name(self.severity))?;
        object.serialize_field("message", &self.message)?;
        object.serialize_field("help", &self.help)?;
        object.serialize_field("fix", &self.fix)?;
        object.serialize_field("notes", &self.notes)?;
        object.end()
    }
}

impl Serialize for LocatedFix {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut object = serializer.serialize_struct("Fix", 3)?;
        object.serialize_field("title", &self.title)?;
        object.serialize_field("safety", safety_name(self.safety))?;
        object.serialize_field("edits", &self.edits)?;
        object.end()
    }
}

impl Serialize for LocatedEdit {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut object = serializer.serialize_struct("Edit", 6)?;
        self.place.fields(&mut object)?;
        object.serialize_field("text", &self.text)?;
        object.end()
    }
}

impl Serialize for LocatedNote {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut object = serializer.serialize_struct("Note", 6)?;
        self.place.fields(&mut object)?;
        object.serialize_field("text", &self.text)?;
        object.end()
    }
}

impl Located {
    fn fields<S: SerializeStruct>(&self, object: &mut S) -> Result<(), S::Error> {
        object.serialize_field("file", &self.path.to_string_lossy())?;
        object.serialize_field("line", &self.line)?;
        object.serialize_field("column", &self.column)?;
        object.serialize_field("end_line", &self.end_line)?;
        object.serialize_field("end_column", &self.end_column)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use ivrkit_dialplan::{
        lint::{Settings, read},
        syntax::Nothing,
    };
    use std::fmt::Write as _;

    #[test]
    fn shares_of_many_findings_make_the_same_whole() {
        let mut text = "[a]\n".to_owned();
        for at in 0..3_000 {
            writeln!(text, "exten => größe-{at},1,Playback (größe-{at})").unwrap();
        }
        let reading = read(b"extensions.conf", text.into(), &mut Nothing);
        let found = reading.lint(&Settings::default());
        assert!(found.len() > 2 * SMALLEST_SHARE, "{}", found.len());
        let pool = rayon::ThreadPoolBuilder::new().num_threads(4).build().unwrap();
        let located = |found: &[Finding]| located(&reading, found.to_vec(), Kept::ALL);
        let whole = pool.install(|| located(&found));
        let parts = found.chunks(SMALLEST_SHARE).flat_map(located);
        let parts: Vec<_> = parts.collect();
        assert_eq!((whole.len(), parts.len()), (found.len(), found.len()));
        for (whole, part) in whole.iter().zip(&parts) {
            assert_eq!(format!("{whole:?}"), format!("{part:?}"));
        }
    }
}
