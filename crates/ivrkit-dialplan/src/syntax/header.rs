//! Section headers: `[name]`, `[name](!)`, `[name](+)`, `[name](template,...)`.

use super::{
    Document, Files, Kind, MAX_COPIED_SETTINGS, MAX_SECTION_BYTES, Section, Text,
    filter::Filter,
    reader::{Line, Reader, Stop},
};
use crate::{
    index::{IgnoreCase, Index},
    posix_regex::Mistake,
};

/// Sections by their names; looking one up ignores case, and the empty name stands for all.
#[derive(Debug, Default)]
pub(super) struct SectionNames {
    /// The first section of each name.
    first: Index,
    links: Vec<Link>,
    /// No section before this one is plain.
    plain: usize,
}

/// What ties a section to those of the same name.
#[derive(Debug, Default)]
struct Link {
    /// The next one; 0 for none, as section 0 is nobody's next.
    next: u32,
    /// Of the first one: no section of the name before this one is plain.
    plain: u32,
    /// Of the first one: the last section of the name.
    last: u32,
}

impl SectionNames {
    /// Notes the last section.
    fn add(&mut self, files: &Files, sections: &[Section]) {
        let number = sections.len() - 1;
        let narrow = u32::try_from(number).expect("files are shorter than 4 GiB");
        let name = files.bytes(sections[number].name);
        self.links.push(Link { next: 0, plain: narrow, last: narrow });
        if name.is_empty() {
            return;
        }
        match self.first(files, sections, name) {
            None => self.first.insert(self.first.hash(&IgnoreCase(name)), number),
            Some(first) => {
                let last = std::mem::replace(&mut self.links[first].last, narrow);
                self.links[last as usize].next = narrow;
            }
        }
    }

    fn first(&self, files: &Files, sections: &[Section], name: &[u8]) -> Option<usize> {
        if name.is_empty() {
            return (!sections.is_empty()).then_some(0);
        }
        let is_it = |at: usize| files.bytes(sections[at].name).eq_ignore_ascii_case(name);
        self.first.find(self.first.hash(&IgnoreCase(name)), is_it)
    }

    /// The first section that is no template; a template stays one, so those are passed for good.
    fn first_plain(&mut self, files: &Files, sections: &[Section], name: &[u8]) -> Option<usize> {
        if name.is_empty() {
            while sections.get(self.plain)?.is_template {
                self.plain += 1;
            }
            return Some(self.plain);
        }
        let first = self.first(files, sections, name)?;
        let mut at = self.links[first].plain;
        while sections[at as usize].is_template && self.links[at as usize].next != 0 {
            at = self.links[at as usize].next;
        }
        self.links[first].plain = at;
        (!sections[at as usize].is_template).then_some(at as usize)
    }
}

impl Reader<'_> {
    /// Begins a section, or goes on with one.
    pub(super) fn header(&mut self, line: Line) -> Result<(), Stop> {
        let bytes = self.bytes(line.text);
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
        let options = options[..end].to_vec();
        self.with_options(line, name, &options)
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
        let Document { files, sections, .. } = &self.document;
        let found = match filter {
            b"" => self.names.first_plain(files, sections, &bytes),
            b"TEMPLATES=include" => self.names.first(files, sections, &bytes),
            filter => self.filtered(line, &bytes, filter)?,
        };
        found.ok_or_else(|| {
            let name = self.bytes(name).escape_ascii();
            let text = format!("(+) adds to [{name}], which is not there");
            let help = "begin the section without (+), or above this line";
            self.refuse(Kind::AppendMissing, line, text, help)
        })
    }

    /// The first section of a name that has certain lines.
    fn filtered(&mut self, line: Line, name: &[u8], filter: &[u8]) -> Result<Option<usize>, Stop> {
        let Document { files, sections, version, .. } = &self.document;
        let is_called = |section: &(usize, &Section)| {
            name.is_empty() || files.bytes(section.1.name).eq_ignore_ascii_case(name)
        };
        let mut named = sections.iter().enumerate().filter(is_called).peekable();
        let found = match Filter::new(filter, *version) {
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
                    self.say(kind, line, format!("the regular expression {shown}: {why}"));
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
        Err(self.refuse(Kind::Limit, line, text, "let fewer sections use templates"))
    }

    fn inherited(&mut self, line: Line, base: &[u8]) -> Result<Vec<super::Setting>, Stop> {
        let Document { files, sections, .. } = &self.document;
        let Some(found) = self.names.first(files, sections, base) else {
            let text = format!("the template [{}] is not there", base.escape_ascii());
            let help = "names of templates stand above their use, without blanks";
            return Err(self.refuse(Kind::TemplateMissing, line, text, help));
        };
        self.copied_settings += self.document.sections[found].settings.len();
        self.check_copies(line)?;
        Ok(self.document.sections[found].settings.clone())
    }

    fn begin(&mut self, mut section: Section) {
        section.name = section.name.slice(0, section.name.len().min(MAX_SECTION_BYTES));
        let number = self.document.sections.len();
        self.document.sections.push(section);
        self.names.add(&self.document.files, &self.document.sections);
        (self.open, self.current) = (Some(number), Some(number));
    }
}
