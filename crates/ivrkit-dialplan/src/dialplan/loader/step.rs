//! The steps of extensions: `exten` and `same` lines.

use super::{Before, Loader, MAX_EXTENSION_BYTES, Name};
use crate::{
    dialplan::{
        HINT, Priority,
        extension_line::{self, Label},
        pattern::{ExtensionKey, Pattern},
    },
    number::{parsed, scanned},
    syntax::{Kind, Setting, Text},
};

impl Loader {
    /// Remembers the name of an `exten` line, for it and for the `same` lines after it.
    pub(super) fn named(&mut self, setting: &Setting, name: Text, before: &mut Before) {
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

    pub(super) fn step(
        &mut self,
        context: usize,
        setting: &Setting,
        rest: Text,
        before: &mut Before,
    ) {
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
}
