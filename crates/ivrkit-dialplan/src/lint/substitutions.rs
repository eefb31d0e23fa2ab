//! The `${...}` and `$[...]` in what an application is given.

use super::Call;
use crate::{
    diagnostic::Diagnostic,
    expression::{self, Expression, NodeKind, Piece, Template, Variable},
    source::Span,
};

/// The `${...}` and `$[...]` in what an application is given; spans count from the start of the data.
#[derive(Debug)]
pub struct Substitutions {
    /// The data as a tree.
    pub template: Template,
    /// What is wrong with it.
    pub problems: Vec<Diagnostic>,
}

/// A substitution, and what it stands in.
#[derive(Debug, Clone, Copy)]
pub enum Substitution<'t> {
    /// `${...}`.
    Variable(&'t Variable),
    /// `$[...]`.
    Expression(&'t Expression),
}

impl Substitutions {
    pub(super) fn of(call: &Call<'_>) -> Option<Self> {
        let data = call.data();
        memchr::memchr(b'$', data)?;
        let (template, problems) = expression::parse(data, Span::new(0, data.len()));
        Some(Self { template, problems })
    }

    /// Those of data without any.
    pub(super) fn none(data: &[u8]) -> Self {
        let span = Span::new(0, data.len());
        Self { template: Template { span, pieces: Vec::new() }, problems: Vec::new() }
    }

    /// Every substitution, those inside of others after them.
    pub fn all(&self) -> impl Iterator<Item = Substitution<'_>> {
        let mut waiting = Vec::new();
        push_pieces(&self.template, &mut waiting);
        std::iter::from_fn(move || {
            let next = waiting.pop()?;
            match next {
                Substitution::Variable(variable) => push_variable(variable, &mut waiting),
                Substitution::Expression(expression) => push_nodes(expression, &mut waiting),
            }
            Some(next)
        })
    }

    /// Every `${...}`.
    pub fn variables(&self) -> impl Iterator<Item = &Variable> {
        self.all().filter_map(|one| match one {
            Substitution::Variable(variable) => Some(variable),
            Substitution::Expression(_) => None,
        })
    }

    /// Every `$[...]`.
    pub fn expressions(&self) -> impl Iterator<Item = &Expression> {
        self.all().filter_map(|one| match one {
            Substitution::Variable(_) => None,
            Substitution::Expression(expression) => Some(expression),
        })
    }
}

/// The last piece goes on the heap first, so that the first comes off it first.
fn push_pieces<'t>(template: &'t Template, waiting: &mut Vec<Substitution<'t>>) {
    for piece in template.pieces.iter().rev() {
        match piece {
            Piece::Text(_) => {}
            Piece::Variable(variable) => waiting.push(Substitution::Variable(variable)),
            Piece::Expression(expression) => waiting.push(Substitution::Expression(expression)),
        }
    }
}

fn push_variable<'t>(variable: &'t Variable, waiting: &mut Vec<Substitution<'t>>) {
    if let Some(substring) = &variable.substring {
        substring.length.iter().for_each(|length| push_pieces(length, waiting));
        push_pieces(&substring.offset, waiting);
    }
    let arguments = variable.arguments.iter().flat_map(|arguments| arguments.values.iter().rev());
    arguments.for_each(|argument| push_pieces(argument, waiting));
    push_pieces(&variable.name, waiting);
}

fn push_nodes<'t>(expression: &'t Expression, waiting: &mut Vec<Substitution<'t>>) {
    for node in expression.nodes.iter().rev() {
        if let NodeKind::Value(value) = &node.kind {
            push_pieces(&value.template, waiting);
        }
    }
}
