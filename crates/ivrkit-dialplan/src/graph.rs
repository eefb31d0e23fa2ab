//! The call flow as a graph: what a picture shows, before anybody draws it.
//!
//! [`scenario`] makes one of IVRs, [`dialplan`] one of extensions. Findings are [marks](Mark), a
//! simulated call is a [path](Graph::follow). Must not know what a picture looks like, nor how texts
//! are escaped: that is for whoever writes a format.

pub mod dialplan;
mod path;
pub mod scenario;

pub use path::{Spot, Visit};

use crate::diagnostic::Severity;
use std::collections::{BTreeMap, BTreeSet, HashMap};

/// The flow of calls. Nodes, groups and marks are named by their places in these lists.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Graph {
    /// What it shows.
    pub title: String,
    /// What belongs together: the contexts of a dialplan.
    pub groups: Vec<Group>,
    /// What a call does.
    pub nodes: Vec<Node>,
    /// How a call moves.
    pub edges: Vec<Edge>,
    /// The nodes that the [references](NodeKind::Reference) stand for.
    pub refers: BTreeMap<usize, usize>,
    /// What is wrong.
    pub marks: Vec<Mark>,
    /// Whether the way of one call is shown.
    pub has_path: bool,
}

/// Nodes that belong together.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Group {
    /// Its name.
    pub name: String,
}

/// Something that a call does, until it moves on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Node {
    /// The group that it belongs to.
    pub group: Option<usize>,
    /// What it is.
    pub kind: NodeKind,
    /// Its name.
    pub title: String,
    /// What it is for.
    pub subtitle: Option<String>,
    /// What happens there, in order.
    pub lines: Vec<Line>,
    /// What is wrong with it.
    pub marks: Vec<usize>,
    /// The turns of the path that lead here, from 1.
    pub turns: Vec<usize>,
}

/// What a node is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum NodeKind {
    /// Calls begin here.
    Start,
    /// The caller hears something, and a key moves the call.
    Menu,
    /// The caller waits for a verdict.
    Hold,
    /// Steps that take no keys.
    Steps,
    /// Steps that run on an event, such as a time-out or the end of a call.
    Handler,
    /// Where a number that is known at run time only finds its extension.
    Dialled,
    /// What no file shows.
    Outside,
    /// What is certainly not there.
    Missing,
    /// Stands for a node of another group.
    Reference,
    /// The call ends.
    End,
}

/// Something that happens at a node.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Line {
    /// What it is.
    pub kind: LineKind,
    /// What is shown of it.
    pub text: String,
    /// Whether the path has it.
    pub is_on_path: bool,
}

/// What a line is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum LineKind {
    /// The caller hears it.
    Prompt,
    /// A step of the dialplan.
    Step,
    /// Something to know.
    Note,
}

/// A way from one node to another, or to itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Edge {
    /// Where it begins.
    pub from: usize,
    /// Where it ends.
    pub to: usize,
    /// What moves the call.
    pub kind: EdgeKind,
    /// What moves the call, in words; several are each reason enough.
    pub labels: Vec<String>,
    /// Whether the path takes it.
    pub is_on_path: bool,
}

/// What moves a call.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum EdgeKind {
    /// Nothing but the order of things.
    Next,
    /// A jump, or a condition.
    Jump,
    /// What the caller presses.
    Key,
    /// That the caller presses nothing.
    Timeout,
    /// What the caller presses and nobody expects.
    Wrong,
    /// A verdict on what was typed: right.
    Right,
    /// A subroutine, which comes back.
    Call,
    /// A context that another one includes.
    Include,
    /// The end of the call.
    End,
    /// Somebody else moved the call that is shown.
    Moved,
}

/// Something that is wrong.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mark {
    /// How much it matters.
    pub severity: Severity,
    /// Name of the rule that found it.
    pub rule: String,
    /// What was found: a lower-case fragment.
    pub message: String,
    /// What to do.
    pub help: Option<String>,
    /// Where: file and line.
    pub place: String,
    /// The node that has it, if one has.
    pub node: Option<usize>,
}

impl Node {
    /// One without anything in it.
    pub fn new(kind: NodeKind, title: impl Into<String>) -> Self {
        Self {
            group: None,
            kind,
            title: title.into(),
            subtitle: None,
            lines: Vec::new(),
            marks: Vec::new(),
            turns: Vec::new(),
        }
    }

    /// Adds a line.
    pub fn line(&mut self, kind: LineKind, text: impl Into<String>) {
        self.lines.push(Line { kind, text: text.into(), is_on_path: false });
    }
}

impl Graph {
    /// Adds a node and says its place.
    pub fn add(&mut self, node: Node) -> usize {
        self.nodes.push(node);
        self.nodes.len() - 1
    }

    /// Adds an edge; of several of one kind between two nodes one is made, with all labels.
    pub fn connect(&mut self, from: usize, to: usize, kind: EdgeKind, label: impl Into<String>) {
        let label = label.into();
        let labels = if label.is_empty() { Vec::new() } else { vec![label] };
        self.edges.push(Edge { from, to, kind, labels, is_on_path: false });
    }

