//! The catalogue itself: entries, read from the data files when they are first asked for.
//!
//! Must not hold facts: those stand in the data files, which a script writes.

use super::{Version, by_name::ByName};
use serde::Deserialize;
use std::{
    collections::BTreeMap,
    sync::{LazyLock, OnceLock},
};

/// What several versions have alike, with those versions.
type ByVersion<T> = Vec<(Vec<Version>, T)>;

/// An application or a function.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Entry {
    name: &'static str,
    modules: Vec<&'static str>,
    known: BTreeMap<Version, Known>,
    #[serde(default)]
    access: ByVersion<Access>,
    #[serde(default)]
    syntax: ByVersion<Syntax>,
    #[serde(default)]
    undocumented: ByVersion<Vec<OptionLetter>>,
    #[serde(default)]
    variables: ByVersion<Vec<&'static str>>,
}

/// How it is known that a version has something.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Known {
    /// A running daemon has registered it.
    Daemon,
    /// The daemon's own documentation describes it; its module is not packaged with that daemon.
    Documentation,
    /// Asterisk's source of that version has it.
    Source,
}

/// Whether a version has something.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Presence {
    /// It has.
    There,
    /// It has it no longer; `since` is the first known version without.
    Gone {
        /// The first known version that lacks it.
        since: Version,
    },
    /// It does not have it yet; `since` is the first known version that does.
    NotYet {
        /// The first known version that has it.
        since: Version,
    },
    /// Nothing is known.
    Unknown,
}

/// What a dialplan can do with a function.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Deserialize)]
pub enum Access {
    /// `${F()}` alone.
    #[serde(rename = "r")]
    Read,
    /// `Set(F()=...)` alone.
    #[serde(rename = "w")]
    Write,
    /// Both.
    #[serde(rename = "rw")]
    ReadWrite,
}

/// The arguments of an entry, as its documentation has them.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Syntax {
    /// What stands between the arguments; `Set` has `=`, `GotoIf` has `?`.
    #[serde(default = "comma")]
    pub separator: &'static str,
    /// The arguments in their order.
    pub arguments: Vec<Argument>,
    /// See [`Syntax::option_letters`].
    #[serde(skip)]
    option_letters: OnceLock<u128>,
}

/// One argument.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Argument {
    /// Its name in the documentation.
    pub name: &'static str,
    /// Whether it must be given.
    #[serde(default)]
    pub required: bool,
    /// Whether any number of its kind may follow.
    #[serde(default)]
    pub repeats: bool,
    /// What stands between its parts, for a list such as `a&b`.
    #[serde(default)]
    pub separator: Option<&'static str>,
    /// The names of its parts.
    #[serde(default)]
    pub parts: Vec<&'static str>,
    /// Whether it can have, or must have (`true`), arguments in parentheses of its own.
    #[serde(default)]
    pub parameters: Option<&'static str>,
    /// The options it is made of; empty if it holds none.
    #[serde(default)]
    pub options: Vec<OptionLetter>,
    /// The words that the documentation lists for it. Not always all that are taken.
    #[serde(default)]
    pub values: Vec<&'static str>,
}

/// One option, mostly a letter; some applications have words (`skip`).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(from = "&'static str")]
pub struct OptionLetter {
    /// The letter or word.
    pub name: &'static str,
    /// What stands in its parentheses, such as `context^exten^priority`; nothing if it takes none.
    pub argument: Option<&'static str>,
}

/// A loadable module.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Module {
    /// Its name without `.so`.
    pub name: &'static str,
    known: BTreeMap<Version, Known>,
    #[serde(default)]
    support: ByVersion<&'static str>,
    #[serde(default)]
    built: ByVersion<&'static str>,
    #[serde(default)]
    deprecated_in: ByVersion<&'static str>,
    #[serde(default)]
    removed_in: ByVersion<&'static str>,
    #[serde(default)]
    replacement: ByVersion<&'static str>,
}

static APPLICATIONS: LazyLock<Vec<Entry>> =
    LazyLock::new(|| shipped(include_str!("applications.json")));
static APPLICATION_NAMES: LazyLock<ByName<Vec<&'static Entry>>> =
    LazyLock::new(|| applications().iter().map(|entry| (entry.name, entry)).collect());
