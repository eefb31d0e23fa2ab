//! Findings with the line they are in, as compilers show them, and a summary.

use super::counts;
use annotate_snippets::{AnnotationKind, Group, Level, Renderer, Snippet, Title};
use ivrkit_dialplan::{
    diagnostic::{Diagnostic, Severity},
    scenario::Reading,
    source::Source,
};
use std::{
    env,
    io::{self, IsTerminal},
    ops::Range,
};

/// Longest piece of a line that is shown, in bytes; real lines are shorter.
const MAX_LINE_BYTES: usize = 400;

/// Whether findings are coloured.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Look {
    /// Text alone.
    Plain,
    /// With the colours of a terminal.
    Coloured,
}

impl Look {
    /// Coloured on a terminal, unless `NO_COLOR` (see no-color.org) or `TERM=dumb` asks for text
    /// alone.
    pub fn of(out: &impl IsTerminal) -> Self {
        let is_set = |name| env::var_os(name).is_some_and(|value| !value.is_empty());
        let is_dumb = env::var_os("TERM").is_some_and(|term| term == "dumb");
        if out.is_terminal() && !is_set("NO_COLOR") && !is_dumb {
            Self::Coloured
        } else {
            Self::Plain
        }
    }

    pub(super) fn renderer(self) -> Renderer {
        match self {
            Self::Plain => Renderer::plain(),
            Self::Coloured => Renderer::styled(),
        }
    }
}

/// Writes every finding with its place, its line and what to do.
///
/// # Errors
/// Those of `out`.
pub fn write_text(out: &mut impl io::Write, reading: &Reading, look: Look) -> io::Result<()> {
    let renderer = look.renderer();
    for finding in &reading.diagnostics {
        let excerpt = Excerpt::around(finding, &reading.source);
        writeln!(out, "{}\n", renderer.render(&[excerpt.group(finding, &reading.source)]))?;
    }
    Ok(())
}

/// Writes one line: how many mistakes there are.
///
/// # Errors
/// Those of `out`.
pub fn write_summary(out: &mut impl io::Write, reading: &Reading) -> io::Result<()> {
    let name = reading.source.name();
    let counted = |count: usize, what: &str| match count {
        1 => format!("1 {what}"),
        _ => format!("{count} {what}s"),
    };
    match counts(reading) {
        (0, 0) => writeln!(out, "{name}: no mistakes"),
        (0, warnings) => writeln!(out, "{name}: {}", counted(warnings, "warning")),
        (errors, 0) => writeln!(out, "{name}: {}", counted(errors, "error")),
        (errors, warnings) => {
            writeln!(out, "{name}: {}, {}", counted(errors, "error"), counted(warnings, "warning"))
        }
    }
}

/// The line of a finding, cut to a readable length, and the place in it.
pub(super) struct Excerpt {
    line: String,
    number: usize,
    start: usize,
    end: usize,
}

impl Excerpt {
    fn around(finding: &Diagnostic, source: &Source) -> Self {
        let text = source.text();
        let at = finding.span.start.min(text.len());
        let first = text[..at].rfind('\n').map_or(0, |newline| newline + 1);
        let last = text[at..].find('\n').map_or(text.len(), |newline| at + newline);
        // A line without an end is shown around the place only.
        let from = if at - first > MAX_LINE_BYTES / 2 { at - MAX_LINE_BYTES / 2 } else { first };
        let from = (from..=at).find(|&byte| text.is_char_boundary(byte)).unwrap_or(at);
        let to = last.min(from + MAX_LINE_BYTES).max(at);
        let to = (at..=to).rev().find(|&byte| text.is_char_boundary(byte)).unwrap_or(at);
        let end = finding.span.end.clamp(at, to);
        Self {
            line: without_password(text[from..to].trim_end_matches('\r')),
            number: source.position(at).line,
            start: at - from,
            end: end - from,
        }
    }

    /// Of a line that may be no text: bytes that are no characters show as `\u{fffd}`.
    pub(super) fn of_bytes(line: &[u8], number: usize, place: Range<usize>) -> Self {
        let from = place.start.saturating_sub(MAX_LINE_BYTES / 2);
        let to = line.len().min(from + MAX_LINE_BYTES);
        let end = place.end.min(to);
        let shown = |range: Range<usize>| String::from_utf8_lossy(&line[range]).into_owned();
        let (before, marked) = (shown(from..place.start), shown(place.start..end));
        let (start, end) = (before.len(), before.len() + marked.len());
        let line = without_password(&[before, marked, shown(place.end.min(to)..to)].concat());
        Self { line, number, start, end }
    }

