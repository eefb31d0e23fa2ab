//! What stands for severities and kinds in every form, so that none says it by colour alone.

use ivrkit_dialplan::{
    diagnostic::Severity,
    graph::{EdgeKind, Graph, Line, LineKind, Node},
};

/// The sign of a severity.
pub(super) fn sign(severity: Severity) -> &'static str {
    match severity {
        Severity::Error => "✖",
        Severity::Warning => "⚠",
        Severity::Hint => "ℹ",
    }
}

/// The name of a severity.
pub(super) fn name(severity: Severity) -> &'static str {
    crate::lint::severity_name(severity)
}

/// A line with the sign of its kind.
pub(super) fn line(line: &Line) -> String {
    match line.kind {
        LineKind::Prompt => format!("♪ {}", line.text),
        LineKind::Step => line.text.clone(),
        LineKind::Note => format!("· {}", line.text),
    }
}

/// The lines of a node that are shown: not more steps than that, nothing for those left out, and all
/// that there is to know.
pub(super) fn shown_lines(node: &Node, max: usize) -> Vec<Option<&Line>> {
    let is_note = |line: &&Line| line.kind == LineKind::Note;
    let steps: Vec<_> = node.lines.iter().filter(|line| !is_note(line)).collect();
    let mut shown: Vec<_> = steps.iter().take(max).copied().map(Some).collect();
    if steps.len() > max {
        shown.push(None);
    }
    shown.extend(node.lines.iter().filter(is_note).map(Some));
    shown
}

/// What is wrong with a node in a few words, such as `✖ 2 errors`.
pub(super) fn summary(graph: &Graph, node: usize) -> Option<String> {
    let worst = graph.severity(node)?;
    let marks = graph.nodes[node].marks.iter();
    let count = marks.filter(|&&mark| graph.marks[mark].severity == worst).count();
    let all = graph.nodes[node].marks.len();
    let plural = if count == 1 { "" } else { "s" };
    let more = if all > count { format!(" and {} more", all - count) } else { String::new() };
    Some(format!("{} {count} {}{plural}{more}", sign(worst), name(worst)))
}

/// A class for style sheets, and what the legend says.
pub(super) fn edge(kind: EdgeKind) -> (&'static str, &'static str) {
    match kind {
        EdgeKind::Next => ("next", "goes on"),
        EdgeKind::Jump => ("jump", "jump or condition"),
        EdgeKind::Key => ("key", "keys"),
        EdgeKind::Timeout => ("timeout", "time-out"),
        EdgeKind::Wrong => ("wrong", "wrong"),
        EdgeKind::Right => ("right", "right"),
        EdgeKind::Call => ("call", "subroutine"),
        EdgeKind::Include => ("include", "include"),
        EdgeKind::End => ("end", "the call ends"),
        EdgeKind::Moved => ("moved", "moved by another side"),
    }
}

/// The turns of a path that lead to a node.
pub(super) fn turns(turns: &[usize]) -> String {
    /// How many are shown of a call that goes around in circles.
    const MAX_TURNS: usize = 6;
    let shown: Vec<_> = turns.iter().take(MAX_TURNS).map(ToString::to_string).collect();
    let more = if turns.len() > MAX_TURNS { ", …" } else { "" };
    format!("{}{more}", shown.join(", "))
}

/// A text without what would disturb a terminal, a page or a parser.
pub(super) fn clean(text: &str) -> String {
    let is_invisible = |c: char| matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{fffe}' | '\u{ffff}');
    let cleaned = text.chars().map(|c| match c {
        '\t' | '\n' | '\r' => ' ',
        c if c.is_control() || is_invisible(c) => '\u{fffd}',
        c => c,
    });
    cleaned.collect()
}
