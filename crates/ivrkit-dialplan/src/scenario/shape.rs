//! Holds a text against its JSON Schema and says in plain words what does not fit.
//!
//! The schema decides, [`jsonschema`] finds, and this room turns each finding into a place in the
//! text and a sentence: what was found, what was expected. Must not hold any rule that the schema
//! does not have: what needs a look at two places at once is [`check`](super::check)'s.

mod explain;

use super::{
    words::{nearest, quoted},
    yaml::{Key, Kind, Node},
};
use crate::{diagnostic::Diagnostic, source::Span};
use jsonschema::{ValidationError, Validator, error::ValidationErrorKind};
use serde_json::Value;
use std::collections::{HashMap, HashSet};

/// A form that texts can have.
pub(crate) struct Form {
    /// What such a text is, as in "the key is missing in the scenario".
    noun: &'static str,
    schema: Value,
    validator: Validator,
}

/// What holding a text against a form gives.
pub(crate) struct Held {
    /// Every place where the text does not have the form.
    pub(crate) findings: Vec<Diagnostic>,
    /// The tree with misspelt keys replaced by those that were meant, for the checks that follow:
    /// one slip is to be found once.
    pub(crate) root: Node,
}

impl Form {
    /// The form that a schema describes.
    pub(crate) fn new(noun: &'static str, schema: Value) -> Self {
        let validator = jsonschema::draft202012::new(&schema).expect("generated schemas are valid");
        Self { noun, schema, validator }
    }

    /// The schema that holds the keyword which failed.
    fn around(&self, error: &ValidationError<'_>) -> &Value {
        let path = error.schema_path().as_str();
        let around = path.rsplit_once('/').map_or("", |(around, _)| around);
        self.schema.pointer(around).unwrap_or(&Value::Null)
    }
}

/// Holds a tree against a form.
pub(crate) fn hold(mut root: Node, form: &Form) -> Held {
    let instance = root.to_json();
    let errors: Vec<_> = form.validator.iter_errors(&instance).collect();
    let slips: Vec<_> = errors.iter().flat_map(|error| slips(&root, form, error)).collect();
    let mut typed = HashSet::new();
    let mut findings = Vec::new();
    for error in &errors {
        let path = error.instance_path().as_str();
        let has_one_finding = !matches!(
            error.kind(),
            ValidationErrorKind::AdditionalProperties { .. }
                | ValidationErrorKind::Required { .. }
                | ValidationErrorKind::PropertyNames { .. }
        );
        if !has_one_finding || typed.insert(path) {
            explain::explain(&Place::find(&root, form, path), form, error, &slips, &mut findings);
        }
    }
    let meant = slips.iter().map(|slip| (slip.key, slip.meant.as_str())).collect();
    rename(&mut root, &meant);
    Held { findings, root }
}

/// An unknown key of which it is clear what was meant.
struct Slip {
    section: String,
    key: Span,
    meant: String,
}

fn slips(root: &Node, form: &Form, error: &ValidationError<'_>) -> Vec<Slip> {
    let ValidationErrorKind::AdditionalProperties { unexpected } = error.kind() else {
        return Vec::new();
    };
    let section = error.instance_path().as_str();
    let place = Place::find(root, form, section);
    let mut absent = absent_keys(&place, form.around(error));
    let mut slips = Vec::new();
    for name in unexpected {
        let Some((key, _)) = place.node.entry(name) else { continue };
        let Some(meant) = nearest(name, absent.iter().copied()) else { continue };
        absent.retain(|name| *name != meant);
        slips.push(Slip { section: section.to_owned(), key: key.span, meant: meant.to_owned() });
    }
    slips
}

fn rename(node: &mut Node, meant: &HashMap<Span, &str>) {
    match &mut node.kind {
        Kind::List(items) => items.iter_mut().for_each(|item| rename(item, meant)),
        Kind::Map(section) => {
            let new_name = |key: &Key| meant.get(&key.span).map(ToString::to_string);
            section.rename(new_name, |value| rename(value, meant));
        }
        _ => {}
    }
}

/// Keys that a section could have and has not.
fn absent_keys<'s>(place: &Place<'_>, schema: &'s Value) -> Vec<&'s str> {
    let known = schema["properties"].as_object().into_iter().flat_map(|known| known.keys());
    known.map(String::as_str).filter(|known| place.node.entry(known).is_none()).collect()
}

/// A value, its key if it has one, and the section around it.
struct Place<'n> {
    /// What the whole text is.
    noun: &'static str,
    node: &'n Node,
    key: Option<(&'n str, Span)>,
    /// The key before that: the IVR of an `entry`, the `prompts` of a prompt.
    around: Option<&'n str>,
}

impl<'n> Place<'n> {
    /// Follows a JSON pointer; the validator's pointers lead to values that exist.
    fn find(root: &'n Node, form: &Form, pointer: &str) -> Self {
        let noun = form.noun;
        let mut place = Self { noun, node: root, key: None, around: None };
        for segment in pointer.split('/').skip(1) {
            let name = segment.replace("~1", "/").replace("~0", "~");
            if let Some((key, value)) = place.node.entry(&name) {
                let around = place.key.map(|(name, _)| name);
                place = Self { noun, node: value, key: Some((&key.name, key.span)), around };
            } else if let Some(item) =
                name.parse().ok().and_then(|at: usize| place.node.items().get(at))
            {
                place.node = item;
            }
        }
        place
    }

    /// Where to point: at a value that stands on its line, else at its key, else at its beginning.
    fn span(&self) -> Span {
        match self.key {
            Some((_, span)) if !self.node.is_scalar() && self.node.span.start >= span.start => span,
            _ => self.node.span,
        }
    }

    /// Where something is missing: the section's key, or the scenario's first key.
    fn section_span(&self) -> Span {
        self.key.map_or_else(
            || self.node.entries().first().map_or(self.node.span, |(key, _)| key.span),
            |(_, span)| span,
        )
    }

    /// The section in words.
    fn section(&self) -> String {
        match (self.around, self.key) {
            (_, None) => format!("the {}", self.noun),
            (Some("ivrs"), Some((number, _))) => format!("IVR {}", quoted(number)),
            (Some("prompts"), Some((name, _))) => format!("prompt {}", quoted(name)),
            (Some("verifications"), Some((name, _))) => format!("verification {}", quoted(name)),
            (_, Some((name, _))) => quoted(name),
        }
    }
}
