//! DOT, which Graphviz lays out.

use super::symbol;
use ivrkit_dialplan::{
    diagnostic::Severity,
    graph::{Edge, EdgeKind, Graph, NodeKind},
};

/// How many lines of a node are shown.
const MAX_LINES: usize = 14;
/// The colour of a path.
const PATH: &str = "#d9480f";

/// The graph as a `digraph`.
pub(super) fn write(graph: &Graph) -> String {
    let mut out = format!(
        "digraph calls {{\n  label={}; labelloc=t; rankdir=TB; compound=true; newrank=true;\n  \
         fontname=\"sans-serif\";\n  \
         node [shape=box, style=\"rounded,filled\", fillcolor=\"#ffffff\", fontname=\"sans-serif\", \
         fontsize=11];\n  edge [fontname=\"sans-serif\", fontsize=10];\n",
        quoted(&graph.title)
    );
    for (number, group) in graph.groups.iter().enumerate() {
        let own = (0..graph.nodes.len()).filter(|&node| graph.nodes[node].group == Some(number));
        let own: Vec<_> = own.map(|at| format!("    {}\n", node(graph, at))).collect();
        if !own.is_empty() {
            let label = quoted(&group.name);
            out.push_str(&format!(
                "  subgraph cluster_{number} {{\n    label={label}; style=rounded; color=\"#94a3b8\";\n{}  }}\n",
                own.concat()
            ));
        }
    }
    for at in (0..graph.nodes.len()).filter(|&at| graph.nodes[at].group.is_none()) {
        out.push_str(&format!("  {}\n", node(graph, at)));
    }
    graph.edges.iter().for_each(|edge| out.push_str(&format!("  {}\n", arrow(edge))));
    out.push_str("}\n");
    out
}

fn node(graph: &Graph, at: usize) -> String {
    let node = &graph.nodes[at];
    let mut lines = vec![node.title.clone()];
    lines.extend(node.subtitle.iter().cloned());
    let shown = symbol::shown_lines(node, MAX_LINES).into_iter();
    lines.extend(shown.map(|line| line.map_or_else(|| "…".to_owned(), symbol::line)));
    lines.extend(symbol::summary(graph, at));
    if !node.turns.is_empty() {
        lines.push(format!("➤ {}", symbol::turns(&node.turns)));
    }
    let mut style = vec![format!("label={}", label(&lines))];
    let shape = match node.kind {
        NodeKind::Start | NodeKind::End => "shape=oval",
        NodeKind::Hold => "shape=parallelogram",
        NodeKind::Dialled => "shape=hexagon",
        NodeKind::Outside | NodeKind::Reference => "shape=note, style=\"dashed,filled\"",
        NodeKind::Missing => "shape=note, style=\"dashed,filled\", color=\"#b91c1c\"",
        NodeKind::Menu | NodeKind::Steps | NodeKind::Handler => "shape=box",
    };
    style.push(shape.to_owned());
    match graph.severity(at) {
        Some(Severity::Error) => style.push("fillcolor=\"#fde8e8\", color=\"#b91c1c\"".into()),
        Some(Severity::Warning) => style.push("fillcolor=\"#fef3c7\", color=\"#b45309\"".into()),
        Some(Severity::Hint) => style.push("fillcolor=\"#e0f2fe\", color=\"#0369a1\"".into()),
        None => {}
    }
    if !node.turns.is_empty() {
        style.push(format!("penwidth=3, color=\"{PATH}\""));
    }
    let marks = node.marks.iter().map(|&mark| &graph.marks[mark]);
    let marks: Vec<_> = marks.map(|mark| format!("{}: {}", mark.place, mark.message)).collect();
    if !marks.is_empty() {
        style.push(format!("tooltip={}", quoted(&marks.join("; "))));
    }
    format!("n{at} [{}];", style.join(", "))
}

fn arrow(edge: &Edge) -> String {
    let mut style = Vec::new();
    if !edge.labels.is_empty() {
        style.push(format!("label={}", label(&edge.labels)));
    }
    let (colour, line) = match edge.kind {
        EdgeKind::Next | EdgeKind::Jump => ("#475569", "solid"),
        EdgeKind::Key => ("#1d4ed8", "solid"),
        EdgeKind::Timeout => ("#b45309", "dashed"),
        EdgeKind::Wrong => ("#b91c1c", "solid"),
        EdgeKind::Right => ("#15803d", "solid"),
        EdgeKind::Call => ("#7e22ce", "dashed"),
        EdgeKind::Include | EdgeKind::End => ("#64748b", "dotted"),
        EdgeKind::Moved => ("#be185d", "dashed"),
    };
    let (colour, width) = if edge.is_on_path { (PATH, 3) } else { (colour, 1) };
    style.push(format!(
        "color=\"{colour}\", fontcolor=\"{colour}\", style={line}, penwidth={width}"
    ));
    format!("n{} -> n{} [{}];", edge.from, edge.to, style.join(", "))
}

/// Lines, each to the left.
fn label(lines: &[String]) -> String {
    let lines: Vec<_> = lines.iter().map(|line| format!("{}\\l", escaped(line))).collect();
    format!("\"{}\"", lines.concat())
}

fn quoted(text: &str) -> String {
    format!("\"{}\"", escaped(text))
}

/// Graphviz reads `\N` and the like within quotes, and `&` begins a character's name.
fn escaped(text: &str) -> String {
    let text = symbol::clean(text);
    text.replace('\\', "\\\\").replace('"', "\\\"").replace('&', "&amp;")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_breaks_out_of_a_string() {
        assert_eq!(quoted("a\"b\\N\n&lt;"), "\"a\\\"b\\\\N &amp;lt;\"");
        assert_eq!(label(&["a".into(), "b".into()]), "\"a\\lb\\l\"");
    }
}
