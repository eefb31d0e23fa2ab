//! The tree of `$[...]`: operands, and operators with theirs.
//!
//! Must not know how a text is read, nor what it comes to.

use super::Value;
use crate::source::Span;

/// `$[...]`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Expression {
    /// From the `$` to the closing bracket, or to the end of the text if that is missing.
    pub span: Span,
    /// All nodes; each stands after those it is made of.
    pub nodes: Vec<Node>,
    /// The outermost node; nothing if the expression is empty, which is an empty text.
    pub root: Option<NodeId>,
    /// Where reading ended too soon.
    pub mistake: Option<Mistake>,
    /// How many nodes Asterisk has computed when it comes to the mistake.
    pub(super) computed: usize,
}

/// Where Asterisk stops to read, which decides what it takes for the value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mistake {
    /// At the first word; the value is empty.
    First,
    /// Within; the value is 0.
    Within,
    /// Behind a whole expression, whose value counts.
    Behind,
    /// Deeper than the limit of ours; Asterisk reads on.
    TooDeep,
}

/// The place of a [`Node`] in [`Expression::nodes`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NodeId(pub usize);

/// An operand, or an operator with its operands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Node {
    /// Where it stands, with its parentheses.
    pub span: Span,
    /// What it is.
    pub kind: NodeKind,
}

/// What a [`Node`] is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum NodeKind {
    /// An operand.
    Value(Value),
    /// An operator before its operand.
    Unary(UnaryOperator, NodeId),
    /// An operator between two.
    Binary(BinaryOperator, NodeId, NodeId),
    /// `condition ? then :: otherwise`.
    Conditional(NodeId, NodeId, NodeId),
    /// A function by its name, here without `${}`.
    Call(NodeId, Vec<NodeId>),
    /// An empty argument of a function, or an operand that should be here.
    Missing,
}

/// An operator before its operand.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum UnaryOperator {
    /// `-`.
    Negate,
    /// `!`.
    Not,
}

/// An operator between two operands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BinaryOperator {
    /// `|` or `||`.
    Or,
    /// `&` or `&&`.
    And,
    /// `=` or `==`.
    Equal,
    /// `!=`.
    NotEqual,
    /// `>`.
    Greater,
    /// `<`.
    Less,
    /// `>=`.
    GreaterOrEqual,
    /// `<=`.
    LessOrEqual,
    /// `+`.
    Add,
    /// `-`.
    Subtract,
    /// `*`.
    Multiply,
    /// `/`.
    Divide,
    /// `%`.
    Remainder,
    /// `:`, a regular expression from the start of the text on.
    MatchStart,
    /// `=~`, a regular expression anywhere in the text.
    Match,
    /// `~~`, one text after the other.
    Join,
}

impl Expression {
    /// A node of this expression.
    pub fn node(&self, id: NodeId) -> &Node {
        &self.nodes[id.0]
    }
}

impl UnaryOperator {
    /// As it is written.
    pub fn symbol(self) -> &'static str {
        match self {
            Self::Negate => "-",
            Self::Not => "!",
        }
    }
}

impl BinaryOperator {
    /// As it is written; the shorter way if there are two.
    pub fn symbol(self) -> &'static str {
        match self {
            Self::Or => "|",
            Self::And => "&",
            Self::Equal => "=",
            Self::NotEqual => "!=",
            Self::Greater => ">",
            Self::Less => "<",
            Self::GreaterOrEqual => ">=",
            Self::LessOrEqual => "<=",
            Self::Add => "+",
            Self::Subtract => "-",
            Self::Multiply => "*",
            Self::Divide => "/",
            Self::Remainder => "%",
            Self::MatchStart => ":",
            Self::Match => "=~",
            Self::Join => "~~",
        }
    }

    /// What is written so.
    pub(super) fn from_symbol(symbol: &str) -> Option<Self> {
        Some(match symbol {
            "|" | "||" => Self::Or,
            "&" | "&&" => Self::And,
            "=" | "==" => Self::Equal,
            "!=" => Self::NotEqual,
            ">" => Self::Greater,
            "<" => Self::Less,
            ">=" => Self::GreaterOrEqual,
            "<=" => Self::LessOrEqual,
            "+" => Self::Add,
            "-" => Self::Subtract,
            "*" => Self::Multiply,
            "/" => Self::Divide,
            "%" => Self::Remainder,
            ":" => Self::MatchStart,
            "=~" => Self::Match,
            "~~" => Self::Join,
            _ => return None,
        })
    }
}
