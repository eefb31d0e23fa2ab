//! Where nodes, groups and edges of a picture lie, in pixels.
//!
//! Parts of a graph that no edge joins are laid out each on its own, in layers (by `dagre`), and put
//! in rows. Must not know what the boxes hold.

mod routing;

use dagre::{
    EdgeLabel, LayoutOptions, NodeLabel, RankDir,
    graph::{Graph as Dagre, GraphOptions},
    layout::types::LabelPos,
};
use ivrkit_dialplan::graph::Graph;
use std::collections::{BTreeMap, BTreeSet};

/// Space between parts that no edge joins.
const GAP_PX: f64 = 40.0;
/// Space above the nodes of a group for its name.
const GROUP_TITLE_PX: f64 = 22.0;
/// How much wider than high a part may be before it is laid out from left to right.
const MAX_ASPECT: f64 = 2.2;
/// How much wider than high a picture of several parts is.
const ASPECT: f64 = 1.5;

/// How large a box is.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Size {
    pub(super) width: f64,
    pub(super) height: f64,
}

/// A place.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Point {
    pub(super) x: f64,
    pub(super) y: f64,
}

/// A box and its upper left corner.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Rect {
    pub(super) at: Point,
    pub(super) size: Size,
}

/// An edge.
#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct Route {
    /// From border to border.
    pub(super) points: Vec<Point>,
    /// The middle of its label.
    pub(super) label: Option<Point>,
}

/// A graph that is laid out; lists are in the order of the graph's.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Layout {
    pub(super) size: Size,
    pub(super) nodes: Vec<Rect>,
    /// None for a group without nodes.
    pub(super) groups: Vec<Option<Rect>>,
    pub(super) edges: Vec<Route>,
}

/// Lays a graph out whose nodes and labels have these sizes; a label without width is none.
pub(super) fn layout(graph: &Graph, nodes: &[Size], labels: &[Size]) -> Layout {
    let nothing = Rect { at: Point { x: 0.0, y: 0.0 }, size: Size { width: 0.0, height: 0.0 } };
    let mut whole = Layout {
        size: nothing.size,
        nodes: vec![nothing; graph.nodes.len()],
        groups: vec![None; graph.groups.len()],
        edges: vec![Route::default(); graph.edges.len()],
    };
    let parts: Vec<Part<'_>> =
        parts(graph).into_iter().map(|part| Part::new(graph, part, nodes, labels)).collect();
    let area: f64 =
        parts.iter().map(|part| (part.size.width + GAP_PX) * (part.size.height + GAP_PX)).sum();
    let widest = parts.iter().map(|part| part.size.width).fold(0.0, f64::max);
    let row_px = widest.max((area * ASPECT).sqrt());
    let (mut x, mut y, mut row) = (0.0, 0.0, 0.0_f64);
    for part in &parts {
        if x > 0.0 && x + part.size.width > row_px {
            (x, y, row) = (0.0, y + row + GAP_PX, 0.0);
        }
        part.place(Point { x, y }, &mut whole);
        whole.size.width = whole.size.width.max(x + part.size.width);
        whole.size.height = whole.size.height.max(y + part.size.height);
        x += part.size.width + GAP_PX;
        row = row.max(part.size.height);
    }
    whole
}

/// The nodes of each part that edges and groups hold together, in order.
fn parts(graph: &Graph) -> Vec<Vec<usize>> {
    let mut firsts: Vec<usize> = (0..graph.nodes.len()).collect();
    let mut join = |left: usize, right: usize| {
        let (left, right) = (first(&firsts, left), first(&firsts, right));
        firsts[left.max(right)] = left.min(right);
    };
    graph.edges.iter().for_each(|edge| join(edge.from, edge.to));
    let mut of_group = BTreeMap::new();
    for (at, node) in graph.nodes.iter().enumerate() {
        if let Some(group) = node.group {
            join(*of_group.entry(group).or_insert(at), at);
        }
    }
    let mut parts: BTreeMap<usize, Vec<usize>> = BTreeMap::new();
    for at in 0..graph.nodes.len() {
        parts.entry(first(&firsts, at)).or_default().push(at);
    }
    parts.into_values().collect()
}