    /// Makes one edge of several of one kind between two nodes.
    pub fn bundle(&mut self) {
        let mut places: HashMap<(usize, usize, EdgeKind), usize> = HashMap::new();
        let mut bundled: Vec<Edge> = Vec::new();
        for edge in self.edges.drain(..) {
            let at = *places.entry((edge.from, edge.to, edge.kind)).or_insert(bundled.len());
            let Some(known) = bundled.get_mut(at) else {
                bundled.push(edge);
                continue;
            };
            for label in edge.labels {
                if !known.labels.contains(&label) {
                    known.labels.push(label);
                }
            }
        }
        self.edges = bundled;
    }

    /// Adds what is wrong, at its node if it has one.
    pub fn mark(&mut self, mark: Mark) {
        if let Some(node) = mark.node {
            self.nodes[node].marks.push(self.marks.len());
        }
        self.marks.push(mark);
    }

    /// The worst of what is wrong with a node.
    pub fn severity(&self, node: usize) -> Option<Severity> {
        self.nodes[node].marks.iter().map(|&mark| self.marks[mark].severity).min()
    }

    /// Keeps what a call can reach that begins in a group; what is wrong elsewhere goes too.
    pub fn limit_to(&mut self, group: usize) {
        let begins = (0..self.nodes.len()).filter(|&node| self.nodes[node].group == Some(group));
        let mut kept: BTreeSet<usize> = begins.collect();
        let mut waiting: Vec<usize> = kept.iter().copied().collect();
        let mut ways: HashMap<usize, Vec<usize>> = HashMap::new();
        for edge in &self.edges {
            ways.entry(edge.from).or_default().push(edge.to);
        }
        for (&reference, &node) in &self.refers {
            ways.entry(reference).or_default().push(node);
        }
        while let Some(node) = waiting.pop() {
            let further = ways.get(&node).into_iter().flatten();
            waiting.extend(further.copied().filter(|&to| kept.insert(to)));
        }
        self.keep(&kept);
    }

    /// Leaves out all other nodes, and what belongs to them alone.
    fn keep(&mut self, kept: &BTreeSet<usize>) {
        let nodes: HashMap<usize, usize> = kept.iter().copied().zip(0..).collect();
        let groups: BTreeSet<usize> = kept.iter().filter_map(|&at| self.nodes[at].group).collect();
        let groups: HashMap<usize, usize> = groups.into_iter().zip(0..).collect();
        let mut at = 0..;
        self.nodes.retain(|_| at.next().is_some_and(|at| nodes.contains_key(&at)));
        let mut at = 0..;
        self.groups.retain(|_| at.next().is_some_and(|at| groups.contains_key(&at)));
        for node in &mut self.nodes {
            node.group = node.group.map(|group| groups[&group]);
            node.marks.clear();
        }
        self.edges.retain_mut(|edge| {
            let ends = nodes.get(&edge.from).zip(nodes.get(&edge.to));
            ends.map(|(&from, &to)| (edge.from, edge.to) = (from, to)).is_some()
        });
        let refers = std::mem::take(&mut self.refers).into_iter();
        let both = refers.filter_map(|(from, to)| Some((*nodes.get(&from)?, *nodes.get(&to)?)));
        self.refers = both.collect();
        for mut mark in std::mem::take(&mut self.marks) {
            mark.node = mark.node.and_then(|node| nodes.get(&node).copied());
            if mark.node.is_some() {
                self.mark(mark);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn graph(edges: &[(usize, usize)]) -> Graph {
        let mut graph = Graph::default();
        for at in 0..4 {
            let node = graph.add(Node::new(NodeKind::Steps, format!("node {at}")));
            graph.groups.push(Group { name: format!("group {at}") });
            graph.nodes[node].group = Some(at);
        }
        for &(from, to) in edges {
            graph.connect(from, to, EdgeKind::Key, format!("key {to}"));
        }
        graph
    }

    #[test]
    fn edges_between_the_same_nodes_become_one() {
        let mut graph = graph(&[(0, 1), (0, 2), (0, 1)]);
        graph.connect(0, 1, EdgeKind::Key, "key #");
        graph.connect(0, 1, EdgeKind::Next, "");
        graph.bundle();
        let shown: Vec<_> =
            graph.edges.iter().map(|edge| (edge.to, edge.labels.join("|"))).collect();
        assert_eq!(shown, [(1, "key 1|key #".into()), (2, "key 2".into()), (1, String::new())]);
    }

    #[test]
    fn what_a_group_reaches_is_kept_with_its_marks() {
        let mut graph = graph(&[(0, 1), (1, 3), (3, 1), (2, 3)]);
        for node in [2, 3] {
            graph.mark(Mark {
                severity: Severity::Error,
                rule: "rule".into(),
                message: format!("node {node}"),
                help: None,
                place: "a:1".into(),
                node: Some(node),
            });
        }
        graph.limit_to(1);
        let names: Vec<_> = graph.nodes.iter().map(|node| node.title.as_str()).collect();
        let groups: Vec<_> = graph.groups.iter().map(|group| group.name.as_str()).collect();
        assert_eq!((names, groups), (vec!["node 1", "node 3"], vec!["group 1", "group 3"]));
        let edges: Vec<_> = graph.edges.iter().map(|edge| (edge.from, edge.to)).collect();
        assert_eq!(edges, [(0, 1), (1, 0)]);
        assert_eq!(graph.marks.len(), 1);
        assert_eq!((graph.severity(0), graph.severity(1)), (None, Some(Severity::Error)));
    }
}
