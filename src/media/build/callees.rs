//! What each callee of a list hears: rows and templates to orders, and orders to groups of callees who
//! hear the same.
//!
//! Must not make sound, nor repeat a callee's number or data in a message.

use super::{
    list::{self, BadRow, BadRows, CalleeList, Fault, Row, Rows},
    material::{Material, Part},
    sources::{self, masked},
};
use ivrkit_dialplan::scenario::{Prompt, Scenario, Sound};
use minijinja::{AutoEscape, Environment, UndefinedBehavior, Value};
use std::{
    collections::{BTreeMap, HashMap, HashSet},
    path::{Path, PathBuf},
};

/// Most characters of what one callee hears: some minutes.
pub(super) const MAX_TEXT_CHARACTERS: usize = 1000;

/// A list that prompts cannot be made of.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The list cannot be used.
    #[error(transparent)]
    List(#[from] list::Error),
    /// The scenario has nothing to say to single callees.
    #[error("the scenario has no prompt with `per_callee: true` that a list is for")]
    NoPrompt,
    /// It has, but not as a text.
    #[error(
        "prompt `{name}` cannot be made for a list: it has {lack}; {cure}",
        lack = if *.has_text { "no engine to speak it" } else { "no `text` or `parts`" },
        cure = if *.has_text { "add the section `tts`" } else { "add what is to be said" }
    )]
    NoText {
        /// The prompt.
        name: String,
        /// Whether it has a text.
        has_text: bool,
    },
    /// The text is no template.
    #[error("the text of prompt `{name}` is no template: {problem}")]
    Template {
        /// The prompt.
        name: String,
        /// Why.
        problem: String,
    },
    /// The template names a column that the list does not have.
    #[error(
        "prompt `{name}` names `{column}`, which is no column of {}; it has `{columns}`",
        list.display()
    )]
    NoColumn {
        /// The prompt.
        name: String,
        /// What it names.
        column: String,
        /// The list.
        list: PathBuf,
        /// What the list has.
        columns: String,
    },
    /// Rows that cannot be used.
    #[error("{}", listed(.list, .rows, *.total))]
    Rows {
        /// The list.
        list: PathBuf,
        /// Each of them.
        rows: Vec<BadRow>,
        /// How many rows there are.
        total: usize,
    },
    /// Nobody to build for.
    #[error("{} has no row that can be used", .0.display())]
    Nobody(PathBuf),
}

/// What one sound is made of, and who hears it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Group {
    /// What it is made of.
    pub(super) material: Material,
    /// How its sound is made.
    pub(super) sound: Sound,
    /// The callees, as their files are named and as messages show them.
    pub(super) callees: Vec<Callee>,
}

/// One callee.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Callee {
    /// The file.
    pub(super) name: String,
    /// The row, for messages.
    pub(super) shown: String,
}

/// What a list asks for.
#[derive(Debug, Default)]
pub(super) struct Orders {
    /// By sound, in the order of the list.
    pub(super) groups: Vec<Group>,
    /// The rows that are left out.
    pub(super) left_out: Vec<BadRow>,
}

/// Reads a list and fills the scenario's template for each row.
pub(super) fn orders(scenario: &Scenario, root: &Path, list: &CalleeList) -> Result<Orders, Error> {
    let (name, prompt) =
        scenario.prompts.iter().find(|(_, prompt)| prompt.per_callee).ok_or(Error::NoPrompt)?;
    let has_text = prompt.words().is_some();
    if !has_text || prompt.parts.is_empty() && scenario.tts.is_none() {
        return Err(Error::NoText { name: name.clone(), has_text });
    }
    let rows = list::read(list)?;
    let templates = Templates::new(name, prompt, &rows, list)?;
    let total = rows.good.len() + rows.bad.len();
    let (filled, mut bad) = fill(rows, root, &templates);
    let groups = grouped(filled, &list.path, scenario.sound(prompt), &mut bad);
    bad.sort_by_key(|row| row.line);
    if !bad.is_empty() && list.bad_rows == BadRows::Fail {
        return Err(Error::Rows { list: list.path.clone(), rows: bad, total });
    }
    if groups.is_empty() {
        return Err(Error::Nobody(list.path.clone()));
    }
    Ok(Orders { groups, left_out: bad })
}

/// The templates of one prompt.
struct Templates<'a> {
    environment: Environment<'a>,
    prompt: &'a Prompt,
}

impl<'a> Templates<'a> {
    fn new(name: &str, prompt: &'a Prompt, rows: &Rows, list: &CalleeList) -> Result<Self, Error> {
        let mut environment = Environment::new();
        // A value may be asked for and be missing, but never be passed over in silence.
        environment.set_undefined_behavior(UndefinedBehavior::SemiStrict);
        environment.set_auto_escape_callback(|_| AutoEscape::None);
        let templates = Self { environment, prompt };
        let known: HashSet<&str> = rows.columns.iter().map(String::as_str).collect();
        for text in templates.texts() {
            let parsed = templates.environment.template_from_str(text).map_err(|error| {
                let problem =
                    error.detail().map_or_else(|| error.kind().to_string(), str::to_owned);
                Error::Template { name: name.to_owned(), problem }
            })?;
            let mut names: Vec<String> = parsed.undeclared_variables(false).into_iter().collect();
            names.sort();
            let is_unknown = |column: &String| !known.contains(column.as_str()) && column != "row";
            if let Some(column) = names.into_iter().find(is_unknown) {
                return Err(Error::NoColumn {
                    name: name.to_owned(),
                    column,
                    list: list.path.clone(),
                    columns: rows.columns.join("`, `"),
                });
            }
        }
        Ok(templates)
    }

