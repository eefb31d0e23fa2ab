//! Nodes and groups.

use super::{escaped, paint};
use crate::graph::{
    layout::{Layout, Rect, Size},
    symbol,
    wrap::{width_px, wrapped},
};
use ivrkit_dialplan::graph::{Graph, LineKind, NodeKind};

const TITLE_PX: f64 = 14.0;
const TEXT_PX: f64 = 12.0;
const LINE_PX: f64 = 17.0;
const PADDING_PX: f64 = 10.0;
/// Widest text of a node.
const MAX_TEXT_PX: f64 = 270.0;
/// How many lines of a node are shown.
const MAX_LINES: usize = 14;
/// How far a line is moved that goes on with the one above.
const INDENT_PX: f64 = 14.0;

/// A node with its texts broken to lines.
pub(super) struct Block {
    pub(super) size: Size,
    rows: Vec<Row>,
}

struct Row {
    text: String,
    class: &'static str,
    size_px: f64,
    indent_px: f64,
}

impl Row {
    fn width_px(&self) -> f64 {
        // Bold letters are wider.
        let wide = if matches!(self.class, "bold" | "taken") { 1.1 } else { 1.0 };
        width_px(&self.text, self.size_px) * wide + self.indent_px
    }
}

impl Block {
    pub(super) fn new(graph: &Graph, at: usize) -> Self {
        let node = &graph.nodes[at];
        let mut rows = Vec::new();
        add(&mut rows, &node.title, "bold", TITLE_PX, 0.0);
        if let Some(subtitle) = &node.subtitle {
            add(&mut rows, subtitle, "soft", TEXT_PX, 0.0);
        }
        for line in symbol::shown_lines(node, MAX_LINES) {
            let Some(line) = line else {
                add(&mut rows, "…", "soft", TEXT_PX, 0.0);
                continue;
            };
            let class = match (line.is_on_path, line.kind) {
                (true, _) => "taken",
                (false, LineKind::Note) => "soft",
                (false, LineKind::Prompt | LineKind::Step) => "plain",
            };
            add(&mut rows, &symbol::line(line), class, TEXT_PX, INDENT_PX);
        }
        let width = rows.iter().map(Row::width_px);
        let width = width.fold(60.0, f64::max) + 2.0 * PADDING_PX;
        // Signs stand on the upper border, and may not cover the title.
        let width = if node.marks.is_empty() { width } else { width + 24.0 };
        let height =
            f64::from(u32::try_from(rows.len()).expect("few lines")) * LINE_PX + 1.4 * PADDING_PX;
        Self { size: Size { width, height }, rows }
    }

    pub(super) fn draw(&self, graph: &Graph, at: usize, rect: Rect, out: &mut String) {
        let node = &graph.nodes[at];
        let mut class = format!("node {}", kind(node.kind));
        if let Some(severity) = graph.severity(at) {
            class.push_str(&format!(" has-{}", symbol::name(severity)));
        }
        if !node.turns.is_empty() {
            class.push_str(" on-path");
        }
        let (x, y) = (paint::px(rect.at.x), paint::px(rect.at.y));
        out.push_str(&format!(
            "<g id=\"n{at}\" class=\"{class}\" transform=\"translate({x} {y})\">\n<title>{}</title>\n",
            escaped(&tooltip(graph, at)).replace(LINE_END, "&#10;")
        ));
        // A reference leads to what it stands for.
        let link = graph.refers.get(&at);
        if let Some(node) = link {
            out.push_str(&format!("<a href=\"#n{node}\">\n"));
        }
        out.push_str(&self.shape(node.kind));
        let mut y = PADDING_PX + TEXT_PX - 2.0;
        let is_pill = matches!(node.kind, NodeKind::Start | NodeKind::End);
        for row in &self.rows {
            if is_pill {
                let middle = self.size.width / 2.0;
                paint::centred(out, row.class, middle, y, row.size_px, &row.text);
            } else {
                paint::text(out, row.class, PADDING_PX + row.indent_px, y, row.size_px, &row.text);
            }
            y += LINE_PX;
        }
        if let Some(severity) = graph.severity(at) {
            paint::badge(out, symbol::name(severity), self.size.width - 14.0, 8.0);
        }
        if !node.turns.is_empty() {
            Self::draw_turns(&symbol::turns(&node.turns), out);
        }
        out.push_str(if link.is_some() { "</a>\n</g>\n" } else { "</g>\n" });
    }

    fn shape(&self, kind: NodeKind) -> String {
        let round = match kind {
            NodeKind::Start | NodeKind::End => self.size.height / 2.0,
            NodeKind::Dialled => 0.0,
            _ => 6.0,
        };
        let (width, height) = (paint::px(self.size.width), paint::px(self.size.height));
        let round = paint::px(round);
        format!("<rect class=\"box\" width=\"{width}\" height=\"{height}\" rx=\"{round}\"/>\n")
    }

    /// The turns of the path, on the upper left corner.
    fn draw_turns(turns: &str, out: &mut String) {
        let width = width_px(turns, 11.0) + 12.0;
        out.push_str(&format!(
            "<rect class=\"turn\" x=\"-8\" y=\"-11\" width=\"{}\" height=\"18\" rx=\"9\"/>\n",
            paint::px(width)
        ));
        paint::text(out, "turn-text", -2.0, 2.0, 11.0, turns);
    }
}

/// Draws the groups, which lie under all else.
pub(super) fn groups(graph: &Graph, layout: &Layout, out: &mut String) {
    for (group, rect) in graph.groups.iter().zip(&layout.groups) {
        let Some(Rect { at, size }) = rect else { continue };
        out.push_str(&format!(
            "<rect class=\"group\" x=\"{}\" y=\"{}\" width=\"{}\" height=\"{}\" rx=\"8\"/>\n",
            paint::px(at.x),
            paint::px(at.y),
            paint::px(size.width),
            paint::px(size.height)
        ));
        let name = format!("[{}]", group.name);
        paint::text(out, "soft bold", at.x + 10.0, at.y + 17.0, 12.5, &name);
    }
}

/// Stands for the end of a line until the text is escaped.
const LINE_END: char = '\u{2028}';

/// All that there is to say of a node.
fn tooltip(graph: &Graph, at: usize) -> String {
    let node = &graph.nodes[at];
    let mut lines = vec![node.title.clone()];
    lines.extend(node.subtitle.clone());
    lines.extend(node.lines.iter().map(symbol::line));
    for &mark in &node.marks {
        let mark = &graph.marks[mark];
        let help = mark.help.as_ref().map_or(String::new(), |help| format!(" ({help})"));
        lines.push(format!(
            "{} {}: {}{help}",
            symbol::sign(mark.severity),
            mark.place,
            mark.message
        ));
    }
    lines.join(&LINE_END.to_string())
}

fn add(rows: &mut Vec<Row>, text: &str, class: &'static str, size_px: f64, indent_px: f64) {
    for (number, text) in
        wrapped(&symbol::clean(text), MAX_TEXT_PX, size_px).into_iter().enumerate()
    {
        let indent_px = if number == 0 { 0.0 } else { indent_px };
        rows.push(Row { text, class, size_px, indent_px });
    }
}

fn kind(kind: NodeKind) -> &'static str {
    match kind {
        NodeKind::Start => "start",
        NodeKind::Menu => "menu",
        NodeKind::Hold => "hold",
        NodeKind::Steps => "steps",
        NodeKind::Handler => "handler",
        NodeKind::Dialled => "dialled",
        NodeKind::Outside => "outside",
        NodeKind::Missing => "missing",
        NodeKind::Reference => "reference",
        NodeKind::End => "end",
    }
}
