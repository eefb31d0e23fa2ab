//! What must hold of every text with `${...}` and `$[...]`, whatever its bytes.
//!
//! Used by the fuzz target `expressions` and by `tests/fuzz.rs`. The first byte says how many of
//! the others are skipped.

use ivrkit_dialplan::{
    expression::{
        self, Arguments, Expression, NodeId, NodeKind, Piece, Substring, Template, Variable,
    },
    source::Span,
};

/// Trees of more levels of parentheses than this are not printed: with a pair around each operator
/// they would reach the limit.
const MAX_PRINTED_DEPTH: usize = 20;

/// Reads the bytes and looks at the tree.
pub(crate) fn check(bytes: &[u8]) {
    let Some((&skipped, source)) = bytes.split_first() else { return };
    let span = Span { start: usize::from(skipped).min(source.len()), end: source.len() };
    let (template, problems) = expression::parse(source, span);
    assert_eq!(template.span, span);
    check_template(source, &template);
    for problem in &problems {
        assert!(is_within(problem.span, span), "{problem:?}");
        assert!(!problem.message.is_empty());
    }
    let (moved, as_many) =
        expression::parse(&source[span.start..], Span { start: 0, end: span.end - span.start });
    assert_eq!(outline(&source[span.start..], &moved), outline(source, &template));
    assert_eq!(as_many.len(), problems.len());
    if problems.is_empty() && depth(&template) <= MAX_PRINTED_DEPTH {
        check_printed(source, &template);
    }
}

/// The pieces cover the text without a gap, and each stands in the one that it is part of.
fn check_template(source: &[u8], template: &Template) {
    let mut at = template.span.start;
    let mut after_text = false;
    for piece in &template.pieces {
        assert_eq!(piece.span().start, at);
        at = piece.span().end;
        let is_text = matches!(piece, Piece::Text(_));
        assert!(!(is_text && after_text), "text is one piece");
        after_text = is_text;
        match piece {
            Piece::Text(span) => assert!(span.start < span.end),
            Piece::Variable(variable) => check_variable(source, variable),
            Piece::Expression(expression) => check_expression(source, expression),
        }
    }
    assert_eq!(at, template.span.end);
}

fn check_variable(source: &[u8], variable: &Variable) {
    let Variable { span, name, arguments, substring } = variable;
    assert!(source[span.start..].starts_with(b"${"));
    let mut parts = vec![name];
    if let Some(Arguments { span: whole, values }) = arguments {
        assert!(is_within(*whole, *span));
        assert!(values.iter().all(|value| is_within(value.span, *whole)));
        parts.extend(values);
    }
    if let Some(Substring { offset, length }) = substring {
        parts.push(offset);
        parts.extend(length);
    }
    assert_eq!(name.span.start, span.start + 2);
    for part in &parts {
        assert!(is_within(part.span, *span), "{part:?}");
        check_template(source, part);
    }
    assert!(parts.windows(2).all(|pair| pair[0].span.end < pair[1].span.start), "in order");
}

fn check_expression(source: &[u8], expression: &Expression) {
    let Expression { span, nodes, root, .. } = expression;
    assert!(source[span.start..].starts_with(b"$["));
    assert_eq!(root.is_none(), nodes.is_empty());
    let mut parents = vec![0; nodes.len()];
    for (number, node) in nodes.iter().enumerate() {
        assert!(is_within(node.span, *span), "{node:?}");
        if let NodeKind::Value(value) = &node.kind {
            assert!(is_within(value.template.span, node.span), "{node:?}");
            check_template(source, &value.template);
        }
        let mut at = node.span.start;
        for NodeId(child) in children(&node.kind) {
            assert!(child < number, "a node stands after those it is made of");
            let own = nodes[child].span;
            assert!(at <= own.start && own.end <= node.span.end, "{own:?} in {node:?}");
            at = own.end;
            parents[child] += 1;
        }
    }
    let roots = (0..nodes.len()).filter(|&number| parents[number] == 0).map(NodeId);
    assert!(roots.eq(root.iter().copied()), "every node is part of the tree");
    assert!(parents.iter().all(|&parents| parents < 2), "no node is part of two");
}

fn children(kind: &NodeKind) -> Vec<NodeId> {
    match kind {
        NodeKind::Value(_) | NodeKind::Missing => Vec::new(),
        NodeKind::Unary(_, one) => vec![*one],
        NodeKind::Binary(_, one, two) => vec![*one, *two],
        NodeKind::Conditional(one, two, three) => vec![*one, *two, *three],
        NodeKind::Call(name, arguments) => [name].into_iter().chain(arguments).copied().collect(),
    }
}

/// A tree printed with all its parentheses, and read again, is the same tree.
fn check_printed(source: &[u8], template: &Template) {
    let printed = print(source, template);
    let (again, problems) = expression::parse(&printed, Span { start: 0, end: printed.len() });
    let shown = || printed.escape_ascii().to_string();
    assert!(problems.is_empty(), "{problems:?} in {}", shown());
    assert_eq!(outline(&printed, &again), outline(source, template), "{}", shown());
    assert_eq!(print(&printed, &again), printed);
}

