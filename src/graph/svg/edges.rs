//! Edges and their labels.

use super::paint;
use crate::graph::{
    layout::{Layout, Point, Size},
    symbol,
    wrap::{width_px, wrapped},
};
use ivrkit_dialplan::graph::{Edge, EdgeKind, Graph};

const TEXT_PX: f64 = 11.5;
const LINE_PX: f64 = 14.5;
/// Widest label.
const MAX_LABEL_PX: f64 = 170.0;
/// Most lines of a label.
const MAX_LINES: usize = 6;
/// How round the corners of an edge are.
const ROUND_PX: f64 = 14.0;

/// The label of an edge, broken to lines.
pub(super) struct Label {
    pub(super) size: Size,
    lines: Vec<String>,
}

impl Label {
    pub(super) fn new(edge: &Edge) -> Self {
        let labels = edge.labels.iter();
        let mut lines: Vec<String> = labels
            .flat_map(|label| wrapped(&symbol::clean(label), MAX_LABEL_PX, TEXT_PX))
            .collect();
        if lines.len() > MAX_LINES {
            lines.truncate(MAX_LINES - 1);
            lines.push("…".to_owned());
        }
        let width = lines.iter().map(|line| width_px(line, TEXT_PX)).fold(0.0, f64::max);
        let count = u32::try_from(lines.len()).expect("few lines");
        let height = f64::from(count) * LINE_PX;
        let padding = if lines.is_empty() { 0.0 } else { 6.0 };
        Self { size: Size { width: width + padding, height: height + padding / 2.0 }, lines }
    }
}

/// Draws the edges, those of the path last.
pub(super) fn lines(graph: &Graph, layout: &Layout, out: &mut String) {
    for wanted in [false, true] {
        let edges = graph.edges.iter().zip(&layout.edges);
        for (edge, route) in edges.filter(|(edge, _)| edge.is_on_path == wanted) {
            line(edge, &route.points, out);
        }
    }
}

/// Draws the labels, over all else.
pub(super) fn labels(graph: &Graph, layout: &Layout, labels: &[Label], out: &mut String) {
    for ((edge, route), label) in graph.edges.iter().zip(&layout.edges).zip(labels) {
        let Some(middle) = route.label else { continue };
        let Size { width, height } = label.size;
        let (left, top) = (middle.x - width / 2.0, middle.y - height / 2.0);
        out.push_str(&format!(
            "<rect class=\"label\" x=\"{}\" y=\"{}\" width=\"{}\" height=\"{}\" rx=\"3\"/>\n",
            paint::px(left),
            paint::px(top),
            paint::px(width),
            paint::px(height)
        ));
        let (name, _) = symbol::edge(edge.kind);
        let class = if edge.is_on_path { "path-text".to_owned() } else { format!("text-{name}") };
        let mut y = top + LINE_PX - 2.0;
        for line in &label.lines {
            paint::centred(out, &class, middle.x, y, TEXT_PX, line);
            y += LINE_PX;
        }
    }
}

fn line(edge: &Edge, points: &[Point], out: &mut String) {
    if points.is_empty() {
        return;
    }
    let (name, _) = symbol::edge(edge.kind);
    let dashes = match edge.kind {
        EdgeKind::Timeout | EdgeKind::Call | EdgeKind::Moved => " dashed",
        EdgeKind::Include | EdgeKind::End => " dotted",
        _ => "",
    };
    let (taken, head) = if edge.is_on_path { (" taken", "path") } else { ("", name) };
    let path = rounded(points);
    out.push_str(&format!(
        "<path class=\"under\" d=\"{path}\"/><path class=\"edge edge-{name}{dashes}{taken}\" d=\"{path}\" \
         marker-end=\"url(#head-{head})\"/>\n"
    ));
}

/// The points joined by straight lines with round corners.
fn rounded(points: &[Point]) -> String {
    let pair = |point: Point| format!("{} {}", paint::px(point.x), paint::px(point.y));
    let mut path = format!("M{}", pair(points[0]));
    for three in points.windows(3) {
        let (before, corner, after) = (three[0], three[1], three[2]);
        path.push_str(&format!(
            "L{}Q{} {}",
            pair(towards(corner, before)),
            pair(corner),
            pair(towards(corner, after))
        ));
    }
    path + &format!("L{}", pair(points[points.len() - 1]))
}

/// A point near the first on the way to the second, at most half of it.
fn towards(from: Point, to: Point) -> Point {
    let (x, y) = (to.x - from.x, to.y - from.y);
    let length = x.hypot(y);
    let part = if length > 0.0 { (ROUND_PX / length).min(0.5) } else { 0.0 };
    Point { x: from.x + x * part, y: from.y + y * part }
}
