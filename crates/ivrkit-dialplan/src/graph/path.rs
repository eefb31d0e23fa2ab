//! The way of one call through a graph.

use super::{Edge, EdgeKind, Graph};

/// A step that a call took.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Visit {
    /// The context that the call was in.
    pub context: String,
    /// The extension it was at: what was dialled, not the pattern that took it.
    pub exten: String,
    /// The priority.
    pub priority: i32,
}

/// What shows a step.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Spot {
    /// The node.
    pub node: usize,
    /// The line of the node, if one shows just this step.
    pub line: Option<usize>,
    /// Whether the node begins with this step, so that a call that was there already starts over.
    pub is_first: bool,
    /// What moves the call from here on, if the step shows it.
    pub by: Option<EdgeKind>,
}

impl Graph {
    /// Shows the way of a call by what shows its steps, nothing for a step that no node has; says how
    /// many steps are shown.
    ///
    /// Where a call got from one node to another that no edge leads to, somebody else moved it, and
    /// an edge is made that says so.
    pub fn follow(&mut self, spots: &[Option<Spot>]) -> usize {
        let (mut found, mut turn) = (0, 0);
        let mut last: Option<usize> = None;
        let mut by = None;
        for &spot in spots.iter().flatten() {
            found += 1;
            let is_new = match last {
                None => true,
                Some(last) if last != spot.node => {
                    self.take(last, spot.node, by);
                    true
                }
                Some(_) => spot.is_first && self.take_edges(spot.node, spot.node, by),
            };
            if is_new {
                turn += 1;
                self.nodes[spot.node].turns.push(turn);
            }
            if let Some(line) = spot.line {
                self.nodes[spot.node].lines[line].is_on_path = true;
            }
            (last, by) = (Some(spot.node), spot.by);
        }
        self.has_path |= found > 0;
        found
    }

    fn take(&mut self, from: usize, to: usize, by: Option<EdgeKind>) {
        if self.take_edges(from, to, by) {
            return;
        }
        if let Some(through) = self.through(from, to) {
            self.take_edges(from, through, None);
            self.take_edges(through, to, None);
            return;
        }
        let labels = vec!["moved by another side".to_owned()];
        self.edges.push(Edge { from, to, kind: EdgeKind::Moved, labels, is_on_path: true });
    }

    /// The node between two others: one that finds extensions, or a reference to the second.
    fn through(&self, from: usize, to: usize) -> Option<usize> {
        let leads_on = |middle: usize| {
            let is_it = |edge: &Edge| (edge.from, edge.to) == (middle, to);
            self.refers.get(&middle) == Some(&to) || self.edges.iter().any(is_it)
        };
        let own = self.edges.iter().filter(|edge| edge.from == from);
        own.map(|edge| edge.to).find(|&middle| leads_on(middle))
    }

    /// Takes the edges between two nodes, those of one kind if there are such; says whether there are
    /// any.
    fn take_edges(&mut self, from: usize, to: usize, by: Option<EdgeKind>) -> bool {
        let joins = |edge: &Edge| (edge.from, edge.to) == (from, to);
        let by = by.filter(|&by| self.edges.iter().any(|edge| joins(edge) && edge.kind == by));
        let is_taken = |edge: &Edge| joins(edge) && by.is_none_or(|by| edge.kind == by);
        let mut is_there = false;
        for edge in self.edges.iter_mut().filter(|edge| is_taken(edge)) {
            edge.is_on_path = true;
            is_there = true;
        }
        is_there
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::graph::{Node, NodeKind};

    /// Follows nodes of a graph with the edges 0-1, 1-2, 2-2; shows the edges taken.
    fn check(nodes: &[i32], expected: &[(usize, usize, bool)]) {
        let mut graph = Graph::default();
        for at in 0..4 {
            graph.add(Node::new(NodeKind::Steps, at.to_string()));
        }
        for (from, to) in [(0, 1), (1, 2), (2, 2)] {
            graph.connect(from, to, EdgeKind::Next, "");
        }
        let spot = |&node: &i32| {
            let node = usize::try_from(node).ok()?;
            Some(Spot { node, line: None, is_first: true, by: None })
        };
        let spots: Vec<_> = nodes.iter().map(spot).collect();
        let found = graph.follow(&spots);
        assert_eq!(found, nodes.iter().filter(|&&node| node >= 0).count());
        let taken = graph.edges.iter().filter(|edge| edge.is_on_path);
        let taken = taken.map(|edge| (edge.from, edge.to, edge.kind == EdgeKind::Moved));
        assert_eq!(taken.collect::<Vec<_>>(), expected);
    }

    #[test]
    fn a_path_takes_edges_and_makes_those_that_somebody_else_made() {
        check(&[0, 1], &[(0, 1, false)]);
        check(&[0, 0, -1, 1], &[(0, 1, false)]);
        check(&[2, 2], &[(2, 2, false)]);
        check(&[0, 2], &[(0, 1, false), (1, 2, false)]);
        check(&[0, 3], &[(0, 3, true)]);
        check(&[], &[]);
    }
}
