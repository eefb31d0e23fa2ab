//! Makes the fixes that rules suggest, and nothing else.
//!
//! All is done in memory first: a dialplan is linted, fixes that do not touch each other are made,
//! and it is linted again, until there is nothing left to mend. Then the files are written, or the
//! difference is shown. Only files that were named, or lie in a folder that was named, are ever
//! written; a file that somebody changed meanwhile is left alone, and all others with it.

mod edits;

use super::{merging::UNUSED, secrets::Secrets};
use crate::{
    dialplan_files::{Folder, MAX_FILE_BYTES},
    error::Exit,
    files,
};
use edits::{Change, Changes};
use ivrkit_dialplan::{
    lint::{self, Finding, Fix, Reading, Safety},
    syntax::{Contents, File, Found, Provider},
};
use similar::TextDiff;
use std::{
    borrow::Cow,
    collections::{BTreeMap, BTreeSet, HashMap},
    ffi::OsStr,
    fs, io,
    os::unix::ffi::OsStrExt as _,
    path::{Path, PathBuf},
    sync::Arc,
};

/// Most rounds of linting and fixing of one dialplan. Fixes that undo each other never come to an
/// end; those that wait for each other need a round each.
const MAX_ROUNDS: usize = 100;

/// Why nothing was mended.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// A file could not be read or written.
    #[error(transparent)]
    Files(#[from] files::Error),
    /// Fixes undo each other; the dialplan is as it was.
    #[error(
        "cannot mend {}: after {rounds} rounds there is still something to fix ({}); nothing was \
         changed in it, please report this",
        path.display(),
        rules.join(", ")
    )]
    Unsettled {
        /// The main file.
        path: PathBuf,
        /// How often it was linted.
        rounds: usize,
        /// The rules whose fixes were made in the last round.
        rules: Vec<&'static str>,
    },
}

impl Error {
    /// The exit code this ends a command with.
    pub fn exit(&self) -> Exit {
        match self {
            Self::Files(error) => error.exit(),
            Self::Unsettled { .. } => Exit::Bug,
        }
    }
}

/// The files that are mended, as they were and as they will be.
pub struct Fixing {
    /// Files and folders that may be written, links followed.
    scope: Vec<PathBuf>,
    /// Which fixes are made: those that are at most this unsafe.
    safety: Safety,
    /// By path, links followed.
    texts: BTreeMap<PathBuf, Text>,
    /// Lines with a secret, and each as it is shown.
    starred: HashMap<Vec<u8>, Vec<u8>>,
}

/// What became of one dialplan.
#[derive(Debug)]
pub struct Mended {
    /// It, read anew after the last round.
    pub reading: Reading,
    /// What is left.
    pub findings: Vec<Finding>,
    /// How many fixes were made.
    pub fixed: usize,
    /// Files outside of the given paths that would have been changed, as they were found.
    pub outside: BTreeSet<PathBuf>,
}

#[derive(Debug, Clone)]
struct Text {
    /// The path as it was found.
    shown: PathBuf,
    was: Arc<Vec<u8>>,
    now: Arc<Vec<u8>>,
}

