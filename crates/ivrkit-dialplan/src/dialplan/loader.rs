//! Turns the sections of a configuration into contexts, line by line, as `pbx_config` does.

use super::{
    Dialplan, HINT, Include, MAX_INCLUDES, Priority, Switch, brackets,
    context::{Added, Draft, Labelled},
    extension_line::{self, Label},
    number::{parsed, scanned},
    pattern::{ExtensionKey, Pattern},
    substitute::{Call, Substitution},
    time,
};
use crate::{
    index::Index,
    syntax::{Document, Files, Kind, Message, Setting, Text},
};
use std::collections::HashMap;

/// Most bytes of an extension's name.
const MAX_EXTENSION_BYTES: usize = 255;
/// Most bytes of a hint after its variables are expanded.
const MAX_HINT_BYTES: usize = 4095;
/// Most bytes of an include, a switch or a global after its variables are expanded.
const MAX_VALUE_BYTES: usize = 8190;

struct Loader {
    files: Files,
    messages: Vec<Message>,
    globals: HashMap<Vec<u8>, Vec<u8>>,
    contexts: Vec<Draft>,
    by_name: Index,
}

/// What a line takes from the lines before it in its section.
#[derive(Default)]
struct Before {
    /// The last `exten` name with its caller id; none at the beginning.
    name: Option<Name>,
    /// The last priority of any extension; none at the beginning.
    priority: Option<i32>,
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

pub(super) fn load(document: Document) -> Dialplan {
    let Document { files, sections, messages, is_refused, .. } = document;
    if is_refused {
        return Dialplan { files, contexts: Vec::new(), messages, is_refused };
    }
    let mut loader = Loader {
        files,
        messages,
        globals: HashMap::new(),
        contexts: Vec::new(),
        by_name: Index::default(),
    };
    let is_called =
        |files: &Files, name: Text, called: &[u8]| files.bytes(name).eq_ignore_ascii_case(called);
    let sections: Vec<_> = sections.into_iter().filter(|section| !section.is_template).collect();
    for section in &sections {
        if is_called(&loader.files, section.name, b"globals") {
            section.settings.iter().for_each(|setting| loader.global(setting));
        }
    }
    for section in sections {
        let is_other = |called| is_called(&loader.files, section.name, called);
        if !is_other(b"general") && !is_other(b"globals") {
            let context = loader.context(section.name);
            let mut before = Before::default();
            for setting in &section.settings {
                loader.setting(context, setting, &mut before);
            }
        }
    }
    loader.finish()
}

impl Loader {
    fn finish(mut self) -> Dialplan {
        self.check_includes();
        let contexts = self.contexts.into_iter().map(Draft::finish).collect();
        Dialplan { files: self.files, contexts, messages: self.messages, is_refused: false }
    }

    /// The contexts are gone through in the order of the listing; only the first missing one of
    /// each is named.
    fn check_includes(&mut self) {
        let mut messages = Vec::new();
        for context in self.contexts.iter().rev() {
            let message = |kind, include: &Include, text, help: &str| Message {
                kind,
                text,
                help: Some(help.to_owned()),
                place: include.place,
                line: include.line,
            };
            if let Some(include) = context.includes().get(MAX_INCLUDES - 1) {
                let text = format!("a context with {MAX_INCLUDES} includes or more");
                let help = "includes beyond that may never be asked";
                messages.push(message(Kind::TooManyIncludes, include, text, help));
            }
            let missing = context
                .includes()
                .iter()
                .find(|include| self.context_named(self.files.bytes(include.context())).is_none());
            if let Some(include) = missing {
                let name = self.files.bytes(include.context()).escape_ascii();
                let text = format!("the context [{name}] is not there");
                let help = "it is looked for at each call; add the context or take the line away";
                messages.push(message(Kind::ContextMissing, include, text, help));
            }
        }
        self.messages.extend(messages);
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
        self.globals.insert(name.to_vec(), self.files.bytes(value).to_vec());
    }

