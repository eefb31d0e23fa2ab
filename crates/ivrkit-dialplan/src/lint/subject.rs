//! The dialplan that is linted, with what rules ask of it.

use super::{
    ExtensionLine, Reading, Settings, Step, Variables,
    flow::Flow,
    meant::Applications,
    menu::Menus,
    nearest::nearest,
    remembered::Remembered,
    spelling::{self, Spelling},
    taint::Taints,
    target::Index,
};
use crate::{
    application::{Entry, nearest_application},
    dialplan::{Context, Dialplan},
    syntax::{Comments, File, Left, Place, Section, Setting, Text, narrow, strip},
};
use hashbrown::{HashMap, HashSet};
use std::sync::{Arc, OnceLock};

/// The dialplan that is linted.
#[derive(Debug)]
pub struct Subject<'a> {
    /// What Asterisk loads.
    pub dialplan: &'a Dialplan,
    /// The lines it loads that from.
    pub sections: &'a [Section],
    /// What the operator says.
    pub settings: &'a Settings,
    applications: OnceLock<Applications>,
    /// The contexts by name, as their place in the dialplan.
    contexts: HashMap<&'a [u8], u32>,
    index: OnceLock<Index>,
    spellings: OnceLock<Vec<Spelling>>,
    menus: OnceLock<Menus>,
    flow: OnceLock<Flow>,
    variables: OnceLock<Variables>,
    /// For each reading of a file whether it is the first of that file.
    is_first_reading: Vec<bool>,
    /// For each reading of a file whether it is the only one.
    is_read_once: Vec<bool>,
    /// For each reading of a file where its lines begin, once asked.
    line_starts: Vec<OnceLock<Vec<u32>>>,
    /// The lines by their places, once asked; of several in one place that of the first section.
    settings_at: OnceLock<HashMap<Place, (u32, u32)>>,
    /// The places of lines that stand in several sections, through templates.
    copied: OnceLock<HashSet<Place>>,
    taints: OnceLock<Taints>,
    nearest_contexts: Remembered<Option<Arc<str>>>,
    nearest_applications: Remembered<Option<&'static Entry>>,
}

impl<'a> Subject<'a> {
    /// A dialplan under some settings.
    pub fn new(reading: &'a Reading, settings: &'a Settings) -> Self {
        let Reading { sections, dialplan, .. } = reading;
        let names = dialplan.contexts.iter().map(|one| dialplan.files.bytes(one.name));
        let contexts = names.zip(0..).collect();
        let files = dialplan.files.all();
        let mut readings = HashMap::new();
        for file in files {
            *readings.entry(&file.name).or_insert(0) += 1;
        }
        let mut seen = HashSet::new();
        Self {
            dialplan,
            sections,
            settings,
            applications: OnceLock::new(),
            contexts,
            index: OnceLock::new(),
            spellings: OnceLock::new(),
            menus: OnceLock::new(),
            flow: OnceLock::new(),
            variables: OnceLock::new(),
            is_first_reading: files.iter().map(|file| seen.insert(&file.name)).collect(),
            is_read_once: files.iter().map(|file| readings[&file.name] == 1).collect(),
            line_starts: files.iter().map(|_| OnceLock::new()).collect(),
            settings_at: OnceLock::new(),
            copied: OnceLock::new(),
            taints: OnceLock::new(),
            nearest_contexts: Remembered::default(),
            nearest_applications: Remembered::default(),
        }
    }

