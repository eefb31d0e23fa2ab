//! `${NAME}`, `${NAME:OFFSET:LENGTH}` and `${FUNCTION(ARGUMENTS)}`.
//!
//! Knows how Asterisk divides what stands between the braces, not what a function makes of it.

use super::{Piece, Reader, Template, TemplateBuilder};
use crate::{diagnostic::Severity, source::Span};

/// `${...}`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Variable {
    /// From the `$` to the closing brace, or to the end of the text if that is missing.
    pub span: Span,
    /// The name of the variable or function; it may hold substitutions itself.
    pub name: Template,
    /// What stands in the parentheses of a function.
    pub arguments: Option<Arguments>,
    /// What part of the value is meant.
    pub substring: Option<Substring>,
}

/// The arguments of a function.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Arguments {
    /// All that stands between the first `(` and the last `)`; some functions take it as one.
    pub span: Span,
    /// Divided at the commas outside of quotes, parentheses and brackets, as most functions do.
    pub values: Vec<Template>,
}

/// `:OFFSET:LENGTH` behind a name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Substring {
    /// Bytes to leave out at the start; counted from the end if negative.
    pub offset: Template,
    /// Bytes to take; to leave out at the end if negative.
    pub length: Option<Template>,
}

/// Where the parts of a body are cut.
struct Cuts {
    open: Option<usize>,
    close: Option<usize>,
    colon: Option<usize>,
}

/// What is inside of what, while commas are looked for.
#[derive(Default)]
struct Inside {
    parentheses: usize,
    brackets: usize,
    quotes: bool,
    /// The byte after a backslash means nothing.
    escaped: bool,
}

pub(super) fn read(reader: &mut Reader<'_>, span: Span, body: Template) -> Variable {
    let cuts = Cuts::find(reader, &body);
    report_function(reader, &cuts, body.span);
    let (head, tail) = cut(body, cuts.colon);
    let (name, arguments) = cut(head, cuts.open);
    let arguments = arguments.map(|arguments| {
        let (arguments, _) = cut(arguments, cuts.close);
        Arguments { span: arguments.span, values: values(reader, arguments) }
    });
    let substring = tail.map(|tail| {
        let colon = text_bytes(reader, &tail).find(|&(_, byte)| byte == b':').map(|(at, _)| at);
        let (offset, length) = cut(tail, colon);
        Substring { offset, length }
    });
    if let Some(Substring { offset, length }) = &substring {
        report_number(reader, offset);
        if let Some(length) = length {
            report_number(reader, length);
        }
    }
    Variable { span, name, arguments, substring }
}

impl Cuts {
    /// A colon counts outside of parentheses only; the last `)` before it ends the arguments.
    fn find(reader: &Reader<'_>, body: &Template) -> Self {
        let mut cuts = Self { open: None, close: None, colon: None };
        let mut depth = 0_i64;
        for (at, byte) in text_bytes(reader, body) {
            match byte {
                b'(' => {
                    depth += 1;
                    cuts.open = cuts.open.or(Some(at));
                }
                b')' => {
                    depth -= 1;
                    cuts.close = cuts.open.and(Some(at));
                }
                b':' if depth == 0 => {
                    cuts.colon = Some(at);
                    break;
                }
                _ => {}
            }
        }
        cuts
    }
}

impl Inside {
    /// Whether this byte divides two arguments.
    fn divides(&mut self, byte: u8) -> bool {
        if std::mem::take(&mut self.escaped) {
            return false;
        }
        match byte {
            b'(' => self.parentheses += 1,
            b')' => self.parentheses = self.parentheses.saturating_sub(1),
            b'[' => self.brackets += 1,
            b']' => self.brackets = self.brackets.saturating_sub(1),
            b'"' => self.quotes = !self.quotes,
            b'\\' => self.escaped = true,
            b',' => return self.parentheses == 0 && self.brackets == 0 && !self.quotes,
            _ => {}
        }
        false
    }
}

