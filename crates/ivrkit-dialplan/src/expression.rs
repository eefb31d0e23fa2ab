//! `${...}` and `$[...]` in the text of a dialplan, as Asterisk would read them at run time.
//!
//! [`parse`] turns a text into a tree in which each part knows its bytes. Asterisk replaces
//! variables first and reads the outcome as an expression afterwards, so a value may bring
//! operators of its own; in the tree each substitution counts as one piece of an operand.
//! [`substitute`] and [`evaluate`] compute: they ask an [`Environment`] for variables and functions.
//! The rules are those of Asterisk's `main/pbx_variables.c` and `main/ast_expr2`.

mod evaluate;
mod lexer;
mod number;
mod operators;
mod substitute;
mod tree;
mod variable;

pub use evaluate::evaluate;
pub use substitute::{Environment, substitute};
pub use tree::{BinaryOperator, Expression, Mistake, Node, NodeId, NodeKind, UnaryOperator};
pub use variable::{Arguments, Substring, Variable};

pub(crate) use substitute::is_plain;

use crate::{
    diagnostic::{Diagnostic, Severity},
    source::Span,
};

/// How deep `${...}`, `$[...]`, parentheses and signs are followed; what lies deeper stays text.
pub const MAX_NESTING: usize = 64;

/// A text with what Asterisk would replace in it. Its pieces follow each other without a gap.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Template {
    /// Where it stands.
    pub span: Span,
    /// Its pieces in order; none if it is empty.
    pub pieces: Vec<Piece>,
}

/// A piece of a [`Template`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Piece {
    /// Taken as it stands.
    Text(Span),
    /// `${...}`.
    Variable(Variable),
    /// `$[...]`.
    Expression(Expression),
}

/// An operand of an expression.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Value {
    /// Its text, with the quotes.
    pub template: Template,
    /// How it is written.
    pub form: Form,
}

/// How an operand is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Form {
    /// Digits, perhaps with a point between.
    Number,
    /// Letters, digits and substitutions, without blanks.
    Word,
    /// In double quotes, which stay part of the value.
    Quoted,
}

/// Reads the bytes of `span`; the spans of the outcome count from the start of `source`.
///
/// Takes any bytes. What Asterisk would complain about, or silently drop, is told.
pub fn parse(source: &[u8], span: Span) -> (Template, Vec<Diagnostic>) {
    let mut reader = Reader { source, problems: Vec::new() };
    let template = reader.template(span, 0);
    (template, reader.problems)
}

impl Template {
    /// Whether Asterisk takes it as it stands.
    pub fn is_plain(&self) -> bool {
        self.pieces.iter().all(|piece| matches!(piece, Piece::Text(_)))
    }
}

impl Piece {
    /// Where it stands.
    pub fn span(&self) -> Span {
        match self {
            Self::Text(span) => *span,
            Self::Variable(variable) => variable.span,
            Self::Expression(expression) => expression.span,
        }
    }
}

impl Value {
    /// Whether it is gone if its variables are empty; then Asterisk finds an operator without its
    /// operand.
    pub fn may_vanish(&self) -> bool {
        self.form != Form::Quoted
            && !self.template.pieces.iter().any(|piece| matches!(piece, Piece::Text(_)))
    }
}

/// Reads one text.
struct Reader<'a> {
    source: &'a [u8],
    problems: Vec<Diagnostic>,
}

/// What comes of several bytes and pieces in a row.
struct TemplateBuilder {
    template: Template,
}

