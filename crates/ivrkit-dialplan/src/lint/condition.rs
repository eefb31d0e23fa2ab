//! Conditions: what stands before the `?` of `GotoIf` and its kin.

use super::{Call, Substitutions};
use crate::{
    expression::{Piece, Template},
    source::Span,
};

/// A condition in what an application is given.
#[derive(Debug, Clone)]
pub struct Condition {
    /// Where it stands, blanks around it included; counted from the start of the data.
    pub span: Span,
    /// Its pieces.
    pub pieces: Vec<Piece>,
}

/// Applications whose condition ends at a `?`.
const WITH_BRANCHES: [&str; 4] = ["GotoIf", "GosubIf", "ExecIf", "MacroIf"];
/// Applications that are given a condition and nothing else.
const WHOLE: [&str; 3] = ["While", "If", "ElseIf"];

/// Whether a call may have conditions at all: cheap to ask, and most have none.
pub(super) fn may_have_conditions(call: &Call<'_>) -> bool {
    WITH_BRANCHES.iter().chain(&WHOLE).any(|name| call.is(name))
        || (memchr::memchr(b'$', call.data()).is_some()
            && memchr::memmem::find(call.data(), b"{IF(").is_some())
}

/// The conditions of a call: its own, and those of `${IF(...)}` in what it is given.
pub fn conditions(call: &Call<'_>, substitutions: Option<&Substitutions>) -> Vec<Condition> {
    let mut found = Vec::new();
    let data = call.data();
    let plain;
    let template = if let Some(substitutions) = substitutions {
        &substitutions.template
    } else {
        let span = Span::new(0, data.len());
        plain = Template { span, pieces: vec![Piece::Text(span)] };
        &plain
    };
    if WITH_BRANCHES.iter().any(|name| call.is(name)) {
        found.extend(before_question_mark(data, template));
    } else if WHOLE.iter().any(|name| call.is(name)) {
        found.push(Condition { span: template.span, pieces: template.pieces.clone() });
    }
    for variable in substitutions.iter().flat_map(|all| all.variables()) {
        let name = &data[variable.name.span.range()];
        if name == b"IF"
            && let Some(first) = variable.arguments.as_ref().and_then(|all| all.values.first())
        {
            found.extend(before_question_mark(data, first));
        }
    }
    found
}

/// What stands before the first `?` outside of substitutions; nothing without one.
fn before_question_mark(data: &[u8], template: &Template) -> Option<Condition> {
    let mut pieces = Vec::new();
    for piece in &template.pieces {
        if let Piece::Text(span) = piece
            && let Some(at) = data[span.range()].iter().position(|&byte| byte == b'?')
        {
            let end = span.start + at;
            if at > 0 {
                pieces.push(Piece::Text(Span::new(span.start, end)));
            }
            return Some(Condition { span: Span::new(template.span.start, end), pieces });
        }
        pieces.push(piece.clone());
    }
    None
}

impl Condition {
    /// Its text without the blanks around it.
    pub fn trimmed(&self, data: &[u8]) -> Span {
        let text = &data[self.span.range()];
        let start = text.iter().position(|byte| !byte.is_ascii_whitespace());
        let Some(start) = start else { return Span::new(self.span.start, self.span.start) };
        let end = text.iter().rposition(|byte| !byte.is_ascii_whitespace()).map_or(0, |at| at + 1);
        Span::new(self.span.start + start, self.span.start + end)
    }

    /// Whether nothing in it is replaced at run time.
    pub fn is_plain(&self) -> bool {
        self.pieces.iter().all(|piece| matches!(piece, Piece::Text(_)))
    }
}
