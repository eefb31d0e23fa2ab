//! `ivrkit.toml`: what an operator says about the PBX and about the rules.
//!
//! Must not know which dialplan it is for until it is asked for the [settings](Config::settings) of
//! one.

mod search;
mod table;

pub use search::Configs;

use super::{rule_names::Scope, sounds::MediaFolder};
use crate::files;
use glob::{MatchOptions, Pattern};
use ivrkit_dialplan::{
    application::{UnknownVersion, Version},
    diagnostic::Severity,
    lint::{Level, Rule, Settings, rules},
    source::Source,
};
use std::{
    fs,
    path::{Path, PathBuf},
};
use table::{Table, Value};

/// The name that is looked for.
pub const FILE_NAME: &str = "ivrkit.toml";

/// The words for severities, as settings have them.
pub const SEVERITIES: [(&str, Severity); 3] =
    [("error", Severity::Error), ("warning", Severity::Warning), ("hint", Severity::Hint)];

const LEVELS: [(&str, Level); 5] = [
    ("off", Level::Off),
    ("on", Level::On),
    ("hint", Level::Hint),
    ("warning", Level::Warning),
    ("error", Level::Error),
];

/// A configuration that cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// It cannot be read.
    #[error(transparent)]
    File(#[from] files::Error),
    /// Something in it is wrong.
    #[error("{name}:{line}:{column}: {problem}")]
    Wrong {
        /// The file.
        name: String,
        /// Line, from 1.
        line: usize,
        /// Column in characters, from 1.
        column: usize,
        /// What was found and what was expected.
        problem: String,
    },
}

/// What a configuration says about the linter; the default says nothing.
#[derive(Debug, Clone, Default)]
pub struct Config {
    /// What its paths and patterns count from, without links in it.
    folder: PathBuf,
    /// The Asterisk that dialplans are for.
    pub asterisk: Option<Version>,
    /// From which severity on findings fail the command.
    pub fail_on: Option<Severity>,
    /// Folders of sounds, from the working folder.
    pub media: Vec<MediaFolder>,
    /// Whether the PBX has Asterisk's own sounds.
    pub stock_sounds: Option<bool>,
    entry_contexts: Vec<String>,
    trusted_contexts: Vec<String>,
    external_contexts: Vec<String>,
    exclude: Vec<Pattern>,
    levels: Levels,
    overrides: Vec<Override>,
}

/// Which rules look, and how much their findings matter. A rule's own entry counts before that of
/// its group, and that before the one of all; among equals the last one counts.
pub type Levels = Vec<(Scope, Level)>;

/// Other levels for some files.
#[derive(Debug, Clone)]
struct Override {
    paths: Vec<Pattern>,
    levels: Levels,
}

impl Config {
    /// Reads a configuration file.
    ///
    /// # Errors
    /// A file that cannot be read, is no TOML, or says what nobody knows.
    pub fn read(path: &Path) -> Result<Self, Error> {
        let source = files::read_source(path)?;
        let folder = path.parent().unwrap_or(Path::new(""));
        Self::parse(&source, folder)
    }

    fn parse(source: &Source, folder: &Path) -> Result<Self, Error> {
        let root = table::tree(source)?;
        let mut root = Table::new(source, &root);
        let lint = root.take("lint");
        root.end()?;
        let mut config = Self::default();
        let Some(lint) = lint else { return Ok(config) };
        let mut lint = lint.table()?;
        config.asterisk = lint.take("asterisk").map(version).transpose()?;
        config.fail_on = lint.take("fail-on").map(|value| value.one_of(&SEVERITIES)).transpose()?;
        let media = texts(&mut lint, "media")?.into_iter().map(|text| {
            let media = MediaFolder::of(text.as_ref());
            MediaFolder { path: folder.join(media.path), ..media }
        });
        config.media = media.collect();
        config.stock_sounds = lint.take("stock-sounds").map(Value::truth).transpose()?;
        config.entry_contexts = texts(&mut lint, "entry-contexts")?;
        config.trusted_contexts = texts(&mut lint, "trusted-contexts")?;
        config.external_contexts = texts(&mut lint, "external-contexts")?;
        config.exclude = lint.take("exclude").map(patterns).transpose()?.unwrap_or_default();
        config.levels = lint.take("rules").map(levels).transpose()?.unwrap_or_default();
        if let Some(files) = lint.take("files") {
            config.overrides = files.list()?.map(Override::of).collect::<Result<_, _>>()?;
        }
        lint.end()?;
        config.folder = real(folder);
        Ok(config)
    }

