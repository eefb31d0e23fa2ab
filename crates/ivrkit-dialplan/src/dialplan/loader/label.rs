//! A label as priority: looked for while the dialplan loads.

use super::{Loader, Name};
use crate::{
    dialplan::{context::Labelled, pattern::Pattern},
    syntax::{Kind, Setting, Text},
};

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
        if self.contexts[context].grow_tree() {
            self.say(Kind::PatternSet, setting, "a pattern of this context has a [ without ]");
        }
        let exten = self.exten(name);
        let caller = name.key.caller.as_ref().map(Pattern::name);
        let draft = &self.contexts[context];
        let found = draft.label(self.files.bytes(exten), caller, self.files.bytes(word));
        let own = self.files.bytes(draft.name);
        let includes_others = draft.includes.iter().any(|include| {
            !include.is_timed() && !self.files.bytes(include.context()).eq_ignore_ascii_case(own)
        });
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
}
