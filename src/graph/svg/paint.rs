//! The frame of a picture: its style sheet, arrow heads, and numbers as SVG has them.

use super::{FONTS, escaped};

/// The kinds of edges that have colours of their own.
pub(super) const EDGE_CLASSES: [&str; 10] =
    ["next", "jump", "key", "timeout", "wrong", "right", "call", "include", "end", "moved"];

const STYLE: &str = "\
svg{--bg:#fff;--ink:#0f172a;--soft:#475569;--box:#fff;--line:#94a3b8;--group:#f8fafc;--next:#475569;\
--jump:#475569;--key:#1d4ed8;--timeout:#b45309;--wrong:#b91c1c;--right:#15803d;--call:#7e22ce;\
--include:#64748b;--end:#64748b;--moved:#be185d;--path:#d9480f;--menu:#eff6ff;--hold:#fefce8;\
--start:#f0fdf4;--outside:#f1f5f9;--error:#b91c1c;--warning:#b45309;--hint:#0369a1}\
@media (prefers-color-scheme:dark){svg{--bg:#0b1120;--ink:#e2e8f0;--soft:#a8b3c4;--box:#172033;\
--line:#64748b;--group:#0f172a;--next:#a8b3c4;--jump:#a8b3c4;--key:#7ab0ff;--timeout:#f0b453;\
--wrong:#ff8a8a;--right:#5fd38a;--call:#c79bff;--include:#94a3b8;--end:#94a3b8;--moved:#ff86bd;\
--path:#ff9248;--menu:#132447;--hold:#33290c;--start:#0f2a1b;--outside:#1b2433;--error:#ff8a8a;\
--warning:#f0b453;--hint:#6cc7ff}}\
@media print{svg{--bg:#fff;--ink:#000;--box:#fff;--group:#fff}}\
.ground{fill:var(--bg)}text{fill:var(--ink)}.soft{fill:var(--soft)}.bold{font-weight:600}\
.box{fill:var(--box);stroke:var(--line);stroke-width:1.2}.menu .box{fill:var(--menu);stroke:var(--key)}\
.hold .box{fill:var(--hold);stroke:var(--timeout)}.start .box{fill:var(--start);stroke:var(--right)}\
.end .box{fill:var(--outside)}.dialled .box{fill:var(--outside);stroke:var(--key)}\
.outside .box,.reference .box{fill:var(--outside);stroke-dasharray:5 3}.missing .box{stroke:var(--error);stroke-dasharray:5 3}\
.group{fill:var(--group);stroke:var(--line);stroke-width:1}.has-error .box{stroke:var(--error);stroke-width:2}\
.has-warning .box{stroke:var(--warning);stroke-width:2}.on-path .box{stroke:var(--path);stroke-width:3.5}\
.on-path .taken{fill:var(--path);font-weight:600}.turn{fill:var(--path)}.turn-text{fill:var(--bg);font-weight:600}\
.badge{stroke:var(--bg);stroke-width:1}.badge-text{fill:var(--bg);font-weight:700}\
.edge{fill:none;stroke-width:1.5}.edge.taken{stroke:var(--path);stroke-width:4}\
.under{fill:none;stroke:var(--bg);stroke-width:5}\
.label{fill:var(--bg);fill-opacity:.92}.dashed{stroke-dasharray:7 4}.dotted{stroke-dasharray:2 4}\
.path-text{fill:var(--path);font-weight:600}.head-path{fill:var(--path)}a:hover .box,.target .box{stroke-width:4}";

/// Begins a picture.
pub(super) fn open(out: &mut String, title: &str, width: f64, height: f64) {
    let (width, height) = (px(width), px(height));
    out.push_str(&format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{width}\" height=\"{height}\" \
         viewBox=\"0 0 {width} {height}\" role=\"img\" font-family=\"{}\">\n<title>{}</title>\n\
         <style>{STYLE}{}</style>\n<defs>\n",
        escaped(FONTS),
        escaped(title),
        classes()
    ));
    for class in EDGE_CLASSES.into_iter().chain(["path"]) {
        out.push_str(&format!(
            "<marker id=\"head-{class}\" class=\"head-{class}\" viewBox=\"0 0 10 10\" refX=\"9\" refY=\"5\" \
             markerWidth=\"11\" markerHeight=\"9\" markerUnits=\"userSpaceOnUse\" orient=\"auto\">\
             <path d=\"M0 0L10 5L0 10z\"/></marker>\n"
        ));
    }
    out.push_str("</defs>\n<rect class=\"ground\" width=\"100%\" height=\"100%\"/>\n");
}

fn classes() -> String {
    let class = |name: &str| {
        format!(
            ".edge-{name}{{stroke:var(--{name})}}.text-{name}{{fill:var(--{name})}}\
             .head-{name}{{fill:var(--{name})}}"
        )
    };
    let edges: String = EDGE_CLASSES.into_iter().map(class).collect();
    let severities =
        ["error", "warning", "hint"].map(|name| format!(".sev-{name}{{fill:var(--{name})}}"));
    edges + &severities.concat()
}

/// A number of pixels, to a tenth.
pub(super) fn px(number: f64) -> String {
    let text = format!("{number:.1}");
    let text = text.strip_suffix(".0").unwrap_or(&text);
    if text == "-0" { "0".to_owned() } else { text.to_owned() }
}

/// A line of text.
pub(super) fn text(out: &mut String, class: &str, x: f64, y: f64, size_px: f64, text: &str) {
    out.push_str(&format!(
        "<text class=\"{class}\" x=\"{}\" y=\"{}\" font-size=\"{}\">{}</text>\n",
        px(x),
        px(y),
        px(size_px),
        escaped(text)
    ));
}

/// A line of text around a place.
pub(super) fn centred(out: &mut String, class: &str, x: f64, y: f64, size_px: f64, text: &str) {
    out.push_str(&format!(
        "<text class=\"{class}\" x=\"{}\" y=\"{}\" font-size=\"{}\" text-anchor=\"middle\">{}</text>\n",
        px(x),
        px(y),
        px(size_px),
        escaped(text)
    ));
}

/// The sign of a severity around a place: an octagon, a triangle or a circle, with a letter.
pub(super) fn badge(out: &mut String, severity: &str, x: f64, y: f64) {
    let (shape, letter) = match severity {
        "error" => ("M-4-9.5H4L9.5-4V4L4 9.5H-4L-9.5 4V-4z", "×"),
        "warning" => ("M0-10L11 9H-11z", "!"),
        _ => ("M0-9A9 9 0 1 1 0 9A9 9 0 1 1 0-9z", "i"),
    };
    let drop = if severity == "warning" { 6.5 } else { 4.5 };
    out.push_str(&format!(
        "<g transform=\"translate({} {})\"><path class=\"badge sev-{severity}\" d=\"{shape}\"/>\
         <text class=\"badge-text\" y=\"{drop}\" font-size=\"13\" text-anchor=\"middle\">{letter}</text></g>\n",
        px(x),
        px(y)
    ));
}
