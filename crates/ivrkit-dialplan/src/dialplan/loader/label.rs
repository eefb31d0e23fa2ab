//! A label as priority: looked for while the dialplan loads.

use super::{Loader, Name};
use crate::{
    dialplan::{context::Labelled, pattern::Pattern},
    syntax::{Kind, Setting, Text},
};

/// The switches of Asterisk's own modules, loaded or not.
const SWITCHES: [&str; 5] = ["DUNDi", "IAX2", "Loopback", "Lua", "Realtime"];

impl Loader {
    pub(super) fn labelled(
        &mut self,
        context: usize,
        setting: &Setting,
        name: &Name,
        word: Text,
    ) -> Option<i32> {
        let shown = self.files.bytes(word).escape_ascii().to_string();
        self.check_brackets(context, setting, &name.key, true);
        let grown = self.contexts[context].grow_tree();
        if grown.has_open_bracket {
            self.say(Kind::PatternSet, setting, "a pattern of this context has a [ without ]");
        }
        if grown.has_duplicate {
            self.say_duplicate(setting);
        }
        if grown.has_empty_set {
            let text = "a pattern of this context has a [] with nothing in it";
            self.say(Kind::PatternSetEmpty, setting, text);
        }
        let exten = self.exten(name);
        let caller = name.key.caller.as_ref().map(Pattern::name);
        let draft = &mut self.contexts[context];
        let (bytes, label) = (self.files.bytes(exten), self.files.bytes(word));
        let found = draft.label(&self.files, bytes, caller, label);
        let includes_others = draft.includes_others();
        let listed = self.files.bytes(exten).escape_ascii().to_string();
        if !matches!(found, Labelled::At(_)) {
            self.ask_switches(context, setting);
        }
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
            self.say(Kind::NoSuchLabel, setting, text);
        } else if found == Labelled::NoExtension {
            let text = format!("there is no extension {listed} to look for the label {shown} in");
            self.say(Kind::LabelLookup, setting, text);
        }
        let text = match shown.as_str() {
            "" => "there is no priority, the line is lost".to_owned(),
            shown => format!("{shown} is neither a number nor a label, the line is lost"),
        };
        self.say(Kind::PriorityLabel, setting, text);
        None
    }

    /// A label that is not there is asked of the switches too. None has one while a dialplan loads,
    /// but Asterisk says which of them there is no module for.
    fn ask_switches(&mut self, context: usize, setting: &Setting) {
        let switches = self.contexts[context].switches();
        let names: Vec<_> = switches.iter().map(|switch| self.files.bytes(switch.name)).collect();
        let unknown = names
            .into_iter()
            .find(|name| !SWITCHES.iter().any(|known| name.eq_ignore_ascii_case(known.as_bytes())));
        if let Some(name) = unknown {
            let text = format!("no module of Asterisk makes the switch {}", name.escape_ascii());
            self.say(Kind::NoSuchSwitch, setting, text);
        }
    }
}
