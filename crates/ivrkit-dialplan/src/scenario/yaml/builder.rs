//! Builds the tree from the parser's events, within the limits.
//!
//! Must not look at what a value means.

use super::{Key, Kind, MAX_DEPTH, MAX_NODES, Node, Section, scalar};
use crate::{
    diagnostic::Diagnostic,
    scenario::{code, words::quoted},
    source::{Source, Span},
};
use saphyr_parser::{Event, Parser, ScalarStyle, ScanError, Tag};
use std::collections::HashMap;

/// A list or section whose end has not been reached.
struct Frame {
    anchor: usize,
    span: Span,
    content: Content,
    is_key: bool,
}

enum Content {
    List(Vec<Node>),
    Map { section: Section, pending: Option<Pending> },
}

/// The key that waits for its value.
enum Pending {
    Keep(Key),
    Drop,
}

pub(super) struct Builder<'s> {
    source: &'s Source,
    /// What the text is to be.
    noun: &'static str,
    /// Byte offset of each character, and of the end: the parser counts characters.
    offsets: Vec<usize>,
    frames: Vec<Frame>,
    anchors: HashMap<usize, Node>,
    nodes: usize,
    documents: usize,
    /// The tree, once the end is reached.
    pub(super) root: Option<Node>,
    /// What was found on the way.
    pub(super) findings: Vec<Diagnostic>,
}

impl<'s> Builder<'s> {
    /// A builder that has read nothing yet.
    pub(super) fn new(source: &'s Source, noun: &'static str) -> Self {
        let text = source.text();
        let offsets = text.char_indices().map(|(at, _)| at).chain([text.len()]).collect();
        Self {
            source,
            noun,
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
    pub(super) fn run(&mut self) -> Result<(), Diagnostic> {
        for event in Parser::new_from_str(self.source.text()) {
            let (event, place) = event.map_err(|error| self.syntax(&error))?;
            let span = self.span(place);
            self.event(event, span)?;
        }
        match &self.root {
            Some(Node { kind: Kind::Null, .. }) | None => Err(Diagnostic::error(
                code::YAML_EMPTY,
                Span::new(0, 0),
                format!("found nothing, expected a {}", self.noun),
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
                let node = Node { span: self.first_line(self.without_properties(span)), kind };
                self.anchor(anchor, &node);
                self.value(node, style == ScalarStyle::Plain, &text);
                Ok(())
            }
            Event::Alias(anchor) => self.alias(anchor, span),
            Event::SequenceStart(anchor, tag) => {
                self.open(anchor, tag.as_deref(), span, Content::List(Vec::new()))
            }
            Event::MappingStart(anchor, tag) => {
                let content = Content::Map { section: Section::default(), pending: None };
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
        let noun = self.noun;
        let message = format!("a second document begins here, expected one {noun} in a file");
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
            Content::Map { section, .. } => Kind::Map(section),
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
            Some(Content::Map { section, pending }) => {
                if let Some(Pending::Keep(key)) = pending.take() {
                    section.push(key, node);
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
        let Some(Frame { content: Content::Map { section, .. }, .. }) = self.frames.last_mut()
        else {
            return Pending::Drop;
        };
        if let Some(first) = section.place_of(text) {
            let line = self.source.position(first.start).line;
            let message =
                format!("the key {} stands here twice, first in line {line}", quoted(text));
            self.findings.push(Diagnostic::error(code::DUPLICATE_KEY, span, message));
            return Pending::Drop;
        }
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
        Err(too_deep(self.first_line(span)))
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
            .with_help(format!("no {} needs as many; is this the right file?", self.noun)))
    }

    fn syntax(&self, error: &ScanError) -> Diagnostic {
        let at = self.offset(error.marker().index());
        let end = self.source.text()[at..].chars().next().map_or(at, |c| at + c.len_utf8());
        let span = self.first_line(Span::new(at, end));
        // The scanner looks ahead and has a limit of its own, far above ours.
        if error.info().contains("recursion limit") {
            return too_deep(span);
        }
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

    /// The place of a scalar without the anchor and the tag before it.
    fn without_properties(&self, span: Span) -> Span {
        let mut rest = &self.source.text()[span.range()];
        while rest.starts_with(['&', '!']) {
            let property = rest.find(char::is_whitespace).unwrap_or(rest.len());
            rest = rest[property..].trim_start();
        }
        Span::new(span.end - rest.len(), span.end)
    }

    /// The part of a span on its first line: findings point at one line.
    fn first_line(&self, span: Span) -> Span {
        let text = &self.source.text()[span.range()];
        let line = text.split(['\n', '\r']).next().unwrap_or("").trim_end();
        Span::new(span.start, span.start + line.len())
    }
}

fn too_deep(span: Span) -> Diagnostic {
    let message = format!("values are nested more than {MAX_DEPTH} levels deep here");
    Diagnostic::error(code::YAML_TOO_DEEP, span, message)
}