    fn group<'a>(&'a self, finding: &'a Diagnostic, source: &'a Source) -> Group<'a> {
        let level = match finding.severity {
            Severity::Error => Level::ERROR,
            Severity::Warning => Level::WARNING,
            Severity::Hint => Level::HELP,
        };
        let title = level.primary_title(finding.message.as_str()).id(finding.code);
        self.under(title, source.name(), finding.help.as_deref())
    }

    /// The excerpt below a title, with what to do about it.
    pub(super) fn under<'a>(
        &'a self,
        title: Title<'a>,
        path: &'a str,
        help: Option<&'a str>,
    ) -> Group<'a> {
        let snippet = Snippet::source(self.line.as_str())
            .line_start(self.number)
            .path(path)
            .annotation(AnnotationKind::Primary.span(self.start..self.end.min(self.line.len())));
        let group = title.element(snippet);
        match help {
            Some(help) => group.element(Level::HELP.message(help)),
            None => group,
        }
    }
}

/// Stars in place of a password in `scheme://user:password@host`: what is shown may be logged. The
/// length stays, so that places stay.
pub(super) fn without_password(line: &str) -> String {
    let mut shown = line.to_owned();
    let mut from = 0;
    while let Some(scheme) = shown[from..].find("://").map(|at| from + at + 3) {
        from = scheme;
        let authority = shown[scheme..].split(['/', ' ', '"', '\'']).next().unwrap_or_default();
        let Some((user, _)) = authority.rsplit_once('@') else { continue };
        let Some((name, password)) = user.split_once(':') else { continue };
        let start = scheme + name.len() + 1;
        let range = start..start + password.len();
        shown.replace_range(range.clone(), &"*".repeat(range.len()));
    }
    shown
}

#[cfg(test)]
mod tests {
    use super::*;
    use ivrkit_dialplan::source::Span;

    fn check(line: &str, start: usize, expected: &str) {
        let source = Source::new("scenario.yaml", line);
        let finding = Diagnostic::error("unknown-key", Span::new(start, start + 3), "found it")
            .with_help("cure");
        let diagnostics = vec![finding];
        let reading = Reading { source, scenario: None, diagnostics };
        let mut out = Vec::new();
        write_text(&mut out, &reading, Look::Plain).unwrap();
        assert_eq!(String::from_utf8(out).unwrap(), expected);
    }

    #[test]
    fn a_finding_shows_its_line_and_its_place() {
        check(
            "a: 1\nbcd: 2\n",
            5,
            "\
error[unknown-key]: found it
 --> scenario.yaml:2:1
  |
2 | bcd: 2
  | ^^^
  |
  = help: cure

",
        );
    }

    #[test]
    fn wide_characters_take_two_columns_of_the_terminal() {
        check(
            "text: 验证码 abc\r\n",
            16,
            "\
error[unknown-key]: found it
 --> scenario.yaml:1:11
  |
1 | text: 验证码 abc
  |              ^^^
  |
  = help: cure

",
        );
    }

    #[test]
    fn colours_come_when_asked_for_only() {
        let source = Source::new("scenario.yaml", "a: 1\n");
        let finding = Diagnostic::warning("unused-prompt", Span::new(0, 1), "found it");
        let reading = Reading { source, scenario: None, diagnostics: vec![finding] };
        for (look, is_coloured) in [(Look::Plain, false), (Look::Coloured, true)] {
            let mut out = Vec::new();
            write_text(&mut out, &reading, look).unwrap();
            assert_eq!(out.contains(&0x1b), is_coloured);
        }
    }

    #[test]
    fn passwords_are_starred() {
        let line = "push_to: sftp://pbx:se@cret@192.0.2.1/media # ftp://a:b@c";
        assert_eq!(
            without_password(line),
            "push_to: sftp://pbx:*******@192.0.2.1/media # ftp://a:*@c"
        );
        assert_eq!(
            without_password("sftp://pbx@192.0.2.1:22/a:b@c"),
            "sftp://pbx@192.0.2.1:22/a:b@c"
        );
    }

    #[test]
    fn a_line_without_end_is_cut() {
        let line = format!("{}验{}", "验".repeat(100_000), "b".repeat(100_000));
        let source = Source::new("scenario.yaml", line);
        let finding = Diagnostic::error("unknown-key", Span::new(300_000, 400_003), "found it");
        let reading = Reading { source, scenario: None, diagnostics: vec![finding] };
        let mut out = Vec::new();
        write_text(&mut out, &reading, Look::Plain).unwrap();
        assert!(out.len() < 2_000, "{}", out.len());
    }
}
