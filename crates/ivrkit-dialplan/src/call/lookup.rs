//! What the dialplan has for a call at its moment: steps, labels, what its keys could become.

use super::line::Line;
use crate::dialplan::{
    Context, Dialplan, Extension, Priority,
    matching::{self, Model, Question},
    pattern::ExtensionKey,
};

/// The dialplan as one call sees it.
struct View<'a> {
    line: &'a Line,
}

impl View<'_> {
    fn dialplan(&self) -> &Dialplan {
        &self.line.pbx.dialplan
    }
}

impl Model for View<'_> {
    type Context = Context;
    type Extension = Extension;

    fn context(&self, name: &[u8]) -> Option<&Context> {
        self.line.pbx.contexts.get(name).map(|&at| &self.dialplan().contexts[at])
    }

    fn name<'a>(&'a self, context: &'a Context) -> &'a [u8] {
        self.dialplan().name(context)
    }

    fn extensions<'a>(&'a self, context: &'a Context) -> &'a [Extension] {
        &context.extensions
    }

    fn includes<'a>(&'a self, context: &'a Context) -> impl Iterator<Item = &'a [u8]> {
        Model::includes(self.dialplan(), context)
    }

    fn has_switches(&self, context: &Context) -> bool {
        !context.switches.is_empty()
    }

    fn key<'a>(&'a self, extension: &'a Extension) -> &'a ExtensionKey {
        &extension.key
    }

    fn has_priority(&self, extension: &Extension, priority: i32) -> bool {
        self.dialplan().has_priority(extension, priority)
    }
}

impl Line {
    /// The step of a priority.
    pub(super) fn step(&self, context: &[u8], exten: &[u8], priority: i32) -> Option<Priority> {
        let view = View { line: self };
        let caller = self.caller();
        let question = Question { context, digits: exten, caller: &caller, priority };
        let answer = matching::answer(&view, &question);
        let extension = answer.exact()?.extension;
        extension.priorities.iter().find(|one| one.number == priority).copied()
    }

    /// Whether there is a step of a priority.
    pub(super) fn exists(&self, context: &[u8], exten: &[u8], priority: i32) -> bool {
        self.step(context, exten, priority).is_some()
    }

    /// Whether an extension, or a longer one, could be reached.
    pub(super) fn can_match(&self, context: &[u8], digits: &[u8]) -> bool {
        let caller = self.caller();
        let question = Question { context, digits, caller: &caller, priority: 1 };
        matching::answer(&View { line: self }, &question).can_match
    }

    /// Whether a longer extension could be reached.
    pub(super) fn match_more(&self, context: &[u8], digits: &[u8]) -> bool {
        let caller = self.caller();
        let question = Question { context, digits, caller: &caller, priority: 1 };
        matching::answer(&View { line: self }, &question).match_more()
    }

    /// The number of the priority that has a label.
    pub(super) fn label(&self, context: &[u8], exten: &[u8], label: &[u8]) -> Option<i32> {
        let view = View { line: self };
        let caller = self.caller();
        // Any priority will do: the question is asked of each extension that fits.
        let question = Question { context, digits: exten, caller: &caller, priority: 1 };
        let answer = matching::answer(&view, &question);
        let files = &self.pbx.dialplan.files;
        answer.candidates.iter().find_map(|candidate| {
            use matching::Verdict::{Answers, NoPriority, Shadowed};
            let fits = matches!(candidate.verdict, Answers | NoPriority | Shadowed);
            let priorities = &candidate.place.extension.priorities;
            let has = |one: &&Priority| one.label.is_some_and(|own| files.bytes(own) == label);
            priorities.iter().find(has).filter(|_| fits).map(|one| one.number)
        })
    }

    fn caller(&self) -> Vec<u8> {
        self.with(|channel| channel.caller().to_vec())
    }
}
