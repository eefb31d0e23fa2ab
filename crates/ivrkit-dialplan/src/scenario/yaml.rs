//! YAML to a tree in which every value knows where it stands.
//!
//! Scalars are typed by the core schema of YAML 1.2, with two exceptions for telephones: a number
//! with a leading zero (`0650`) stays the text that was typed, and so do `.inf` and `.nan`, which no
//! scenario needs. Duplicate keys, tags and merge keys are findings; aliases are expanded within a
//! budget. Must not know what a scenario is.

mod builder;
mod scalar;

use crate::{
    diagnostic::Diagnostic,
    scenario::{code, words::control_shown},
    source::{Source, Span},
};
use builder::Builder;
use std::collections::HashMap;

/// Deepest nesting, aliases expanded; the shipped scenario needs six levels.
pub(super) const MAX_DEPTH: usize = 32;

/// Most values of a text, aliases expanded; a scenario of a hundred IVRs has some three thousand.
pub(super) const MAX_NODES: usize = 50_000;

/// A value and its place.
#[derive(Debug, Clone)]
pub(crate) struct Node {
    /// Where it is written; of a list or section only its beginning; of an alias the alias.
    pub(crate) span: Span,
    /// What it is.
    pub(crate) kind: Kind,
}

/// What a value is.
#[derive(Debug, Clone)]
pub(crate) enum Kind {
    /// Nothing, `~` or `null`.
    Null,
    /// `true` or `false`.
    Bool(bool),
    /// A number, and how it was written.
    Number(serde_json::Number, String),
    /// A text.
    Text(String),
    /// A list.
    List(Vec<Node>),
    /// Keys and values.
    Map(Section),
}

/// Keys and values in the order of the text, each key once.
#[derive(Debug, Clone, Default)]
pub(crate) struct Section {
    entries: Vec<(Key, Node)>,
    /// The place of each key among the entries.
    index: HashMap<String, usize>,
}

/// A key of a section; keys are always text, as written.
#[derive(Debug, Clone)]
pub(crate) struct Key {
    /// The text of the key.
    pub(crate) name: String,
    /// Where it is written.
    pub(crate) span: Span,
}

/// Reads one YAML document. Without a tree, at least one finding says why.
///
/// `noun` is what the text is to be, as in "expected a scenario".
pub(crate) fn parse(source: &Source, noun: &'static str) -> (Option<Node>, Vec<Diagnostic>) {
    let mut builder = Builder::new(source, noun);
    let fatal = control_character(source.text(), noun).map_or_else(|| builder.run().err(), Some);
    let mut findings = builder.findings;
    match fatal {
        None => (builder.root, findings),
        Some(finding) => {
            findings.push(finding);
            (None, findings)
        }
    }
}

impl Section {
    /// Adds an entry whose key is not there yet.
    fn push(&mut self, key: Key, value: Node) {
        self.index.insert(key.name.clone(), self.entries.len());
        self.entries.push((key, value));
    }

    /// Where a key stands that is there already.
    fn place_of(&self, name: &str) -> Option<Span> {
        self.index.get(name).map(|&at| self.entries[at].0.span)
    }

    /// Gives keys other names, if those are free, and the values inside to another function.
    pub(crate) fn rename(
        &mut self,
        mut new_name: impl FnMut(&Key) -> Option<String>,
        mut inside: impl FnMut(&mut Node),
    ) {
        for (at, (key, value)) in self.entries.iter_mut().enumerate() {
            if let Some(name) = new_name(key).filter(|name| !self.index.contains_key(name)) {
                self.index.insert(name.clone(), at);
                key.name = name;
            }
            inside(value);
        }
    }
}

impl Node {
    /// The entry of a section.
    pub(crate) fn entry(&self, name: &str) -> Option<&(Key, Node)> {
        match &self.kind {
            Kind::Map(section) => section.index.get(name).map(|&at| &section.entries[at]),
            _ => None,
        }
    }