    fn setting(&mut self, context: usize, setting: &Setting, before: &mut Before) {
        let name = self.files.bytes(setting.name);
        let is = |known: &[u8]| name.eq_ignore_ascii_case(known);
        if name.len() >= 4 && name[..4].eq_ignore_ascii_case(b"same") {
            if before.name.as_ref().is_some_and(|name| !name.whole.is_empty()) {
                self.step(context, setting, setting.value, before);
            } else {
                self.say(Kind::SameFirst, setting, "same before any exten of this section");
            }
        } else if is(b"exten") {
            let (name, rest) = extension_line::name(&self.files, setting.value);
            self.named(setting, name, before);
            self.step(context, setting, rest, before);
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
            let value = self.files.bytes(setting.value);
            let words: [&[u8]; 6] = [b"yes", b"true", b"y", b"t", b"1", b"on"];
            self.contexts[context].has_autohints =
                words.iter().any(|word| value.eq_ignore_ascii_case(word));
        } else {
            let text = format!("no dialplan has lines named {}", name.escape_ascii());
            self.say(Kind::UnknownDirective, setting, &text);
        }
    }

    /// Remembers the name of an `exten` line, for it and for the `same` lines after it.
    fn named(&mut self, setting: &Setting, name: Text, before: &mut Before) {
        let whole = self.expanded(setting, name, MAX_EXTENSION_BYTES, None);
        let bytes = self.files.bytes(whole);
        if let Some(last) = &before.name
            && self.files.bytes(last.whole) == bytes
        {
            return;
        }
        let slash = bytes.iter().position(|&byte| byte == b'/');
        let (exten, caller) = match slash {
            None => (bytes, None),
            Some(at) => (&bytes[..at], Some(extension_line::shrunk(&bytes[at + 1..]))),
        };
        let pattern = Pattern::new(exten);
        let shown = if exten == pattern.name() {
            whole.slice(0, exten.len())
        } else {
            self.files.derive(pattern.name())
        };
        let key = ExtensionKey { pattern, caller: caller.map(|caller| Pattern::new(&caller)) };
        before.name = Some(Name { whole, key, shown, extension: None });
    }

    fn step(&mut self, context: usize, setting: &Setting, rest: Text, before: &mut Before) {
        let step = extension_line::step(&self.files, rest);
        let label = match step.label {
            Label::None => None,
            Label::Named(label) => Some(label),
            Label::Open => {
                self.say(Kind::LabelParenthesis, setting, "label without ), the line is lost");
                return;
            }
        };
        let name = before.name.as_mut().expect("exten sets it, same asks for it");
        let Some(mut number) = self.number(context, setting, name, step.word, before.priority)
        else {
            return;
        };
        let call = extension_line::call(&self.files, step.call);
        if call.is_open {
            let text = "application without ), its data ends with the line";
            self.say(Kind::ApplicationParenthesis, setting, text);
        }
        // After a first hint n is 0, and such lines vanish without a word.
        if number == 0 {
            return;
        }
        if let Some(added) = step.added {
            number = number.wrapping_add(parsed(self.files.bytes(added)));
        }
        before.priority = Some(number);
        let name = before.name.as_mut().expect("it was there above");
        let priority = Priority {
            number,
            name: name.shown,
            label,
            application: call.application,
            data: call.data,
            place: setting.place,
            line: setting.line,
            origin: setting.origin,
        };
        self.register(context, setting, name, priority);
    }

    /// The number that a priority's word stands for; 0 for a line that vanishes.
    fn number(
        &mut self,
        context: usize,
        setting: &Setting,
        name: &Name,
        word: Text,
        last: Option<i32>,
    ) -> Option<i32> {
        let last = last.filter(|&last| last > -2);
        match self.files.bytes(word) {
            b"hint" => return Some(HINT),
            b"n" | b"next" => {
                if last.is_none() {
                    self.say(Kind::NextFirst, setting, "n before any priority of this section");
                }
                return last.map(|last| last.wrapping_add(1));
            }
            b"s" | b"same" => {
                if last.is_none() {
                    let text = "s as priority before any priority of this section";
                    self.say(Kind::SameFirstPriority, setting, text);
                }
                return last;
            }
            _ => {}
        }
        let bytes = self.files.bytes(word);
        match scanned(bytes, 30) {
            Some(number) if number >= 1 => Some(number),
            Some(_) => {
                let shown = bytes.escape_ascii();
                let text = format!("the priority {shown} is below 1, the line is lost");
                self.say(Kind::PriorityNumber, setting, &text);
                None
            }
            None => self.labelled(context, setting, name, word),
        }
    }

