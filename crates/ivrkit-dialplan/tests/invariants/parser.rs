//! What must hold of every dialplan, whatever its bytes.
//!
//! Used by the fuzz target `parser` and by `tests/fuzz.rs`. The bytes are the main file; each line
//! `%%% NAME` begins a file that it may include.

use ivrkit_dialplan::{
    dialplan::{self, Context, Dialplan, Extension},
    syntax::{
        self, Contents, Document, File, Files, Found, Lines, MAX_LINE_BYTES, Message, Place,
        Provider, Section, Text,
    },
};
use std::{convert::Infallible, sync::Arc};

/// Begins the name of a further file.
const SEPARATOR: &[u8] = b"%%% ";
/// Readings of included files in one run. The engine allows many more; they would only take time.
const MAX_READINGS: usize = 100;

/// Files by name; a name with `*` stands for all of them.
#[derive(Clone)]
pub(crate) struct InMemory {
    files: Vec<(Vec<u8>, Arc<Vec<u8>>)>,
    readings: usize,
}

impl InMemory {
    /// The main file, and those that it may include.
    pub(crate) fn divide(bytes: &[u8]) -> (Vec<u8>, Self) {
        let (mut main, mut files) = (Vec::new(), Vec::new());
        for line in bytes.split_inclusive(|&byte| byte == b'\n') {
            if let Some(name) = line.strip_prefix(SEPARATOR) {
                files.push((name.trim_ascii().to_vec(), Vec::new()));
            } else {
                files.last_mut().map_or(&mut main, |(_, text)| text).extend_from_slice(line);
            }
        }
        let files = files.into_iter().filter(|(name, _): &(Vec<u8>, _)| !name.is_empty());
        let files = files.map(|(name, text)| (name, Arc::new(text))).collect();
        (main, Self { files, readings: 0 })
    }
}

impl Provider for InMemory {
    fn find(&mut self, name: &[u8]) -> Vec<Found> {
        let is_asked = |own: &[u8]| name.contains(&b'*') || own == name;
        let asked = self.files.iter().filter(|(own, _)| is_asked(own));
        let left = MAX_READINGS.saturating_sub(self.readings);
        let found = asked.take(left).map(|(own, text)| Found {
            path: own.clone(),
            contents: match own.first() {
                Some(b'/') => Contents::NotAFile,
                Some(b'!') => Contents::Unreadable,
                _ => Contents::File(Arc::clone(text)),
            },
        });
        let found: Vec<Found> = found.collect();
        self.readings += found.len();
        found
    }
}

/// Loads the bytes and looks at all that came of them.
pub(crate) fn check(bytes: &[u8]) {
    let (main, mut provider) = InMemory::divide(bytes);
    let document = syntax::read(b"x", main.clone(), &mut provider.clone());
    check_document(&document);
    let dialplan = dialplan::load(b"x", main, &mut provider);
    assert_eq!(dialplan.is_refused, document.is_refused);
    assert!(dialplan.messages.starts_with(&document.messages), "reading comes before loading");
    check_dialplan(&dialplan);
    if !document.is_refused {
        check_printed(&document, &dialplan);
    }
}

fn check_document(document: &Document) {
    let files = &document.files;
    for section in &document.sections {
        assert!(section.name.len() <= syntax::MAX_SECTION_BYTES);
        for setting in &section.settings {
            check_place(files, setting.place);
            check_text(files, setting.name, setting.place);
            let value = files.bytes(setting.value);
            assert_eq!(value.len(), setting.value.len());
            let name = files.bytes(setting.name);
            assert!(!name.is_empty() && is_stripped(name) && is_stripped(value));
            assert!(!name.contains(&0) && !value.contains(&0) && !value.contains(&b'\n'));
            assert!(setting.line > 0 && !files.origin(setting.origin).is_empty());
        }
    }
    check_messages(files, &document.messages);
}

fn check_messages(files: &Files, messages: &[Message]) {
    let mut lines = Lines::new(files);
    for message in messages {
        check_place(files, message.place);
        let excerpt = lines.excerpt(message.place);
        assert!(excerpt.start <= excerpt.end && excerpt.end <= excerpt.text.len());
        assert!(excerpt.column() <= excerpt.end_column());
        assert!(!message.text.is_empty());
    }
}

/// A text that stands in a file stands within its line.
fn check_text(files: &Files, text: Text, line: Place) {
    if let Some(place) = files.place(text) {
        assert_eq!(place.file, line.file);
        assert!(line.start <= place.start && place.end <= line.end, "{place:?} {line:?}");
    }
}

fn check_place(files: &Files, place: Place) {
    let File { bytes, .. } = files.file(place.file);
    assert!(place.start <= place.end && place.end as usize <= bytes.len(), "{place:?}");
}