    /// The value of a section's key.
    pub(crate) fn value(&self, name: &str) -> Option<&Node> {
        self.entry(name).map(|(_, value)| value)
    }

    /// The entries of a section; none of anything else.
    pub(crate) fn entries(&self) -> &[(Key, Node)] {
        match &self.kind {
            Kind::Map(section) => &section.entries,
            _ => &[],
        }
    }

    /// The items of a list; none of anything else.
    pub(crate) fn items(&self) -> &[Node] {
        match &self.kind {
            Kind::List(items) => items,
            _ => &[],
        }
    }

    /// Whether the value has a place of its own on a line, as texts and numbers have.
    pub(crate) fn is_scalar(&self) -> bool {
        matches!(self.kind, Kind::Bool(_) | Kind::Number(..) | Kind::Text(_))
    }

    /// As JSON, to be held against a schema.
    pub(crate) fn to_json(&self) -> serde_json::Value {
        match &self.kind {
            Kind::Null => serde_json::Value::Null,
            Kind::Bool(value) => (*value).into(),
            Kind::Number(number, _) => number.clone().into(),
            Kind::Text(text) => text.clone().into(),
            Kind::List(items) => items.iter().map(Self::to_json).collect(),
            Kind::Map(section) => section
                .entries
                .iter()
                .map(|(key, value)| (key.name.clone(), value.to_json()))
                .collect(),
        }
    }

    /// As YAML, to be decoded.
    pub(crate) fn to_yaml(&self) -> serde_yaml::Value {
        match &self.kind {
            Kind::Null => serde_yaml::Value::Null,
            Kind::Bool(value) => (*value).into(),
            Kind::Number(number, _) => scalar::to_yaml(number),
            Kind::Text(text) => text.clone().into(),
            Kind::List(items) => {
                serde_yaml::Value::Sequence(items.iter().map(Self::to_yaml).collect())
            }
            Kind::Map(section) => serde_yaml::Value::Mapping(
                section
                    .entries
                    .iter()
                    .map(|(key, value)| (key.name.clone().into(), value.to_yaml()))
                    .collect(),
            ),
        }
    }

    fn height(&self) -> usize {
        match &self.kind {
            Kind::List(items) => 1 + items.iter().map(Self::height).max().unwrap_or(0),
            Kind::Map(section) => {
                1 + section.entries.iter().map(|(_, node)| node.height()).max().unwrap_or(0)
            }
            _ => 0,
        }
    }

    fn count(&self) -> usize {
        match &self.kind {
            Kind::List(items) => 1 + items.iter().map(Self::count).sum::<usize>(),
            Kind::Map(section) => {
                1 + section.entries.iter().map(|(_, node)| 1 + node.count()).sum::<usize>()
            }
            _ => 1,
        }
    }
}

/// The first character that YAML does not allow. The parser takes a NUL for the end of the text, so
/// that everything behind one would be ignored without a word.
fn control_character(text: &str, noun: &str) -> Option<Diagnostic> {
    let allowed = |c: char| {
        matches!(c, '\t' | '\n' | '\r' | '\u{85}')
            || !(c.is_control() || matches!(c, '\u{fffe}' | '\u{ffff}'))
    };
    let (at, found) = text.char_indices().find(|&(_, c)| !allowed(c))?;
    let span = Span::new(at, at + found.len_utf8());
    let message = format!("found the control character {}, expected text", control_shown(found));
    Some(
        Diagnostic::error(code::YAML_CONTROL_CHARACTER, span, message)
            .with_help(format!("a {noun} is a text file in UTF-8; is this the right file?")),
    )
}

#[cfg(test)]
mod tests {
    use super::{MAX_DEPTH, MAX_NODES};
    use crate::{
        diagnostic::Diagnostic,
        scenario::{
            read,
            tests::{check, check_whole},
        },
        source::Source,
    };
    use std::fmt::Write as _;

