//! Which file, or which sentence, becomes which prompt.
//!
//! Lists folders, opens no file.

use super::{
    Problem, Reason,
    material::{Material, Part},
};
use ivrkit_dialplan::scenario::{self, Prompt, Scenario, Sound};
use std::{
    collections::{BTreeMap, HashSet},
    fs,
    os::unix::fs::MetadataExt as _,
    path::{Path, PathBuf},
};

/// What becomes a prompt.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Source {
    /// What it is made of.
    pub(super) material: Material,
    /// Name of the prompt's file on the PBX.
    pub(super) name: String,
    /// The file as messages show it: from the source folder, a callee's number masked.
    pub(super) shown: String,
    /// What is said, for the manifest.
    pub(super) text: Option<String>,
    /// How its sound is made.
    pub(super) sound: Sound,
    /// Device and inode of each file in it, as far as they are there.
    pub(super) identities: Vec<(u64, u64)>,
}

/// Devices and inodes of the sources: no prompt may replace one of them.
pub(super) type Identities = HashSet<(u64, u64)>;

/// The sources of a scenario in the order of the prompts' names, and what is wrong with the rest.
/// Prompts per callee that are spoken are left out, and so are all of them `for_list`.
pub(super) fn list(
    scenario: &Scenario,
    base: &Path,
    for_list: bool,
) -> (Vec<Source>, Vec<Problem>) {
    let root = base.join(&scenario.media.source);
    let speaks = scenario.tts.is_some();
    let mut found = Found::default();
    for (name, prompt) in &scenario.prompts {
        let sound = scenario.sound(prompt);
        if !prompt.per_callee {
            let shown = prompt.source.clone().unwrap_or_else(|| format!("{name}.wav"));
            let material = material(&root, name, prompt, speaks);
            let text = prompt.words().map(Into::into);
            found.add(Source::new(material, name, shown, text, sound));
        } else if let Some(folder) = prompt.source.as_deref().filter(|_| !for_list) {
            found.folder(&root, folder, sound);
        }
    }
    (found.sources.into_values().collect(), found.problems)
}

/// What a prompt is made of that is the same for everybody. A recording comes before speech.
fn material(root: &Path, name: &str, prompt: &Prompt, speaks: bool) -> Material {
    if !prompt.parts.is_empty() {
        return Material::Parts(
            prompt.parts.iter().map(|one| part(root, one, str::to_owned)).collect(),
        );
    }
    let file = root.join(prompt.source.clone().unwrap_or_else(|| format!("{name}.wav")));
    let spoken = prompt.spoken.as_ref().or(prompt.text.as_ref());
    match spoken.filter(|text| speaks && prompt.source.is_none() && !text.trim().is_empty()) {
        Some(text) if !is_there(&file) => Material::Speech(text.clone()),
        _ => Material::File(file),
    }
}

/// A part of a prompt, with its text filled in.
pub(super) fn part(root: &Path, part: &scenario::Part, fill: impl Fn(&str) -> String) -> Part {
    let (material, is_fixed) = match (&part.source, &part.text) {
        (Some(source), _) => (Material::File(root.join(source)), true),
        (None, text) => {
            let text = text.as_deref().unwrap_or_default();
            (Material::Speech(fill(text)), !is_template(text))
        }
    };
    Part { material, is_fixed }
}

/// The file of a prompt on the PBX.
pub(super) fn file_name(stem: &str, sound: Sound) -> String {
    format!("{stem}.{}", sound.format.name())
}

/// Whether a text differs from callee to callee.
pub(super) fn is_template(text: &str) -> bool {
    text.contains("{{") || text.contains("{%")
}

/// A broken link or a pipe is there: it is to be refused, not spoken over.
fn is_there(path: &Path) -> bool {
    fs::symlink_metadata(path).is_ok()
}

impl Source {
    /// A source of the prompt `stem`.
    fn new(
        material: Material,
        stem: &str,
        shown: String,
        text: Option<String>,
        sound: Sound,
    ) -> Self {
        let identity =
            |path: &PathBuf| fs::metadata(path).ok().map(|meta| (meta.dev(), meta.ino()));
        let identities = material.files().into_iter().filter_map(identity).collect();
        let name = file_name(stem, sound);
        Self { material, name, shown, text, sound, identities }
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
                let material = Material::File(path.join(&name));
                self.add(Source::new(material, number, shown, None, sound));
            } else {
                self.problem(shown, Reason::NotANumber);
            }
        }
    }
}

/// A callee's number as messages show it: its last four digits.
pub(super) fn masked(number: &str) -> String {
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
