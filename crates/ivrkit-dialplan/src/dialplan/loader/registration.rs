//! Priorities on their way into a context, and what is said about them there.

use super::{Loader, MAX_HINT_BYTES, Name};
use crate::{
    dialplan::{HINT, Priority, brackets, context::Added, pattern::ExtensionKey, substitute::Call},
    syntax::{Kind, Setting, Text},
};

impl Loader {
    /// Adds a priority; the one that has its number, if there is one.
    pub(super) fn register(
        &mut self,
        context: usize,
        setting: &Setting,
        name: &mut Name,
        mut new: Priority,
    ) -> Option<Priority> {
        let exten = self.exten(name);
        let bytes = self.files.bytes(exten);
        if matches!(bytes, b"_." | b"_!") {
            let text = "this pattern takes every call that nothing else takes, h and i too";
            self.say(Kind::CatchAll, setting, text);
        }
        if exten.is_empty() {
            self.say(Kind::EmptyExtension, setting, "the extension has no name");
            self.say(Kind::Rejected, setting, "the line is lost");
            return None;
        }
        if new.number == HINT {
            self.hint(context, setting, exten, &mut new);
        }
        self.check_brackets(context, setting, &name.key, name.extension.is_none());
        if brackets::is_open(&name.key.pattern) {
            self.contexts[context].note_open_pattern();
        }
        if brackets::is_open_in_tree(&name.key) && self.contexts[context].note_open_bracket() {
            self.say(Kind::PatternSet, setting, "this pattern has a [ without ]");
        }
        if brackets::has_empty(&name.key.pattern)
            && name.extension.is_none()
            && self.contexts[context].note_empty_set()
        {
            self.say(Kind::PatternSetEmpty, setting, "this pattern has a [] with nothing in it");
        }
        let draft = &mut self.contexts[context];
        let extension = match name.extension {
            Some(extension) => extension,
            None => *name.extension.insert(draft.extension(&name.key)),
        };
        let added = draft.add(&self.files, extension, &name.key, new);
        if added.is_duplicate {
            self.say_duplicate(setting);
        }
        if added.label_at.is_some() || added.taken_by.is_some() {
            self.explain(setting, new, &added);
        }
        added.taken_by
    }

    /// Says that extensions which differ are one to Asterisk's tree of names.
    pub(super) fn say_duplicate(&mut self, setting: &Setting) {
        let text = "Asterisk has an extension at this place of its tree of names already";
        self.say(Kind::DuplicateExtension, setting, text);
    }

    /// Says what of a priority was there already.
    fn explain(&mut self, setting: &Setting, new: Priority, added: &Added) {
        let listed = self.files.bytes(new.name).escape_ascii().to_string();
        if let (Some(at), Some(label)) = (added.label_at, new.label) {
            let label = self.files.bytes(label).escape_ascii();
            let text = format!("{listed} has the label {label} at priority {at} already");
            self.say(Kind::DuplicateLabel, setting, text);
        }
        let Some(taken) = added.taken_by else { return };
        let (number, line) = (new.number, taken.line);
        if self.files.bytes(taken.name) == self.files.bytes(new.name) {
            let text = format!("{listed} has priority {number} already, since line {line}");
            self.say(Kind::DuplicatePriority, setting, text);
        } else {
            let alias = self.files.bytes(taken.name).escape_ascii();
            let text = format!("{alias}, the same as {listed}, has priority {number} already");
            self.say(Kind::DuplicatePriorityAlias, setting, text);
        }
        self.say(Kind::Rejected, setting, "the line is lost");
    }

    /// The name of an extension without its caller id.
    pub(super) fn exten(&self, name: &Name) -> Text {
        let bytes = self.files.bytes(name.whole);
        let slash = bytes.iter().position(|&byte| byte == b'/');
        name.whole.slice(0, slash.unwrap_or(bytes.len()))
    }

    /// The neighbours in the listing are those that a name has most in common with.
    pub(super) fn check_brackets(
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
        let unknown =
            presence[start..].split(|&byte| byte == b'&').find(|one| !tells_presence(one));
        let Some(unknown) = unknown.filter(|_| start < presence.len() && !exten.is_empty()) else {
            return;
        };
        let provider = unknown.split(|&byte| byte == b':').next().unwrap_or_default();
        let provider = provider.escape_ascii();
        let text = format!("nothing in a stock Asterisk tells the presence of {provider}");
        self.say(Kind::PresenceProvider, setting, text);
    }
}

/// Whether Asterisk asks somebody for it: a channel, as in `SIP/9`, or `CustomPresence:name`.
fn tells_presence(one: &[u8]) -> bool {
    let colon = one.iter().position(|&byte| byte == b':');
    let provider = colon.map(|colon| &one[..colon]);
    one.contains(&b'/') || provider.is_some_and(|own| own.eq_ignore_ascii_case(b"CustomPresence"))
}