impl<'a> Reader<'a> {
    fn template(&mut self, span: Span, depth: usize) -> Template {
        let mut template = TemplateBuilder::new(span.start);
        let mut at = span.start;
        while let Some(dollar) = memchr::memchr(b'$', &self.source[at..span.end]) {
            let dollar = at + dollar;
            if dollar > at {
                template.text(Span { start: at, end: dollar });
            }
            at = dollar;
            match self.source[..span.end].get(at + 1) {
                Some(&opening @ (b'{' | b'[')) if depth < MAX_NESTING => {
                    let piece = self.substitution(opening, at, span.end, depth);
                    at = piece.span().end;
                    template.piece(piece);
                }
                Some(b'{' | b'[') => {
                    let rest = Span { start: at, end: span.end };
                    self.too_deep(rest);
                    template.text(rest);
                    at = span.end;
                }
                _ => {
                    template.text(Span { start: at, end: at + 1 });
                    at += 1;
                }
            }
        }
        if at < span.end {
            template.text(Span { start: at, end: span.end });
        }
        template.finish(span.end)
    }

    /// `${...}` or `$[...]`; Asterisk looks for the closing bracket of this kind alone, and without
    /// one takes all that is left.
    fn substitution(&mut self, opening: u8, at: usize, end: usize, depth: usize) -> Piece {
        let closed = closing_bracket(self.source, opening, at + 2, end);
        if closed.is_none() {
            let (code, close) = match opening {
                b'{' => ("unclosed-variable", '}'),
                _ => ("unclosed-expression", ']'),
            };
            let message = format!("found no `{close}` for this, so all that follows belongs to it");
            let start = Span { start: at, end: at + 2 };
            self.report(Severity::Error, code, start, message, None);
        }
        let span = Span { start: at, end: closed.map_or(end, |closing| closing + 1) };
        let body = Span { start: at + 2, end: closed.unwrap_or(end) };
        let body = self.template(body, depth + 1);
        if opening == b'{' {
            Piece::Variable(variable::read(self, span, body))
        } else {
            Piece::Expression(operators::read(self, span, body))
        }
    }

    fn too_deep(&mut self, span: Span) {
        let message = format!("nested more than {MAX_NESTING} deep; what lies deeper is not read");
        self.report(Severity::Error, "nesting-limit", span, message, None);
    }

    fn report(
        &mut self,
        severity: Severity,
        code: &'static str,
        span: Span,
        message: impl Into<String>,
        help: Option<&str>,
    ) {
        let (message, help) = (message.into(), help.map(str::to_owned));
        self.problems.push(Diagnostic { severity, code, message, span, help });
    }

    fn text(&self, span: Span) -> &'a [u8] {
        &self.source[span.start..span.end]
    }
}

impl TemplateBuilder {
    fn new(start: usize) -> Self {
        Self { template: Template { span: Span { start, end: start }, pieces: Vec::new() } }
    }

    /// Adds text, which lengthens the text before it.
    fn text(&mut self, span: Span) {
        self.template.span.end = span.end;
        match self.template.pieces.last_mut() {
            Some(Piece::Text(last)) => last.end = span.end,
            _ => self.push(Piece::Text(span)),
        }
    }

    fn piece(&mut self, piece: Piece) {
        if let Piece::Text(span) = piece {
            self.text(span);
        } else {
            self.template.span.end = piece.span().end;
            self.push(piece);
        }
    }

    fn push(&mut self, piece: Piece) {
        if self.template.pieces.is_empty() {
            // Most names and arguments are one piece; a list begins with room for four.
            self.template.pieces.reserve_exact(1);
        }
        self.template.pieces.push(piece);
    }

    fn finish(self, end: usize) -> Template {
        Template { span: Span { end, ..self.template.span }, ..self.template }
    }
}

/// The bracket that closes the one before `start`. Each kind is counted for itself, as Asterisk counts
/// only the kind it looks for. What is nested is looked through again, at most [`MAX_NESTING`] times.
fn closing_bracket(source: &[u8], opening: u8, start: usize, end: usize) -> Option<usize> {
    let closing = if opening == b'{' { b'}' } else { b']' };
    let mut depth = 1_usize;
    for at in memchr::memchr2_iter(opening, closing, &source[start..end]) {
        if source[start + at] == opening {
            depth += 1;
        } else {
            depth -= 1;
        }
        if depth == 0 {
            return Some(start + at);
        }
    }
    None
}

#[cfg(test)]
mod tests;
