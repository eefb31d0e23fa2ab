//! Whether a test file makes sense, as far as it shows without what it tests, and where its tests
//! stand.

use super::Places;
use crate::{
    call::Redirect,
    diagnostic::Diagnostic,
    rehearsal::{Moment, Script},
    scenario::{
        code::{self, DUPLICATE_KEY, WRONG_FORM},
        words::quoted,
        yaml::{Key, Kind, Node},
    },
    source::{Source, Span},
};
use std::collections::HashMap;

/// The places of all tests; what does not make sense becomes findings.
pub(super) fn tests(root: &Node, source: &Source, findings: &mut Vec<Diagnostic>) -> Vec<Places> {
    subject(root, findings);
    let defaults = root.value("defaults");
    if let Some(given) = defaults.and_then(|defaults| defaults.value("given")) {
        self::given(given, findings);
    }
    let mut names = HashMap::new();
    let tests = root.value("tests").map_or(&[][..], Node::items);
    tests
        .iter()
        .map(|test| {
            if let Some(name) = test.value("name")
                && let Kind::Text(text) = &name.kind
                && let Some(first) = names.insert(text.as_str(), name.span)
            {
                let line = source.position(first.start).line;
                let message = format!("there is a test {} in line {line} already", quoted(text));
                findings.push(Diagnostic::error(DUPLICATE_KEY, name.span, message));
            }
            if let Some(given) = test.value("given") {
                self::given(given, findings);
            }
            places(test, source, findings)
        })
        .collect()
}

/// The sounds that are given lengths, and where.
pub(super) fn sounds(root: &Node) -> Vec<(String, Span)> {
    let tests = root.value("tests").map_or(&[][..], Node::items);
    let given = root.value("defaults").into_iter().chain(tests);
    let sounds = given.filter_map(|one| one.value("given")?.value("sounds"));
    let keys = sounds.flat_map(|sounds| sounds.entries().iter().map(|(key, _)| key));
    keys.map(|key| (key.name.clone(), key.span)).collect()
}

/// Either a scenario or a dialplan is tested, and what only a scenario has needs one.
fn subject(root: &Node, findings: &mut Vec<Diagnostic>) {
    let first = root.entries().first().map_or(root.span, |(key, _)| key.span);
    let mut missing = |span: Span, message: &str| {
        findings.push(Diagnostic::error(code::MISSING_KEY, span, message));
    };
    match (root.entry("scenario"), root.entry("dialplan")) {
        (None, None) => missing(first, "found neither `scenario` nor `dialplan`, expected one"),
        (Some(_), Some((key, _))) => {
            missing(key.span, "found both `scenario` and `dialplan`, expected one of them");
        }
        (None, Some(_)) => {
            if let Some((Key { span, .. }, _)) = root.entry("profiles") {
                missing(*span, "found `profiles`, but only a `scenario` has them");
            }
        }
        (Some(_), None) => {}
    }
}

/// Texts of `given` that have a form of their own.
fn given(given: &Node, findings: &mut Vec<Diagnostic>) {
    let mut hold = |name: &str, is_sound: fn(&str) -> bool, expected: &str| {
        let Some(node) = given.value(name) else { return };
        let Some(text) = written(node).filter(|text| !is_sound(text)) else { return };
        let message = format!("found {}, expected {expected}", quoted(&text));
        findings.push(Diagnostic::error(WRONG_FORM, node.span, message));
    };
    let is_moment = |text: &str| Moment::parse(text).is_some();
    hold("at", is_moment, "a moment with its offset, such as `2026-01-05T10:00:00+08:00`");
    let is_entry = |text: &str| {
        Redirect::parse(text).is_some()
            || !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit())
    };
    hold("entry", is_entry, "`CONTEXT,EXTEN` or `CONTEXT,EXTEN,PRIORITY`, or the number of an IVR");
}

fn places(test: &Node, source: &Source, findings: &mut Vec<Diagnostic>) -> Places {
    let mut script = Script::default();
    for item in test.value("when").map_or(&[][..], Node::items) {
        match written(item).map(|text| Script::parse(&text)) {
            Some(Ok(more)) => script.append(more),
            Some(Err(error)) => {
                findings.push(Diagnostic::error(WRONG_FORM, item.span, error.to_string()));
            }
            None => {}
        }
    }
    let line = |span: Span| source.position(span.start).line;
    let name = test.value("name").map_or(test.span, |name| name.span);
    let then = test.value("then").map_or(&[][..], Node::entries);
    let expectations = then.iter().map(|(key, _)| (key.name.clone(), line(key.span)));
    Places { test: line(name), expectations: expectations.collect(), script }
}

/// A text or number as it was written.
fn written(node: &Node) -> Option<String> {
    match &node.kind {
        Kind::Text(text) | Kind::Number(_, text) => Some(text.clone()),
        _ => None,
    }
}
