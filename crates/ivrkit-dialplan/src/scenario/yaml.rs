//! YAML to a tree in which every value knows where it stands.
//!
//! Scalars are typed by the core schema of YAML 1.2, with two exceptions for telephones: a number
//! with a leading zero (`0650`) stays the text that was typed, and so do `.inf` and `.nan`, which no
//! scenario needs. Duplicate keys, tags and merge keys are findings; aliases are expanded within a
//! budget. Must not know what a scenario is.

mod scalar;

use crate::{
    diagnostic::Diagnostic,
    scenario::{
        code,
        words::{control_shown, quoted},
    },
    source::{Source, Span},
};
use saphyr_parser::{Event, Parser, ScalarStyle, ScanError, Tag};
use std::collections::HashMap;

/// Deepest nesting, aliases expanded; the shipped scenario needs six levels.
pub(super) const MAX_DEPTH: usize = 32;

/// Most values of a text, aliases expanded; a scenario of a hundred IVRs has some three thousand.
pub(super) const MAX_NODES: usize = 50_000;

/// A value and its place.
#[derive(Debug, Clone)]
pub(super) struct Node {
    /// Where it is written; of a list or section only its beginning; of an alias the alias.
    pub(super) span: Span,
    /// What it is.
    pub(super) kind: Kind,
}

/// What a value is.
#[derive(Debug, Clone)]
pub(super) enum Kind {
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
    /// A section: keys and values in the order of the text, each key once.
    Map(Vec<(Key, Node)>),
}

/// A key of a section; keys are always text, as written.
#[derive(Debug, Clone)]
pub(super) struct Key {
    /// The text of the key.
    pub(super) name: String,
    /// Where it is written.
    pub(super) span: Span,
}

/// Reads one YAML document. Without a tree, at least one finding says why.
pub(super) fn parse(source: &Source) -> (Option<Node>, Vec<Diagnostic>) {
    let mut builder = Builder::new(source);
    let fatal = control_character(source.text()).map_or_else(|| builder.run().err(), Some);
    let mut findings = builder.findings;
    match fatal {
        None => (builder.root, findings),
        Some(finding) => {
            findings.push(finding);
            (None, findings)
        }
    }
}

impl Node {
    /// The entry of a section.
    pub(super) fn entry(&self, name: &str) -> Option<&(Key, Node)> {
        self.entries().iter().find(|(key, _)| key.name == name)
    }

    /// The value of a section's key.
    pub(super) fn value(&self, name: &str) -> Option<&Node> {
        self.entry(name).map(|(_, value)| value)
    }

    /// The entries of a section; none of anything else.
    pub(super) fn entries(&self) -> &[(Key, Node)] {
        match &self.kind {
            Kind::Map(entries) => entries,
            _ => &[],
        }
    }

    /// The items of a list; none of anything else.
    pub(super) fn items(&self) -> &[Node] {
        match &self.kind {
            Kind::List(items) => items,
            _ => &[],
        }
    }

    /// Whether the value has a place of its own on a line, as texts and numbers have.
    pub(super) fn is_scalar(&self) -> bool {
        matches!(self.kind, Kind::Bool(_) | Kind::Number(..) | Kind::Text(_))
    }

    /// As JSON, to be held against a schema.
    pub(super) fn to_json(&self) -> serde_json::Value {
        match &self.kind {
            Kind::Null => serde_json::Value::Null,
            Kind::Bool(value) => (*value).into(),
            Kind::Number(number, _) => number.clone().into(),
            Kind::Text(text) => text.clone().into(),
            Kind::List(items) => items.iter().map(Self::to_json).collect(),
            Kind::Map(entries) => {
                entries.iter().map(|(key, value)| (key.name.clone(), value.to_json())).collect()
            }
        }
    }

    /// As YAML, to be decoded.
    pub(super) fn to_yaml(&self) -> serde_yaml::Value {
        match &self.kind {
            Kind::Null => serde_yaml::Value::Null,
            Kind::Bool(value) => (*value).into(),
            Kind::Number(number, _) => scalar::to_yaml(number),
            Kind::Text(text) => text.clone().into(),
            Kind::List(items) => {
                serde_yaml::Value::Sequence(items.iter().map(Self::to_yaml).collect())
            }
            Kind::Map(entries) => serde_yaml::Value::Mapping(
                entries
                    .iter()
                    .map(|(key, value)| (key.name.clone().into(), value.to_yaml()))
                    .collect(),
            ),
        }
    }