    fn labelled(
        &mut self,
        context: usize,
        setting: &Setting,
        name: &Name,
        word: Text,
    ) -> Option<i32> {
        let shown = self.files.bytes(word).escape_ascii().to_string();
        self.check_brackets(context, setting, &name.key, true);
        if self.contexts[context].grow_tree() {
            self.say(Kind::PatternSet, setting, "a pattern of this context has a [ without ]");
        }
        let exten = self.exten(name);
        let caller = name.key.caller.as_ref().map(Pattern::name);
        let draft = &mut self.contexts[context];
        let (bytes, label) = (self.files.bytes(exten), self.files.bytes(word));
        let found = draft.label(&self.files, bytes, caller, label);
        let includes_others = draft.includes_others();
        let listed = self.files.bytes(exten).escape_ascii().to_string();
        match found {
            Labelled::At(number) if number >= 1 => return Some(number),
            Labelled::NoLabel | Labelled::NoExtension if includes_others => {
                let text = "the label is looked for in the included contexts in vain";
                self.say(Kind::LabelLookup, setting, text);
            }
            _ => {}
        }
        if found == Labelled::NoLabel {
            let text = format!("{listed} has no label {shown}");
            self.say(Kind::NoSuchLabel, setting, &text);
        } else if found == Labelled::NoExtension {
            let text = format!("there is no extension {listed} to look for the label {shown} in");
            self.say(Kind::LabelLookup, setting, &text);
        }
        let text = match shown.as_str() {
            "" => "there is no priority, the line is lost".to_owned(),
            shown => format!("{shown} is neither a number nor a label, the line is lost"),
        };
        self.say(Kind::PriorityLabel, setting, &text);
        None
    }

    fn register(&mut self, context: usize, setting: &Setting, name: &mut Name, mut new: Priority) {
        let exten = self.exten(name);
        let bytes = self.files.bytes(exten);
        if matches!(bytes, b"_." | b"_!") {
            let text = "this pattern takes every call that nothing else takes, h and i too";
            self.say(Kind::CatchAll, setting, text);
        }
        if exten.is_empty() {
            self.say(Kind::EmptyExtension, setting, "the extension has no name");
            self.say(Kind::Rejected, setting, "the line is lost");
            return;
        }
        if new.number == HINT {
            self.hint(context, setting, exten, &mut new);
        }
        self.check_brackets(context, setting, &name.key, name.extension.is_none());
        if brackets::is_open(&name.key.pattern) && self.contexts[context].note_open_bracket() {
            self.say(Kind::PatternSet, setting, "this pattern has a [ without ]");
        }
        let draft = &mut self.contexts[context];
        let extension = match name.extension {
            Some(extension) => extension,
            None => *name.extension.insert(draft.extension(&name.key)),
        };
        let added = draft.add(&self.files, extension, new);
        if added.label_at.is_some() || added.taken_by.is_some() {
            self.explain(setting, new, &added);
        }
    }

    /// Says what of a priority was there already.
    fn explain(&mut self, setting: &Setting, new: Priority, added: &Added) {
        let listed = self.files.bytes(new.name).escape_ascii().to_string();
        if let (Some(at), Some(label)) = (added.label_at, new.label) {
            let label = self.files.bytes(label).escape_ascii();
            let text = format!("{listed} has the label {label} at priority {at} already");
            self.say(Kind::DuplicateLabel, setting, &text);
        }
        let Some(taken) = added.taken_by else { return };
        let (number, line) = (new.number, taken.line);
        if self.files.bytes(taken.name) == self.files.bytes(new.name) {
            let text = format!("{listed} has priority {number} already, since line {line}");
            self.say(Kind::DuplicatePriority, setting, &text);
        } else {
            let alias = self.files.bytes(taken.name).escape_ascii();
            let text = format!("{alias}, the same as {listed}, has priority {number} already");
            self.say(Kind::DuplicatePriorityAlias, setting, &text);
        }
        self.say(Kind::Rejected, setting, "the line is lost");
    }