fn report_function(reader: &mut Reader<'_>, cuts: &Cuts, body: Span) {
    let Some(open) = cuts.open else { return };
    let end = cuts.colon.unwrap_or(body.end);
    let Some(close) = cuts.close else {
        let message = "found no `)` for the arguments of this function";
        let span = Span { start: open, end: open + 1 };
        return reader.report(Severity::Warning, "unclosed-function", span, message, None);
    };
    if close + 1 < end {
        let message = "what follows the last `)` of a function is ignored";
        let span = Span { start: close + 1, end };
        reader.report(Severity::Warning, "text-after-function", span, message, None);
    }
}

fn report_number(reader: &mut Reader<'_>, number: &Template) {
    if !is_number(reader, number) {
        let message = "expected a whole number here; what is none counts as not given";
        reader.report(Severity::Warning, "substring-number", number.span, message, None);
    }
}

/// Asterisk makes no argument of an empty list.
fn values(reader: &Reader<'_>, arguments: Template) -> Vec<Template> {
    let end = arguments.span.end;
    if arguments.pieces.is_empty() {
        return Vec::new();
    }
    let mut values = Vec::new();
    let mut value = TemplateBuilder::new(arguments.span.start);
    let mut inside = Inside::default();
    for piece in arguments.pieces {
        let Piece::Text(span) = piece else {
            value.piece(piece);
            continue;
        };
        let mut start = span.start;
        for at in span.range() {
            if inside.divides(reader.source[at]) {
                value.some_text(start, at);
                let next = TemplateBuilder::new(at + 1);
                values.push(std::mem::replace(&mut value, next).finish(at));
                start = at + 1;
            }
        }
        value.some_text(start, span.end);
    }
    values.push(value.finish(end));
    values
}

/// The template before a byte of its text, and the one after it.
fn cut(mut template: Template, at: Option<usize>) -> (Template, Option<Template>) {
    let Some(at) = at else { return (template, None) };
    let end = template.span.end;
    if let [Piece::Text(span)] = template.pieces.as_mut_slice()
        && span.start < at
        && at < span.end
    {
        // The usual one, and its list is as good as another.
        let mut after = TemplateBuilder::new(at + 1);
        after.some_text(at + 1, span.end);
        (span.end, template.span.end) = (at, at);
        return (template, Some(after.finish(end)));
    }
    let mut before = TemplateBuilder::new(template.span.start);
    let mut after = TemplateBuilder::new(at + 1);
    for piece in template.pieces {
        let span = piece.span();
        if span.end <= at {
            before.piece(piece);
        } else if span.start > at {
            after.piece(piece);
        } else {
            before.some_text(span.start, at);
            after.some_text(at + 1, span.end);
        }
    }
    (before.finish(at), Some(after.finish(end)))
}

impl TemplateBuilder {
    /// Adds the text between two places, if there is any.
    fn some_text(&mut self, start: usize, end: usize) {
        if start < end {
            self.text(Span { start, end });
        }
    }
}

fn text_bytes<'a>(
    reader: &Reader<'a>,
    template: &'a Template,
) -> impl Iterator<Item = (usize, u8)> + use<'a> {
    let source = reader.source;
    let text = template.pieces.iter().filter_map(|piece| match piece {
        Piece::Text(span) => Some(span.start..span.end),
        Piece::Variable(_) | Piece::Expression(_) => None,
    });
    text.flatten().map(move |at| (at, source[at]))
}

/// Whether it is a number as far as can be known before its variables are.
fn is_number(reader: &Reader<'_>, template: &Template) -> bool {
    if !template.is_plain() {
        return true;
    }
    let text = reader.text(template.span).trim_ascii_start();
    let digits = text.strip_prefix(b"-").or_else(|| text.strip_prefix(b"+")).unwrap_or(text);
    !digits.is_empty() && digits.iter().all(u8::is_ascii_digit)
}
