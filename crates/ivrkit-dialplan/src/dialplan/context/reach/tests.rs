//! What a name reaches, against a slow reading of the rules: one extension after the other.

use crate::{
    dialplan::{
        Priority,
        context::{Draft, Labelled},
        pattern::{ExtensionKey, Pattern},
    },
    syntax::{Files, Place, Text},
};
use proptest::prelude::*;

/// An extension with one priority, and its label if it has one.
type Line = (Vec<u8>, Option<Vec<u8>>, Option<Vec<u8>>);

fn key(name: &[u8], caller: Option<&[u8]>) -> ExtensionKey {
    ExtensionKey { pattern: Pattern::new(name), caller: caller.map(Pattern::new) }
}

fn priority(number: i32, label: Option<Text>) -> Priority {
    let (text, place) = (Text::default(), Place::default());
    Priority { number, name: text, label, application: text, data: text, place, line: 0, origin: 0 }
}

/// Adds the lines one by one and asks after each of them.
fn quick(lines: &[Line], exten: &[u8], caller: Option<&[u8]>, label: &[u8]) -> Vec<Labelled> {
    let mut files = Files::default();
    let mut draft = Draft::new(Text::default());
    let added = lines.iter().zip(1..).map(|((name, asked, own), number)| {
        let key = key(name, asked.as_deref());
        let extension = draft.extension(&key);
        let own = own.as_ref().map(|own| files.derive(own));
        draft.add(&files, extension, &key, priority(number, own));
        draft.label(&files, exten, caller, label)
    });
    added.collect()
}

fn slow(lines: &[Line], exten: &[u8], caller: Option<&[u8]>, label: &[u8]) -> Labelled {
    let caller = caller.unwrap_or_default();
    let plain = Pattern::new(exten);
    let is_reached = |key: &ExtensionKey| {
        let is_asked = key.caller.as_ref().is_none_or(|asked| asked.matches_caller(caller));
        let is_named = if key.pattern.is_pattern() {
            key.pattern.matches(exten).exact
        } else {
            key.pattern == plain
        };
        is_named && is_asked
    };
    // Names that are the same extension are taken for the one that was spelled first.
    let mut keys: Vec<ExtensionKey> = Vec::new();
    for (name, asked, _) in lines {
        let key = key(name, asked.as_deref());
        if !keys.contains(&key) {
            keys.push(key);
        }
    }
    keys.sort();
    keys.retain(is_reached);
    let holder = |reached: &ExtensionKey| {
        lines.iter().zip(1..).find_map(|((name, asked, own), number)| {
            let is_it = key(name, asked.as_deref()) == *reached && own.as_deref() == Some(label);
            is_it.then_some(Labelled::At(number))
        })
    };
    let none = if keys.is_empty() { Labelled::NoExtension } else { Labelled::NoLabel };
    keys.iter().find_map(holder).unwrap_or(none)
}

fn name() -> impl Strategy<Value = Vec<u8>> {
    let pieces = prop_oneof![
        6 => prop::sample::select(b"0129aXZN".to_vec()).prop_map(|byte| vec![byte]),
        1 => prop::sample::select(b".!-[]_ \xe9".to_vec()).prop_map(|byte| vec![byte]),
        1 => prop::sample::select(vec!["[12]", "[0-9a]", "[]", "[9-1]", "[3-15]", "[9]"])
            .prop_map(|set| set.as_bytes().to_vec()),
        1 => Just(b"[a-\xe9]".to_vec()),
        1 => Just(b"[\xe9-a]".to_vec()),
    ];
    (any::<bool>(), prop::collection::vec(pieces, 0..4)).prop_map(|(is_pattern, pieces)| {
        let mark: &[u8] = if is_pattern { b"_" } else { b"" };
        [mark, &pieces.concat()].concat()
    })
}

fn caller() -> impl Strategy<Value = Option<Vec<u8>>> {
    prop_oneof![3 => Just(None), 2 => name().prop_map(Some)]
}

fn label() -> impl Strategy<Value = Option<Vec<u8>>> {
    prop::option::of(prop::sample::select(vec![b"a".to_vec(), b"again".to_vec()]))
}

proptest! {
    #[test]
    fn keys_lead_to_what_one_by_one_would_find(
        lines in prop::collection::vec((name(), caller(), label()), 1..12),
        exten in name(),
        asking in caller(),
    ) {
        let answers = quick(&lines, &exten, asking.as_deref(), b"a");
        for (at, answer) in answers.into_iter().enumerate() {
            let expected = slow(&lines[..=at], &exten, asking.as_deref(), b"a");
            prop_assert_eq!(answer, expected, "after line {}", at);
        }
    }
}

#[test]
fn the_narrowest_pattern_with_the_label_is_taken() {
    let line = |name: &str, asked: Option<&str>, own: Option<&str>| -> Line {
        let bytes = |text: &str| text.as_bytes().to_vec();
        (bytes(name), asked.map(bytes), own.map(bytes))
    };
    let check = |lines: &[Line], exten: &str, expected| {
        let found = quick(lines, exten.as_bytes(), Some(b"55"), b"a");
        assert_eq!(found.last(), Some(&expected), "{exten}");
    };
    let lines = [
        line("_X.", None, Some("a")),
        line("_12X", None, None),
        line("_1XX", Some("5-5"), Some("a")),
        line("_2XX", Some("66"), Some("a")),
        line("_[9-8]1", None, Some("a")),
        line("300", None, Some("a")),
    ];
    check(&lines, "123", Labelled::At(3));
    check(&lines, "200", Labelled::At(1));
    check(&lines, "300", Labelled::At(6));
    check(&lines, "3", Labelled::NoExtension);
    check(&lines, "_12X", Labelled::NoLabel);
}