    /// The bytes of a text.
    pub fn bytes(&self, text: Text) -> &'a [u8] {
        self.dialplan.files.bytes(text)
    }

    /// A text as messages show it.
    pub fn shown(&self, text: Text) -> String {
        shown(self.bytes(text))
    }

    /// The files with their numbers, each file once.
    pub fn files(&self) -> impl Iterator<Item = (u32, &'a File)> {
        let all = (0..).zip(self.dialplan.files.all());
        all.filter(|&(number, _)| self.is_first_reading(number))
    }

    /// Whether a reading of a file is the first of that file.
    pub fn is_first_reading(&self, file: u32) -> bool {
        self.is_first_reading[file as usize]
    }

    /// The sections with extensions: all but `[general]` and `[globals]`.
    pub fn contexts_and_templates(&self) -> impl Iterator<Item = &'a Section> {
        self.sections.iter().filter(|section| self.has_extensions(section))
    }

    /// Whether a section is none of those that are about other things.
    pub(super) fn has_extensions(&self, section: &Section) -> bool {
        let name = self.bytes(section.name);
        !name.eq_ignore_ascii_case(b"general") && !name.eq_ignore_ascii_case(b"globals")
    }

    /// The line in its file that a place begins in, from 1.
    pub fn line(&self, place: Place) -> usize {
        let starts = self.line_starts[place.file as usize].get_or_init(|| {
            let ends = memchr::memchr_iter(b'\n', &self.dialplan.files.file(place.file).bytes);
            std::iter::once(0).chain(ends.map(|at| narrow(at + 1))).collect()
        });
        starts.partition_point(|&start| start <= place.start)
    }

    /// The setting whose line this is, with its section; the first of several through templates.
    pub fn setting(&self, line: Place) -> Option<(&'a Section, &'a Setting)> {
        let settings = self.settings_at.get_or_init(|| {
            let count = self.sections.iter().map(|section| section.settings.len()).sum();
            let mut at = HashMap::with_capacity(count);
            for (section, lines) in (0..).zip(self.sections) {
                for (setting, line) in (0..).zip(&lines.settings) {
                    at.entry(line.place).or_insert((section, setting));
                }
            }
            at
        });
        let &(section, setting) = settings.get(&line)?;
        let section = &self.sections[section as usize];
        Some((section, &section.settings[setting as usize]))
    }

    /// The parts of an `exten` or `same` line.
    pub fn extension_line(&self, line: Place) -> Option<ExtensionLine<'_>> {
        let (section, setting) = self.setting(line)?;
        ExtensionLine::new(self, section, setting)
    }

    /// What is lost when Asterisk stops at a line: all, unless another file included this one.
    pub fn cost_of_stopping(&self, line: Place) -> &'static str {
        if line.file == 0 {
            "Asterisk refuses the whole dialplan and keeps the old one"
        } else {
            "the rest of this file is not read"
        }
    }

    /// The bytes at a place.
    pub fn at(&self, place: Place) -> &'a [u8] {
        let file = self.dialplan.files.file(place.file);
        &file.bytes[place.start as usize..place.end as usize]
    }

    /// The place of a line without the comment that ends it.
    pub fn code(&self, line: Place) -> Place {
        let bytes = self.at(line);
        match Comments::default().take_out(bytes, 0, || ()) {
            Left::Part { start, end } => {
                let (from, to) = strip(&bytes[start..end]);
                part(line, start + from, start + to)
            }
            Left::Nothing | Left::Changed(_) => line,
        }
    }

    /// The empty place after what Asterisk reads of a line.
    pub fn end_of_code(&self, line: Place) -> Place {
        let code = self.code(line);
        Place { start: code.end, ..code }
    }

    /// The place of a whole line with its end, if it can be taken away without harm to others: no
    /// other section has it through a template, and its file is read once.
    pub fn removable(&self, line: Place) -> Option<Place> {
        let copied = self.copied.get_or_init(|| {
            let mut seen = HashSet::new();
            let settings = self.sections.iter().flat_map(|section| &section.settings);
            settings.map(|one| one.place).filter(|&place| !seen.insert(place)).collect()
        });
        if copied.contains(&line) || !self.is_read_once[line.file as usize] {
            return None;
        }
        let bytes = self.dialplan.files.file(line.file).bytes.as_slice();
        let (start, end) = (line.start as usize, line.end as usize);
        let start = bytes[..start].iter().rposition(|&byte| byte == b'\n').map_or(0, |at| at + 1);
        let rest = bytes[end..].iter().position(|&byte| byte == b'\n');
        let end = rest.map_or(bytes.len(), |at| end + at + 1);
        Some(Place { file: line.file, start: narrow(start), end: narrow(end) })
    }

    /// The context of exactly this name.
    pub fn context(&self, name: &[u8]) -> Option<&'a Context> {
        self.context_number(name).map(|number| &self.dialplan.contexts[number])
    }

    /// The place of a context among those of the dialplan.
    pub(crate) fn context_number(&self, name: &[u8]) -> Option<usize> {
        self.contexts.get(name).map(|&number| number as usize)
    }

    /// What is known of the applications that are named.
    pub(super) fn applications(&self) -> &Applications {
        self.applications.get_or_init(|| Applications::of(self))
    }

    /// What is looked up again and again, made when it is first asked for.
    pub(super) fn index(&self) -> &Index {
        self.index.get_or_init(|| Index::new(self))
    }

    /// The context that was most likely meant by a name that none has, among those of the PBX and of
    /// the files.
    pub(super) fn nearest_context(&self, name: &str) -> Option<Arc<str>> {
        self.nearest_contexts.answer(name.as_bytes(), || {
            let own = self.dialplan.contexts.iter().map(|context| self.bytes(context.name));
            let external = self.settings.external_contexts.iter().map(String::as_bytes);
            let meant = nearest(name.as_bytes(), external.chain(own))?;
            Some(String::from_utf8_lossy(meant).into())
        })
    }

    /// The application that was most likely meant by a name that none has.
    pub(super) fn nearest_application(&self, name: &[u8]) -> Option<&'static Entry> {
        let find = || nearest_application(name, self.settings.version);
        self.nearest_applications.answer(name, find)
    }

    /// Whether the operator says that the PBX has this context, although no file shows it.
    pub fn is_external(&self, name: &[u8]) -> bool {
        self.settings.external_contexts.iter().any(|known| known.as_bytes() == name)
    }

    /// Which variables are set and read.
    pub fn variables(&self) -> &Variables {
        self.variables.get_or_init(|| Variables::of(self))
    }

    /// What callers control, and where it does harm.
    pub(super) fn taints(&self) -> &Taints {
        self.taints.get_or_init(|| Taints::new(self))
    }

    /// The names of extensions that are patterns, or look as if they should be.
    pub(super) fn spellings(&self) -> &[Spelling] {
        self.spellings.get_or_init(|| spelling::spellings(self))
    }

    /// How calls move through the dialplan.
    pub(super) fn flow(&'a self) -> &'a Flow {
        self.flow.get_or_init(|| Flow::new(self))
    }

    /// Where callers type extensions.
    pub(super) fn menus(&self) -> &Menus {
        self.menus.get_or_init(|| Menus::new(self))
    }

    /// All steps, context by context in the order of the listing's extensions; hints are none.
    pub fn steps(&self) -> impl Iterator<Item = Step<'_>> {
        self.dialplan.contexts.iter().flat_map(move |context| {
            context.extensions.iter().flat_map(move |extension| {
                let steps = extension.priorities.iter().filter(|one| one.number > 0);
                steps.map(move |priority| Step { subject: self, context, extension, priority })
            })
        })
    }
}

/// Bytes as messages show them: what is no text, and what would disturb a terminal, is spelled out.
pub(crate) fn shown(bytes: &[u8]) -> String {
    let mut text = String::with_capacity(bytes.len());
    for c in String::from_utf8_lossy(bytes).chars() {
        if c.is_control() || is_invisible(c) {
            text.extend(c.escape_default());
        } else {
            text.push(c);
        }
    }
    text
}

/// Characters without a shape of their own, and those that turn the direction of a text.
fn is_invisible(c: char) -> bool {
    matches!(c, '\u{a0}' | '\u{ad}' | '\u{2000}'..='\u{200f}' | '\u{2028}'..='\u{202f}'
        | '\u{205f}'..='\u{206f}' | '\u{3000}' | '\u{feff}')
}

/// A part of a place; the offsets count from its start.
pub(crate) fn part(place: Place, start: usize, end: usize) -> Place {
    Place { file: place.file, start: place.start + narrow(start), end: place.start + narrow(end) }
}