    fn texts(&self) -> impl Iterator<Item = &'a str> {
        let text = self.prompt.spoken.as_deref().or(self.prompt.text.as_deref());
        text.into_iter().chain(self.prompt.parts.iter().filter_map(|part| part.text.as_deref()))
    }

    fn material(&self, root: &Path, row: &Row) -> Result<Material, Fault> {
        let mut values: BTreeMap<&str, Value> =
            row.values.iter().map(|(name, value)| (name.as_str(), Value::from(value))).collect();
        // For headings that are no names: `{{ row["start date"] }}`.
        values.insert("row", Value::from_pairs(row.values.clone()));
        let values = Value::from_pairs(values);
        let mut texts = Vec::new();
        for text in self.texts() {
            texts.push((text, self.filled(text, &values)?));
        }
        let material = if self.prompt.parts.is_empty() {
            Material::Speech(texts.remove(0).1)
        } else {
            let fill = |text: &str| {
                let filled = texts.iter().find(|(template, _)| *template == text);
                filled.map(|(_, filled)| filled.clone()).unwrap_or_default()
            };
            let part = |part| sources::part(root, part, fill);
            Material::Parts(self.prompt.parts.iter().map(part).filter(says_something).collect())
        };
        let length = material.words().chars().count();
        if length > MAX_TEXT_CHARACTERS {
            return Err(Fault::TooLong(length));
        }
        if length == 0 { Err(Fault::Silent) } else { Ok(material) }
    }

    fn filled(&self, text: &str, values: &Value) -> Result<String, Fault> {
        let filled = self.environment.render_str(text, values.clone()).map_err(|error| {
            Fault::Template(match error.kind() {
                minijinja::ErrorKind::UndefinedError => {
                    format!("a value is empty that the template needs{}", which(text, values))
                }
                kind => format!("the template cannot be filled: {kind}"),
            })
        })?;
        Ok(filled.trim().to_owned())
    }
}

/// A part whose template came to nothing is not spoken.
fn says_something(part: &Part) -> bool {
    !matches!(&part.material, Material::Speech(text) if text.is_empty())
}

/// The plain names in a template that have no value.
fn which(text: &str, values: &Value) -> String {
    let inside = text.split("{{").skip(1).filter_map(|rest| rest.split("}}").next()).map(str::trim);
    let empty = inside.filter(|name| values.get_attr(name).is_ok_and(|value| value.is_undefined()));
    let empty: Vec<String> = empty.map(|name| format!("`{name}`")).collect();
    if empty.is_empty() { String::new() } else { format!(": {}", empty.join(", ")) }
}

fn fill(rows: Rows, root: &Path, templates: &Templates<'_>) -> (Vec<(Row, Material)>, Vec<BadRow>) {
    let mut bad = rows.bad;
    let mut filled = Vec::with_capacity(rows.good.len());
    for row in rows.good {
        match templates.material(root, &row) {
            Ok(material) => filled.push((row, material)),
            Err(fault) => bad.push(BadRow { line: row.line, fault }),
        }
    }
    (filled, bad)
}

/// Groups callees by what they hear. Of a number that is there twice with the same text one is left
/// out; with two texts both are, because the wrong one may be a wrong date.
fn grouped(
    filled: Vec<(Row, Material)>,
    list: &Path,
    sound: Sound,
    bad: &mut Vec<BadRow>,
) -> Vec<Group> {
    let mut first: HashMap<String, usize> = HashMap::new();
    let mut faults: BTreeMap<usize, Fault> = BTreeMap::new();
    for (at, (row, material)) in filled.iter().enumerate() {
        let Some(&earlier) = first.get(&row.number) else {
            first.insert(row.number.clone(), at);
            continue;
        };
        let (other, other_material) = &filled[earlier];
        let number = masked(&row.number);
        if material == other_material {
            faults.insert(at, Fault::Repeated { number, first: other.line });
        } else {
            let contradiction = |other| Fault::Contradiction { number: number.clone(), other };
            faults.insert(at, contradiction(other.line));
            faults.entry(earlier).or_insert_with(|| contradiction(row.line));
        }
    }
    let mut groups: Vec<Group> = Vec::new();
    let mut places: HashMap<Material, usize> = HashMap::new();
    for (at, (row, material)) in filled.into_iter().enumerate() {
        if let Some(fault) = faults.remove(&at) {
            bad.push(BadRow { line: row.line, fault });
            continue;
        }
        let callee =
            Callee { name: sources::file_name(&row.number, sound), shown: row.shown(list) };
        let place = *places.entry(material).or_insert_with_key(|material| {
            groups.push(Group { material: material.clone(), sound, callees: Vec::new() });
            groups.len() - 1
        });
        groups[place].callees.push(callee);
    }
    groups
}

/// Bad rows as lines; of very many the first.
fn listed(list: &Path, rows: &[BadRow], total: usize) -> String {
    let list = list.display();
    let mut text = format!(
        "{} of {total} rows of {list} cannot be used, so nothing was built; correct them, or leave \
         them out with --bad-rows skip",
        rows.len()
    );
    text.push_str(&shown(rows));
    text
}

/// Bad rows, a line for each; of very many the first.
pub fn shown(rows: &[BadRow]) -> String {
    const SHOWN: usize = 50;
    let mut text = String::new();
    for row in rows.iter().take(SHOWN) {
        text.push_str(&format!("\n  {row}"));
    }
    if rows.len() > SHOWN {
        text.push_str(&format!("\n  and {} more", rows.len() - SHOWN));
    }
    text
}
