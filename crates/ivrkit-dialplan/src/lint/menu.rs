//! Where callers type extensions, and how long Asterisk waits for their next key.

use super::{Step, Subject, target::is_dynamic};
use crate::{
    application::arguments,
    dialplan::{
        Extension,
        pattern::{Class, Language, Tail},
    },
    syntax::Place,
};
use std::{collections::HashMap, fmt};

/// The contexts in which a step takes what a caller types for an extension, by their place in the
/// dialplan.
#[derive(Debug)]
pub(super) struct Menus {
    by_context: HashMap<usize, Menu>,
}

/// A context whose extensions are typed.
#[derive(Debug, Clone, Copy)]
pub(super) struct Menu {
    /// A step that waits for keys.
    pub(super) place: Place,
    /// How long Asterisk waits for the next key.
    pub(super) timeout: DigitTimeout,
}

/// How long Asterisk waits for the next key of an entry that could go on.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum DigitTimeout {
    /// So many seconds: as `TIMEOUT(digit)` was set, or 5 where nothing sets it.
    Seconds(f64),
    /// It is set elsewhere, or to several values.
    Unknown,
}

impl Menus {
    pub(super) fn new(subject: &Subject<'_>) -> Self {
        let timeouts = timeouts(subject);
        let mut by_context = HashMap::new();
        for step in subject.steps() {
            let Some(typed_into) = typed_into(step) else { continue };
            let own = subject.bytes(step.context.name);
            let timeout = match timeouts.get(own) {
                Some(&timeout) => timeout,
                None if timeouts.is_empty() => DigitTimeout::DEFAULT,
                None => DigitTimeout::Unknown,
            };
            let contexts = match typed_into {
                TypedInto::Named(context) => subject.context_number(context).map(|one| vec![one]),
                TypedInto::Current => {
                    subject.context_number(own).and_then(|own| subject.index().channels(own))
                }
            };
            for context in contexts.into_iter().flatten() {
                by_context.entry(context).or_insert(Menu { place: step.priority.place, timeout });
            }
        }
        Self { by_context }
    }

    /// The contexts with a menu, in the order of the dialplan.
    pub(super) fn all(&self) -> impl Iterator<Item = (usize, Menu)> {
        let mut all: Vec<_> = self.by_context.iter().map(|(&at, &menu)| (at, menu)).collect();
        all.sort_unstable_by_key(|&(at, _)| at);
        all.into_iter()
    }

    /// The menu of a context.
    pub(super) fn of(&self, context: usize) -> Option<Menu> {
        self.by_context.get(&context).copied()
    }
}

impl DigitTimeout {
    /// Asterisk's own.
    const DEFAULT: Self = Self::Seconds(5.0);
}

impl fmt::Display for DigitTimeout {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Seconds(seconds) => write!(f, "{seconds} s"),
            Self::Unknown => f.write_str("for the digit time-out"),
        }
    }
}

/// Whether a caller can dial an extension: it has a first step, and a string of keys reaches it.
pub(crate) fn is_dialled(extension: &Extension) -> bool {
    dialled_tail(extension).is_some()
}

/// How an extension ends that a caller can dial; none for others.
pub(super) fn dialled_tail(extension: &Extension) -> Option<Tail> {
    let priorities = &extension.priorities;
    let has_first = || priorities.binary_search_by_key(&1, |one| one.number).is_ok();
    let pattern = &extension.key.pattern;
    if pattern.is_pattern() {
        let language = has_first().then(|| Language::new(pattern));
        return language.filter(is_typed).map(|language| language.tail);
    }
    let name = pattern.compared();
    let is_dialled = !name.is_empty() && name.iter().all(|&byte| Class::KEYS.has(byte));
    (is_dialled && has_first()).then_some(Tail::End)
}

/// Whether a string of a phone's keys is in a language.
pub(super) fn is_typed(language: &Language) -> bool {
    !language.is_empty
        && (!language.places.is_empty() || language.tail != Tail::End)
        && language.places.iter().all(|place| place.meets(Class::KEYS))
}

/// The context in which what is typed is an extension.
pub(crate) enum TypedInto<'a> {
    /// That of the call.
    Current,
    Named(&'a [u8]),
}

/// Where a step takes what is typed for an extension, if it does and that is known.
pub(crate) fn typed_into(step: Step<'_>) -> Option<TypedInto<'_>> {
    let subject = step.subject;
    let application = subject.bytes(step.priority.application).trim_ascii_end();
    let is = |name: &str| application.eq_ignore_ascii_case(name.as_bytes());
    let context_at = if is("Background") {
        3
    } else if is("DISA") {
        1
    } else if is("WaitExten") {
        return Some(TypedInto::Current);
    } else {
        return None;
    };
    let data = subject.bytes(step.priority.data);
    let context = arguments::nth(data, context_at, arguments::Text::Source);
    let context = context.map(|range| &data[range]);
    match context.filter(|context| !context.is_empty()) {
        Some(context) => (!is_dynamic(context)).then_some(TypedInto::Named(context)),
        None if is("DISA") => Some(TypedInto::Named(b"disa")),
        None => Some(TypedInto::Current),
    }
}

/// The digit time-outs that the steps of each context set.
fn timeouts<'a>(subject: &Subject<'a>) -> HashMap<&'a [u8], DigitTimeout> {
    let mut timeouts = HashMap::new();
    for step in subject.steps() {
        let data = subject.bytes(step.priority.data);
        let Some((name, value)) = data.split_at_checked(b"TIMEOUT(digit)=".len()) else { continue };
        let is_set = subject.bytes(step.priority.application).trim_ascii_end();
        if !name.eq_ignore_ascii_case(b"TIMEOUT(digit)=") || !is_set.eq_ignore_ascii_case(b"Set") {
            continue;
        }
        let value = std::str::from_utf8(value).ok().and_then(|value| value.trim().parse().ok());
        let set = value.map_or(DigitTimeout::Unknown, DigitTimeout::Seconds);
        let known = timeouts.entry(subject.bytes(step.context.name)).or_insert(set);
        if *known != set {
            *known = DigitTimeout::Unknown;
        }
    }
    timeouts
}
