//! What a text reads: its variables and functions, with the characters that get through each.

use super::sources::{self, Source};
use crate::{
    dialplan::pattern::Class,
    expression::{
        Arguments, BinaryOperator, Expression, NodeId, NodeKind, Piece, Template, Variable,
    },
    source::Span,
    syntax::Text,
};

/// A reading of one value.
#[derive(Debug, Clone)]
pub(super) struct Leaf {
    /// What is read.
    pub(super) read: Read,
    /// The characters that get through.
    pub(super) mask: Class,
    /// Where the `${...}` stands that reads it, in the text.
    pub(super) span: Span,
    /// That `${...}`.
    pub(super) written: Text,
    /// Whether nothing is cut off it.
    pub(super) is_whole: bool,
}

/// What is read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Read {
    /// Something that a caller says.
    Source(Source),
    /// What he dialled.
    Exten(Source),
    /// A variable, by the name under which it is followed.
    Variable(Vec<u8>),
}

/// Where a text stands, as far as that decides what its variables are.
#[derive(Debug, Clone, Copy)]
pub(super) struct Surroundings<'d> {
    /// The text that spans count from.
    pub(super) text: Text,
    /// Its bytes.
    pub(super) data: &'d [u8],
    /// What `${EXTEN}` is.
    pub(super) exten: Option<Source>,
    /// The context, by its place in the dialplan.
    pub(super) context: u32,
}

/// The name under which a variable is followed: `ARG1` is another one in each context.
pub(super) fn name(name: &[u8], context: u32) -> Vec<u8> {
    let digits = name.strip_prefix(b"ARG");
    if digits.is_some_and(|rest| !rest.is_empty() && rest.iter().all(u8::is_ascii_digit)) {
        return [name, b"@", context.to_string().as_bytes()].concat();
    }
    name.to_vec()
}

/// All that pieces of a text read and give on.
pub(super) fn of<'t>(
    surroundings: Surroundings<'_>,
    pieces: impl IntoIterator<Item = &'t Piece>,
) -> Vec<Leaf> {
    let mut reader = Reader { surroundings, found: Vec::new() };
    pieces.into_iter().for_each(|piece| reader.piece(piece, Class::ALL));
    reader.found
}

struct Reader<'d> {
    surroundings: Surroundings<'d>,
    found: Vec<Leaf>,
}

/// A piece of as few characters does no harm.
const HARMLESS_CHARACTERS: i64 = 3;

