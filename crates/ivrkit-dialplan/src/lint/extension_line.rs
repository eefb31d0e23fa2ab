//! An `exten` or `same` line in its parts, whether Asterisk takes it or not.

use super::{Subject, note};
use crate::{
    dialplan::extension_line::{self, Call, Label},
    syntax::{Place, Section, Setting, Text},
};

/// An `exten` or `same` line of a context or a template.
#[derive(Debug, Clone, Copy)]
pub struct ExtensionLine<'a> {
    /// The dialplan.
    pub subject: &'a Subject<'a>,
    /// The section it stands in.
    pub section: &'a Section,
    /// The line.
    pub setting: &'a Setting,
    /// The name of the extension with its caller id; none for `same`.
    pub name: Option<Text>,
    /// The word of the priority: a number, `n`, `s`, `hint`, or a label.
    pub priority: Text,
    /// What stands after a `+` of the priority.
    pub added: Option<Text>,
    /// The label in parentheses; none if its `)` is missing.
    pub label: Option<Text>,
    /// All that follows the name.
    pub rest: Text,
    /// The application and its data, as written.
    pub call: Text,
    /// The application.
    pub application: Text,
    /// What it is given.
    pub data: Text,
    /// What stands behind the parenthesis that closes the call; none if quotes leave open which one
    /// does.
    pub(super) note: Option<Text>,
}

impl<'a> ExtensionLine<'a> {
    /// The parts of a line, if it is an `exten` or `same` line.
    pub(super) fn new(
        subject: &'a Subject<'a>,
        section: &'a Section,
        setting: &'a Setting,
    ) -> Option<Self> {
        let files = &subject.dialplan.files;
        let keyword = files.bytes(setting.name);
        let (name, rest) = if keyword.eq_ignore_ascii_case(b"exten") {
            let (name, rest) = extension_line::name(files, setting.value);
            (Some(name), rest)
        } else if keyword.len() >= 4 && keyword[..4].eq_ignore_ascii_case(b"same") {
            (None, setting.value)
        } else {
            return None;
        };
        let step = extension_line::step(files, rest);
        let Call { application, data, .. } = extension_line::call(files, step.call);
        let label = match step.label {
            Label::Named(label) => Some(label),
            Label::None | Label::Open => None,
        };
        let (priority, added, call) = (step.word, step.added, step.call);
        Some(Self {
            subject,
            section,
            setting,
            name,
            priority,
            added,
            label,
            rest,
            call,
            application,
            data,
            note: note::after_call(files, call, application),
        })
    }

    /// Whether an application stands in the place of the priority: a word with a parenthesis.
    pub fn lacks_priority(&self) -> bool {
        let rest = self.bytes(self.rest).trim_ascii_start();
        let word = rest.iter().take_while(|byte| byte.is_ascii_alphanumeric()).count();
        let is_priority = [b"n".as_slice(), b"next", b"s", b"same", b"hint"]
            .iter()
            .any(|known| rest[..word].eq_ignore_ascii_case(known));
        word > 1
            && rest[0].is_ascii_alphabetic()
            && !is_priority
            && rest[word..].trim_ascii_start().starts_with(b"(")
    }

    /// The bytes of a part.
    pub fn bytes(&self, part: Text) -> &'a [u8] {
        self.subject.bytes(part)
    }

    /// Where a part stands: the whole line if no file has it as it is.
    pub fn place(&self, part: Text) -> Place {
        self.subject.dialplan.files.place(part).unwrap_or(self.setting.place)
    }
}
