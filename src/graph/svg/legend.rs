//! What stands around the picture: its title, what colours mean, and the findings.

use super::paint;
use crate::graph::{
    symbol,
    wrap::{width_px, wrapped},
};
use ivrkit_dialplan::graph::{EdgeKind, Graph};
use std::collections::BTreeSet;

const TEXT_PX: f64 = 12.0;
const LINE_PX: f64 = 18.0;
/// How long a sample of an edge is.
const SAMPLE_PX: f64 = 34.0;
/// How many findings are told; a page has all of them.
const MAX_FINDINGS: usize = 200;

/// Something as wide as the picture.
#[derive(Default)]
pub(super) struct Strip {
    pub(super) height_px: f64,
    drawn: String,
}

impl Strip {
    /// As it stands at that height.
    pub(super) fn moved(&self, y: f64) -> String {
        if self.drawn.is_empty() {
            return String::new();
        }
        format!("<g transform=\"translate(0 {})\">\n{}</g>\n", paint::px(y), self.drawn)
    }
}

/// The title, in one line.
pub(super) fn title(graph: &Graph, width: f64) -> String {
    let mut out = String::new();
    let lines = wrapped(&symbol::clean(&graph.title), width, 17.0);
    let more = if lines.len() > 1 { "…" } else { "" };
    let first = lines.into_iter().next().unwrap_or_default() + more;
    paint::text(&mut out, "bold", 0.0, 17.0, 17.0, &first);
    out
}

/// The kinds of edges that there are, with their colours.
pub(super) fn legend(graph: &Graph, width: f64) -> Strip {
    let kinds: BTreeSet<EdgeKind> = graph.edges.iter().map(|edge| edge.kind).collect();
    let mut samples: Vec<(String, &str)> = Vec::new();
    for kind in kinds {
        let (name, words) = symbol::edge(kind);
        let dashes = match kind {
            EdgeKind::Timeout | EdgeKind::Call | EdgeKind::Moved => " dashed",
            EdgeKind::Include | EdgeKind::End => " dotted",
            _ => "",
        };
        samples.push((format!("edge edge-{name}{dashes}\" marker-end=\"url(#head-{name})"), words));
    }
    if graph.has_path {
        let sample = "edge taken\" marker-end=\"url(#head-path)".to_owned();
        samples.push((sample, "the call that is shown"));
    }
    let (mut x, mut y, mut drawn) = (0.0, 12.0, String::new());
    for (class, words) in samples {
        let wide = SAMPLE_PX + 8.0 + width_px(words, TEXT_PX) + 18.0;
        if x > 0.0 && x + wide > width {
            (x, y) = (0.0, y + LINE_PX);
        }
        drawn.push_str(&format!(
            "<path class=\"{class}\" d=\"M{} {}h{SAMPLE_PX}\"/>\n",
            paint::px(x),
            paint::px(y - 4.0)
        ));
        paint::text(&mut drawn, "soft", x + SAMPLE_PX + 8.0, y, TEXT_PX, words);
        x += wide;
    }
    Strip { height_px: y + 16.0, drawn }
}

/// The findings, each with its place.
pub(super) fn findings(graph: &Graph, width: f64) -> Strip {
    if graph.marks.is_empty() {
        return Strip::default();
    }
    let (mut y, mut drawn) = (34.0, String::new());
    paint::text(&mut drawn, "bold", 0.0, y, 14.0, "Findings");
    y += LINE_PX + 6.0;
    for mark in graph.marks.iter().take(MAX_FINDINGS) {
        let severity = symbol::name(mark.severity);
        paint::badge(&mut drawn, severity, 11.0, y - 4.0);
        let node =
            mark.node.map_or(String::new(), |node| format!(" ({})", graph.nodes[node].title));
        let help = mark.help.as_ref().map_or(String::new(), |help| format!("; {help}"));
        let text =
            format!("{severity} {}{node}: {}{help} [{}]", mark.place, mark.message, mark.rule);
        for line in wrapped(&symbol::clean(&text), width - 30.0, TEXT_PX) {
            paint::text(&mut drawn, "plain", 30.0, y, TEXT_PX, &line);
            y += LINE_PX;
        }
        y += 5.0;
    }
    if graph.marks.len() > MAX_FINDINGS {
        let more = format!("… {} more", graph.marks.len() - MAX_FINDINGS);
        paint::text(&mut drawn, "soft", 30.0, y, TEXT_PX, &more);
        y += LINE_PX;
    }
    Strip { height_px: y, drawn }
}