impl Reader<'_> {
    fn template(&mut self, template: &Template, mask: Class) {
        self.pieces(&template.pieces, mask);
    }

    fn pieces(&mut self, pieces: &[Piece], mask: Class) {
        for piece in pieces {
            self.piece(piece, mask);
        }
    }

    fn piece(&mut self, piece: &Piece, mask: Class) {
        match piece {
            Piece::Text(_) => {}
            Piece::Variable(variable) => self.variable(variable, mask),
            Piece::Expression(expression) => {
                expression.root.iter().for_each(|&root| self.node(expression, root, mask));
            }
        }
    }

    fn variable(&mut self, variable: &Variable, mask: Class) {
        let is_short = variable
            .substring
            .as_ref()
            .is_some_and(|part| part.length.as_ref().is_some_and(|length| self.is_short(length)));
        if is_short || !variable.name.is_plain() {
            return;
        }
        let name = &self.surroundings.data[variable.name.span.range()];
        if let Some(arguments) = &variable.arguments {
            return self.function(name, variable, arguments, mask);
        }
        let read = match (name, self.surroundings.exten) {
            (b"EXTEN", Some(exten)) => Read::Exten(exten),
            (b"EXTEN", None) => return,
            _ => Read::Variable(self::name(name, self.surroundings.context)),
        };
        self.add(read, variable, mask);
    }

    fn is_short(&self, length: &Template) -> bool {
        let text = &self.surroundings.data[length.span.range()];
        let number = std::str::from_utf8(text).ok().and_then(|text| text.trim().parse().ok());
        number.is_some_and(|number: i64| (0..=HARMLESS_CHARACTERS).contains(&number))
    }

    fn function(&mut self, name: &[u8], variable: &Variable, given: &Arguments, mask: Class) {
        let data = self.surroundings.data;
        let first = given.values.first();
        let text = &data[given.span.range()];
        if let Some(name) = sources::caller_id(name, text) {
            return self.add(Read::Variable(name), variable, mask);
        }
        if let Some(source) = sources::function(name, text) {
            return self.add(Read::Source(source), variable, mask);
        }
        match name {
            b"FILTER" => {
                let Some(allowed) = first.filter(|allowed| allowed.is_plain()) else { return };
                let mask = mask.and(allowed_by_filter(&data[allowed.span.range()]));
                given.values[1..].iter().for_each(|value| self.template(value, mask));
            }
            b"URIENCODE" => {
                let mask = mask.and(left_by_uriencode());
                given.values.iter().for_each(|value| self.template(value, mask));
            }
            b"IF" | b"IFTIME" => {
                given.values.iter().for_each(|value| self.after_question_mark(value, mask));
            }
            b"QUOTE" | b"CSV_QUOTE" | b"TOUPPER" | b"TOLOWER" | b"TRIM" | b"LTRIM" | b"RTRIM"
            | b"SPRINTF" | b"PASSTHRU" | b"EVAL" | b"URIDECODE" | b"BASE64_DECODE" | b"SET" => {
                given.values.iter().for_each(|value| self.template(value, mask));
            }
            b"GLOBAL" | b"SHARED" | b"LOCAL" | b"CUT" | b"SHIFT" | b"POP" | b"REPLACE"
            | b"STRREPLACE" | b"LISTFILTER" => {
                let Some(named) = first.filter(|first| first.is_plain()) else { return };
                let named = data[named.span.range()].trim_ascii();
                let read = Read::Variable(self::name(named, self.surroundings.context));
                self.add(read, variable, mask);
            }
            _ => {}
        }
    }

    /// The two values of `IF`, not what it asks.
    fn after_question_mark(&mut self, value: &Template, mask: Class) {
        let data = self.surroundings.data;
        let question = value.pieces.iter().position(
            |piece| matches!(piece, Piece::Text(span) if data[span.range()].contains(&b'?')),
        );
        if let Some(question) = question {
            self.pieces(&value.pieces[question..], mask);
        }
    }

    /// An expression gives a number or a truth value, except where it chooses between texts.
    fn node(&mut self, expression: &Expression, id: NodeId, mask: Class) {
        match &expression.node(id).kind {
            NodeKind::Value(value) => self.template(&value.template, mask),
            NodeKind::Binary(
                BinaryOperator::Or | BinaryOperator::And | BinaryOperator::Join,
                left,
                right,
            )
            | NodeKind::Conditional(_, left, right) => {
                self.node(expression, *left, mask);
                self.node(expression, *right, mask);
            }
            _ => {}
        }
    }

    fn add(&mut self, read: Read, variable: &Variable, mask: Class) {
        self.found.push(Leaf {
            read,
            mask,
            span: variable.span,
            written: self.surroundings.text.slice(variable.span.start, variable.span.end),
            is_whole: variable.substring.is_none(),
        });
    }
}

/// The characters that the first argument of `FILTER` names: single ones, ranges, and `\` before
/// what would mean something else.
fn allowed_by_filter(text: &[u8]) -> Class {
    let mut class = Class::NONE;
    let mut rest = text;
    while let Some((low, after)) = character(rest) {
        rest = after;
        let range = rest.strip_prefix(b"-").and_then(character);
        let high = range.map_or(low, |(high, after)| {
            rest = after;
            high
        });
        class = class.or(Class::of_bytes(low..=high));
    }
    class
}

/// The first character of a set as `FILTER` reads it, and what follows.
fn character(text: &[u8]) -> Option<(u8, &[u8])> {
    match text {
        [b'\\', b'n', rest @ ..] => Some((b'\n', rest)),
        [b'\\', b'r', rest @ ..] => Some((b'\r', rest)),
        [b'\\', b't', rest @ ..] => Some((b'\t', rest)),
        [b'\\', byte, rest @ ..] | [byte, rest @ ..] => Some((*byte, rest)),
        [] => None,
    }
}

/// Letters, digits and the marks that mean nothing in an address; the `%` of escapes is left out, as
/// it does no harm.
fn left_by_uriencode() -> Class {
    let bytes = (0..=u8::MAX).filter(u8::is_ascii_alphanumeric);
    Class::of_bytes(bytes.chain(*b"-_.!~*'()"))
}
