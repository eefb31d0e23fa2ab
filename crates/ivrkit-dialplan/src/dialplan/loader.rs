//! Turns the sections of a configuration into contexts, line by line, as `pbx_config` does.

mod inclusion;
mod label;
mod registration;
mod step;

use super::{
    Before, Dialplan, Remark,
    context::Draft,
    extension_line,
    pattern::ExtensionKey,
    substitute::{Call, Substitution},
};
use crate::{
    application::Version,
    index::Index,
    syntax::{Document, Files, Kind, MAX_DERIVED_BYTES, Message, Section, Setting, Text},
};
use std::{
    borrow::{Borrow, Cow},
    collections::HashMap,
};

/// Most bytes of an extension's name.
const MAX_EXTENSION_BYTES: usize = 255;
/// Most bytes of a hint after its variables are expanded.
const MAX_HINT_BYTES: usize = 4095;
/// Most bytes of an include, a switch or a global after its variables are expanded.
const MAX_VALUE_BYTES: usize = 8190;

struct Loader {
    version: Version,
    files: Files,
    messages: Vec<Message>,
    remarks: Vec<Remark>,
    globals: HashMap<Vec<u8>, Vec<u8>>,
    contexts: Vec<Draft>,
    by_name: Index,
    falls_through: bool,
}

/// What a line takes from the lines before it in its section.
#[derive(Default)]
struct Above {
    /// The last `exten` name with its caller id; none at the beginning.
    name: Option<Name>,
    /// The last priority of any extension; none at the beginning.
    priority: Option<i32>,
    /// The step that had it.
    step: Option<Before>,
}

/// The name of an extension, ready to be looked up.
struct Name {
    /// As the line has it, variables expanded, the caller id included.
    whole: Text,
    key: ExtensionKey,
    /// As it is listed.
    shown: Text,
    /// The number of the extension in its context, once it is there.
    extension: Option<usize>,
}

/// Loads the sections of a document. Those that are given away make room while others are loaded.
pub(super) fn load<S: Borrow<Section>>(
    document: Document,
    sections: impl IntoIterator<Item = S>,
) -> Dialplan {
    let Document { version, files, messages, is_refused, .. } = document;
    if is_refused {
        let (contexts, globals, remarks) = (Vec::new(), HashMap::new(), Vec::new());
        let falls_through = true;
        return Dialplan { files, contexts, falls_through, globals, messages, remarks, is_refused };
    }
    let mut loader = Loader {
        version,
        files,
        messages,
        remarks: Vec::new(),
        globals: HashMap::new(),
        contexts: Vec::new(),
        by_name: Index::default(),
        falls_through: true,
    };
    let is_called =
        |files: &Files, name: Text, called: &[u8]| files.bytes(name).eq_ignore_ascii_case(called);
    let sections = sections.into_iter().filter(|section| !section.borrow().is_template);
    let sections: Vec<S> = sections.collect();
    let mut borrowed = sections.iter().map(Borrow::borrow);
    let general = borrowed.find(|one| is_called(&loader.files, one.name, b"general"));
    if let Some(general) = general {
        loader.general(&general.settings);
    }
    for section in sections.iter().map(Borrow::borrow) {
        if is_called(&loader.files, section.name, b"globals") {
            section.settings.iter().for_each(|setting| loader.global(setting));
        }
    }
    for section in sections {
        let section = section.borrow();
        let is_other = |called| is_called(&loader.files, section.name, called);
        if !is_other(b"general") && !is_other(b"globals") {
            let context = loader.context(section.name);
            let mut above = Above::default();
            for setting in &section.settings {
                loader.setting(context, setting, &mut above);
            }
        }
    }
    loader.finish()
}

impl Loader {
    fn finish(mut self) -> Dialplan {
        self.check_includes();
        let contexts = self.contexts.into_iter().map(Draft::finish).collect();
        let Self { files, messages, globals, remarks, falls_through, .. } = self;
        let is_refused = false;
        Dialplan { files, contexts, falls_through, globals, messages, remarks, is_refused }
    }

    /// The first of several settings of a name counts.
    fn general(&mut self, settings: &[Setting]) {
        let is_it = |setting: &&Setting| {
            self.files.bytes(setting.name).eq_ignore_ascii_case(b"autofallthrough")
        };
        if let Some(setting) = settings.iter().find(is_it) {
            self.falls_through = is_true(self.files.bytes(setting.value));
        }
    }