impl Fixing {
    /// May write these files, and those in these folders; makes safe fixes, or all.
    pub fn new<'a>(paths: impl IntoIterator<Item = &'a Path>, safety: Safety) -> Self {
        let paths = paths.into_iter();
        let scope = paths.filter_map(|path| fs::canonicalize(path).ok()).collect();
        Self { scope, safety, texts: BTreeMap::new(), starred: HashMap::new() }
    }

    /// Mends a dialplan in memory; `lint` says what is wrong with it.
    ///
    /// # Errors
    /// A main file that cannot be read; fixes that undo each other. All is as before then.
    pub fn mend(
        &mut self,
        main: &Path,
        lint: impl Fn(&Reading) -> Vec<Finding>,
    ) -> Result<Mended, Error> {
        let main_bytes = Arc::new(files::read_bytes(main, MAX_FILE_BYTES)?);
        let mut folder = Folder::of(main);
        let before = self.texts.clone();
        let (mut fixed, mut outside, mut rules) = (0, BTreeSet::new(), Vec::new());
        for _ in 0..MAX_ROUNDS {
            let reading = self.read(main, &main_bytes, &mut folder);
            let findings = lint(&reading);
            self.starred.extend(Secrets::of(&reading, &findings).starred_lines(&reading));
            let mut round = self.round(&reading, &findings);
            outside.append(&mut round.outside);
            if round.made.is_empty() {
                return Ok(Mended { reading, findings, fixed, outside });
            }
            fixed += round.made.len();
            rules.clone_from(&round.made);
            self.apply(round);
        }
        self.texts = before;
        rules.sort_unstable();
        rules.dedup();
        Err(Error::Unsettled { path: main.to_owned(), rounds: MAX_ROUNDS, rules })
    }

    /// Writes every file that was mended, and says how many. All are looked at before the first is
    /// written.
    ///
    /// # Errors
    /// A file that changed since it was read, or that cannot be written; those written before it
    /// stay.
    pub fn write(&self) -> Result<usize, Error> {
        for (path, text) in self.mended() {
            files::check_unchanged(path, &text.was)?;
        }
        for (path, text) in self.mended() {
            files::replace(path, &text.was, &text.now)?;
        }
        Ok(self.mended().count())
    }

    /// Writes what would change as a unified diff, which `patch -p0` takes unless a line with a
    /// secret is in it: stars stand for that.
    ///
    /// # Errors
    /// Those of `out`.
    pub fn diff(&self, out: &mut impl io::Write) -> io::Result<()> {
        for (_, text) in self.mended() {
            let name = text.shown.to_string_lossy().replace('\n', "?");
            let (was, now) = (self.shown_lines(&text.was), self.shown_lines(&text.now));
            let (was, now) = (borrowed(&was), borrowed(&now));
            let diff = TextDiff::configure().newline_terminated(true).diff_slices(&was, &now);
            writeln!(out, "--- {name}\n+++ {name}")?;
            for hunk in diff.unified_diff().iter_hunks() {
                hunk.to_writer(&mut *out)?;
            }
        }
        Ok(())
    }

    /// The lines with their newlines; a carriage return alone ends none.
    fn shown_lines<'a>(&self, text: &'a [u8]) -> Vec<Cow<'a, [u8]>> {
        let shown = |line: &'a [u8]| {
            let end = line.iter().rposition(|byte| !b"\r\n".contains(byte)).map_or(0, |at| at + 1);
            match self.starred.get(&line[..end]) {
                Some(starred) => Cow::from([starred.as_slice(), &line[end..]].concat()),
                None => Cow::from(line),
            }
        };
        text.split_inclusive(|&byte| byte == b'\n').map(shown).collect()
    }

    fn mended(&self) -> impl Iterator<Item = (&PathBuf, &Text)> {
        self.texts.iter().filter(|(_, text)| text.was != text.now)
    }

    fn read(&self, main: &Path, bytes: &Arc<Vec<u8>>, folder: &mut Folder) -> Reading {
        let bytes = self.now(main).unwrap_or(bytes);
        let mut mended = MendedFolder { folder, fixing: self };
        lint::read(main.as_os_str().as_bytes(), bytes.as_ref().clone(), &mut mended)
    }

    /// What a file is by now, if it was mended.
    fn now(&self, path: &Path) -> Option<&Arc<Vec<u8>>> {
        if self.texts.is_empty() {
            return None;
        }
        let path = fs::canonicalize(path).ok()?;
        self.texts.get(&path).map(|text| &text.now)
    }

    fn may_write(&self, path: &Path) -> bool {
        self.scope.iter().any(|allowed| path.starts_with(allowed))
    }

    /// The fixes of one round: each that touches none of those before it.
    fn round(&self, reading: &Reading, findings: &[Finding]) -> Round {
        let mut round = Round::default();
        for finding in findings {
            // What an included file allows, another dialplan may need.
            if finding.rule.name == UNUSED && finding.place.file != 0 {
                continue;
            }
            let fix = finding.fix.as_ref().filter(|fix| fix.safety <= self.safety);
            let changes = fix.and_then(|fix| self.changes(reading, fix, &mut round));
            if changes.is_some_and(|changes| round.changes.add(changes)) {
                round.made.push(finding.rule.name);
            }
        }
        round
    }

    /// What a fix changes; none if it may not, or if it changes nothing.
    fn changes(&self, reading: &Reading, fix: &Fix, round: &mut Round) -> Option<Vec<Change>> {
        let mut changes = Vec::new();
        for edit in &fix.edits {
            let number = edit.place.file;
            let file = reading.dialplan.files.file(number);
            let target = round.targets.entry(number).or_insert_with(|| self.target(file));
            let path = match target {
                Target::Mine(path, _) => path.clone(),
                Target::Changing => return None,
                Target::Outside(path) => {
                    round.outside.insert(path.clone());
                    return None;
                }
            };
            let range = edit.place.start as usize..edit.place.end as usize;
            if file.bytes.get(range.clone())? != edit.text.as_slice() {
                changes.push(Change { path, range, text: edit.text.clone() });
            }
        }
        (!changes.is_empty()).then_some(changes)
    }

    fn target(&self, file: &File) -> Target {
        let shown = Path::new(OsStr::from_bytes(&file.name));
        let path = fs::canonicalize(shown).ok().filter(|path| self.may_write(path));
        let Some(path) = path else { return Target::Outside(shown.to_owned()) };
        let (was, shown) = (Arc::clone(&file.bytes), shown.to_owned());
        let text = match self.texts.get(&path) {
            Some(text) => text.clone(),
            None => Text { shown, now: Arc::clone(&was), was },
        };
        if *text.now == *file.bytes { Target::Mine(path, text) } else { Target::Changing }
    }

    fn apply(&mut self, round: Round) {
        for target in round.targets.into_values() {
            let Target::Mine(path, text) = target else { continue };
            let now = Arc::new(round.changes.applied(&path, &text.now));
            self.texts.insert(path, Text { now, ..text });
        }
    }
}

fn borrowed<'a>(lines: &'a [Cow<'_, [u8]>]) -> Vec<&'a [u8]> {
    lines.iter().map(AsRef::as_ref).collect()
}

/// What is mended in one round.
#[derive(Debug, Default)]
struct Round {
    changes: Changes,
    /// The rules whose fixes are made.
    made: Vec<&'static str>,
    outside: BTreeSet<PathBuf>,
    /// By the number of the file in the reading.
    targets: HashMap<u32, Target>,
}

/// A file that a fix is about.
#[derive(Debug)]
enum Target {
    /// It may be written: its path, links followed.
    Mine(PathBuf, Text),
    /// It was read twice, and somebody wrote to it in between.
    Changing,
    /// It is none of those that were named.
    Outside(PathBuf),
}

/// The files as they are by now.
struct MendedFolder<'a> {
    folder: &'a mut Folder,
    fixing: &'a Fixing,
}

impl Provider for MendedFolder<'_> {
    fn find(&mut self, name: &[u8]) -> Vec<Found> {
        let mut found = self.folder.find(name);
        for one in &mut found {
            let path = Path::new(OsStr::from_bytes(&one.path));
            if let (Contents::File(bytes), Some(now)) = (&mut one.contents, self.fixing.now(path)) {
                *bytes = Arc::clone(now);
            }
        }
        found
    }
}

#[cfg(test)]
mod tests;
