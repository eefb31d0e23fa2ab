//! Holds a scenario against its JSON Schema and says in plain words what does not fit.
//!
//! The schema decides, [`jsonschema`] finds, and this room turns each finding into a place in the
//! text and a sentence: what was found, what was expected. Must not hold any rule that the schema
//! does not have: what needs a look at two places at once is [`check`](super::check)'s.

use super::{
    code, schema,
    words::{did_you_mean, nearest, or_list, quoted},
    yaml::{Kind, Node},
};
use crate::{diagnostic::Diagnostic, source::Span};
use jsonschema::{ValidationError, Validator, error::ValidationErrorKind};
use serde_json::Value;
use std::{collections::HashSet, sync::LazyLock};

struct Compiled {
    schema: Value,
    validator: Validator,
}

static SCHEMA: LazyLock<Compiled> = LazyLock::new(|| {
    let schema = schema::schema().to_value();
    let validator = jsonschema::draft202012::new(&schema).expect("the generated schema is valid");
    Compiled { schema, validator }
});

/// What holding a text against the schema gives.
pub(super) struct Held {
    /// Every place where the text does not have the shape of a scenario.
    pub(super) findings: Vec<Diagnostic>,
    /// The tree with misspelt keys replaced by those that were meant, for the checks that follow:
    /// one slip is to be found once.
    pub(super) root: Node,
}

/// Holds a tree against the schema.
pub(super) fn hold(mut root: Node) -> Held {
    let instance = root.to_json();
    let errors: Vec<_> = SCHEMA.validator.iter_errors(&instance).collect();
    let slips: Vec<_> = errors.iter().flat_map(|error| slips(&root, error)).collect();
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
            explain(&Place::find(&root, path), error, &slips, &mut findings);
        }
    }
    rename(&mut root, &slips);
    Held { findings, root }
}

/// An unknown key of which it is clear what was meant.
struct Slip {
    section: String,
    key: Span,
    meant: String,
}

fn slips(root: &Node, error: &ValidationError<'_>) -> Vec<Slip> {
    let ValidationErrorKind::AdditionalProperties { unexpected } = error.kind() else {
        return Vec::new();
    };
    let section = error.instance_path().as_str();
    let place = Place::find(root, section);
    let mut absent = absent_keys(&place, schema_around(error));
    let mut slips = Vec::new();
    for name in unexpected {
        let Some((key, _)) = place.node.entry(name) else { continue };
        let Some(meant) = nearest(name, absent.iter().copied()) else { continue };
        absent.retain(|name| *name != meant);
        slips.push(Slip { section: section.to_owned(), key: key.span, meant: meant.to_owned() });
    }
    slips
}