fn first(firsts: &[usize], mut at: usize) -> usize {
    while firsts[at] != at {
        at = firsts[at];
    }
    at
}

/// A part of a graph that is laid out alone.
struct Part<'a> {
    graph: &'a Graph,
    nodes: Vec<usize>,
    dagre: Dagre<NodeLabel, EdgeLabel>,
    /// Whether layers go from left to right.
    is_sideways: bool,
    size: Size,
}

impl<'a> Part<'a> {
    fn new(graph: &'a Graph, nodes: Vec<usize>, sizes: &[Size], labels: &[Size]) -> Self {
        let down = Self::in_direction(graph, nodes.clone(), sizes, labels, RankDir::TB);
        if down.size.width <= down.size.height * MAX_ASPECT {
            return down;
        }
        let right = Self::in_direction(graph, nodes, sizes, labels, RankDir::LR);
        let lopsided = |part: &Self| (part.size.width / part.size.height / ASPECT).ln().abs();
        if lopsided(&right) < lopsided(&down) { right } else { down }
    }

    fn in_direction(
        graph: &'a Graph,
        nodes: Vec<usize>,
        sizes: &[Size],
        labels: &[Size],
        rankdir: RankDir,
    ) -> Self {
        let options = GraphOptions { directed: true, multigraph: true, compound: true };
        let mut dagre = Dagre::with_options(options);
        for group in nodes.iter().filter_map(|&at| graph.nodes[at].group) {
            dagre.set_node(group_name(group), Some(NodeLabel::default()));
        }
        for &at in &nodes {
            let Size { width, height } = sizes[at];
            dagre
                .set_node(node_name(at), Some(NodeLabel { width, height, ..NodeLabel::default() }));
            if let Some(group) = graph.nodes[at].group {
                dagre.set_parent(&node_name(at), Some(&group_name(group)));
            }
        }
        for (number, edge) in edges_of(graph, &nodes) {
            let Size { width, height } = labels[number];
            let label =
                EdgeLabel { width, height, labelpos: LabelPos::Center, ..EdgeLabel::default() };
            let name = number.to_string();
            dagre.set_edge(node_name(edge.from), node_name(edge.to), Some(label), Some(&name));
        }
        stack_lonely(graph, &nodes, &mut dagre);
        let options = LayoutOptions {
            rankdir,
            nodesep: 36.0,
            edgesep: 18.0,
            ranksep: 64.0,
            ..LayoutOptions::default()
        };
        dagre::layout::layout(&mut dagre, Some(options));
        let size = Size { width: 0.0, height: 0.0 };
        let mut part = Self { graph, nodes, dagre, is_sideways: rankdir == RankDir::LR, size };
        part.measure();
        part
    }

    /// Moves all to where nothing lies left of, or above the corner, and finds the size.
    fn measure(&mut self) {
        let mut right = 0.0_f64;
        let mut low = 0.0_f64;
        let mut whole = |rect: Rect| {
            right = right.max(rect.at.x + rect.size.width);
            low = low.max(rect.at.y + rect.size.height);
        };
        self.nodes.iter().for_each(|&at| whole(self.rect(&node_name(at))));
        self.groups().into_iter().for_each(|group| whole(self.rect(&group_name(group))));
        for (number, edge) in edges_of(self.graph, &self.nodes) {
            let Some(label) = self.edge(number, edge) else { continue };
            for point in &label.points {
                right = right.max(point.x);
                low = low.max(point.y);
            }
            if let (Some(x), Some(y)) = (label.x, label.y) {
                right = right.max(x + label.width / 2.0);
                low = low.max(y + label.height / 2.0);
            }
        }
        self.size = Size { width: right, height: low + GROUP_TITLE_PX };
    }

    fn groups(&self) -> BTreeSet<usize> {
        self.nodes.iter().filter_map(|&at| self.graph.nodes[at].group).collect()
    }

