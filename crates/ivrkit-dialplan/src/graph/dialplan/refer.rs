//! Nodes that many other contexts lead to, such as one that hangs up: edges from everywhere would
//! cover all else, so each context gets a node that names it.

use crate::graph::{EdgeKind, Graph, Node, NodeKind};
use std::collections::{BTreeSet, HashMap};

/// From how many other contexts edges lead to one node.
const MAX_CONTEXTS: usize = 3;

/// Puts a node of its own in each context that leads to a busy node of another one.
pub(super) fn refer(graph: &mut Graph) {
    let mut from: HashMap<usize, BTreeSet<usize>> = HashMap::new();
    for edge in &graph.edges {
        if let Some((own, _)) = between(graph, edge.from, edge.to) {
            from.entry(edge.to).or_default().insert(own);
        }
    }
    from.retain(|_, contexts| contexts.len() > MAX_CONTEXTS);
    let mut references: HashMap<(usize, usize), usize> = HashMap::new();
    for at in 0..graph.edges.len() {
        let (edge_from, to, kind) =
            (graph.edges[at].from, graph.edges[at].to, graph.edges[at].kind);
        let Some((own, other)) = between(graph, edge_from, to) else { continue };
        if kind == EdgeKind::Include || !from.contains_key(&to) {
            continue;
        }
        let reference = *references.entry((own, to)).or_insert_with(|| {
            let mut node = Node::new(NodeKind::Reference, graph.nodes[to].title.clone());
            node.subtitle = Some(format!("in [{}]", graph.groups[other].name));
            node.group = Some(own);
            graph.refers.insert(graph.nodes.len(), to);
            graph.add(node)
        });
        graph.edges[at].to = reference;
    }
}

/// The groups of two nodes, if they differ.
fn between(graph: &Graph, from: usize, to: usize) -> Option<(usize, usize)> {
    let groups = graph.nodes[from].group.zip(graph.nodes[to].group);
    groups.filter(|(from, to)| from != to)
}