    /// The name of an extension without its caller id.
    fn exten(&self, name: &Name) -> Text {
        let bytes = self.files.bytes(name.whole);
        let slash = bytes.iter().position(|&byte| byte == b'/');
        name.whole.slice(0, slash.unwrap_or(bytes.len()))
    }

    /// The neighbours in the listing are those that a name has most in common with.
    fn check_brackets(
        &mut self,
        context: usize,
        setting: &Setting,
        key: &ExtensionKey,
        is_new: bool,
    ) {
        if !key.pattern.is_pattern() {
            return;
        }
        let is_found = if is_new {
            self.contexts[context].notices_bracket(key)
        } else {
            brackets::is_open(&key.pattern)
        };
        if is_found {
            self.say(Kind::PatternBrackets, setting, "[ without ] in a pattern");
        }
    }

    fn hint(&mut self, context: usize, setting: &Setting, exten: Text, new: &mut Priority) {
        let application = self.files.bytes(new.application);
        let has_variable = application.windows(2).any(|two| two == b"${");
        if has_variable && self.files.bytes(exten).first() != Some(&b'_') {
            let call = Call {
                exten: self.files.bytes(exten).to_vec(),
                context: self.files.bytes(self.contexts[context].name).to_vec(),
            };
            new.application = self.expanded(setting, new.application, MAX_HINT_BYTES, Some(&call));
        }
        let application = self.files.bytes(new.application);
        let presence = application.splitn(2, |&byte| byte == b',').nth(1).unwrap_or_default();
        let (start, _) = crate::syntax::strip(presence);
        let provider = presence[start..].split(|&byte| byte == b':').next().unwrap_or_default();
        if !provider.is_empty() && provider != b"CustomPresence" && !exten.is_empty() {
            let provider = provider.escape_ascii();
            let text = format!("nothing in a stock Asterisk tells the presence of {provider}");
            self.say(Kind::PresenceProvider, setting, &text);
        }
    }

    fn include(&mut self, context: usize, setting: &Setting) {
        let text = self.expanded(setting, setting.value, MAX_VALUE_BYTES, None);
        let bytes = self.files.bytes(text);
        let at = |byte: u8| bytes.iter().position(|&found| found == byte);
        let name_bytes = at(b'|').or_else(|| at(b',')).unwrap_or(bytes.len());
        let times = bytes.get(name_bytes + 1..).unwrap_or_default();
        let mistakes = time::mistakes(times);
        let (place, line) = (setting.place, setting.line);
        let new = Include { text, name_bytes, place, line };
        let is_first = self.contexts[context].add_include(&self.files, new);
        for mistake in mistakes {
            self.say(mistake.kind, setting, &mistake.text);
        }
        if !is_first {
            self.say(Kind::IncludeTwice, setting, "this include is there already");
        }
    }

    fn switch(&mut self, context: usize, setting: &Setting, is_expanded: bool, is_evaluated: bool) {
        let text = if is_expanded {
            self.expanded(setting, setting.value, MAX_VALUE_BYTES, None)
        } else {
            setting.value
        };
        let bytes = self.files.bytes(text);
        let slash = bytes.iter().position(|&byte| byte == b'/');
        let end = slash.unwrap_or(bytes.len());
        let (name, data) = (text.slice(0, end), text.slice((end + 1).min(text.len()), text.len()));
        let new = Switch { name, data, is_evaluated };
        if !self.contexts[context].add_switch(&self.files, new) {
            self.say(Kind::SwitchTwice, setting, "this switch is there already");
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
        let mut substitution = Substitution::new(&self.globals, call);
        let expanded = substitution.expand(bytes, most_bytes);
        let mistakes = substitution.into_mistakes();
        let text = self.files.derive(&expanded);
        for (kind, what) in mistakes {
            self.say(kind, setting, &what);
        }
        text
    }

    fn say(&mut self, kind: Kind, setting: &Setting, text: &str) {
        let Setting { place, line, .. } = *setting;
        self.messages.push(Message { kind, text: text.to_owned(), help: None, place, line });
    }
}
