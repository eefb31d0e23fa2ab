//! The ways of edges between the layers: they leave and reach boxes at places of their own, and cross
//! no box on the way.
//!
//! Between its layers an edge goes as it was laid out; through a layer, and within those of its ends,
//! it goes straight.

use super::{Point, Rect, Size};
use std::collections::BTreeMap;

/// How far an edge goes straight at its ends, so that arrow heads do not lie down.
const STRAIGHT_PX: f64 = 12.0;

/// An edge as it was laid out: from border to border, with a point in each layer that it passes.
pub(super) struct Raw {
    pub(super) from: usize,
    pub(super) to: usize,
    pub(super) points: Vec<Point>,
}

/// The ways of edges between boxes.
pub(super) fn routed(
    nodes: &BTreeMap<usize, Rect>,
    edges: Vec<Raw>,
    is_sideways: bool,
) -> Vec<Vec<Point>> {
    let nodes: BTreeMap<usize, Rect> =
        nodes.iter().map(|(&at, &rect)| (at, turned(rect, is_sideways))).collect();
    let edges: Vec<Raw> = edges
        .into_iter()
        .map(|raw| Raw { points: turned_all(raw.points, is_sideways), ..raw })
        .collect();
    let bands = Bands::new(nodes.values());
    let ports = Ports::new(&nodes, &edges);
    let routes = edges.iter().enumerate().map(|(number, raw)| {
        let route = route(&nodes, &bands, &ports, number, raw);
        turned_all(route, is_sideways)
    });
    routes.collect()
}

/// An edge whose layers go from above to below.
fn route(
    nodes: &BTreeMap<usize, Rect>,
    bands: &Bands,
    ports: &Ports,
    number: usize,
    raw: &Raw,
) -> Vec<Point> {
    let Some((first, last)) = inner_ends(raw) else { return raw.points.clone() };
    let mut route = ports.end(nodes[&raw.from], bands, number, End::From, first);
    let inner = &raw.points[1..raw.points.len() - 1];
    let is_up = first.y < middle(nodes[&raw.from]);
    for point in inner {
        match bands.half(point.y) {
            None => route.push(*point),
            Some(half) => {
                let half = if is_up { -half } else { half };
                route.extend([-half, half].map(|by| Point { y: point.y + by, ..*point }));
            }
        }
    }
    let end = ports.end(nodes[&raw.to], bands, number, End::To, last);
    route.extend(end.into_iter().rev());
    route
}

/// The first and the last point between the ends; none of an edge from a node to itself.
fn inner_ends(raw: &Raw) -> Option<(Point, Point)> {
    match raw.points.as_slice() {
        [_, inner @ .., _] if raw.from != raw.to => Some((*inner.first()?, *inner.last()?)),
        _ => None,
    }
}

/// Which end of an edge.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum End {
    From,
    To,
}

/// Where along the borders of boxes edges begin and end.
struct Ports(BTreeMap<(usize, End), f64>);

impl Ports {
    fn new(nodes: &BTreeMap<usize, Rect>, edges: &[Raw]) -> Self {
        /// Where the edge comes from, along the border, and which end of which edge it is.
        type Arrival = (i64, usize, End);
        let mut sides: BTreeMap<(usize, bool), Vec<Arrival>> = BTreeMap::new();
        for (number, raw) in edges.iter().enumerate() {
            let Some((first, last)) = inner_ends(raw) else { continue };
            for (node, end, next) in [(raw.from, End::From, first), (raw.to, End::To, last)] {
                let is_above = next.y < middle(nodes[&node]);
                let side = sides.entry((node, is_above)).or_default();
                side.push((tenths(next.x), number, end));
            }
        }
        let mut ports = BTreeMap::new();
        for ((node, _), mut ends) in sides {
            ends.sort_unstable();
            let Rect { at, size } = nodes[&node];
            let step = size.width / f64::from(u32::try_from(ends.len() + 1).expect("few edges"));
            let mut x = at.x;
            for (_, number, end) in ends {
                x += step;
                ports.insert((number, end), x);
            }
        }
        Self(ports)
    }

    /// The end of an edge: the place on the border, and where its layer begins.
    fn end(&self, node: Rect, bands: &Bands, number: usize, end: End, next: Point) -> Vec<Point> {
        let x = self.0[&(number, end)];
        let centre = middle(node);
        let sign = if next.y < centre { -1.0 } else { 1.0 };
        let half = node.size.height / 2.0;
        let band = bands.half(centre).unwrap_or(half) + STRAIGHT_PX;
        vec![Point { x, y: centre + sign * half }, Point { x, y: centre + sign * band }]
    }
}

/// The layers: the middle of each, in tenths of a pixel, and half of its thickness.
struct Bands(BTreeMap<i64, f64>);

impl Bands {
    fn new<'a>(nodes: impl Iterator<Item = &'a Rect>) -> Self {
        let mut bands = BTreeMap::new();
        for &rect in nodes {
            let half = rect.size.height / 2.0;
            let thickest = bands.entry(tenths(middle(rect))).or_insert(half);
            *thickest = thickest.max(half);
        }
        Self(bands)
    }

    fn half(&self, middle: f64) -> Option<f64> {
        self.0.get(&tenths(middle)).copied()
    }
}

fn middle(rect: Rect) -> f64 {
    rect.at.y + rect.size.height / 2.0
}

#[expect(clippy::cast_possible_truncation, reason = "no picture is that large")]
fn tenths(pixels: f64) -> i64 {
    (pixels * 10.0).round() as i64
}

/// Layers that go from left to right are seen as if they went from above to below.
fn turned(rect: Rect, is_sideways: bool) -> Rect {
    if !is_sideways {
        return rect;
    }
    let Rect { at, size } = rect;
    Rect { at: Point { x: at.y, y: at.x }, size: Size { width: size.height, height: size.width } }
}

fn turned_all(points: Vec<Point>, is_sideways: bool) -> Vec<Point> {
    if !is_sideways {
        return points;
    }
    points.into_iter().map(|point| Point { x: point.y, y: point.x }).collect()
}
