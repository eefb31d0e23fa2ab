//! The value of `$[...]` once its variables are replaced.
//!
//! Follows Asterisk's `main/ast_expr2.y`, peculiarities included: what looks like a number is one
//! until a text is needed, both branches of `? ::` are computed, and a mistake in the grammar makes
//! the whole 0. Every operator is computed in the order in which Asterisk meets it, so complaints
//! come in the same order. Asks for nothing but functions.

mod called;
mod operand;
mod operation;

use super::{
    Environment, Expression, Form, Mistake, NodeId, NodeKind, Piece, Reader, Template, operators,
};
use crate::{source::Span, syntax::Kind};
use operand::Operand;
use std::borrow::Cow;

/// The value of an expression, and what is said on the way to `environment`.
///
/// `text` is what stands between `$[` and `]`, its variables replaced.
pub fn evaluate(text: &[u8], environment: &mut dyn Environment) -> Vec<u8> {
    let (expression, what) = read(text);
    let shown = text.escape_ascii();
    if memchr::memmem::find(text, b"${").is_some() {
        let text = format!("$[{shown}] holds ${{ in the value of a variable");
        environment.complain(Kind::NotModelled, &text);
        return b"0".to_vec();
    }
    if expression.mistake == Some(Mistake::TooDeep) {
        environment.complain(Kind::NotModelled, &format!("$[{shown}] is nested too deep"));
        return b"0".to_vec();
    }
    let operands = Vec::with_capacity(expression.nodes.len());
    let value = Evaluation { text, expression: &expression, operands, environment }.run();
    if expression.mistake.is_some() {
        environment.complain(Kind::ExpressionSyntax, &format!("$[{shown}]: {what}"));
    }
    match expression.mistake {
        Some(Mistake::First) => Vec::new(),
        Some(Mistake::Within | Mistake::TooDeep) => b"0".to_vec(),
        Some(Mistake::Behind) | None => {
            value.map_or_else(Vec::new, |value| value.into_bytes().into_owned())
        }
    }
}

/// The tree of a text without substitutions, and what ends it too soon.
fn read(text: &[u8]) -> (Expression, String) {
    let span = Span { start: 0, end: text.len() };
    let mut reader = Reader { source: text, problems: Vec::new() };
    let pieces = if text.is_empty() { Vec::new() } else { vec![Piece::Text(span)] };
    let expression = operators::read(&mut reader, span, Template { span, pieces });
    let what = reader.problems.into_iter().find(|problem| problem.code == "expression-syntax");
    (expression, what.map(|problem| problem.message).unwrap_or_default())
}

struct Evaluation<'a, 'e> {
    text: &'a [u8],
    expression: &'e Expression,
    /// The values of the nodes so far; none where one is missing, or once it is used.
    operands: Vec<Option<Operand<'a>>>,
    environment: &'e mut dyn Environment,
}

impl<'a> Evaluation<'a, '_> {
    fn run(mut self) -> Option<Operand<'a>> {
        for node in &self.expression.nodes[..self.expression.computed] {
            let operand = self.operand(&node.kind);
            self.operands.push(operand);
        }
        self.operands.get_mut(self.expression.root?.0)?.take()
    }

    fn operand(&mut self, kind: &NodeKind) -> Option<Operand<'a>> {
        match kind {
            NodeKind::Value(value) => {
                let Span { start, end } = value.template.span;
                let bytes = Cow::Borrowed(&self.text[start..end]);
                Some(match value.form {
                    Form::Number => Operand::Numeric(bytes),
                    Form::Word | Form::Quoted => Operand::Text(bytes),
                })
            }
            NodeKind::Unary(operator, inner) => {
                Some(operation::unary(*operator, self.take(*inner)?, self.environment))
            }
            NodeKind::Binary(operator, left, right) => {
                let (left, right) = (self.take(*left)?, self.take(*right)?);
                Some(operation::binary(*operator, left, right, self.environment))
            }
            NodeKind::Conditional(condition, then, otherwise) => {
                let condition = self.take(*condition)?;
                let (then, otherwise) = (self.take(*then)?, self.take(*otherwise)?);
                Some(if condition.holds() { then } else { otherwise })
            }
            NodeKind::Call(name, arguments) => {
                let name = self.take(*name)?.into_bytes();
                // An argument that is not there is empty.
                let given = arguments
                    .iter()
                    .map(|id| self.take(*id).unwrap_or_else(|| Operand::Text(Cow::default())));
                Some(called::call(&name, given.collect(), self.environment))
            }
            NodeKind::Missing => None,
        }
    }

    fn take(&mut self, id: NodeId) -> Option<Operand<'a>> {
        self.operands[id.0].take()
    }
}

#[cfg(test)]
mod tests;
