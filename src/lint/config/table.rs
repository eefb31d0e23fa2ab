//! A table of a TOML file whose keys are taken one by one; what is left over is unknown.

use super::Error;
use crate::lint::rule_names::nearest;
use ivrkit_dialplan::source::Source;
use std::{collections::BTreeMap, ops::Range};
use toml::{
    Spanned,
    de::{DeTable, DeValue},
};

/// A table and the source that its places are in.
pub(super) struct Table<'a> {
    source: &'a Source,
    entries: BTreeMap<&'a str, (Range<usize>, Value<'a>)>,
    asked: Vec<&'static str>,
}

/// A value with its place.
#[derive(Clone, Copy)]
pub(super) struct Value<'a> {
    source: &'a Source,
    value: &'a Spanned<DeValue<'a>>,
}

/// The whole file as a tree.
pub(super) fn tree(source: &Source) -> Result<DeTable<'_>, Error> {
    let parsed = DeTable::parse(source.text()).map_err(|error| {
        let at = error.span().unwrap_or_default().start;
        wrong(source, at, error.message().replace('\n', ", "))
    });
    parsed.map(Spanned::into_inner)
}

impl<'a> Table<'a> {
    pub(super) fn new(source: &'a Source, table: &'a DeTable<'a>) -> Self {
        let entries = table
            .iter()
            .map(|(key, value)| (key.get_ref().as_ref(), (key.span(), Value { source, value })));
        Self { source, entries: entries.collect(), asked: Vec::new() }
    }

    /// The value of a key that is known.
    pub(super) fn take(&mut self, key: &'static str) -> Option<Value<'a>> {
        self.asked.push(key);
        self.entries.remove(key).map(|(_, value)| value)
    }

    /// All keys with their places, for tables that any name may stand in.
    pub(super) fn take_all(self) -> impl Iterator<Item = (Key<'a>, Value<'a>)> {
        let source = self.source;
        self.entries
            .into_iter()
            .map(move |(name, (span, value))| (Key { source, name, span }, value))
    }

    /// Fails if there is a key that nobody took; the first in the file is named.
    pub(super) fn end(self) -> Result<(), Error> {
        let left = self.entries.into_iter().min_by_key(|(_, (span, _))| span.start);
        let Some((key, (span, _))) = left else { return Ok(()) };
        let known = self.asked.iter().map(|key| format!("`{key}`"));
        let advice = match nearest(key, self.asked.iter().copied()) {
            Some(nearest) => format!("did you mean `{nearest}`?"),
            None => format!("expected one of {}", known.collect::<Vec<_>>().join(", ")),
        };
        Err(wrong(
            self.source,
            span.start,
            format!("unknown key `{}`, {advice}", key.escape_debug()),
        ))
    }
}

/// The key of a table that any name may stand in.
pub(super) struct Key<'a> {
    source: &'a Source,
    pub(super) name: &'a str,
    span: Range<usize>,
}

impl Key<'_> {
    pub(super) fn wrong(&self, problem: String) -> Error {
        wrong(self.source, self.span.start, problem)
    }
}

impl<'a> Value<'a> {
    pub(super) fn table(self) -> Result<Table<'a>, Error> {
        match self.value.get_ref() {
            DeValue::Table(table) => Ok(Table::new(self.source, table)),
            _ => Err(self.unexpected("a table")),
        }
    }

    pub(super) fn list(self) -> Result<impl Iterator<Item = Value<'a>>, Error> {
        match self.value.get_ref() {
            DeValue::Array(values) => {
                let source = self.source;
                Ok(values.iter().map(move |value| Value { source, value }))
            }
            _ => Err(self.unexpected("a list")),
        }
    }

    pub(super) fn text(self) -> Result<&'a str, Error> {
        match self.value.get_ref() {
            DeValue::String(text) => Ok(text),
            _ => Err(self.unexpected("a text in quotes")),
        }
    }

    pub(super) fn truth(self) -> Result<bool, Error> {
        match self.value.get_ref() {
            DeValue::Boolean(truth) => Ok(*truth),
            _ => Err(self.unexpected("`true` or `false`")),
        }
    }

    /// A text, or a whole number as its digits.
    pub(super) fn word(self) -> Result<&'a str, Error> {
        match self.value.get_ref() {
            DeValue::Integer(number) => Ok(number.as_str()),
            _ => self.text(),
        }
    }

    pub(super) fn texts(self) -> Result<Vec<String>, Error> {
        self.list()?.map(|value| value.text().map(str::to_owned)).collect()
    }

    /// One of a few words.
    pub(super) fn one_of<T: Copy>(self, known: &[(&'static str, T)]) -> Result<T, Error> {
        let word = self.word()?;
        if let Some((_, meant)) = known.iter().find(|(name, _)| *name == word) {
            return Ok(*meant);
        }
        let names: Vec<_> = known.iter().map(|(name, _)| format!("`{name}`")).collect();
        let shown = word.escape_debug();
        Err(self.wrong(format!("found `{shown}`, expected one of {}", names.join(", "))))
    }

    pub(super) fn wrong(self, problem: String) -> Error {
        wrong(self.source, self.value.span().start, problem)
    }

    fn unexpected(self, expected: &str) -> Error {
        let found = match self.value.get_ref() {
            DeValue::String(_) => "a text",
            DeValue::Integer(_) | DeValue::Float(_) => "a number",
            DeValue::Boolean(_) => "a boolean",
            DeValue::Datetime(_) => "a date",
            DeValue::Array(_) => "a list",
            DeValue::Table(_) => "a table",
        };
        self.wrong(format!("found {found}, expected {expected}"))
    }
}

fn wrong(source: &Source, at: usize, problem: String) -> Error {
    let at = source.position(at);
    Error::Wrong { name: source.name().to_owned(), line: at.line, column: at.column, problem }
}