fn print(source: &[u8], template: &Template) -> Vec<u8> {
    let piece = |piece: &Piece| match piece {
        Piece::Text(span) => source[span.range()].to_vec(),
        Piece::Variable(variable) => print_variable(source, variable),
        Piece::Expression(expression) => {
            let root = expression.root.map(|root| print_node(source, expression, root));
            [b"$[", root.unwrap_or_default().as_slice(), b"]"].concat()
        }
    };
    template.pieces.iter().flat_map(piece).collect()
}

fn print_variable(source: &[u8], variable: &Variable) -> Vec<u8> {
    let mut printed = [b"${", print(source, &variable.name).as_slice()].concat();
    if let Some(Arguments { values, .. }) = &variable.arguments {
        let values: Vec<Vec<u8>> = values.iter().map(|value| print(source, value)).collect();
        printed.extend([b"(", values.join(&b","[..]).as_slice(), b")"].concat());
    }
    if let Some(Substring { offset, length }) = &variable.substring {
        for number in [Some(offset), length.as_ref()].into_iter().flatten() {
            printed.push(b':');
            printed.extend(print(source, number));
        }
    }
    printed.push(b'}');
    printed
}

fn print_node(source: &[u8], expression: &Expression, id: NodeId) -> Vec<u8> {
    let node = |id: &NodeId| print_node(source, expression, *id);
    let symbol = |symbol: &str| format!(" {symbol} ").into_bytes();
    match &expression.node(id).kind {
        NodeKind::Value(value) => print(source, &value.template),
        NodeKind::Unary(operator, operand) => {
            [b"(", operator.symbol().as_bytes(), &node(operand), b")"].concat()
        }
        NodeKind::Binary(operator, left, right) => {
            [b"(", node(left).as_slice(), &symbol(operator.symbol()), &node(right), b")"].concat()
        }
        NodeKind::Conditional(condition, then, otherwise) => {
            let (condition, then, otherwise) = (node(condition), node(then), node(otherwise));
            [b"(", condition.as_slice(), b" ? ", &then, b" :: ", &otherwise, b")"].concat()
        }
        NodeKind::Call(name, arguments) => {
            let arguments: Vec<Vec<u8>> = arguments.iter().map(node).collect();
            [node(name).as_slice(), b"(", &arguments.join(&b", "[..]), b")"].concat()
        }
        NodeKind::Missing => Vec::new(),
    }
}

/// All of a tree but its places; without parentheses, for they only show what the tree is.
fn outline(source: &[u8], template: &Template) -> String {
    let list = |values: &mut dyn Iterator<Item = &Template>| {
        let values: Vec<String> = values.map(|value| outline(source, value)).collect();
        values.join("; ")
    };
    let piece = |piece: &Piece| match piece {
        Piece::Text(span) => format!("{:?}", source[span.range()].escape_ascii().to_string()),
        Piece::Variable(Variable { name, arguments, substring, .. }) => {
            let mut text = outline(source, name);
            if let Some(Arguments { values, .. }) = arguments {
                text += &format!("({})", list(&mut values.iter()));
            }
            if let Some(Substring { offset, length }) = substring {
                text += &format!(":{}", list(&mut [offset].into_iter().chain(length)));
            }
            format!("${{{text}}}")
        }
        Piece::Expression(expression) => {
            let root = expression.root.map(|root| outline_node(source, expression, root));
            format!("$[{}]", root.unwrap_or_default())
        }
    };
    template.pieces.iter().map(piece).collect()
}

fn outline_node(source: &[u8], expression: &Expression, id: NodeId) -> String {
    let kind = &expression.node(id).kind;
    let parts: Vec<String> =
        children(kind).into_iter().map(|id| outline_node(source, expression, id)).collect();
    let parts = parts.join("; ");
    match kind {
        NodeKind::Value(value) => format!("{:?} {}", value.form, outline(source, &value.template)),
        NodeKind::Unary(operator, _) => format!("{operator:?}({parts})"),
        NodeKind::Binary(operator, ..) => format!("{operator:?}({parts})"),
        NodeKind::Conditional(..) => format!("If({parts})"),
        NodeKind::Call(..) => format!("Call({parts})"),
        NodeKind::Missing => "Missing".to_owned(),
    }
}

/// How many levels of nodes and substitutions stand in each other.
fn depth(template: &Template) -> usize {
    let piece = |piece: &Piece| match piece {
        Piece::Text(_) => 0,
        Piece::Variable(Variable { name, arguments, substring, .. }) => {
            let values = arguments.iter().flat_map(|arguments| &arguments.values);
            let numbers = substring.iter().flat_map(|Substring { offset, length }| {
                [Some(offset), length.as_ref()].into_iter().flatten()
            });
            1 + [name].into_iter().chain(values).chain(numbers).map(depth).max().unwrap_or(0)
        }
        Piece::Expression(expression) => {
            let mut depths: Vec<usize> = Vec::new();
            for node in &expression.nodes {
                let own = match &node.kind {
                    NodeKind::Value(value) => depth(&value.template),
                    kind => children(kind).iter().map(|child| depths[child.0]).max().unwrap_or(0),
                };
                depths.push(1 + own);
            }
            1 + depths.into_iter().max().unwrap_or(0)
        }
    };
    template.pieces.iter().map(piece).max().unwrap_or(0)
}

fn is_within(inner: Span, outer: Span) -> bool {
    outer.start <= inner.start && inner.start <= inner.end && inner.end <= outer.end
}