    fn height(&self) -> usize {
        match &self.kind {
            Kind::List(items) => 1 + items.iter().map(Self::height).max().unwrap_or(0),
            Kind::Map(entries) => {
                1 + entries.iter().map(|(_, node)| node.height()).max().unwrap_or(0)
            }
            _ => 0,
        }
    }

    fn count(&self) -> usize {
        match &self.kind {
            Kind::List(items) => 1 + items.iter().map(Self::count).sum::<usize>(),
            Kind::Map(entries) => {
                1 + entries.iter().map(|(_, node)| 1 + node.count()).sum::<usize>()
            }
            _ => 1,
        }
    }
}

/// The first character that YAML does not allow. The parser takes a NUL for the end of the text, so
/// that everything behind one would be ignored without a word.
fn control_character(text: &str) -> Option<Diagnostic> {
    let allowed = |c: char| {
        matches!(c, '\t' | '\n' | '\r' | '\u{85}')
            || !(c.is_control() || matches!(c, '\u{fffe}' | '\u{ffff}'))
    };
    let (at, found) = text.char_indices().find(|&(_, c)| !allowed(c))?;
    let span = Span::new(at, at + found.len_utf8());
    let message = format!("found the control character {}, expected text", control_shown(found));
    Some(
        Diagnostic::error(code::YAML_CONTROL_CHARACTER, span, message)
            .with_help("a scenario is a text file in UTF-8; is this the right file?"),
    )
}

/// A list or section whose end has not been reached.
struct Frame {
    anchor: usize,
    span: Span,
    content: Content,
    is_key: bool,
}

enum Content {
    List(Vec<Node>),
    Map { entries: Vec<(Key, Node)>, pending: Option<Pending>, seen: HashMap<String, Span> },
}

/// The key that waits for its value.
enum Pending {
    Keep(Key),
    Drop,
}

struct Builder<'s> {
    source: &'s Source,
    /// Byte offset of each character, and of the end: the parser counts characters.
    offsets: Vec<usize>,
    frames: Vec<Frame>,
    anchors: HashMap<usize, Node>,
    nodes: usize,
    documents: usize,
    root: Option<Node>,
    findings: Vec<Diagnostic>,
}

impl<'s> Builder<'s> {
    fn new(source: &'s Source) -> Self {
        let text = source.text();
        let offsets = text.char_indices().map(|(at, _)| at).chain([text.len()]).collect();
        Self {
            source,
            offsets,
            frames: Vec::new(),
            anchors: HashMap::new(),
            nodes: 0,
            documents: 0,
            root: None,
            findings: Vec::new(),
        }
    }

    /// Builds the tree; the error is a finding that leaves no tree.
    fn run(&mut self) -> Result<(), Diagnostic> {
        for event in Parser::new_from_str(self.source.text()) {
            let (event, place) = event.map_err(|error| self.syntax(&error))?;
            let span = self.span(place);
            self.event(event, span)?;
        }
        match &self.root {
            Some(Node { kind: Kind::Null, .. }) | None => Err(Diagnostic::error(
                code::YAML_EMPTY,
                Span::new(0, 0),
                "found nothing, expected a scenario",
            )
            .with_help("`ivrkit init DIR` writes one to start from")),
            Some(_) => Ok(()),
        }
    }

