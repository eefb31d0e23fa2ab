//! The words and operators between `$[` and `]`.
//!
//! Follows Asterisk's `main/ast_expr2.fl`: the longest operator counts, blanks divide, and what is
//! neither operator nor operand is dropped without a word.

use super::{Form, Piece, Reader, Template, TemplateBuilder, Value};
use crate::{diagnostic::Severity, source::Span};

/// A word or operator, and where it stands.
pub(super) struct Token {
    pub(super) span: Span,
    pub(super) kind: TokenKind,
}

/// What a token is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum TokenKind {
    Value(Value),
    /// Any operator, parenthesis or comma, as written.
    Operator(&'static str),
}

/// Of two that begin alike the longer one comes first.
const OPERATORS: [&str; 25] = [
    "||", "&&", "==", "=~", "~~", ">=", "<=", "!=", "::", "|", "&", "=", ">", "<", "+", ",", "-",
    "*", "/", "%", "?", "!", ":", "(", ")",
];

/// A byte of a text piece, or the number of another piece.
#[derive(Clone, Copy)]
enum Atom {
    Byte(usize, u8),
    Piece(usize),
}

struct Lexer<'r, 's> {
    reader: &'r mut Reader<'s>,
    pieces: Vec<Option<Piece>>,
    atoms: Vec<Atom>,
    at: usize,
}

/// Divides the body of an expression.
pub(super) fn tokens(reader: &mut Reader<'_>, body: Template) -> Vec<Token> {
    let mut atoms = Vec::with_capacity(body.span.end - body.span.start);
    for (number, piece) in body.pieces.iter().enumerate() {
        match piece {
            Piece::Text(span) => {
                atoms.extend((span.start..span.end).map(|at| Atom::Byte(at, reader.source[at])));
            }
            Piece::Variable(_) | Piece::Expression(_) => atoms.push(Atom::Piece(number)),
        }
    }
    let pieces = body.pieces.into_iter().map(Some).collect();
    let mut lexer = Lexer { reader, pieces, atoms, at: 0 };
    std::iter::from_fn(|| lexer.token()).collect()
}

impl Lexer<'_, '_> {
    fn token(&mut self) -> Option<Token> {
        loop {
            match *self.atoms.get(self.at)? {
                Atom::Byte(_, b' ' | b'\t' | b'\r' | b'\n') => self.at += 1,
                Atom::Byte(at, b'"') => match self.closing_quote() {
                    Some(end) => return Some(self.value(end + 1, Form::Quoted)),
                    None => self.ignore(at, "unclosed-quote", "this quote has no second one"),
                },
                Atom::Byte(at, byte) => {
                    if let Some(operator) = self.operator() {
                        self.at += operator.len();
                        let span = Span { start: at, end: at + operator.len() };
                        return Some(Token { span, kind: TokenKind::Operator(operator) });
                    }
                    if let Some(word) = self.word() {
                        return Some(word);
                    }
                    let found = format!("`{}` means nothing in an expression", byte.escape_ascii());
                    self.ignore(at, "ignored-character", &found);
                }
                Atom::Piece(_) => return self.word(),
            }
        }
    }

    fn closing_quote(&self) -> Option<usize> {
        let rest = &self.atoms[self.at + 1..];
        let quote = rest.iter().position(|atom| matches!(atom, Atom::Byte(_, b'"')))?;
        Some(self.at + 1 + quote)
    }

    fn operator(&self) -> Option<&'static str> {
        OPERATORS.into_iter().find(|operator| {
            let atoms = self.atoms[self.at..].iter();
            let fits =
                |(atom, byte): (&Atom, u8)| matches!(atom, Atom::Byte(_, own) if *own == byte);
            atoms.zip(operator.bytes()).filter(|&pair| fits(pair)).count() == operator.len()
        })
    }

    fn word(&mut self) -> Option<Token> {
        let mut end = self.at;
        while let Some(&atom) = self.atoms.get(end) {
            end += match atom {
                Atom::Piece(_) => 1,
                Atom::Byte(_, byte) if is_word_byte(byte) => 1,
                // A dollar takes along whatever comes next.
                Atom::Byte(_, b'$') if self.may_follow_dollar(end + 1) => 2,
                Atom::Byte(..) => break,
            };
        }
        let form = if self.is_number(end) { Form::Number } else { Form::Word };
        (end > self.at).then(|| self.value(end, form))
    }

    fn may_follow_dollar(&self, at: usize) -> bool {
        self.atoms.get(at).is_some_and(|atom| !matches!(atom, Atom::Byte(_, b'{')))
    }

    /// Whether these bytes are `1` or `1.5`, not `.5`, `1.`, `1.2.3` or `1a`.
    fn is_number(&self, end: usize) -> bool {
        let is_point = |atom: &Atom| matches!(atom, Atom::Byte(_, b'.'));
        let is_digit = |atom: &Atom| matches!(atom, Atom::Byte(_, b'0'..=b'9'));
        let mut parts = self.atoms[self.at..end].split(is_point);
        parts.clone().count() <= 2
            && parts.all(|part| !part.is_empty() && part.iter().all(is_digit))
    }

    fn value(&mut self, end: usize, form: Form) -> Token {
        let mut template: Option<TemplateBuilder> = None;
        for index in self.at..end {
            let piece = match self.atoms[index] {
                Atom::Byte(at, _) => Piece::Text(Span { start: at, end: at + 1 }),
                Atom::Piece(number) => {
                    self.pieces[number].take().expect("each piece is part of one word")
                }
            };
            template.get_or_insert_with(|| TemplateBuilder::new(piece.span().start)).piece(piece);
        }
        self.at = end;
        let template = template.expect("a word has a first byte").template;
        Token { span: template.span, kind: TokenKind::Value(Value { template, form }) }
    }

    fn ignore(&mut self, at: usize, code: &'static str, found: &str) {
        let span = Span { start: at, end: at + 1 };
        let message = format!("{found}; it is dropped");
        self.reader.report(Severity::Warning, code, span, message, None);
        self.at += 1;
    }
}

fn is_word_byte(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte >= 0x80 || b".';\\_^#@".contains(&byte)
}