    /// Puts what was laid out in its place of the whole.
    fn place(&self, corner: Point, whole: &mut Layout) {
        let (x, y) = (corner.x, corner.y + GROUP_TITLE_PX);
        let moved = |at: Point| Point { x: at.x + x, y: at.y + y };
        for &at in &self.nodes {
            let rect = self.rect(&node_name(at));
            whole.nodes[at] = Rect { at: moved(rect.at), ..rect };
        }
        for group in self.groups() {
            let Rect { at, size } = self.rect(&group_name(group));
            let at = moved(Point { y: at.y - GROUP_TITLE_PX, ..at });
            let size = Size { height: size.height + GROUP_TITLE_PX, ..size };
            whole.groups[group] = Some(Rect { at, size });
        }
        let edges = edges_of(self.graph, &self.nodes);
        for ((number, edge), points) in edges.zip(self.routes()) {
            let Some(label) = self.edge(number, edge) else { continue };
            let points = points.into_iter().map(moved);
            let middle = label.x.zip(label.y).filter(|_| label.width > 0.0);
            whole.edges[number] = Route {
                points: points.collect(),
                label: middle.map(|(x, y)| moved(Point { x, y })),
            };
        }
    }

    /// The ways of the edges, in the order of [`edges_of`].
    fn routes(&self) -> Vec<Vec<Point>> {
        let rects: BTreeMap<usize, Rect> =
            self.nodes.iter().map(|&at| (at, self.rect(&node_name(at)))).collect();
        let ends = edges_of(self.graph, &self.nodes).map(|(number, edge)| {
            let points = self.edge(number, edge).map_or(&[][..], |label| &label.points);
            let points = points.iter().map(|point| Point { x: point.x, y: point.y }).collect();
            routing::Raw { from: edge.from, to: edge.to, points }
        });
        routing::routed(&rects, ends.collect(), self.is_sideways)
    }

    fn rect(&self, name: &str) -> Rect {
        let node = self.dagre.node(name).expect("each node was laid out");
        let (x, y) = (node.x.unwrap_or_default(), node.y.unwrap_or_default());
        let at = Point { x: x - node.width / 2.0, y: y - node.height / 2.0 };
        Rect { at, size: Size { width: node.width, height: node.height } }
    }

    fn edge(&self, number: usize, edge: &ivrkit_dialplan::graph::Edge) -> Option<&EdgeLabel> {
        self.dagre.edge(&node_name(edge.from), &node_name(edge.to), Some(&number.to_string()))
    }
}

/// Nodes of a group that no edge joins would all lie in one row: edges that nobody sees stack them.
fn stack_lonely(graph: &Graph, nodes: &[usize], dagre: &mut Dagre<NodeLabel, EdgeLabel>) {
    let joined: BTreeSet<usize> = edges_of(graph, nodes)
        .filter(|(_, edge)| edge.from != edge.to)
        .flat_map(|(_, edge)| [edge.from, edge.to])
        .collect();
    let mut lonely: BTreeMap<Option<usize>, Vec<usize>> = BTreeMap::new();
    for &at in nodes.iter().filter(|at| !joined.contains(at)) {
        lonely.entry(graph.nodes[at].group).or_default().push(at);
    }
    for nodes in lonely.values() {
        let columns = (nodes.len() / 2).isqrt().max(1);
        for (upper, lower) in nodes.iter().zip(nodes.iter().skip(columns)) {
            let label = EdgeLabel { weight: 0, ..EdgeLabel::default() };
            dagre.set_edge(node_name(*upper), node_name(*lower), Some(label), Some("stacked"));
        }
    }
}

fn edges_of<'a>(
    graph: &'a Graph,
    nodes: &[usize],
) -> impl Iterator<Item = (usize, &'a ivrkit_dialplan::graph::Edge)> {
    let nodes: BTreeSet<usize> = nodes.iter().copied().collect();
    graph.edges.iter().enumerate().filter(move |(_, edge)| nodes.contains(&edge.from))
}

fn node_name(node: usize) -> String {
    format!("n{node}")
}

fn group_name(group: usize) -> String {
    format!("g{group}")
}

#[cfg(test)]
mod tests;