    /// The only finding of a text that is no scenario by far.
    fn only(text: &str) -> Diagnostic {
        let reading = read(Source::new("test.yaml", text));
        assert!(reading.scenario.is_none());
        assert_eq!(reading.diagnostics.len(), 1, "{:?}", reading.diagnostics);
        reading.diagnostics[0].clone()
    }

    #[test]
    fn text_that_is_not_yaml() {
        check_whole(
            r"
name: test
calls: [outbound: 100
ivrs:
#   ^ error[yaml-syntax]: this is not YAML:
",
        );
        let tabbed = only("calls:\n\toutbound: 100\n");
        assert_eq!(tabbed.code, "yaml-syntax");
        assert_eq!(tabbed.help.unwrap(), "indent with spaces: YAML does not take tabs for that");
        assert_eq!(only("{ a: 1").code, "yaml-syntax");
        assert_eq!(only("a: *b").code, "yaml-syntax");
    }

    #[test]
    fn nothing_at_all() {
        for text in ["", "\n\n", "# only a comment\n", "---\n", "~", "null\n", "\u{feff}"] {
            assert_eq!(only(text).code, "yaml-empty", "{text:?}");
        }
    }

    #[test]
    fn binary() {
        let finding = only("ivrkit: 1\nname: a\0b\n");
        assert_eq!(finding.code, "yaml-control-character");
        assert_eq!(finding.message, "found the control character U+0000, expected text");
        assert_eq!(finding.span.start, 17);
        assert_eq!(only("\u{1b}[31m").code, "yaml-control-character");
    }

    #[test]
    fn a_text_of_another_shape() {
        for text in ["just a text\n", "- a\n- b\n", "42\n"] {
            let finding = only(text);
            assert_eq!(finding.code, "wrong-type", "{text:?}");
            assert!(finding.message.ends_with("expected a section with keys"), "{finding:?}");
        }
    }

    #[test]
    fn keys_that_stand_twice() {
        check(
            r#"
name: test
name: other
#^^^ error[duplicate-key]: the key `name` stands here twice, first in line 2
ivrs:
  100:
    prompts: [welcome]
    keys: { 1: hangup, "1": 100 }
#                      ^^^ error[duplicate-key]: the key `1` stands here twice, first in line 8
  "100": { prompts: [welcome] }
# ^^^^^ error[duplicate-key]: the key `100` stands here twice, first in line 6
"#,
        );
    }

    #[test]
    fn tags_merge_keys_and_keys_that_are_no_text() {
        check(
            r"
name: !!str test
#     ^^^^^^^^^^ error[yaml-tag]: found the tag `!!str`, expected a value without a tag
language: !lang en
#         ^^^^^^^^ error[yaml-tag]: found the tag `!lang`
ivrs:
  100: &first
    prompts: [welcome]
    keys: { 1: 101 }
  101:
    <<: *first
#   ^^ error[yaml-merge-key]: found the merge key `<<`
    prompts: [welcome]
    keys:
      [1, 2]: 100
#     ^ error[yaml-key]: found a list or a section as a key, expected text
",
        );
    }

    #[test]
    fn a_second_document() {
        check_whole(
            r"
name: test
---
#^^ error[yaml-several-documents]: a second document begins here, expected one scenario in a file
name: other
",
        );
    }

    #[test]
    fn an_alias_stands_for_its_value() {
        let reading = check(
            r"
name: &name test
ivrs:
  &start 100:
    title: *name
    prompts: &list [welcome]
    entry: &code
      verify: pin
      min_digits: 4
      max_digits: 4
      hold: { prompts: *list }
  101: { prompts: *list, entry: *code }
verifications:
  pin: { on_match: hangup, on_mismatch: 101, on_exhausted: hangup }
",
        );
        let scenario = reading.scenario.unwrap();
        assert_eq!(scenario.ivrs["100"].entry, scenario.ivrs["101"].entry);
        assert_eq!(scenario.ivrs["100"].title.as_deref(), Some("test"));
    }

    #[test]
    fn what_is_wrong_in_a_repeated_value_is_said_once_where_it_stands() {
        check(
            r"
ivrs:
  100:
    prompts: &list [welcom]
#                   ^^^^^^ error[unknown-prompt]: there is no prompt `welcom`
    on_timeout: 101
  101:
    prompts: *list
    plays: &many 9
#                ^ error[out-of-range]: found the number 9
    max_replays: *many
    wait_s: &text some
#                 ^^^^ error[wrong-type]
    digit_timeout_s: *text
#                    ^^^^^ error[wrong-type]: found the text `some`, expected a number
",
        );
    }

    #[test]
    fn aliases_that_explode_or_go_round() {
        let mut bomb = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n".to_owned();
        for level in 1..=9 {
            let items = vec![format!("*a{}", level - 1); 10].join(", ");
            writeln!(bomb, "a{level}: &a{level} [{items}]").unwrap();
        }
        let finding = only(&bomb);
        assert_eq!(finding.code, "yaml-too-large");
        assert!(finding.message.contains("with this alias expanded"), "{finding:?}");
        assert!(bomb[finding.span.range()].starts_with('*'));
        assert_eq!(only("a: &a [1, *a]\n").code, "yaml-alias-loop");
        assert_eq!(only(&"- x\n".repeat(MAX_NODES)).code, "yaml-too-large");
    }

    #[test]
    fn nests_that_are_too_deep() {
        let nest = |depth: usize| format!("{}{}", "[".repeat(depth), "]".repeat(depth));
        assert_eq!(only(&nest(200)).code, "yaml-too-deep");
        assert_eq!(only(&nest(MAX_DEPTH + 1)).code, "yaml-too-deep");
        assert_eq!(only(&nest(MAX_DEPTH)).code, "wrong-type");
        assert_eq!(only(&"[".repeat(100_000)).code, "yaml-too-deep");
        let half = nest(MAX_DEPTH / 2 + 1);
        let inner = nest(MAX_DEPTH / 2 - 1);
        let by_alias = format!("a: &a {half}\nb: {}\n", inner.replace("[]", "[*a]"));
        assert_eq!(only(&by_alias).code, "yaml-too-deep");
    }

    #[test]
    fn bom_crlf_and_wide_text_do_not_move_places() {
        let text = "\u{feff}ivrkit: 1\r\nname: test\r\nlanguage: zh-CN\r\nprofile: yeastar-s\r\n\
                    calls: { outbound: 100 }\r\nmedia: { root: /a, source: b }\r\n\
                    prompts: { welcome: { text: 验证码 }, 好: {} }\r\n\
                    ivrs: { 100: { prompts: [welcome, 好, missing] } }\r\n";
        let reading = read(Source::new("test.yaml", text));
        let shown: Vec<_> = reading
            .diagnostics
            .iter()
            .map(|finding| (finding.code, &text[finding.span.range()]))
            .collect();
        assert_eq!(shown, [("prompt-name", "好"), ("unknown-prompt", "missing")]);
        let at = reading.diagnostics[1].located(&reading.source);
        assert_eq!((at.line, at.column), (8, 38));
    }

    #[test]
    fn digits_are_kept_as_they_were_typed() {
        let reading = check(
            r"
calls: { outbound: 0100 }
ivrs:
  0100:
    prompts: [welcome]
    keys: { 0: 0200, 007: hangup, 1: 6500.0 }
    keys_may_wait: true
  0200: { prompts: [welcome], wait_s: 3.0, plays: 2.0 }
  6500: { prompts: [welcome] }
",
        );
        let scenario = reading.scenario.unwrap();
        let numbers: Vec<_> = scenario.ivrs.keys().map(ToString::to_string).collect();
        assert_eq!(numbers, ["0100", "0200", "6500"]);
        let keys = &scenario.ivrs["0100"].keys;
        let keys: Vec<_> = keys.iter().map(|(key, to)| format!("{key} {to}")).collect();
        assert_eq!(keys, ["0 0200", "007 hangup", "1 6500"]);
    }
}