static FUNCTIONS: LazyLock<Vec<Entry>> = LazyLock::new(|| shipped(include_str!("functions.json")));
static FUNCTION_NAMES: LazyLock<hashbrown::HashMap<&'static [u8], &'static Entry>> =
    LazyLock::new(|| functions().iter().map(|entry| (entry.name.as_bytes(), entry)).collect());
static MODULES: LazyLock<Vec<Module>> = LazyLock::new(|| shipped(include_str!("modules.json")));

/// The application of that name in any of the versions; letter case does not count, as in Asterisk.
pub fn application(name: &[u8]) -> Option<&'static Entry> {
    APPLICATION_NAMES.find(name).and_then(|found| found.first().copied())
}

/// All applications, by name.
pub fn applications() -> &'static [Entry] {
    &APPLICATIONS
}

/// The function of that very name in any of the versions; letter case counts, as in Asterisk.
pub fn function(name: &[u8]) -> Option<&'static Entry> {
    FUNCTION_NAMES.get(name).copied()
}

/// All functions, by name.
pub fn functions() -> &'static [Entry] {
    &FUNCTIONS
}

/// The module of that name (without `.so`) in any of the versions.
pub fn module(name: &str) -> Option<&'static Module> {
    let found = MODULES.binary_search_by(|module| module.name.cmp(name));
    found.ok().map(|at| &MODULES[at])
}

/// All modules, by name.
pub fn modules() -> &'static [Module] {
    &MODULES
}

/// The application of a version that a misspelt name most likely means.
pub fn nearest_application(name: &[u8], version: Version) -> Option<&'static Entry> {
    nearest(applications(), name, version)
}

/// The function of a version that a misspelt name most likely means.
pub fn nearest_function(name: &[u8], version: Version) -> Option<&'static Entry> {
    nearest(functions(), name, version)
}

/// At most one letter in three may differ, letter case aside.
fn nearest(entries: &'static [Entry], name: &[u8], version: Version) -> Option<&'static Entry> {
    let name = String::from_utf8_lossy(name).to_lowercase();
    let letters = name.chars().count();
    // Names that are much longer or shorter need no closer look: they differ by that much at least.
    let is_near = |distance: usize, entry: &Entry| distance * 3 <= entry.name.len().max(name.len());
    entries
        .iter()
        .filter(|entry| is_near(entry.name.len().abs_diff(letters), entry))
        .filter(|entry| entry.presence(version) == Presence::There)
        .map(|entry| (strsim::damerau_levenshtein(&name, &entry.name.to_lowercase()), entry))
        .filter(|(distance, entry)| is_near(*distance, entry))
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, entry)| entry)
}

impl Entry {
    /// The name as Asterisk spells it.
    pub fn name(&self) -> &'static str {
        self.name
    }

    /// The module that provides it, without `.so`; nothing if it is a part of Asterisk itself.
    pub fn module(&self) -> Option<&'static str> {
        self.modules.first().copied()
    }

    /// Whether a version has it.
    pub fn presence(&self, version: Version) -> Presence {
        presence(&self.known, version)
    }

    /// How it is known that a version has it; nothing if it does not.
    pub fn known(&self, version: Version) -> Option<Known> {
        self.known.get(&version).copied()
    }

    /// The version that took it away, if its module said so beforehand, such as `21`.
    pub fn removed_in(&self) -> Option<&'static str> {
        self.module().and_then(module).and_then(|module| module.removed_in.last()).map(|one| one.1)
    }

    /// Its arguments; nothing if that version lacks it or does not describe it.
    pub fn syntax(&self, version: Version) -> Option<&Syntax> {
        of_version(&self.syntax, version)
    }

    /// Option letters that the version takes and does not describe.
    pub fn undocumented_options(&self, version: Version) -> &[OptionLetter] {
        of_version(&self.undocumented, version).map_or(&[], Vec::as_slice)
    }

    /// The channel variables that its documentation names: it sets them, or reads them.
    pub fn variables(&self, version: Version) -> &[&'static str] {
        of_version(&self.variables, version).map_or(&[], Vec::as_slice)
    }

    /// For a function: what can be done with it. Nothing for an application.
    pub fn access(&self, version: Version) -> Option<Access> {
        of_version(&self.access, version).copied()
    }

    /// Whether the version has it in a module that it calls deprecated.
    pub fn is_deprecated(&self, version: Version) -> bool {
        self.module().and_then(module).is_some_and(|module| module.is_deprecated(version))
    }
}