    fn context(&mut self, name: Text) -> usize {
        let bytes = self.files.bytes(name);
        self.context_named(bytes).unwrap_or_else(|| {
            let next = self.contexts.len();
            self.by_name.insert(self.by_name.hash(bytes), next);
            self.contexts.push(Draft::new(name));
            next
        })
    }

    fn context_named(&self, name: &[u8]) -> Option<usize> {
        let is_it = |at: usize| self.files.bytes(self.contexts[at].name) == name;
        self.by_name.find(self.by_name.hash(name), is_it)
    }

    fn global(&mut self, setting: &Setting) {
        let value = self.expanded(setting, setting.value, MAX_VALUE_BYTES, None);
        let mut name = self.files.bytes(setting.name);
        for _ in 0..2 {
            name = name.strip_prefix(b"_").unwrap_or(name);
        }
        let value = self.files.bytes(value).to_vec();
        let is_text = std::str::from_utf8(&value).is_ok();
        self.globals.insert(name.to_vec(), value);
        if !is_text {
            // The variable is set all the same; its event for the manager interface is not.
            self.say(Kind::GlobalUtf8, setting, "the value of this variable is no UTF-8");
        }
    }

    fn setting(&mut self, context: usize, setting: &Setting, above: &mut Above) {
        let name = self.files.bytes(setting.name);
        let is = |known: &[u8]| name.eq_ignore_ascii_case(known);
        if name.len() >= 4 && name[..4].eq_ignore_ascii_case(b"same") {
            if above.name.as_ref().is_some_and(|name| !name.whole.is_empty()) {
                self.step(context, setting, setting.value, above);
            } else {
                self.say(Kind::SameFirst, setting, "same before any exten of this section");
            }
        } else if is(b"exten") {
            let (name, rest) = extension_line::name(&self.files, setting.value);
            self.named(setting, name, above);
            self.step(context, setting, rest, above);
        } else if is(b"include") {
            self.include(context, setting);
        } else if is(b"ignorepat") {
            let text = self.expanded(setting, setting.value, MAX_VALUE_BYTES, None);
            if !self.contexts[context].add_ignorepat(&self.files, text) {
                self.say(Kind::IgnorepatTwice, setting, "this ignorepat is there already");
            }
        } else if is(b"switch") || is(b"lswitch") || is(b"eswitch") {
            let (is_expanded, is_evaluated) = (is(b"switch"), is(b"eswitch"));
            self.switch(context, setting, is_expanded, is_evaluated);
        } else if is(b"autohints") {
            let is_on = is_true(self.files.bytes(setting.value));
            self.contexts[context].has_autohints = is_on;
        } else {
            let text = format!("no dialplan has lines named {}", name.escape_ascii());
            self.say(Kind::UnknownDirective, setting, text);
        }
    }

    /// A text with its variables expanded as at load, cut at a length.
    fn expanded(
        &mut self,
        setting: &Setting,
        text: Text,
        most_bytes: usize,
        call: Option<&Call>,
    ) -> Text {
        let bytes = self.files.bytes(text);
        if !bytes.contains(&b'$') {
            return text.slice(0, text.len().min(most_bytes));
        }
        if self.files.derived_bytes() + most_bytes > MAX_DERIVED_BYTES {
            let what = format!("variables make more than {MAX_DERIVED_BYTES} bytes of text");
            self.say(Kind::Limit, setting, what);
            return text.slice(0, 0);
        }
        let mut substitution = Substitution::new(self.version, &self.globals, call);
        let expanded = substitution.expand(bytes, most_bytes);
        let mistakes = substitution.into_mistakes();
        let text = self.files.derive(&expanded);
        for (kind, what) in mistakes {
            self.say(kind, setting, what);
        }
        text
    }

    fn say(&mut self, kind: Kind, setting: &Setting, text: impl Into<Cow<'static, str>>) {
        let Setting { place, line, .. } = *setting;
        self.messages.push(Message { kind, text: text.into(), help: None, place, line });
    }
}

/// Whether Asterisk takes a setting's value for yes.
fn is_true(value: &[u8]) -> bool {
    const WORDS: [&[u8]; 6] = [b"yes", b"true", b"y", b"t", b"1", b"on"];
    WORDS.iter().any(|word| value.eq_ignore_ascii_case(word))
}
