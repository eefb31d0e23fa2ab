//! Mermaid flowcharts.
//!
//! Texts are quoted; whatever could mean something to Mermaid's parser is written as a character
//! code. Must not rely on settings of the page.

use super::symbol;
use ivrkit_dialplan::{
    diagnostic::Severity,
    graph::{EdgeKind, Graph, NodeKind},
};
use std::fmt::Write as _;

/// How many lines of a node are shown.
const MAX_LINES: usize = 12;

/// The graph as a flowchart.
pub(super) fn write(graph: &Graph) -> String {
    let mut out = String::from("flowchart TB\n");
    for (number, group) in graph.groups.iter().enumerate() {
        let own = (0..graph.nodes.len()).filter(|&node| graph.nodes[node].group == Some(number));
        let own: Vec<_> = own.collect();
        if own.is_empty() {
            continue;
        }
        line(&mut out, &format!("  subgraph c{number}[\"{}\"]", escaped(&group.name)));
        for at in own {
            line(&mut out, &format!("    {}", node(graph, at)));
        }
        line(&mut out, "  end");
    }
    for at in (0..graph.nodes.len()).filter(|&at| graph.nodes[at].group.is_none()) {
        line(&mut out, &format!("  {}", node(graph, at)));
    }
    for edge in &graph.edges {
        let arrow = match edge.kind {
            _ if edge.is_on_path => "==>",
            EdgeKind::Timeout | EdgeKind::Call | EdgeKind::Include | EdgeKind::Moved => "-.->",
            _ => "-->",
        };
        let labels: Vec<_> = edge.labels.iter().map(|label| escaped(label)).collect();
        let label = if labels.is_empty() {
            String::new()
        } else {
            format!("|\"{}\"|", labels.join("<br/>"))
        };
        line(&mut out, &format!("  n{} {arrow}{label} n{}", edge.from, edge.to));
    }
    add_classes(graph, &mut out);
    out
}

fn line(out: &mut String, text: &str) {
    out.push_str(text);
    out.push('\n');
}

fn node(graph: &Graph, at: usize) -> String {
    let node = &graph.nodes[at];
    let mut lines = vec![format!("<b>{}</b>", escaped(&node.title))];
    lines.extend(node.subtitle.iter().map(|text| format!("<i>{}</i>", escaped(text))));
    let shown = symbol::shown_lines(node, MAX_LINES).into_iter();
    lines.extend(
        shown.map(|line| line.map_or_else(|| "…".to_owned(), |one| escaped(&symbol::line(one)))),
    );
    lines.extend(symbol::summary(graph, at).map(|text| format!("<b>{}</b>", escaped(&text))));
    if !node.turns.is_empty() {
        lines.push(format!("➤ {}", symbol::turns(&node.turns)));
    }
    let (open, close) = match node.kind {
        NodeKind::Start | NodeKind::End => ("([", "])"),
        NodeKind::Menu => ("[", "]"),
        NodeKind::Hold => ("[/", "/]"),
        NodeKind::Dialled => ("{{", "}}"),
        NodeKind::Outside | NodeKind::Missing | NodeKind::Reference => (">", "]"),
        NodeKind::Steps | NodeKind::Handler => ("(", ")"),
    };
    format!("n{at}{open}\"{}\"{close}", lines.join("<br/>"))
}

fn add_classes(graph: &Graph, out: &mut String) {
    let marked = |wanted| {
        let nodes = (0..graph.nodes.len()).filter(|&at| graph.severity(at) == Some(wanted));
        nodes.map(|at| format!("n{at}")).collect::<Vec<_>>().join(",")
    };
    let styles = [
        (Severity::Error, "fill:#fde8e8,stroke:#b91c1c,color:#111"),
        (Severity::Warning, "fill:#fef3c7,stroke:#b45309,color:#111"),
        (Severity::Hint, "fill:#e0f2fe,stroke:#0369a1,color:#111"),
    ];
    for (severity, style) in styles {
        let nodes = marked(severity);
        if !nodes.is_empty() {
            let name = symbol::name(severity);
            line(out, &format!("  classDef {name} {style}"));
            line(out, &format!("  class {nodes} {name}"));
        }
    }
    let path: Vec<_> = (0..graph.edges.len()).filter(|&at| graph.edges[at].is_on_path).collect();
    if !path.is_empty() {
        let path: Vec<_> = path.iter().map(ToString::to_string).collect();
        line(out, &format!("  linkStyle {} stroke:#d9480f,stroke-width:4px", path.join(",")));
    }
}

/// A text within quotes: letters, digits and plain punctuation stay, all else of ASCII is a code.
fn escaped(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for c in symbol::clean(text).chars() {
        match c {
            'a'..='z' | 'A'..='Z' | '0'..='9' | ' ' | ',' | '/' | '-' | '=' | '+' => {
                escaped.push(c);
            }
            c if c.is_ascii() => {
                // Writing to a text cannot fail.
                let _ = write!(escaped, "#{};", u32::from(c));
            }
            c => escaped.push(c),
        }
    }
    escaped
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_breaks_out_of_a_label() {
        assert_eq!(escaped("a\"]\n<b>`x`; #9;"), "a#34;#93; #60;b#62;#96;x#96;#59; #35;9#59;");
        assert_eq!(escaped("请按1\u{1b}"), "请按1\u{fffd}");
    }
}
