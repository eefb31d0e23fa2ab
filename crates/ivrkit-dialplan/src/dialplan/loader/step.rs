//! The steps of extensions: `exten` and `same` lines.

use super::{Above, Loader, MAX_EXTENSION_BYTES, Name};
use crate::{
    dialplan::{
        Before, HINT, Priority, Remark, RemarkKind,
        extension_line::{self, Label},
        pattern::{ExtensionKey, Pattern},
    },
    number::{parsed, scanned},
    syntax::{Kind, Setting, Text},
};

impl Loader {
    /// Remembers the name of an `exten` line, for it and for the `same` lines after it.
    pub(super) fn named(&mut self, setting: &Setting, name: Text, above: &mut Above) {
        let whole = self.expanded(setting, name, MAX_EXTENSION_BYTES, None);
        let bytes = self.files.bytes(whole);
        if let Some(last) = &above.name
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
        above.name = Some(Name { whole, key, shown, extension: None });
    }

    pub(super) fn step(
        &mut self,
        context: usize,
        setting: &Setting,
        rest: Text,
        above: &mut Above,
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
        let name = above.name.as_mut().expect("exten sets it, same asks for it");
        let Some(mut number) = self.number(context, setting, name, step.word, above.priority)
        else {
            return;
        };
        let call = extension_line::call(&self.files, step.call);
        if call.is_open {
            let text = "application without ), its data ends with the line";
            self.say(Kind::ApplicationParenthesis, setting, text);
        }
        let this = Before { name: name.shown, place: setting.place };
        let last = above.step.replace(this);
        let is_relative = matches!(self.files.bytes(step.word), b"n" | b"next" | b"s" | b"same");
        // After a first hint n is 0, and such lines vanish without a word.
        if number == 0 {
            if let Some(after) = last {
                self.remark(this, RemarkKind::Vanished { after });
            }
            return;
        }
        let after = last.filter(|last| is_relative && !self.is_same(last.name, this.name));
        if let Some(added) = step.added {
            number = number.wrapping_add(parsed(self.files.bytes(added)));
        }
        above.priority = Some(number);
        let name = above.name.as_mut().expect("it was there above");
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
        let taken_by = self.register(context, setting, name, priority);
        let by = taken_by.map(|taken| Before { name: taken.name, place: taken.place });
        match (by, after) {
            (Some(by), after) => self.remark(this, RemarkKind::Taken { by, after, number }),
            (None, Some(after)) => self.remark(this, RemarkKind::Continued { after, number }),
            (None, None) => {}
        }
    }

    fn is_same(&self, one: Text, other: Text) -> bool {
        self.files.bytes(one) == self.files.bytes(other)
    }

    fn remark(&mut self, step: Before, kind: RemarkKind) {
        self.remarks.push(Remark { place: step.place, name: step.name, kind });
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
                self.say(Kind::PriorityNumber, setting, text);
                None
            }
            None => self.labelled(context, setting, name, word),
        }
    }
}
