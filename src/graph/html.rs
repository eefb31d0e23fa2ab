//! One HTML page with the picture, the findings beside it, and a script of its own that moves and
//! magnifies.
//!
//! Nothing is loaded from anywhere, and without scripts all is still there.

use super::{
    svg::{self, escaped},
    symbol,
};
use ivrkit_dialplan::graph::{Graph, Mark};

const STYLE: &str = include_str!("html/page.css");
const SCRIPT: &str = include_str!("html/page.js");

/// The graph as a page.
pub(super) fn write(graph: &Graph) -> String {
    let title = escaped(&graph.title);
    let fonts = svg::FONTS;
    let findings = findings(graph);
    let picture = svg::picture(graph);
    format!(
        "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
         <meta name=\"color-scheme\" content=\"light dark\">\n<title>{title}</title>\n\
         <style>\nbody {{ font-family: {fonts}; }}\n{STYLE}</style>\n</head>\n<body>\n\
         <main>\n<nav aria-label=\"View\"><button id=\"in\" title=\"larger\">+</button>\
         <button id=\"out\" title=\"smaller\">−</button><button id=\"fit\" title=\"all of it\">⤢</button>\
         </nav>\n<div id=\"view\">\n{picture}</div>\n</main>\n{findings}<script>\n{SCRIPT}</script>\n\
         </body>\n</html>\n"
    )
}

fn findings(graph: &Graph) -> String {
    if graph.marks.is_empty() {
        return String::new();
    }
    let items: String = graph.marks.iter().map(|mark| item(graph, mark)).collect();
    format!("<aside>\n<h2>Findings ({})</h2>\n<ol>\n{items}</ol>\n</aside>\n", graph.marks.len())
}

fn item(graph: &Graph, mark: &Mark) -> String {
    let severity = symbol::name(mark.severity);
    let place = escaped(&mark.place);
    let place = match mark.node {
        Some(node) => {
            let title = escaped(&graph.nodes[node].title);
            format!("<a href=\"#n{node}\">{title}</a> <small>{place}</small>")
        }
        None => format!("<small>{place}</small>"),
    };
    let help = mark.help.as_ref().map_or(String::new(), |help| format!("<p>{}</p>", escaped(help)));
    format!(
        "<li class=\"{severity}\"><b>{} {severity}</b> {place}<p>{}</p>{help}<small>{}</small></li>\n",
        symbol::sign(mark.severity),
        escaped(&mark.message),
        escaped(&mark.rule)
    )
}