    /// The settings for a dialplan; what was `said` on the command line counts before the file.
    pub fn settings(&self, dialplan: &Path, said: &Levels) -> Settings {
        let dialplan = self.relative(dialplan);
        let overrides = self.overrides.iter().filter(|one| is_among(&one.paths, &dialplan));
        let layers: Vec<_> =
            std::iter::once(&self.levels).chain(overrides.map(|one| &one.levels)).collect();
        let level = |rule: &Rule| {
            let configured = layers.iter().rev().find_map(|layer| level(layer, rule));
            match (level(said, rule), configured) {
                // Asked for by name, a rule keeps the severity that it was given.
                (Some(Level::On), Some(level)) if level != Level::Off => Some(level),
                (said, configured) => said.or(configured),
            }
        };
        let levels =
            rules::ALL.iter().filter_map(|rule| Some((rule.name.to_owned(), level(rule)?)));
        Settings {
            levels: levels.collect(),
            version: self.asterisk.unwrap_or_default(),
            entry_contexts: self.entry_contexts.clone(),
            trusted_contexts: self.trusted_contexts.clone(),
            external_contexts: self.external_contexts.clone(),
            sounds: None,
            neighbours: None,
        }
    }

    /// Whether a file that was found in a folder is left out.
    pub fn excludes(&self, file: &Path) -> bool {
        !self.exclude.is_empty() && is_among(&self.exclude, &self.relative(file))
    }

    fn relative(&self, file: &Path) -> PathBuf {
        let folder = real(file.parent().unwrap_or(Path::new("")));
        let file = folder.join(file.file_name().unwrap_or_default());
        file.strip_prefix(&self.folder).map(Path::to_owned).unwrap_or(file)
    }
}

impl Override {
    fn of(value: Value<'_>) -> Result<Self, Error> {
        let mut table = value.table()?;
        let (paths, rules) = (table.take("paths"), table.take("rules"));
        table.end()?;
        let missing = |key| value.wrong(format!("the key `{key}` is missing"));
        Ok(Self {
            paths: patterns(paths.ok_or_else(|| missing("paths"))?)?,
            levels: levels(rules.ok_or_else(|| missing("rules"))?)?,
        })
    }
}

/// A folder without links in its path; as it is if it is not there.
fn real(folder: &Path) -> PathBuf {
    let folder = if folder.as_os_str().is_empty() { Path::new(".") } else { folder };
    fs::canonicalize(folder).unwrap_or_else(|_| folder.to_owned())
}

/// Whether a pattern is for this path or a folder that it is in; a pattern without `/` is for a
/// name at any depth.
fn is_among(patterns: &[Pattern], path: &Path) -> bool {
    let options = MatchOptions {
        case_sensitive: true,
        require_literal_separator: true,
        require_literal_leading_dot: false,
    };
    path.ancestors().filter(|path| !path.as_os_str().is_empty()).any(|path| {
        let name = Path::new(path.file_name().unwrap_or_default());
        patterns.iter().any(|pattern| {
            let is_name = !pattern.as_str().contains('/');
            pattern.matches_path_with(if is_name { name } else { path }, options)
        })
    })
}

fn level(levels: &Levels, rule: &Rule) -> Option<Level> {
    let said = levels.iter().filter(|(scope, _)| scope.has(rule));
    said.max_by_key(|(scope, _)| *scope).map(|&(_, level)| level)
}

fn version(value: Value<'_>) -> Result<Version, Error> {
    let word = value.word()?;
    word.parse().map_err(|error: UnknownVersion| value.wrong(error.to_string()))
}

fn texts(table: &mut Table<'_>, key: &'static str) -> Result<Vec<String>, Error> {
    table.take(key).map_or(Ok(Vec::new()), Value::texts)
}

fn patterns(value: Value<'_>) -> Result<Vec<Pattern>, Error> {
    let pattern = |value: Value<'_>| {
        let text = value.text()?;
        let text = text.strip_prefix("./").unwrap_or(text);
        Pattern::new(text.trim_end_matches('/'))
            .map_err(|error| value.wrong(format!("no pattern for paths: {}", error.msg)))
    };
    value.list()?.map(pattern).collect()
}

fn levels(value: Value<'_>) -> Result<Levels, Error> {
    let entries = value.table()?.take_all();
    let levels = entries.map(|(key, value)| {
        let scope = Scope::named(key.name).map_err(|problem| key.wrong(problem))?;
        Ok((scope, value.one_of(&LEVELS)?))
    });
    levels.collect()
}

#[cfg(test)]
mod tests;