    fn event(&mut self, event: Event<'_>, span: Span) -> Result<(), Diagnostic> {
        match event {
            Event::DocumentStart(_) => self.document(span),
            Event::Scalar(text, style, anchor, tag) => {
                self.count(1, span)?;
                let kind = self.scalar(&text, style, tag.as_deref(), span);
                let node = Node { span: self.first_line(span), kind };
                self.anchor(anchor, &node);
                self.value(node, style == ScalarStyle::Plain, &text);
                Ok(())
            }
            Event::Alias(anchor) => self.alias(anchor, span),
            Event::SequenceStart(anchor, tag) => {
                self.open(anchor, tag.as_deref(), span, Content::List(Vec::new()))
            }
            Event::MappingStart(anchor, tag) => {
                let (entries, seen) = (Vec::new(), HashMap::new());
                let content = Content::Map { entries, pending: None, seen };
                self.open(anchor, tag.as_deref(), span, content)
            }
            Event::SequenceEnd | Event::MappingEnd => {
                self.close();
                Ok(())
            }
            Event::Nothing | Event::StreamStart | Event::StreamEnd | Event::DocumentEnd => Ok(()),
        }
    }

    fn document(&mut self, span: Span) -> Result<(), Diagnostic> {
        self.documents += 1;
        if self.documents == 1 {
            return Ok(());
        }
        let message = "a second document begins here, expected one scenario in a file";
        Err(Diagnostic::error(code::YAML_SEVERAL_DOCUMENTS, self.first_line(span), message)
            .with_help("remove the `---` or move what follows into a file of its own"))
    }

    fn open(
        &mut self,
        anchor: usize,
        tag: Option<&Tag>,
        span: Span,
        content: Content,
    ) -> Result<(), Diagnostic> {
        self.count(1, span)?;
        self.refuse_tag(tag, span);
        self.depth(1, span)?;
        let is_key = self.expects_key();
        if is_key {
            let message = "found a list or a section as a key, expected text";
            self.findings.push(Diagnostic::error(code::YAML_KEY, self.first_line(span), message));
        }
        self.frames.push(Frame { anchor, span: self.first_line(span), content, is_key });
        Ok(())
    }

    fn close(&mut self) {
        let Some(frame) = self.frames.pop() else { return };
        let kind = match frame.content {
            Content::List(items) => Kind::List(items),
            Content::Map { entries, .. } => Kind::Map(entries),
        };
        let node = Node { span: frame.span, kind };
        self.anchor(frame.anchor, &node);
        if frame.is_key { self.set_pending(Pending::Drop) } else { self.value(node, false, "") }
    }

    fn alias(&mut self, anchor: usize, span: Span) -> Result<(), Diagnostic> {
        if self.frames.iter().any(|frame| frame.anchor == anchor) {
            let message = "this alias stands inside the value that it repeats";
            return Err(Diagnostic::error(code::YAML_ALIAS_LOOP, span, message)
                .with_help("write the value out here"));
        }
        // The parser refuses aliases of anchors that it has not seen.
        let Some(node) = self.anchors.get(&anchor).cloned() else { return Ok(()) };
        self.count(node.count(), span)?;
        self.depth(node.height(), span)?;
        let name = match &node.kind {
            Kind::Text(text) | Kind::Number(_, text) => text.clone(),
            _ => self.source.text()[span.range()].to_owned(),
        };
        self.value(Node { span, ..node }, false, &name);
        Ok(())
    }

    /// Puts a finished value where it belongs; `text` is what it is called when it is a key.
    fn value(&mut self, node: Node, plain: bool, text: &str) {
        if self.expects_key() {
            let pending = self.key(node.span, plain, text);
            return self.set_pending(pending);
        }
        match self.frames.last_mut().map(|frame| &mut frame.content) {
            None => self.root = Some(node),
            Some(Content::List(items)) => items.push(node),
            Some(Content::Map { entries, pending, .. }) => {
                if let Some(Pending::Keep(key)) = pending.take() {
                    entries.push((key, node));
                }
            }
        }
    }

    fn key(&mut self, span: Span, plain: bool, text: &str) -> Pending {
        if plain && text == "<<" {
            let finding = Diagnostic::error(code::YAML_MERGE_KEY, span, "found the merge key `<<`")
                .with_help(
                    "write the keys out, or repeat a whole value by an alias: `entry: *code`",
                );
            self.findings.push(finding);
            return Pending::Drop;
        }
        let Some(Frame { content: Content::Map { seen, .. }, .. }) = self.frames.last_mut() else {
            return Pending::Drop;
        };
        if let Some(first) = seen.get(text) {
            let line = self.source.position(first.start).line;
            let message =
                format!("the key {} stands here twice, first in line {line}", quoted(text));
            self.findings.push(Diagnostic::error(code::DUPLICATE_KEY, span, message));
            return Pending::Drop;
        }
        seen.insert(text.to_owned(), span);
        Pending::Keep(Key { name: text.to_owned(), span })
    }

