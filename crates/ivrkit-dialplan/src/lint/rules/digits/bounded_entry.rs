//! An entry of any length that a key was to end, written as one pattern for each length.
//!
//! Only its first step makes Asterisk wait: a longer extension counts only if it has a priority 1.
//! So that step gets the patterns, and all others stay where they are, in `_X.`, which has what each
//! of these goes on with.

use crate::{
    lint::{Edit, ExtensionLine, Subject},
    syntax::Place,
};

/// Digits that a code has at least and at most: those of codes in text messages.
const DIGITS: std::ops::RangeInclusive<usize> = 4..=8;

/// The first steps of menus that could be written so.
pub(super) struct BoundedEntries<'a> {
    subject: &'a Subject<'a>,
    /// Their lines, in order.
    lines: Vec<Place>,
}

impl<'a> BoundedEntries<'a> {
    pub(super) fn new(subject: &'a Subject<'a>) -> Self {
        let is_menu =
            |name| subject.context_number(name).and_then(|at| subject.menus().of(at)).is_some();
        let steps = subject.steps().filter(|step| {
            step.priority.number == 1
                && step.extension.key.caller.is_none()
                && is_menu(subject.bytes(step.context.name))
        });
        let mut lines: Vec<_> = steps.map(|step| step.priority.place).collect();
        lines.sort_unstable();
        Self { subject, lines }
    }

    /// What makes patterns of the first step of `_X.#`, whose name stands here, and keeps the steps
    /// behind it. Nothing for other names, or if this is no first step that stands alone.
    pub(super) fn edits(&self, name: Place) -> Option<Vec<Edit>> {
        let key = match self.subject.at(name).split_last()? {
            (&key @ (b'#' | b'*'), pattern) if pattern.trim_ascii_end() == b"_X." => key,
            _ => return None,
        };
        let above = self.lines.partition_point(|line| *line <= name);
        let line = *self.lines[..above].last().filter(|line| name.end <= line.end)?;
        let parts = self.subject.extension_line(line)?;
        if parts.bytes(parts.priority) != b"1" {
            return None;
        }
        let whole = self.subject.removable(line).filter(|line| line.file == name.file)?;
        let text = self.patterns(whole, name, char::from(key))?;
        let mut edits = vec![Edit { place: whole, text }];
        if let Some(next) = self.same_after(line) {
            let keyword = self.subject.dialplan.files.place(next.setting.name)?;
            edits.push(Edit { place: keyword, text: b"exten".to_vec() });
            let priority = next.place(next.priority);
            let before = Place { end: priority.start, ..priority };
            edits.push(Edit { place: before, text: b"_X.,".to_vec() });
        }
        Some(edits)
    }

    /// The line, for each length without the key and with it; nothing can follow the key.
    fn patterns(&self, whole: Place, name: Place, key: char) -> Option<Vec<u8>> {
        let line = self.subject.at(whole);
        let (from, to) = (name.start - whole.start, name.end - whole.start);
        let (before, after) = (line.get(..from as usize)?, line.get(to as usize..)?);
        let mut text = Vec::new();
        for digits in DIGITS {
            for end in [String::new(), key.to_string()] {
                let pattern = format!("_{}{end}", "X".repeat(digits));
                text.extend([before, pattern.as_bytes(), after].concat());
                if !text.ends_with(b"\n") {
                    text.push(b'\n');
                }
            }
        }
        Some(text)
    }

    /// The next line of the section, if it goes on with the extension of this one.
    fn same_after(&self, line: Place) -> Option<ExtensionLine<'_>> {
        let (section, _) = self.subject.setting(line)?;
        let mut settings = section.settings.iter().map(|setting| setting.place);
        settings.find(|&place| place == line)?;
        let next = self.subject.extension_line(settings.next()?)?;
        next.name.is_none().then_some(next)
    }
}