fn check_dialplan(dialplan: &Dialplan) {
    let mut listing = Vec::new();
    let collect = |piece: &[u8]| {
        listing.extend_from_slice(piece);
        Ok::<(), Infallible>(())
    };
    let Ok(shown) = dialplan.show(None, None, collect);
    let shown = shown.expect("the whole of a dialplan is never missing");
    let extensions = || dialplan.contexts.iter().flat_map(|context| &context.extensions);
    assert_eq!(shown.contexts, dialplan.contexts.len());
    assert_eq!(shown.extensions, extensions().count());
    let priorities: usize = extensions().map(|extension| extension.priorities.len()).sum();
    assert_eq!(shown.priorities, priorities);
    assert!(listing.ends_with(b"-\n"), "the totals come last");
    for context in &dialplan.contexts {
        check_context(&dialplan.files, context);
    }
    check_messages(&dialplan.files, &dialplan.messages);
    let Ok(_) = dialplan.show(None, Some(b"12"), |_: &[u8]| Ok::<(), Infallible>(()));
}

fn check_context(files: &Files, context: &Context) {
    let in_order = context.extensions.windows(2).all(|pair| pair[0].key < pair[1].key);
    assert!(in_order, "extensions are in the order of the listing, each once");
    for Extension { priorities, .. } in &context.extensions {
        assert!(!priorities.is_empty());
        assert!(priorities.windows(2).all(|pair| pair[0].number < pair[1].number));
        for priority in priorities {
            check_place(files, priority.place);
            assert!(!files.origin(priority.origin).is_empty());
        }
    }
    for include in &context.includes {
        assert!(include.name_bytes <= include.text.len());
    }
}

/// What was read, printed plainly and read again, is the same dialplan with the same complaints.
fn check_printed(document: &Document, dialplan: &Dialplan) {
    let Some(printed) = print(document) else { return };
    let again = syntax::read(b"x", printed.clone(), &mut syntax::Nothing);
    let shown = || printed.escape_ascii().to_string();
    assert!(again.messages.is_empty(), "{:?} in {}", again.messages, shown());
    assert_eq!(print(&again).as_ref(), Some(&printed));
    let again = dialplan::load(b"x", printed.clone(), &mut syntax::Nothing);
    let kinds = |messages: &[Message]| messages.iter().map(|one| one.kind).collect::<Vec<_>>();
    let loading = &dialplan.messages[document.messages.len()..];
    assert_eq!(kinds(&again.messages), kinds(loading), "{}", shown());
    assert_eq!(outline(&again), outline(dialplan), "{}", shown());
}

/// Plain lines that make the same sections; nothing if a line grew longer than a line may be.
pub(crate) fn print(document: &Document) -> Option<Vec<u8>> {
    let mut printed = Vec::new();
    for section in document.sections.iter().filter(|section| !section.is_template) {
        print_section(&document.files, section, &mut printed);
    }
    let is_short = |line: &[u8]| line.len() < MAX_LINE_BYTES;
    printed.split(|&byte| byte == b'\n').all(is_short).then_some(printed)
}

fn print_section(files: &Files, section: &Section, printed: &mut Vec<u8>) {
    let name = [b"[", files.bytes(section.name), b"]"].concat();
    print_line(&name, printed);
    for setting in &section.settings {
        let name = files.bytes(setting.name);
        // Without the backslash the first byte would mean something.
        let escape: &[u8] = if b"[#\\=".contains(&name[0]) { b"\\" } else { b"" };
        let line = [escape, name, b" => ", files.bytes(setting.value)].concat();
        print_line(&line, printed);
    }
}

/// A `;` that does not begin a comment has a backslash before it.
fn print_line(line: &[u8], printed: &mut Vec<u8>) {
    for &byte in line {
        if byte == b';' {
            printed.push(b'\\');
        }
        printed.push(byte);
    }
    printed.push(b'\n');
}

/// All of a dialplan but the places of its lines.
fn outline(dialplan: &Dialplan) -> Vec<String> {
    let text = |text: Text| dialplan.files.bytes(text).escape_ascii().to_string();
    let mut lines = Vec::new();
    for context in &dialplan.contexts {
        lines.push(format!("[{}] {}", text(context.name), context.has_autohints));
        for Extension { key, priorities } in &context.extensions {
            lines.push(format!("{:?} / {:?}", key.pattern, key.caller));
            lines.extend(priorities.iter().map(|priority| {
                let label = priority.label.map(text);
                let (name, application) = (text(priority.name), text(priority.application));
                let data = text(priority.data);
                format!("{} {label:?} {name:?} {application:?} {data:?}", priority.number)
            }));
        }
        let includes = context.includes.iter();
        lines.extend(
            includes.map(|include| format!("{:?} {}", text(include.text), include.name_bytes)),
        );
        lines.extend(context.ignorepats.iter().map(|&ignored| text(ignored)));
        lines.extend(context.switches.iter().map(|switch| {
            format!("{:?} {:?} {}", text(switch.name), text(switch.data), switch.is_evaluated)
        }));
    }
    lines
}

fn is_stripped(text: &[u8]) -> bool {
    text.first().is_none_or(|&byte| byte > b' ') && text.last().is_none_or(|&byte| byte > b' ')
}
