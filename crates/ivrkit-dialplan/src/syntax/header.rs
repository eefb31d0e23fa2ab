//! Section headers: `[name]`, `[name](!)`, `[name](+)`, `[name](template,...)`.

use super::{
    Document, Kind, MAX_COPIED_SETTINGS, MAX_SECTION_BYTES, Section, Text,
    filter::Filter,
    reader::{Line, Reader, Stop},
};
use crate::posix_regex::Mistake;
use std::collections::{HashMap, VecDeque};

/// Sections by their names; looking one up ignores case.
#[derive(Debug, Default)]
pub(super) struct SectionNames {
    /// The first section of each name, and the first of all under the empty one.
    first: HashMap<Vec<u8>, usize>,
    /// The sections of each name that may be no templates; all of them under the empty name.
    plain: HashMap<Vec<u8>, VecDeque<usize>>,
}

impl SectionNames {
    fn add(&mut self, name: &[u8], section: usize) {
        let name = name.to_ascii_lowercase();
        self.first.entry(Vec::new()).or_insert(section);
        self.plain.entry(Vec::new()).or_default().push_back(section);
        if !name.is_empty() {
            self.first.entry(name.clone()).or_insert(section);
            self.plain.entry(name).or_default().push_back(section);
        }
    }

    fn first(&self, name: &[u8]) -> Option<usize> {
        self.first.get(&name.to_ascii_lowercase()).copied()
    }

    /// The first section that is no template; a template stays one, so those are dropped for good.
    fn first_plain(&mut self, name: &[u8], sections: &[Section]) -> Option<usize> {
        let found = self.plain.get_mut(&name.to_ascii_lowercase())?;
        while sections[*found.front()?].is_template {
            found.pop_front();
        }
        found.front().copied()
    }
}

impl Reader<'_> {
    /// Begins a section, or goes on with one.
    pub(super) fn header(&mut self, line: Line) -> Result<(), Stop> {
        let bytes = self.bytes(line.text).to_vec();
        let Some(close) = bytes.iter().position(|&byte| byte == b']') else {
            let help = "close the name of the section with ]";
            return Err(self.refuse(Kind::HeaderBracket, line, "section header without ]", help));
        };
        let name = line.text.slice(1, close);
        let Some((b'(', options)) = bytes[close + 1..].split_first() else {
            self.begin(Section { name, is_template: false, settings: Vec::new() });
            return Ok(());
        };
        let Some(end) = options.iter().position(|&byte| byte == b')') else {
            let help = "close what follows the section's name with )";
            return Err(self.refuse(
                Kind::HeaderParenthesis,
                line,
                "section header with ( and no )",
                help,
            ));
        };
        self.with_options(line, name, &options[..end])
    }

    fn with_options(&mut self, line: Line, name: Text, options: &[u8]) -> Result<(), Stop> {
        let mut new = Some(Section { name, is_template: false, settings: Vec::new() });
        // The section that what follows adds to: the new one, or after a + the old one.
        let mut old: Option<usize> = None;
        for option in options.split(|&byte| byte == b',') {
            match (option, old) {
                (b"!", None) => new.as_mut().expect("it is there until a +").is_template = true,
                (b"!", Some(old)) => self.document.sections[old].is_template = true,
                ([b'+', filter @ ..], _) => {
                    let found = self.append_to(line, name, filter)?;
                    if let Some(new) = new.take() {
                        self.current = Some(found);
                        let section = &mut self.document.sections[found];
                        section.is_template |= new.is_template;
                        section.settings.extend(new.settings);
                    }
                    old = Some(found);
                }
                (base, _) => {
                    let copies = self.inherited(line, base)?;
                    match (&mut new, old) {
                        (Some(new), _) => new.settings.extend(copies),
                        (None, Some(old)) => self.document.sections[old].settings.extend(copies),
                        (None, None) => unreachable!("a section is new until a + was seen"),
                    }
                }
            }
        }
        match (new, old) {
            (Some(new), _) => self.begin(new),
            (None, old) => self.open = old,
        }
        Ok(())
    }

    fn append_to(&mut self, line: Line, name: Text, filter: &[u8]) -> Result<usize, Stop> {
        let bytes = self.bytes(name).to_vec();
        let found = match filter {
            b"" => self.names.first_plain(&bytes, &self.document.sections),
            b"TEMPLATES=include" => self.names.first(&bytes),
            filter => self.filtered(line, &bytes, filter)?,
        };
        found.ok_or_else(|| {
            let text = format!("(+) adds to [{}], which is not there", bytes.escape_ascii());
            let help = "begin the section without (+), or above this line";
            self.refuse(Kind::AppendMissing, line, &text, help)
        })
    }

    /// The first section of a name that has certain lines.
    fn filtered(&mut self, line: Line, name: &[u8], filter: &[u8]) -> Result<Option<usize>, Stop> {
        let Document { files, sections, .. } = &self.document;
        let is_called = |section: &(usize, &Section)| {
            name.is_empty() || files.bytes(section.1.name).eq_ignore_ascii_case(name)
        };
        let mut named = sections.iter().enumerate().filter(is_called).peekable();
        let found = match Filter::new(filter) {
            Ok(filter) => named.find(|(_, section)| filter.fits(files, section)).map(|one| one.0),
            Err((pattern, mistake)) => {
                let is_asked = named.peek().is_some();
                drop(named);
                if is_asked {
                    let (kind, why) = match mistake {
                        Mistake::Refused(why) => (Kind::FilterRegex, why),
                        Mistake::Unsupported => (Kind::NotModelled, "not computed here"),
                    };
                    let shown = pattern.escape_ascii();
                    self.say(kind, line, &format!("the regular expression {shown}: {why}"));
                }
                None
            }
        };
        // Each filter looks at everything once more.
        let looked_at = self.document.sections.iter().map(|one| 1 + one.settings.len());
        self.copied_settings += looked_at.sum::<usize>();
        self.check_copies(line)?;
        Ok(found)
    }

    fn check_copies(&mut self, line: Line) -> Result<(), Stop> {
        if self.copied_settings <= MAX_COPIED_SETTINGS {
            return Ok(());
        }
        let text = format!("templates copy more than {MAX_COPIED_SETTINGS} lines");
        Err(self.refuse(Kind::Limit, line, &text, "let fewer sections use templates"))
    }

    fn inherited(&mut self, line: Line, base: &[u8]) -> Result<Vec<super::Setting>, Stop> {
        let Some(found) = self.names.first(base) else {
            let text = format!("the template [{}] is not there", base.escape_ascii());
            let help = "names of templates stand above their use, without blanks";
            return Err(self.refuse(Kind::TemplateMissing, line, &text, help));
        };
        self.copied_settings += self.document.sections[found].settings.len();
        self.check_copies(line)?;
        Ok(self.document.sections[found].settings.clone())
    }

    fn begin(&mut self, mut section: Section) {
        section.name = section.name.slice(0, section.name.len().min(MAX_SECTION_BYTES));
        let name = self.bytes(section.name).to_vec();
        let number = self.document.sections.len();
        self.names.add(&name, number);
        self.document.sections.push(section);
        (self.open, self.current) = (Some(number), Some(number));
    }
}
