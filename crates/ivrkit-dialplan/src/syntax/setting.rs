//! Lines of a section: `name = value`, `name => value`, `name += value`.

use super::{
    Kind, MAX_DERIVED_BYTES, Setting, Text,
    reader::{Line, Reader, Stop},
    text::strip,
};
use memchr::memchr;
use std::collections::HashMap;

/// The last line of each name in a section, among the lines noted so far.
#[derive(Debug, Default)]
pub(super) struct LastLines {
    noted: usize,
    by_name: HashMap<Vec<u8>, usize>,
}

impl Reader<'_> {
    /// Adds a line to the open section.
    pub(super) fn setting(&mut self, line: Line) -> Result<(), Stop> {
        let Some(section) = self.open else {
            let help = "begin a [section] above it";
            return Err(self.refuse(Kind::NoSection, line, "line before any section", help));
        };
        let mut text = line.text;
        let is_escaped = self.bytes(text).first() == Some(&b'\\');
        if is_escaped {
            text = text.slice(1, text.len());
            // The comparison is one of signed bytes: those over 127 count as blanks here.
            if !self.bytes(text).first().is_some_and(|&byte| (b'!'..0x80).contains(&byte)) {
                let help = "take the \\ away";
                return Err(self.refuse(Kind::BadEscape, line, "\\ before a blank", help));
            }
        }
        let skipped = usize::from(is_escaped);
        let bytes = self.bytes(text);
        let Some(equals) = memchr(b'=', &bytes[skipped..]).map(|at| at + skipped) else {
            self.say(Kind::NoEquals, line, "line without =, it is skipped");
            return Ok(());
        };
        if equals > skipped && bytes[equals - 1] == b'+' {
            let name = self.stripped(text.slice(0, equals - 1));
            let more = text.slice(equals + 1, text.len());
            return self.append(line, section, name, more);
        }
        let arrow = usize::from(bytes.get(equals + 1) == Some(&b'>'));
        let name = self.stripped(text.slice(0, equals));
        let value = text.slice(equals + 1 + arrow, text.len());
        self.add(line, section, name, value);
        Ok(())
    }

    fn add(&mut self, line: Line, section: usize, name: Text, value: Text) {
        if name.is_empty() {
            self.say(Kind::NoName, line, "nothing before the =, the line is skipped");
            return;
        }
        let value = self.stripped(value);
        let setting =
            Setting { name, value, place: line.place, line: line.number, origin: self.origin };
        self.document.sections[section].settings.push(setting);
    }

    /// `+=`: the text, leading blanks included, goes to the end of the last line of that name.
    fn append(&mut self, line: Line, section: usize, name: Text, more: Text) -> Result<(), Stop> {
        let Some(last) = self.last_of(section, name) else {
            self.add(line, section, name, more);
            return Ok(());
        };
        let old = self.document.sections[section].settings[last].value;
        if self.document.files.derived_bytes() + old.len() > MAX_DERIVED_BYTES {
            let text = format!("+= makes more than {MAX_DERIVED_BYTES} bytes of text");
            return Err(self.refuse(Kind::Limit, line, text, "write shorter lines"));
        }
        let long = self.document.files.extend(old, more);
        self.document.sections[section].settings[last].value = self.stripped(long);
        Ok(())
    }

    /// The last line of a name. The names are noted once `+=` is used in a section.
    fn last_of(&mut self, section: usize, name: Text) -> Option<usize> {
        let LastLines { noted, by_name } = self.last_lines.entry(section).or_default();
        let files = &self.document.files;
        let settings = &self.document.sections[section].settings;
        for (at, setting) in settings.iter().enumerate().skip(*noted) {
            by_name.insert(files.bytes(setting.name).to_vec(), at);
        }
        *noted = settings.len();
        by_name.get(files.bytes(name)).copied()
    }

    fn stripped(&self, text: Text) -> Text {
        let (start, end) = strip(self.bytes(text));
        text.slice(start, end)
    }
}
