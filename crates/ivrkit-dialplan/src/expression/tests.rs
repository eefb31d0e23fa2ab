//! Texts with their trees and the problems marked below them.

use super::*;
use proptest::prelude::*;

/// The tree in short: `<NAME>`, `<F(a|b)>`, `<X:1:2>`, `[...]` with all parentheses, `_` for what
/// is missing.
fn shown(source: &str, template: &Template) -> String {
    let piece = |piece: &Piece| match piece {
        Piece::Text(span) => source[span.start..span.end].to_owned(),
        Piece::Variable(variable) => shown_variable(source, variable),
        Piece::Expression(expression) => {
            let root = expression.root.map(|root| shown_node(source, expression, root));
            format!("[{}]", root.unwrap_or_default())
        }
    };
    template.pieces.iter().map(piece).collect()
}

fn shown_variable(source: &str, variable: &Variable) -> String {
    let mut text = shown(source, &variable.name);
    if let Some(Arguments { values, .. }) = &variable.arguments {
        let values: Vec<String> = values.iter().map(|value| shown(source, value)).collect();
        text += &format!("({})", values.join("|"));
    }
    if let Some(Substring { offset, length }) = &variable.substring {
        for number in [Some(offset), length.as_ref()].into_iter().flatten() {
            text += &format!(":{}", shown(source, number));
        }
    }
    format!("<{text}>")
}

fn shown_node(source: &str, expression: &Expression, id: NodeId) -> String {
    let node = |id: NodeId| shown_node(source, expression, id);
    match &expression.node(id).kind {
        NodeKind::Value(value) => shown(source, &value.template),
        NodeKind::Unary(operator, operand) => format!("({}{})", operator.symbol(), node(*operand)),
        NodeKind::Binary(operator, left, right) => {
            format!("({} {} {})", node(*left), operator.symbol(), node(*right))
        }
        NodeKind::Conditional(condition, then, otherwise) => {
            format!("({} ? {} :: {})", node(*condition), node(*then), node(*otherwise))
        }
        NodeKind::Call(name, arguments) => {
            let arguments: Vec<String> = arguments.iter().map(|&argument| node(argument)).collect();
            format!("{}{{{}}}", node(*name), arguments.join("|"))
        }
        NodeKind::Missing => "_".to_owned(),
    }
}

/// A text, its tree, and below it each problem with a mark under its bytes.
#[track_caller]
fn check(text: &str, tree: &str, problems: &[&str]) {
    let (template, found) = parse(text.as_bytes(), Span { start: 0, end: text.len() });
    let mark = |problem: &Diagnostic| {
        let Span { start, end } = problem.span;
        format!("{}{} {}", " ".repeat(start), "^".repeat((end - start).max(1)), problem.code)
    };
    let found: Vec<String> = found.iter().map(mark).collect();
    assert_eq!(shown(text, &template), tree, "{text}");
    assert_eq!(found, problems, "\n{text}\n{}", found.join("\n"));
}

#[test]
fn text_and_dollars() {
    check("", "", &[]);
    check("a $b $$ {c} [d] 5$", "a $b $$ {c} [d] 5$", &[]);
    check("$${A}$$[1]", "$<A>$[1]", &[]);
}

#[test]
fn variables() {
    check("${EXTEN}", "<EXTEN>", &[]);
    check("a${A}b${B}", "a<A>b<B>", &[]);
    check("${}", "<>", &[]);
    check("${A${B${C}}D}", "<A<B<C>>D>", &[]);
    check("${A{b}c}", "<A{b}c>", &[]);
    check("${A$[1+1]}", "<A[(1 + 1)]>", &[]);
}

#[test]
fn substrings() {
    check("${A:1}${A:1:2}${A:-3}${A: +1:-2}", "<A:1><A:1:2><A:-3><A: +1:-2>", &[]);
    check("${A:${B}:$[1]}", "<A:<B>:[1]>", &[]);
    check("${A:x:2}", "<A:x:2>", &["    ^ substring-number"]);
    check("${A:1 :2}", "<A:1 :2>", &["    ^^ substring-number"]);
    check("${A:}", "<A:>", &["    ^ substring-number"]);
    check("${A:1:2:3}", "<A:1:2:3>", &["      ^^^ substring-number"]);
}

