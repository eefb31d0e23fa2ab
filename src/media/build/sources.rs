//! Which file becomes which prompt.
//!
//! Lists folders, opens no file.

use super::{Problem, Reason};
use ivrkit_dialplan::scenario::{Prompt, Scenario, Sound};
use std::{
    collections::{BTreeMap, HashSet},
    fs,
    os::unix::fs::MetadataExt as _,
    path::{Path, PathBuf},
};

/// A file that becomes a prompt.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Source {
    /// The file.
    pub(super) path: PathBuf,
    /// Name of the prompt's file on the PBX.
    pub(super) name: String,
    /// The file as messages show it: from the source folder, a callee's number masked.
    pub(super) shown: String,
    /// How its sound is made.
    pub(super) sound: Sound,
    /// Device and inode, if there is such a file.
    pub(super) identity: Option<(u64, u64)>,
}

/// Devices and inodes of the sources: no prompt may replace one of them.
pub(super) type Identities = HashSet<(u64, u64)>;

/// The sources of a scenario in the order of the prompts' names, and what is wrong with the rest.
pub(super) fn list(scenario: &Scenario, base: &Path) -> (Vec<Source>, Vec<Problem>) {
    let root = base.join(&scenario.media.source);
    let mut found = Found::default();
    for (name, prompt) in &scenario.prompts {
        let sound = scenario.sound(prompt);
        if prompt.per_callee {
            found.folder(&root, prompt.source.as_deref().unwrap_or(name), sound);
        } else {
            let source = source_of(name, prompt);
            found.add(Source::new(root.join(&source), name, source, sound));
        }
    }
    (found.sources.into_values().collect(), found.problems)
}

fn source_of(name: &str, prompt: &Prompt) -> String {
    prompt.source.clone().unwrap_or_else(|| format!("{name}.wav"))
}

impl Source {
    /// A source of the prompt `stem`.
    fn new(path: PathBuf, stem: &str, shown: String, sound: Sound) -> Self {
        let identity = fs::metadata(&path).ok().map(|meta| (meta.dev(), meta.ino()));
        let name = format!("{stem}.{}", sound.format.name());
        Self { path, name, shown, sound, identity }
    }
}

#[derive(Default)]
struct Found {
    sources: BTreeMap<String, Source>,
    problems: Vec<Problem>,
}

impl Found {
    fn add(&mut self, source: Source) {
        if let Some(first) = self.sources.get(&source.name) {
            let reason = Reason::SameName { other: first.shown.clone() };
            self.problems.push(Problem { file: source.shown, reason });
        } else {
            self.sources.insert(source.name.clone(), source);
        }
    }

    fn problem(&mut self, file: String, reason: Reason) {
        self.problems.push(Problem { file, reason });
    }

    /// Adds a folder with one WAV per callee. Files with other endings may lie beside them.
    fn folder(&mut self, root: &Path, folder: &str, sound: Sound) {
        let path = root.join(folder);
        if path.is_file() {
            let reason = Reason::Kind { found: "a file", expected: "a folder, a WAV per callee" };
            return self.problem(folder.to_owned(), reason);
        }
        let entries = fs::read_dir(&path).and_then(Iterator::collect::<Result<Vec<_>, _>>);
        let mut names: Vec<_> = match entries {
            Ok(entries) => entries.iter().map(fs::DirEntry::file_name).collect(),
            Err(error) => return self.problem(folder.to_owned(), error.into()),
        };
        names.sort();
        for name in names {
            let text = name.to_string_lossy();
            let Some((number, ending)) = text.rsplit_once('.') else { continue };
            if !ending.eq_ignore_ascii_case("wav") || number.is_empty() || number.starts_with('.') {
                continue;
            }
            let shown = format!("{folder}/{}.{ending}", masked(number));
            if number.bytes().all(|byte| byte.is_ascii_digit()) {
                self.add(Source::new(path.join(&name), number, shown, sound));
            } else {
                self.problem(shown, Reason::NotANumber);
            }
        }
    }
}

/// A callee's number as messages show it: its last four digits.
fn masked(number: &str) -> String {
    const SHOWN_DIGITS: usize = 4;
    let digits = number.chars().filter(char::is_ascii_digit).count();
    let mut hidden = digits.saturating_sub(SHOWN_DIGITS);
    let mask = |c: char| {
        let hide = c.is_ascii_digit() && hidden > 0;
        hidden -= usize::from(hide);
        if hide { '*' } else { c }
    };
    number.chars().map(mask).collect()
}

#[cfg(test)]
mod tests {
    use super::masked;

    #[test]
    fn numbers_keep_their_last_four_digits() {
        for (number, expected) in
            [("13900001111", "*******1111"), ("+8613900001111", "+*********1111"), ("911", "911")]
        {
            assert_eq!(masked(number), expected);
        }
    }
}
