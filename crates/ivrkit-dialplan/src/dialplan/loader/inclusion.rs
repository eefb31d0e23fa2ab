//! What a context asks besides its own extensions: includes and switches.

use super::{Loader, MAX_VALUE_BYTES};
use crate::{
    dialplan::{Include, MAX_INCLUDES, Switch, time},
    syntax::{Kind, Message, Setting},
};

impl Loader {
    /// The contexts are gone through in the order of the listing; only the first missing one of
    /// each is named.
    pub(super) fn check_includes(&mut self) {
        let mut messages = Vec::new();
        for context in self.contexts.iter().rev() {
            let message = |kind, include: &Include, text: String, help| Message {
                kind,
                text: text.into(),
                help: Some(help),
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

    pub(super) fn include(&mut self, context: usize, setting: &Setting) {
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
            self.say(mistake.kind, setting, mistake.text);
        }
        if !is_first {
            self.say(Kind::IncludeTwice, setting, "this include is there already");
        }
    }

    pub(super) fn switch(
        &mut self,
        context: usize,
        setting: &Setting,
        is_expanded: bool,
        is_evaluated: bool,
    ) {
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
}