fn rename(node: &mut Node, slips: &[Slip]) {
    match &mut node.kind {
        Kind::List(items) => items.iter_mut().for_each(|item| rename(item, slips)),
        Kind::Map(entries) => {
            for (key, value) in entries {
                if let Some(slip) = slips.iter().find(|slip| slip.key == key.span) {
                    key.name.clone_from(&slip.meant);
                }
                rename(value, slips);
            }
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
    node: &'n Node,
    key: Option<(&'n str, Span)>,
    /// The key before that: the IVR of an `entry`, the `prompts` of a prompt.
    around: Option<&'n str>,
}

impl<'n> Place<'n> {
    /// Follows a JSON pointer; the validator's pointers lead to values that exist.
    fn find(root: &'n Node, pointer: &str) -> Self {
        let mut place = Self { node: root, key: None, around: None };
        for segment in pointer.split('/').skip(1) {
            let name = segment.replace("~1", "/").replace("~0", "~");
            if let Some((key, value)) = place.node.entry(&name) {
                let around = place.key.map(|(name, _)| name);
                place = Self { node: value, key: Some((&key.name, key.span)), around };
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
            (_, None) => "the scenario".to_owned(),
            (Some("ivrs"), Some((number, _))) => format!("IVR {}", quoted(number)),
            (Some("prompts"), Some((name, _))) => format!("prompt {}", quoted(name)),
            (Some("verifications"), Some((name, _))) => format!("verification {}", quoted(name)),
            (_, Some((name, _))) => quoted(name),
        }
    }
}

fn explain(
    place: &Place<'_>,
    error: &ValidationError<'_>,
    slips: &[Slip],
    findings: &mut Vec<Diagnostic>,
) {
    let schema = schema_around(error);
    let span = place.span();
    match error.kind() {
        ValidationErrorKind::AdditionalProperties { unexpected } => {
            findings.extend(unexpected.iter().map(|name| unknown_key(place, name, schema)));
        }
        ValidationErrorKind::Required { property } => {
            let name = property.as_str().unwrap_or_default();
            let section = error.instance_path().as_str();
            if !slips.iter().any(|slip| slip.section == section && slip.meant == name) {
                findings.push(missing_key(place, name, schema));
            }
        }
        ValidationErrorKind::PropertyNames { error } => findings.push(bad_name(place, error)),
        ValidationErrorKind::Minimum { .. } | ValidationErrorKind::Maximum { .. } => {
            findings.push(Diagnostic::error(
                code::OUT_OF_RANGE,
                span,
                sentence(place.node, schema),
            ));
        }
        ValidationErrorKind::MinItems { .. }
        | ValidationErrorKind::MaxItems { .. }
        | ValidationErrorKind::MinProperties { .. }
        | ValidationErrorKind::MinLength { .. }
        | ValidationErrorKind::MaxLength { .. } => {
            findings.push(Diagnostic::error(
                code::WRONG_LENGTH,
                span,
                length_sentence(place.node, schema),
            ));
        }
        ValidationErrorKind::OneOfNotValid { .. } => findings.push(unknown_value(place, schema)),
        ValidationErrorKind::Pattern { .. } => {
            let finding = Diagnostic::error(code::WRONG_FORM, span, sentence(place.node, schema));
            findings.push(finding.with_optional_help(form_help(place.node, schema)));
        }
        _ => findings.push(wrong_type(place, schema)),
    }
}

fn unknown_key(place: &Place<'_>, name: &str, schema: &Value) -> Diagnostic {
    let span = place.node.entry(name).map_or_else(|| place.span(), |(key, _)| key.span);
    let message = format!("found the unknown key {} in {}", quoted(name), place.section());
    let absent = absent_keys(place, schema);
    Diagnostic::error(code::UNKNOWN_KEY, span, message)
        .with_optional_help(did_you_mean(name, absent))
}

fn missing_key(place: &Place<'_>, name: &str, schema: &Value) -> Diagnostic {
    let message = format!("the key {} is missing in {}", quoted(name), place.section());
    let help =
        schema["properties"][name]["description"].as_str().map(|text| format!("{name}: {text}"));
    Diagnostic::error(code::MISSING_KEY, place.section_span(), message).with_optional_help(help)
}

/// A key whose name does not fit: the number of an IVR, a sequence of keys, a profile.
fn bad_name(place: &Place<'_>, error: &ValidationError<'_>) -> Diagnostic {
    let name = error.instance().as_str().unwrap_or_default().to_owned();
    let span = place.node.entry(&name).map_or_else(|| place.span(), |(key, _)| key.span);
    let schema = schema_around(error);
    let message = format!(
        "found the key {} in {}, expected {}",
        quoted(&name),
        place.section(),
        expected(schema)
    );
    let finding = Diagnostic::error(code::WRONG_KEY, span, message);
    let choices = choices(schema);
    let near = nearest(&name, choices.iter().map(String::as_str));
    finding.with_optional_help(near.map(|word| format!("did you mean {}?", quoted(word))))
}

fn unknown_value(place: &Place<'_>, schema: &Value) -> Diagnostic {
    let finding =
        Diagnostic::error(code::UNKNOWN_VALUE, place.span(), sentence(place.node, schema));
    let Kind::Text(text) = &place.node.kind else { return finding };
    let choices = choices(schema);
    let near = nearest(text, choices.iter().map(String::as_str));
    finding.with_optional_help(near.map(|word| format!("did you mean {}?", quoted(word))))
}

fn wrong_type(place: &Place<'_>, schema: &Value) -> Diagnostic {
    let finding = Diagnostic::error(code::WRONG_TYPE, place.span(), sentence(place.node, schema));
    finding.with_optional_help(type_help(place.node, schema))
}

fn type_help(node: &Node, schema: &Value) -> Option<String> {
    match (&node.kind, schema["type"].as_str()) {
        (Kind::Number(_, written), Some("string")) => {
            Some(format!("put it in quotes to make it text: \"{written}\""))
        }
        (Kind::Bool(value), Some("string")) => {
            Some(format!("put it in quotes to make it text: \"{value}\""))
        }
        (Kind::Text(text), Some("boolean")) => match text.to_lowercase().as_str() {
            "yes" | "on" | "y" => Some("write `true`".to_owned()),
            "no" | "off" | "n" => Some("write `false`".to_owned()),
            _ => None,
        },
        (Kind::Text(text), Some("array")) => Some(format!("write `[{}]`", text.escape_debug())),
        (Kind::Null, Some("object")) => Some("write `{}` for a section without keys".to_owned()),
        (Kind::Text(text), Some("integer" | "number")) if text.parse::<f64>().is_ok() => {
            Some("write the number without quotes and leading zeros".to_owned())
        }
        _ => None,
    }
}

fn form_help(node: &Node, schema: &Value) -> Option<String> {
    let Kind::Text(text) = &node.kind else { return None };
    if text.starts_with('/') && text.ends_with('/') {
        return Some("write the folder without `/` at the end".to_owned());
    }
    schema["pattern"].as_str().filter(|pattern| pattern.contains("hangup"))?;
    nearest(text, ["hangup", "replay"]).map(|word| format!("did you mean {}?", quoted(word)))
}

fn sentence(node: &Node, schema: &Value) -> String {
    format!("found {}, expected {}", found(node), expected(schema))
}

fn length_sentence(node: &Node, schema: &Value) -> String {
    let count = |limit: &str| schema[limit].as_u64();
    match &node.kind {
        Kind::List(items) => {
            let (min, max) = (count("minItems").unwrap_or(0), count("maxItems").unwrap_or(0));
            let items = if items.len() == 1 {
                "1 item".to_owned()
            } else {
                format!("{} items", items.len())
            };
            format!("found a list of {items}, expected {min} to {max}")
        }
        Kind::Map(_) => "found an empty section, expected at least one key".to_owned(),
        Kind::Text(text) if !text.is_empty() => {
            let max = count("maxLength").unwrap_or(0);
            format!("found {} characters, expected at most {max}", text.chars().count())
        }
        _ => "found an empty text, expected at least one character".to_owned(),
    }
}

fn found(node: &Node) -> String {
    match &node.kind {
        Kind::Null => "nothing".to_owned(),
        Kind::Bool(value) => format!("`{value}`"),
        Kind::Number(_, written) => format!("the number {written}"),
        Kind::Text(text) if text.is_empty() => "an empty text".to_owned(),
        Kind::Text(text) => format!("the text {}", quoted(text)),
        Kind::List(_) => "a list".to_owned(),
        Kind::Map(_) => "a section with keys".to_owned(),
    }
}

/// What a schema wants, in words.
fn expected(schema: &Value) -> String {
    if let Some(message) = schema["patternErrorMessage"].as_str() {
        return message.trim_start_matches("expected ").to_owned();
    }
    let choices = choices(schema);
    if !choices.is_empty() {
        return or_list(&choices.iter().map(|choice| quoted(choice)).collect::<Vec<_>>());
    }
    let range = match (&schema["minimum"], &schema["maximum"]) {
        (Value::Number(min), Value::Number(max)) if min == max => {
            return format!("the number {min}");
        }
        (Value::Number(min), Value::Number(max)) => format!(" from {min} to {max}"),
        _ => String::new(),
    };
    match schema["type"].as_str() {
        Some("integer") => format!("a whole number{range}"),
        Some("number") => format!("a number{range}"),
        Some("boolean") => "`true` or `false`".to_owned(),
        Some("string") => "text".to_owned(),
        Some("array") => "a list".to_owned(),
        _ => "a section with keys".to_owned(),
    }
}

/// The words that a schema allows; none when it allows more than words.
fn choices(schema: &Value) -> Vec<String> {
    let constants = schema["oneOf"].as_array().into_iter().flatten().map(|branch| &branch["const"]);
    let listed = schema["enum"].as_array().into_iter().flatten();
    constants.chain(listed).filter_map(|word| word.as_str().map(str::to_owned)).collect()
}

/// The schema that holds the keyword which failed.
fn schema_around(error: &ValidationError<'_>) -> &'static Value {
    let path = error.schema_path().as_str();
    let around = path.rsplit_once('/').map_or("", |(around, _)| around);
    SCHEMA.schema.pointer(around).unwrap_or(&Value::Null)
}