impl Access {
    /// Whether `${F()}` has a value.
    pub fn is_readable(self) -> bool {
        self != Self::Write
    }

    /// Whether `Set(F()=...)` does something.
    pub fn is_writable(self) -> bool {
        self != Self::Read
    }
}

impl Syntax {
    /// How many arguments must be given.
    pub fn min(&self) -> usize {
        self.arguments.iter().filter(|argument| argument.required).count()
    }

    /// How many arguments can be given; nothing for any number.
    pub fn max(&self) -> Option<usize> {
        let ends = self.arguments.iter().all(|one| !one.repeats && one.is_closed());
        ends.then_some(self.arguments.len())
    }

    /// Which argument, from 0, holds the options.
    pub fn options_at(&self) -> Option<usize> {
        self.arguments.iter().position(|argument| !argument.options.is_empty())
    }

    /// What the names of the options begin with, a bit for each character of ASCII.
    pub(crate) fn option_letters(&self) -> u128 {
        *self.option_letters.get_or_init(|| letters(self.options()))
    }

    /// The options of the argument that holds some.
    pub fn options(&self) -> &[OptionLetter] {
        self.options_at().map_or(&[], |at| &self.arguments[at].options)
    }
}

/// What the names of options begin with, a bit for each character of ASCII.
pub(crate) fn letters(options: &[OptionLetter]) -> u128 {
    let letters = options.iter().filter_map(|one| one.name.bytes().next());
    letters.fold(0, |all, letter| all | 1 << (letter & 0x7f))
}

impl Argument {
    /// Whether its parts, if it has some, do not continue the list of arguments.
    fn is_closed(&self) -> bool {
        self.separator != Some(",") || self.parts.is_empty()
    }
}

impl Module {
    /// Whether a version has it.
    pub fn presence(&self, version: Version) -> Presence {
        presence(&self.known, version)
    }

    /// The support level that the version gives it: `core`, `extended` or `deprecated`.
    pub fn support(&self, version: Version) -> Option<&'static str> {
        of_version(&self.support, version).copied()
    }

    /// Whether the version has it and calls it deprecated.
    pub fn is_deprecated(&self, version: Version) -> bool {
        let said = of_version(&self.deprecated_in, version);
        let since = said.and_then(|since| since.parse::<u8>().ok());
        self.support(version) == Some("deprecated")
            || since.is_some_and(|since| since <= version.major())
    }

    /// Whether the version builds it unless told otherwise.
    pub fn is_built(&self, version: Version) -> bool {
        of_version(&self.built, version).is_none_or(|built| *built != "no")
    }

    /// The version that took it away, as it said beforehand, such as `21`.
    pub fn removed_in(&self) -> Option<&'static str> {
        self.removed_in.last().map(|one| one.1)
    }

    /// What is to be used in its place, in Asterisk's words.
    pub fn replacement(&self) -> Option<&'static str> {
        self.replacement.last().map(|one| one.1)
    }
}

impl From<&'static str> for OptionLetter {
    /// `a`, or `A(x:y)`.
    fn from(text: &'static str) -> Self {
        let split = text.strip_suffix(')').and_then(|text| text.split_once('('));
        match split {
            Some((name, argument)) => Self { name, argument: Some(argument) },
            None => Self { name: text, argument: None },
        }
    }
}

fn shipped<T: Deserialize<'static>>(text: &'static str) -> Vec<T> {
    serde_json::from_str(text).expect("the shipped data has its form")
}

/// Absent between two versions that have it would be odd, and is not known.
fn presence(known: &BTreeMap<Version, Known>, version: Version) -> Presence {
    let (Some((&first, _)), Some((&last, _))) = (known.first_key_value(), known.last_key_value())
    else {
        return Presence::Unknown;
    };
    if known.contains_key(&version) {
        Presence::There
    } else if version < first {
        Presence::NotYet { since: first }
    } else if version > last {
        let since = Version::ALL.into_iter().find(|&one| one > last);
        Presence::Gone { since: since.unwrap_or(version) }
    } else {
        Presence::Unknown
    }
}

fn of_version<T>(groups: &ByVersion<T>, version: Version) -> Option<&T> {
    groups.iter().find(|(versions, _)| versions.contains(&version)).map(|(_, value)| value)
}

fn comma() -> &'static str {
    ","
}

#[cfg(test)]
mod tests;
