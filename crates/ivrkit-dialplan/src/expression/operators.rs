//! Reads `$[...]` into its tree: which operator takes what.
//!
//! Follows the grammar of Asterisk's `main/ast_expr2.y`. Asterisk stops at the first mistake and
//! takes `0` for the whole; here the tree holds what was read before it.

use super::{
    MAX_NESTING, Reader, Template,
    lexer::{self, Token, TokenKind},
    tree::{BinaryOperator, Expression, Mistake, Node, NodeId, NodeKind, UnaryOperator},
};
use crate::{diagnostic::Severity, source::Span};

/// How tightly an operator binds; [`Level::next`] is the next tighter one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Level {
    Conditional,
    Or,
    And,
    Comparison,
    Sum,
    Product,
    /// What the sign before an operand takes.
    Sign,
    Text,
    /// Nothing binds tighter than the operand itself.
    Operand,
}

struct Parser<'r, 's> {
    reader: &'r mut Reader<'s>,
    tokens: std::iter::Peekable<std::vec::IntoIter<Token>>,
    nodes: Vec<Node>,
    /// Where the body ends.
    end: usize,
    depth: usize,
    /// How many tokens were taken.
    taken: usize,
    failed: bool,
    is_too_deep: bool,
    /// How many nodes there were at the first mistake.
    computed: Option<usize>,
}

pub(super) fn read(reader: &mut Reader<'_>, span: Span, body: Template) -> Expression {
    let end = body.span.end;
    let tokens = lexer::tokens(reader, body).into_iter().peekable();
    let mut parser = Parser {
        reader,
        tokens,
        nodes: Vec::new(),
        end,
        depth: 0,
        taken: 0,
        failed: false,
        is_too_deep: false,
        computed: None,
    };
    let root = parser.tokens.peek().is_some().then(|| parser.expression(Level::Conditional));
    let mistake = match parser.tokens.peek() {
        Some(_) => {
            let help = "text with blanks goes into double quotes";
            parser.fail("an operator or the end", Some(help));
            Some(Mistake::Behind)
        }
        None if parser.is_too_deep => Some(Mistake::TooDeep),
        None if parser.failed && parser.taken == 0 => Some(Mistake::First),
        None => parser.failed.then_some(Mistake::Within),
    };
    let computed = parser.computed.unwrap_or(parser.nodes.len());
    Expression { span, root, nodes: parser.nodes, mistake, computed }
}

impl Level {
    fn of(operator: BinaryOperator) -> Self {
        match operator {
            BinaryOperator::Or => Self::Or,
            BinaryOperator::And => Self::And,
            BinaryOperator::Equal
            | BinaryOperator::NotEqual
            | BinaryOperator::Greater
            | BinaryOperator::Less
            | BinaryOperator::GreaterOrEqual
            | BinaryOperator::LessOrEqual => Self::Comparison,
            BinaryOperator::Add | BinaryOperator::Subtract => Self::Sum,
            BinaryOperator::Multiply | BinaryOperator::Divide | BinaryOperator::Remainder => {
                Self::Product
            }
            BinaryOperator::MatchStart | BinaryOperator::Match | BinaryOperator::Join => Self::Text,
        }
    }

    fn next(self) -> Self {
        match self {
            Self::Conditional => Self::Or,
            Self::Or => Self::And,
            Self::And => Self::Comparison,
            Self::Comparison => Self::Sum,
            Self::Sum => Self::Product,
            Self::Product => Self::Sign,
            Self::Sign => Self::Text,
            Self::Text | Self::Operand => Self::Operand,
        }
    }
}

impl Parser<'_, '_> {
    /// What operators of this level and tighter ones make; all of them take from the left.
    fn expression(&mut self, loosest: Level) -> NodeId {
        let mut left = self.operand();
        while !self.failed {
            let Some(symbol) = self.peek_operator() else { break };
            if symbol == "?" && loosest == Level::Conditional {
                left = self.conditional(left);
                continue;
            }
            let operator = BinaryOperator::from_symbol(symbol);
            let Some(operator) = operator.filter(|&operator| Level::of(operator) >= loosest) else {
                break;
            };
            self.tokens.next();
            let right = self.expression(Level::of(operator).next());
            let span = self.span_over(left, right);
            left = self.node(span, NodeKind::Binary(operator, left, right));
        }
        left
    }

    fn conditional(&mut self, condition: NodeId) -> NodeId {
        self.tokens.next();
        let then = self.deeper(|parser| parser.expression(Level::Conditional));
        let help = "`? :` is written `? ::` here; a single `:` compares with a regular expression";
        self.expect("::", help);
        let otherwise = self.expression(Level::Or);
        let span = self.span_over(condition, otherwise);
        self.node(span, NodeKind::Conditional(condition, then, otherwise))
    }