    fn expects_key(&self) -> bool {
        matches!(
            self.frames.last(),
            Some(Frame { content: Content::Map { pending: None, .. }, .. })
        )
    }

    fn set_pending(&mut self, key: Pending) {
        if let Some(Frame { content: Content::Map { pending, .. }, .. }) = self.frames.last_mut() {
            *pending = Some(key);
        }
    }

    fn anchor(&mut self, anchor: usize, node: &Node) {
        if anchor != 0 {
            self.anchors.insert(anchor, node.clone());
        }
    }

    fn scalar(&mut self, text: &str, style: ScalarStyle, tag: Option<&Tag>, span: Span) -> Kind {
        self.refuse_tag(tag, span);
        if style == ScalarStyle::Plain && tag.is_none() {
            scalar::typed(text)
        } else {
            Kind::Text(text.to_owned())
        }
    }

    fn refuse_tag(&mut self, tag: Option<&Tag>, span: Span) {
        let Some(tag) = tag else { return };
        let shown =
            if tag.is_yaml_core_schema() { format!("!!{}", tag.suffix) } else { tag.to_string() };
        let message = format!("found the tag {}, expected a value without a tag", quoted(&shown));
        let finding = Diagnostic::error(code::YAML_TAG, self.first_line(span), message)
            .with_help("remove the tag; put text that looks like a number in quotes");
        self.findings.push(finding);
    }

    fn depth(&self, more: usize, span: Span) -> Result<(), Diagnostic> {
        if self.frames.len() + more <= MAX_DEPTH {
            return Ok(());
        }
        let message = format!("values are nested more than {MAX_DEPTH} levels deep here");
        Err(Diagnostic::error(code::YAML_TOO_DEEP, self.first_line(span), message))
    }

    fn count(&mut self, more: usize, span: Span) -> Result<(), Diagnostic> {
        self.nodes += more;
        if self.nodes <= MAX_NODES {
            return Ok(());
        }
        let message = if more > 1 {
            format!("with this alias expanded the text has more than {MAX_NODES} values")
        } else {
            format!("the text has more than {MAX_NODES} values")
        };
        Err(Diagnostic::error(code::YAML_TOO_LARGE, self.first_line(span), message)
            .with_help("no scenario needs as many; is this the right file?"))
    }

    fn syntax(&self, error: &ScanError) -> Diagnostic {
        let at = self.offset(error.marker().index());
        let end = self.source.text()[at..].chars().next().map_or(at, |c| at + c.len_utf8());
        let span = self.first_line(Span::new(at, end));
        let finding = Diagnostic::error(
            code::YAML_SYNTAX,
            span,
            format!("this is not YAML: {}", error.info()),
        );
        if self.line_has_leading_tab(at) {
            return finding.with_help("indent with spaces: YAML does not take tabs for that");
        }
        finding
    }

    fn line_has_leading_tab(&self, at: usize) -> bool {
        let text = self.source.text();
        let start = text[..at].rfind('\n').map_or(0, |newline| newline + 1);
        text[start..].chars().take_while(|c| matches!(c, ' ' | '\t')).any(|c| c == '\t')
    }

    fn span(&self, span: saphyr_parser::Span) -> Span {
        let start = self.offset(span.start.index());
        Span::new(start, self.offset(span.end.index()).max(start))
    }

    fn offset(&self, character: usize) -> usize {
        self.offsets.get(character).copied().unwrap_or(self.source.text().len())
    }

    /// The part of a span on its first line: findings point at one line.
    fn first_line(&self, span: Span) -> Span {
        let text = &self.source.text()[span.range()];
        let line = text.split(['\n', '\r']).next().unwrap_or("").trim_end();
        Span::new(span.start, span.start + line.len())
    }
}
