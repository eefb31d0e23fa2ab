//! What a picture must not do: cover one thing with another.

use super::*;
use ivrkit_dialplan::graph::{EdgeKind, Group, Node, NodeKind};

/// A graph of so many nodes in groups of four, with edges from a seeded generator.
fn generated(count: usize, seed: u64) -> Graph {
    let mut dice = seed;
    let mut roll = |sides: usize| {
        dice = dice.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(dice >> 33).expect("31 bits") % sides
    };
    let mut graph = Graph::default();
    for at in 0..count {
        let node = graph.add(Node::new(NodeKind::Steps, at.to_string()));
        if at % 4 == 0 {
            graph.groups.push(Group { name: format!("group {at}") });
        }
        graph.nodes[node].group = Some(at / 4);
    }
    for _ in 0..count + count / 2 {
        let (from, to) = (roll(count), roll(count));
        graph.connect(from, to, EdgeKind::Key, "key 1");
    }
    graph.bundle();
    graph
}

fn overlap(left: Rect, right: Rect) -> bool {
    let apart =
        |a: f64, a_size: f64, b: f64, b_size: f64| a + a_size <= b + 0.1 || b + b_size <= a + 0.1;
    !apart(left.at.x, left.size.width, right.at.x, right.size.width)
        && !apart(left.at.y, left.size.height, right.at.y, right.size.height)
}

#[test]
fn neither_boxes_nor_labels_cover_each_other_and_all_lies_within() {
    for seed in 0..8 {
        let graph = generated(24, seed);
        let size = Size { width: 180.0, height: 70.0 };
        let label = Size { width: 60.0, height: 18.0 };
        let laid = layout(&graph, &vec![size; 24], &vec![label; graph.edges.len()]);
        let labels = laid.edges.iter().filter_map(|route| {
            let middle = route.label?;
            let at = Point { x: middle.x - label.width / 2.0, y: middle.y - label.height / 2.0 };
            Some(Rect { at, size: label })
        });
        let all: Vec<Rect> = laid.nodes.iter().copied().chain(labels).collect();
        assert_eq!(all.len(), 24 + graph.edges.len());
        for (number, &one) in all.iter().enumerate() {
            let is_within = one.at.x >= -0.1
                && one.at.y >= -0.1
                && one.at.x + one.size.width <= laid.size.width + 0.1
                && one.at.y + one.size.height <= laid.size.height + 0.1;
            assert!(is_within, "seed {seed}: {one:?} is not within {:?}", laid.size);
            for &other in &all[number + 1..] {
                assert!(!overlap(one, other), "seed {seed}: {one:?} covers {other:?}");
            }
        }
        assert_eq!(laid, layout(&graph, &vec![size; 24], &vec![label; graph.edges.len()]));
    }
}

/// Whether a line between two points comes within a box, its border aside.
fn crosses(from: Point, to: Point, rect: Rect) -> bool {
    (0..=50).map(|part| f64::from(part) / 50.0).any(|part| {
        let x = from.x + (to.x - from.x) * part - rect.at.x;
        let y = from.y + (to.y - from.y) * part - rect.at.y;
        x > 1.0 && x < rect.size.width - 1.0 && y > 1.0 && y < rect.size.height - 1.0
    })
}

#[test]
fn edges_cross_no_box() {
    for seed in 0..8 {
        let graph = generated(24, seed);
        let heights = [40.0, 70.0, 160.0, 240.0];
        let sizes: Vec<Size> =
            (0..24).map(|at| Size { width: 180.0, height: heights[at * 7 % 4] }).collect();
        let label = Size { width: 60.0, height: 18.0 };
        let laid = layout(&graph, &sizes, &vec![label; graph.edges.len()]);
        for (edge, route) in graph.edges.iter().zip(&laid.edges) {
            assert!(route.points.len() > 1, "seed {seed}: {edge:?} is not drawn");
            for two in route.points.windows(2) {
                let crossed = laid.nodes.iter().position(|&rect| crosses(two[0], two[1], rect));
                assert_eq!(crossed, None, "seed {seed}: {edge:?} at {two:?}");
            }
        }
    }
}

#[test]
fn what_no_edge_joins_is_no_endless_row() {
    let mut graph = Graph::default();
    for at in 0..40 {
        graph.add(Node::new(NodeKind::Steps, at.to_string()));
    }
    let size = Size { width: 200.0, height: 50.0 };
    let laid = layout(&graph, &[size; 40], &[]);
    assert!(laid.size.width < laid.size.height * 3.0, "{:?}", laid.size);
}