    fn operand(&mut self) -> NodeId {
        if self.failed {
            return self.missing();
        }
        match self.peek_operator() {
            Some("(") => self.parenthesised(),
            Some("-") => self.unary(UnaryOperator::Negate),
            Some("!") => self.unary(UnaryOperator::Not),
            None if self.tokens.peek().is_some() => self.value(),
            _ => {
                let help = "a variable that may be empty goes into double quotes, on both sides";
                self.fail("an operand", Some(help));
                self.missing()
            }
        }
    }

    fn parenthesised(&mut self) -> NodeId {
        let start = self.next_span().start;
        let inner = self.deeper(|parser| parser.expression(Level::Conditional));
        let end = self.expect(")", "each `(` needs its `)`");
        self.nodes[inner.0].span = Span { start, end };
        inner
    }

    fn unary(&mut self, operator: UnaryOperator) -> NodeId {
        let start = self.next_span().start;
        let operand = self.deeper(|parser| parser.expression(Level::Text));
        let span = Span { start, end: self.nodes[operand.0].span.end };
        self.node(span, NodeKind::Unary(operator, operand))
    }

    fn value(&mut self) -> NodeId {
        let Some(Token { span, kind: TokenKind::Value(value) }) = self.tokens.next() else {
            return self.missing();
        };
        self.taken += 1;
        let value = self.node(span, NodeKind::Value(value));
        if self.peek_operator() == Some("(") { self.call(value) } else { value }
    }

    fn call(&mut self, name: NodeId) -> NodeId {
        self.tokens.next();
        let mut arguments = vec![self.deeper(|parser| parser.expression(Level::Conditional))];
        while !self.failed && self.peek_operator() == Some(",") {
            self.tokens.next();
            let argument = match self.peek_operator() {
                Some("," | ")") => self.missing(),
                _ => self.deeper(|parser| parser.expression(Level::Conditional)),
            };
            arguments.push(argument);
        }
        let end = self.expect(")", "the arguments of a function end with `)`");
        let span = Span { start: self.nodes[name.0].span.start, end };
        self.node(span, NodeKind::Call(name, arguments))
    }

    fn deeper(&mut self, read: impl FnOnce(&mut Self) -> NodeId) -> NodeId {
        if self.depth >= MAX_NESTING {
            if !self.failed {
                let span = Span { start: self.here().start, end: self.end };
                self.reader.too_deep(span);
                self.is_too_deep = true;
                self.stop();
            }
            return self.missing();
        }
        self.depth += 1;
        let node = read(self);
        self.depth -= 1;
        node
    }

    /// Takes this operator, and says where it ends.
    fn expect(&mut self, symbol: &str, help: &str) -> usize {
        if !self.failed && self.peek_operator() == Some(symbol) {
            return self.next_span().end;
        }
        self.fail(&format!("`{symbol}`"), Some(help));
        self.here().start
    }

    /// Reports the first mistake, and reads no further.
    fn fail(&mut self, expected: &str, help: Option<&str>) {
        if self.failed {
            return;
        }
        let span = self.here();
        let text = String::from_utf8_lossy(self.reader.text(span));
        let found = if span.start == span.end { "the end".into() } else { format!("`{text}`") };
        let message = format!("found {found}, expected {expected}; the whole counts as 0");
        self.reader.report(Severity::Error, "expression-syntax", span, message, help);
        self.stop();
    }

    fn stop(&mut self) {
        self.failed = true;
        self.computed = Some(self.nodes.len());
        self.end = self.here().start;
        self.tokens = Vec::new().into_iter().peekable();
    }

    fn peek_operator(&mut self) -> Option<&'static str> {
        match self.tokens.peek()?.kind {
            TokenKind::Operator(symbol) => Some(symbol),
            TokenKind::Value(_) => None,
        }
    }

    fn next_span(&mut self) -> Span {
        let span = self.here();
        self.tokens.next();
        self.taken += 1;
        span
    }

    /// Where the next token stands, or the end.
    fn here(&mut self) -> Span {
        let end = Span { start: self.end, end: self.end };
        self.tokens.peek().map_or(end, |token| token.span)
    }

    fn missing(&mut self) -> NodeId {
        let at = self.here().start;
        self.node(Span { start: at, end: at }, NodeKind::Missing)
    }

    fn span_over(&self, first: NodeId, last: NodeId) -> Span {
        Span { start: self.nodes[first.0].span.start, end: self.nodes[last.0].span.end }
    }

    fn node(&mut self, span: Span, kind: NodeKind) -> NodeId {
        self.nodes.push(Node { span, kind });
        NodeId(self.nodes.len() - 1)
    }
}
