//! The words and operators between `$[` and `]`.
//!
//! Follows Asterisk's `main/ast_expr2.fl`: the longest operator counts, blanks divide, and what is
//! neither operator nor operand is dropped without a word.

use super::{Form, Piece, Reader, Template, TemplateBuilder, Value};
use crate::{diagnostic::Severity, source::Span};
use std::vec;

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

/// What stands at a place of the body.
#[derive(Clone, Copy)]
enum Atom {
    Byte(u8),
    /// A substitution, and where it ends.
    Substitution(usize),
}

struct Lexer<'r, 's> {
    reader: &'r mut Reader<'s>,
    /// The substitutions that are in no word yet, in order; all else is bytes.
    substitutions: vec::IntoIter<Piece>,
    at: usize,
    /// Where the body ends.
    end: usize,
}

/// Divides the body of an expression.
pub(super) fn tokens(reader: &mut Reader<'_>, body: Template) -> Vec<Token> {
    let Span { start: at, end } = body.span;
    let mut pieces = body.pieces;
    pieces.retain(|piece| !matches!(piece, Piece::Text(_)));
    let mut lexer = Lexer { reader, substitutions: pieces.into_iter(), at, end };
    std::iter::from_fn(|| lexer.token()).collect()
}

impl Lexer<'_, '_> {
    fn token(&mut self) -> Option<Token> {
        loop {
            match self.atom(self.at)? {
                Atom::Byte(b' ' | b'\t' | b'\r' | b'\n') => self.at += 1,
                Atom::Byte(b'"') => match self.closing_quote() {
                    Some(end) => return Some(self.value(end + 1, Form::Quoted)),
                    None => self.ignore("unclosed-quote", "this quote has no second one"),
                },
                Atom::Byte(_) | Atom::Substitution(_) => {
                    if let Some(token) = self.word().or_else(|| self.operator()) {
                        return Some(token);
                    }
                    let byte = self.reader.source[self.at].escape_ascii();
                    let found = format!("`{byte}` means nothing in an expression");
                    self.ignore("ignored-character", &found);
                }
            }
        }
    }

    fn atom(&self, at: usize) -> Option<Atom> {
        let left = self.substitutions.as_slice();
        match left.binary_search_by_key(&at, |piece| piece.span().start) {
            Ok(found) => Some(Atom::Substitution(left[found].span().end)),
            Err(_) => (at < self.end).then(|| Atom::Byte(self.reader.source[at])),
        }
    }

    fn closing_quote(&self) -> Option<usize> {
        let mut at = self.at + 1;
        loop {
            match self.atom(at)? {
                Atom::Byte(b'"') => return Some(at),
                Atom::Byte(_) => at += 1,
                Atom::Substitution(end) => at = end,
            }
        }
    }

    fn word(&mut self) -> Option<Token> {
        let mut end = self.at;
        while let Some(atom) = self.atom(end) {
            end = match atom {
                Atom::Substitution(end) => end,
                Atom::Byte(byte) if is_word_byte(byte) => end + 1,
                // A dollar takes along whatever comes next.
                Atom::Byte(b'$') => match self.atom(end + 1) {
                    None | Some(Atom::Byte(b'{')) => break,
                    Some(Atom::Byte(_)) => end + 2,
                    Some(Atom::Substitution(end)) => end,
                },
                Atom::Byte(_) => break,
            };
        }
        if end == self.at {
            return None;
        }
        let form = if self.is_number(end) { Form::Number } else { Form::Word };
        Some(self.value(end, form))
    }

    /// The operator of which all bytes stand here; a substitution ends them. No word begins like one.
    fn operator(&mut self) -> Option<Token> {
        let next = self.substitutions.as_slice().first().map_or(self.end, |next| next.span().start);
        let bytes = &self.reader.source[self.at..next];
        let operator = OPERATORS.into_iter().find(|one| bytes.starts_with(one.as_bytes()))?;
        let span = Span { start: self.at, end: self.at + operator.len() };
        self.at = span.end;
        Some(Token { span, kind: TokenKind::Operator(operator) })
    }

    /// Whether what stands before a place is `1` or `1.5`, not `.5`, `1.`, `1.2.3` or `1a`.
    fn is_number(&self, end: usize) -> bool {
        // A substitution begins with a byte that is neither digit nor point.
        let mut parts = self.reader.source[self.at..end].split(|&byte| byte == b'.');
        let is_whole = |part: &[u8]| !part.is_empty() && part.iter().all(u8::is_ascii_digit);
        parts.next().is_some_and(is_whole)
            && parts.next().is_none_or(is_whole)
            && parts.next().is_none()
    }

    fn value(&mut self, end: usize, form: Form) -> Token {
        let mut template = TemplateBuilder::new(self.at);
        while self.at < end {
            let next = self.substitutions.as_slice().first().map(|piece| piece.span().start);
            if next == Some(self.at) {
                let piece = self.substitutions.next().expect("it was seen just now");
                self.at = piece.span().end;
                template.piece(piece);
            } else {
                let text_end = next.map_or(end, |next| next.min(end));
                template.text(Span { start: self.at, end: text_end });
                self.at = text_end;
            }
        }
        let template = template.finish(end);
        Token { span: template.span, kind: TokenKind::Value(Value { template, form }) }
    }

    fn ignore(&mut self, code: &'static str, found: &str) {
        let span = Span { start: self.at, end: self.at + 1 };
        let message = format!("{found}; it is dropped");
        self.reader.report(Severity::Warning, code, span, message, None);
        self.at += 1;
    }
}

fn is_word_byte(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte >= 0x80 || b".';\\_^#@".contains(&byte)
}
