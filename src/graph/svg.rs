//! SVG: texts are texts, colours follow the viewer's light or dark scheme, and each finding is told
//! below the picture.
//!
//! Needs nothing but itself: no script, no font, no picture from elsewhere.

mod boxes;
mod edges;
mod legend;
mod paint;

use super::{layout, symbol};
use boxes::Block;
use ivrkit_dialplan::graph::Graph;

/// Space around all.
const MARGIN_PX: f64 = 24.0;
/// Height of the title's line.
const TITLE_PX: f64 = 34.0;
/// Narrowest picture.
const MIN_WIDTH_PX: f64 = 640.0;
/// Fonts with Chinese characters by system, then whatever there is.
pub(super) const FONTS: &str = "system-ui, -apple-system, 'Segoe UI', Roboto, 'Noto Sans', \
     'PingFang SC', 'Microsoft YaHei', 'Noto Sans CJK SC', 'Source Han Sans SC', \
     'WenQuanYi Zen Hei', sans-serif";

/// The graph with all that is to be said of it.
pub(super) fn write(graph: &Graph) -> String {
    drawn(graph, true)
}

/// The graph without the list of findings, for a page that has one.
pub(super) fn picture(graph: &Graph) -> String {
    drawn(graph, false)
}

fn drawn(graph: &Graph, has_list: bool) -> String {
    let blocks: Vec<Block> = (0..graph.nodes.len()).map(|at| Block::new(graph, at)).collect();
    let labels: Vec<edges::Label> = graph.edges.iter().map(edges::Label::new).collect();
    let sizes: Vec<_> = blocks.iter().map(|block| block.size).collect();
    let label_sizes: Vec<_> = labels.iter().map(|label| label.size).collect();
    let layout = layout::layout(graph, &sizes, &label_sizes);
    let width = layout.size.width.max(MIN_WIDTH_PX);
    let legend = legend::legend(graph, width);
    let list = if has_list { legend::findings(graph, width) } else { legend::Strip::default() };
    let top = TITLE_PX + legend.height_px;
    let height = top + layout.size.height + list.height_px;
    let mut out = String::new();
    paint::open(&mut out, &graph.title, width + 2.0 * MARGIN_PX, height + 2.0 * MARGIN_PX);
    out.push_str(&format!("<g transform=\"translate({MARGIN_PX} {MARGIN_PX})\">\n"));
    let title = legend::title(graph, width);
    out.push_str(&title);
    out.push_str(&legend.moved(TITLE_PX));
    let left = (width - layout.size.width) / 2.0;
    out.push_str(&format!("<g transform=\"translate({} {})\">\n", paint::px(left), paint::px(top)));
    boxes::groups(graph, &layout, &mut out);
    edges::lines(graph, &layout, &mut out);
    for (at, block) in blocks.iter().enumerate() {
        block.draw(graph, at, layout.nodes[at], &mut out);
    }
    edges::labels(graph, &layout, &labels, &mut out);
    out.push_str("</g>\n");
    out.push_str(&list.moved(top + layout.size.height));
    out.push_str("</g>\n</svg>\n");
    out
}

/// A text as it stands in XML.
pub(super) fn escaped(text: &str) -> String {
    quick_xml::escape::escape(symbol::clean(text)).into_owned()
}