#[test]
fn functions() {
    check("${F()}${F(a,b)}${F(a,)}", "<F()><F(a|b)><F(a|)>", &[]);
    check("${CUT(A,:,1):1:2}", "<CUT(A|:|1):1:2>", &[]);
    check("${IF($[${A} = 1]?${B}:c)}", "<IF([(<A> = 1)]?<B>:c)>", &[]);
    check(r#"${F("a,b",(c,d),[e,f],g\,h)}"#, r#"<F("a,b"|(c,d)|[e,f]|g\,h)>"#, &[]);
    check("${F(${G(a,b)},c)}", "<F(<G(a|b)>|c)>", &[]);
    check("${${F}(1)}", "<<F>(1)>", &[]);
    check("${F(a))}", "<F(a))>", &[]);
    check("${F(a,b}", "<F(a|b)>", &["   ^ unclosed-function"]);
    check("${F(a)b:1}", "<F(a):1>", &["      ^ text-after-function"]);
    check("${A:1(}", "<A:1(>", &["    ^^ substring-number"]);
}

#[test]
fn unclosed() {
    check("a ${B c", "a <B c>", &["  ^^ unclosed-variable"]);
    check("$[1 + 2", "[(1 + 2)]", &["^^ unclosed-expression"]);
    check("${A[1}]", "<A[1>]", &[]);
    // Each kind of bracket is searched for on its own: the first `}` ends the variable.
    check("${A$[1}]", "<A[1]>]", &["   ^^ unclosed-expression"]);
    check("$[ 1 + ${A ] b}", "[(1 + <A >)] b}", &["       ^^ unclosed-variable"]);
    check("${", "<>", &["^^ unclosed-variable"]);
}

#[test]
fn precedence() {
    check("$[a | b & c = d + e * f : g]", "[(a | (b & (c = (d + (e * (f : g))))))]", &[]);
    check("$[f : g * e + d = c & b | a]", "[((((((f : g) * e) + d) = c) & b) | a)]", &[]);
    check("$[1 - 2 - 3 = 4 != 5]", "[((((1 - 2) - 3) = 4) != 5)]", &[]);
    check("$[a =~ b ~~ c]", "[((a =~ b) ~~ c)]", &[]);
    check(
        "$[a||b&&c==d>=e<=f>g<h%i/j]",
        "[(a | (b & (((((c = d) >= e) <= f) > g) < ((h % i) / j))))]",
        &[],
    );
    check("$[(1 + 2) * 3]", "[((1 + 2) * 3)]", &[]);
}

#[test]
fn signs() {
    check("$[-1 + -2 * !a = b]", "[(((-1) + ((-2) * (!a))) = b)]", &[]);
    check("$[!a : b]", "[(!(a : b))]", &[]);
    check("$[--1]", "[(-(-1))]", &[]);
    check("$[a-b]", "[(a - b)]", &[]);
}

#[test]
fn conditionals() {
    check("$[a ? b :: c]", "[(a ? b :: c)]", &[]);
    check("$[a ? b :: c ? d :: e]", "[((a ? b :: c) ? d :: e)]", &[]);
    check("$[a ? b ? c :: d :: e | f]", "[(a ? (b ? c :: d) :: (e | f))]", &[]);
    check("$[a ? b : c]", "[(a ? (b : c) :: _)]", &["           ^ expression-syntax"]);
}

#[test]
fn operands() {
    check("$[\"a b\" = \"${A}\"]", "[(\"a b\" = \"<A>\")]", &[]);
    check("$[${A}x = 1.5]", "[(<A>x = 1.5)]", &[]);
    check("$[é@b.c#d;e\\f'g_^ = $x]", "[(é@b.c#d;e\\f'g_^ = $x)]", &[]);
    check("$[$[1 + 1] + ${A}${B}]", "[([(1 + 1)] + <A><B>)]", &[]);
    check("$[]", "[]", &[]);
    check("$[ \t ]", "[]", &[]);
}

#[test]
fn forms_of_operands() {
    for (text, form, may_vanish) in [
        ("$[12]", Form::Number, false),
        ("$[1.5]", Form::Number, false),
        ("$[12 + a]", Form::Number, false),
        ("$[(1.5)]", Form::Number, false),
        ("$[1.]", Form::Word, false),
        ("$[.5]", Form::Word, false),
        ("$[1.2.3]", Form::Word, false),
        ("$[1a]", Form::Word, false),
        ("$[1${A}]", Form::Word, false),
        ("$[${A}]", Form::Word, true),
        ("$[${A}$[1]]", Form::Word, true),
        ("$[\"${A}\"]", Form::Quoted, false),
    ] {
        let (template, _) = parse(text.as_bytes(), Span { start: 0, end: text.len() });
        let [Piece::Expression(expression)] = &template.pieces[..] else { panic!("{text}") };
        let NodeKind::Value(value) = &expression.nodes[0].kind else { panic!("{text}") };
        assert_eq!((value.form, value.may_vanish()), (form, may_vanish), "{text}");
    }
}

#[test]
fn functions_in_expressions() {
    check("$[POW(2, 3) + 1]", "[(POW{2|3} + 1)]", &[]);
    check("$[F (1,,(2),)]", "[F{1|_|2|_}]", &[]);
    check("$[F()]", "[F{_}]", &["    ^ expression-syntax"]);
    check("$[F(1]", "[F{1}]", &["     ^ expression-syntax"]);
}

#[test]
fn mistakes() {
    check("$[ = yes]", "[_]", &["   ^ expression-syntax"]);
    check("$[1 + ]", "[(1 + _)]", &["      ^ expression-syntax"]);
    check("$[a b]", "[a]", &["    ^ expression-syntax"]);
    check("$[(1 + 2]", "[(1 + 2)]", &["        ^ expression-syntax"]);
    check("$[1)]", "[1]", &["   ^ expression-syntax"]);
    check("$[1, 2]", "[1]", &["   ^ expression-syntax"]);
    check("$[1 :: 2]", "[1]", &["    ^^ expression-syntax"]);
    check("$[a === b]", "[(a = _)]", &["      ^ expression-syntax"]);
    check(
        "$[1 ~ {2}]",
        "[1]",
        &[
            "    ^ ignored-character",
            "      ^ ignored-character",
            "        ^ ignored-character",
            "       ^ expression-syntax",
        ],
    );
    check("$[\"a = 1]", "[(a = 1)]", &["  ^ unclosed-quote"]);
    check("$[a = $]", "[(a = _)]", &["      ^ ignored-character", "       ^ expression-syntax"]);
}

#[test]
fn spans_count_from_the_start_of_the_source() {
    let source = b"exten => 1,1,NoOp(${A:x})";
    let (template, problems) = parse(source, Span { start: 18, end: 24 });
    assert_eq!(template.pieces[0].span(), Span { start: 18, end: 24 });
    assert_eq!(problems[0].span, Span { start: 22, end: 23 });
    let (template, _) = parse(b"$[(a) + b]", Span { start: 0, end: 10 });
    let [Piece::Expression(expression)] = &template.pieces[..] else { panic!("one expression") };
    let root = expression.node(expression.root.expect("it is not empty"));
    assert_eq!(root.span, Span { start: 2, end: 9 });
    assert!(!template.is_plain());
}

#[test]
fn nesting_has_a_limit() {
    let nested = |open: &str, close: &str, depth: usize| {
        let text = format!("{}1{}", open.repeat(depth), close.repeat(depth));
        let (_, problems) = parse(text.as_bytes(), Span { start: 0, end: text.len() });
        problems.first().map(|problem| problem.code)
    };
    for (open, close) in [("${", "}"), ("$[", "]")] {
        assert_eq!(nested(open, close, MAX_NESTING), None);
        assert_eq!(nested(open, close, MAX_NESTING + 1), Some("nesting-limit"));
    }
    let inner =
        |open: &str, close: &str| nested(&format!("$[{}", open.repeat(MAX_NESTING + 1)), close, 1);
    assert_eq!(inner("(", &(")".repeat(MAX_NESTING + 1) + "]")), Some("nesting-limit"));
    assert_eq!(inner("-", "]"), Some("nesting-limit"));
    assert_eq!(inner("a?", "]"), Some("nesting-limit"));
    assert_eq!(inner("F(", "]"), Some("nesting-limit"));
}

#[test]
fn long_texts_take_linear_time() {
    for part in [
        "${", "$[", "$", "{", "}", "[", "]", "${A}", "$[1]", "${F(", "$[(", "$[-", "$[F(", "$[a?",
        ":", "(", ")", ",", "\"", "-", "1+", "a ", "~", "${A:", "${F(a,", "]}", "1?2::", "é",
    ] {
        for (before, after) in [("", ""), ("$[", "]"), ("${F(", ")}"), ("${A:", "}")] {
            let text = format!("{before}{}{after}", part.repeat(10_000));
            let (template, _) = parse(text.as_bytes(), Span { start: 0, end: text.len() });
            assert_eq!(template.span, Span { start: 0, end: text.len() });
        }
    }
}

/// All pieces of a template follow each other without a gap, at each depth.
fn tiled(template: &Template) -> bool {
    let mut at = template.span.start;
    for piece in &template.pieces {
        let inner = match piece {
            Piece::Text(span) => span.start < span.end,
            Piece::Variable(variable) => {
                let arguments = variable.arguments.iter().flat_map(|list| &list.values);
                let substring = variable.substring.iter();
                let numbers = substring.flat_map(|part| [Some(&part.offset), part.length.as_ref()]);
                let parts = [&variable.name].into_iter().chain(arguments).chain(numbers.flatten());
                parts.into_iter().all(tiled)
            }
            Piece::Expression(expression) => expression.nodes.iter().all(|node| match &node.kind {
                NodeKind::Value(value) => {
                    node.span.start <= node.span.end && tiled(&value.template)
                }
                _ => node.span.start <= node.span.end,
            }),
        };
        if !inner || piece.span().start != at {
            return false;
        }
        at = piece.span().end;
    }
    at == template.span.end
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2000))]

    #[test]
    fn any_bytes_are_read(
        text in prop_oneof![
            prop::collection::vec(any::<u8>(), 0..60),
            "([$\\[\\]{}():,?!=~|&<>+*/% \"\\\\-]|\\$\\{|\\$\\[|[a1.é]){0,40}"
                .prop_map(String::into_bytes),
        ],
        skipped in 0..5_usize,
    ) {
        let span = Span { start: skipped.min(text.len()), end: text.len() };
        let (template, problems) = parse(&text, span);
        prop_assert_eq!(template.span, span);
        prop_assert!(tiled(&template), "{:?}", template);
        for problem in problems {
            prop_assert!(span.start <= problem.span.start && problem.span.end <= span.end);
            prop_assert!(problem.span.start <= problem.span.end);
        }
    }
}
