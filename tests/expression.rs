//! Random expressions on real Asterisk: which ones it refuses, and which operator takes what.
//!
//! Each expression is computed as it is and with all the parentheses that its tree stands for; if
//! the tree is Asterisk's own, both give the same.

#![allow(clippy::unwrap_used, reason = "test code panics where it cannot go on")]

mod support;

use ivrkit_dialplan::{
    expression::{self, Expression, NodeId, NodeKind, Piece},
    source::Span,
};
use proptest::{
    strategy::{Strategy, ValueTree},
    test_runner::{Config, RngAlgorithm, TestRng, TestRunner},
};
use std::{
    collections::{HashMap, HashSet},
    fmt::Write as _,
};
use support::asterisk::{Asterisk, Message, Trace, Version, What};

const EXPRESSIONS: usize = 2_000;

/// How many are computed in one call: Asterisk discards what comes when a thousand lines wait for
/// its log.
const IN_ONE_CALL: usize = 100;

#[test]
fn asterisk_16_reads_expressions_like_us() {
    check(Version::V16);
}

#[test]
fn asterisk_22_reads_expressions_like_us() {
    check(Version::V22);
}

#[track_caller]
fn check(version: Version) {
    let rng = TestRng::deterministic_rng(RngAlgorithm::ChaCha);
    let mut runner = TestRunner::new_with_rng(Config::default(), rng);
    let readings: Vec<Reading> =
        (0..EXPRESSIONS).map(|_| Reading::new(random_expression(&mut runner))).collect();
    let pbx = Asterisk::start(version, None);
    assert_eq!(pbx.load(&script(&readings)), []);
    let mut values = HashMap::new();
    let mut refused = HashSet::new();
    for call in 0..EXPRESSIONS.div_ceil(IN_ONE_CALL) {
        values.extend(values_of(&pbx.call("run", &call.to_string(), "")));
        refused.extend(refused_in(&pbx.messages()));
    }
    let mut right = 0;
    for (number, Reading { text, parenthesised }) in readings.iter().enumerate() {
        let ours = parenthesised.is_none();
        assert_eq!(refused.contains(&number), ours, "whether $[{text}] is refused");
        if let Some(parenthesised) = parenthesised {
            let (value, other) = &values[&number];
            assert_eq!(value, other, "$[{text}] is not $[{parenthesised}]");
            right += 1;
        }
    }
    assert!((EXPRESSIONS / 4..EXPRESSIONS * 3 / 4).contains(&right), "{right} are right");
}

/// An expression, and how we read it.
struct Reading {
    text: String,
    /// Nothing if it is refused.
    parenthesised: Option<String>,
}

impl Reading {
    fn new(text: String) -> Self {
        let whole = format!("$[{text}]");
        let (template, problems) =
            expression::parse(whole.as_bytes(), Span { start: 0, end: whole.len() });
        let [Piece::Expression(expression)] = &template.pieces[..] else { panic!("{whole}") };
        let is_refused = problems.iter().any(|problem| problem.code == "expression-syntax");
        let parenthesised = || {
            let root = expression.root.expect("no expression is empty here");
            parenthesised(&whole, expression, root)
        };
        Self { parenthesised: (!is_refused).then(parenthesised), text }
    }
}

fn parenthesised(source: &str, expression: &Expression, id: NodeId) -> String {
    let inner = |id: &NodeId| parenthesised(source, expression, *id);
    let node = expression.node(id);
    match &node.kind {
        NodeKind::Value(value) => {
            source[value.template.span.start..value.template.span.end].to_owned()
        }
        NodeKind::Unary(operator, operand) => format!("({}{})", operator.symbol(), inner(operand)),
        NodeKind::Binary(operator, left, right) => {
            format!("({} {} {})", inner(left), operator.symbol(), inner(right))
        }
        NodeKind::Conditional(condition, then, otherwise) => {
            format!("({} ? {} :: {})", inner(condition), inner(then), inner(otherwise))
        }
        NodeKind::Call(name, arguments) => {
            let arguments: Vec<String> = arguments.iter().map(inner).collect();
            format!("{}({})", inner(name), arguments.join(","))
        }
        NodeKind::Missing => String::new(),
    }
}

/// Half of them in order, half thrown together.
fn random_expression(runner: &mut TestRunner) -> String {
    let operand = "([0-3]|1\\.5|12|a|ab|\"a b\"|\"1\"|\\([0-2] [+*=|-] [1-3]\\))";
    let operator =
        "(\\|\\|?|&&?|==?|=~|~~|!=|>=?|<=?|\\+|-|\\*|/|%|:| \\? [0-3] :: | \\? a \\? b :: c :: )";
    let in_order = format!("[!-]?{operand}( ?{operator} ?[!-]?{operand}){{1,5}}");
    let thrown = format!("({operand}|{operator}|{operator}|[()?,!-]| |::){{1,7}}{operand}");
    let regex = if pick(runner, "[01]") == "0" { in_order } else { thrown };
    pick(runner, &regex)
}

fn pick(runner: &mut TestRunner, regex: &str) -> String {
    let strategy = proptest::string::string_regex(regex).unwrap();
    strategy.new_tree(runner).unwrap().current()
}

/// Calls that compute them all.
fn script(readings: &[Reading]) -> String {
    let mut text = String::from("[run]\n");
    for (number, Reading { text: expression, parenthesised }) in readings.iter().enumerate() {
        if number.is_multiple_of(IN_ONE_CALL) {
            writeln!(text, "exten => {},1,NoOp()", number / IN_ONE_CALL).unwrap();
        }
        let other = parenthesised.as_deref().unwrap_or("1");
        write!(
            text,
            " same => n,Log(NOTICE,expression {number})\n \
             same => n,NoOp({number} $[{expression}] <> $[{other}])\n"
        )
        .unwrap();
    }
    text
}

/// What each expression gave, and what its parenthesised form did.
fn values_of(trace: &Trace) -> HashMap<usize, (String, String)> {
    let value = |what: &What| match what {
        What::Step { application, data, .. } if application == "NoOp" => {
            let (number, values) = data.split_once(' ')?;
            let (value, other) = values.split_once(" <> ")?;
            Some((number.parse().ok()?, (value.to_owned(), other.to_owned())))
        }
        _ => None,
    };
    trace.events.iter().filter_map(|event| value(&event.what)).collect()
}

fn refused_in(messages: &[Message]) -> HashSet<usize> {
    let mut refused = HashSet::new();
    let mut current: Option<usize> = None;
    for message in messages {
        if let Some((_, number)) = message.text.split_once("expression ") {
            current = number.trim().parse().ok().or(current);
        }
        if message.text.contains("syntax error") {
            refused.extend(current);
        }
    }
    refused
}
