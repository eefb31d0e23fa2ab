//! `[name](+line=value)`: which of the sections of that name is meant, by the lines it has.

use super::{Files, Section};
use crate::{
    application::Version,
    posix_regex::{Mistake, PosixRegex},
};

/// One `name=value` of a filter.
enum Condition {
    /// `TEMPLATES=include`: templates count as well.
    WithTemplates,
    /// `TEMPLATES=restrict`: templates count alone.
    TemplatesOnly,
    /// Some line has a name and a value in which these are found.
    Line(Box<(PosixRegex, PosixRegex)>),
    /// What is left of the filter does not count, and nothing fits.
    Never,
}

/// What a `+` is followed by.
pub(super) struct Filter(Vec<Condition>);

impl Filter {
    /// Reads the conditions, `&` between them.
    ///
    /// To 16 nothing is no text: a `&` at the end counts for nothing, and a `=` at the end has no
    /// value.
    pub(super) fn new(text: &[u8], version: Version) -> Result<Self, (Vec<u8>, Mistake)> {
        let is_there = |text: &&[u8]| version >= Version::V22 || !text.is_empty();
        let mut conditions = Vec::new();
        let mut rest = Some(text);
        while let Some(text) = rest.filter(is_there) {
            let (part, after) = separated(text, b'&');
            rest = after;
            let (name, value) = separated(stripped(part), b'=');
            let value = value.filter(is_there).map(|value| stripped(separated(value, b'=').0));
            conditions.push(match (stripped(name), value) {
                (b"TEMPLATES", Some(value)) if value.eq_ignore_ascii_case(b"include") => {
                    Condition::WithTemplates
                }
                (b"TEMPLATES", Some(value)) if value.eq_ignore_ascii_case(b"restrict") => {
                    Condition::TemplatesOnly
                }
                (b"TEMPLATES", _) | (_, None) => Condition::Never,
                (name, Some(value)) => {
                    Condition::Line(Box::new((compiled(name)?, compiled(value)?)))
                }
            });
        }
        Ok(Self(conditions))
    }

    /// Whether a section fits every condition.
    pub(super) fn fits(&self, files: &Files, section: &Section) -> bool {
        let mut takes_templates = false;
        let is_so = |condition: &Condition| match condition {
            Condition::WithTemplates => true,
            Condition::TemplatesOnly => section.is_template,
            Condition::Line(patterns) => section.settings.iter().any(|setting| {
                let (name, value) = &**patterns;
                name.find(files.bytes(setting.name)).is_some()
                    && value.find(files.bytes(setting.value)).is_some()
            }),
            Condition::Never => false,
        };
        for condition in &self.0 {
            if !is_so(condition) {
                return false;
            }
            takes_templates |=
                matches!(condition, Condition::WithTemplates | Condition::TemplatesOnly);
        }
        takes_templates || !section.is_template
    }
}

/// What stands before a mark outside of quotes, and what follows it.
fn separated(text: &[u8], mark: u8) -> (&[u8], Option<&[u8]>) {
    let mut quotes: Vec<u8> = Vec::new();
    let mut at = 0;
    while at < text.len() {
        if text[at] == b'\\' {
            at += 2;
        }
        match text.get(at) {
            Some(quote @ (b'\'' | b'"')) if quotes.last() == Some(quote) => {
                quotes.pop();
            }
            Some(quote @ (b'\'' | b'"')) => quotes.push(*quote),
            Some(&byte) if byte == mark && quotes.is_empty() => {
                return (&text[..at], Some(&text[at + 1..]));
            }
            _ => {}
        }
        at += 1;
    }
    (text, None)
}

/// Without blanks around it, and without one pair of quotes.
fn stripped(text: &[u8]) -> &[u8] {
    let (start, end) = super::strip(text);
    match &text[start..end] {
        [first @ (b'\'' | b'"'), inner @ .., last] if first == last => inner,
        text => text,
    }
}

fn compiled(pattern: &[u8]) -> Result<PosixRegex, (Vec<u8>, Mistake)> {
    PosixRegex::new(pattern, false).map_err(|mistake| (pattern.to_vec(), mistake))
}
