//! The steps of an extension as `EndWhile`, `EndIf` and macros are looked for.
//!
//! Those applications walk through a context by themselves (`find_matching_priority`): in the order
//! of the listing, and into all includes whatever their times. Must not be used to run a call.

use super::line::Line;
use crate::dialplan::{Context, Priority};

/// A search for a step.
struct Walk<'a> {
    line: &'a Line,
    exten: &'a [u8],
    caller: &'a [u8],
    priority: i32,
    /// The contexts that have been searched: they have no such step. Asterisk searches them again,
    /// and without end if they include each other in a circle.
    searched: Vec<&'a [u8]>,
}

impl Line {
    /// The step of a priority.
    pub(super) fn walked_step(
        &self,
        context: &[u8],
        exten: &[u8],
        priority: i32,
    ) -> Option<Priority> {
        let caller = self.with(|channel| channel.caller().to_vec());
        let searched = Vec::new();
        Walk { line: self, exten, caller: &caller, priority, searched }.through(context)
    }

    /// The application of a priority as the dialplan spells it.
    pub(super) fn walked_application(
        &self,
        context: &[u8],
        exten: &[u8],
        priority: i32,
    ) -> Option<&[u8]> {
        let step = self.walked_step(context, exten, priority)?;
        Some(self.pbx.dialplan.files.bytes(step.application))
    }
}

impl Walk<'_> {
    fn through(&mut self, name: &[u8]) -> Option<Priority> {
        let dialplan = &self.line.pbx.dialplan;
        let context = &dialplan.contexts[*self.line.pbx.contexts.get(name)?];
        let name = dialplan.files.bytes(context.name);
        if self.searched.contains(&name) {
            return None;
        }
        self.searched.push(name);
        self.own_step(context).or_else(|| {
            let includes = context.includes.iter();
            let mut names = includes.map(|include| dialplan.files.bytes(include.context()));
            names.find_map(|included| self.through(included))
        })
    }

    fn own_step(&self, context: &Context) -> Option<Priority> {
        context.extensions.iter().find_map(|extension| {
            let key = &extension.key;
            let has_caller =
                || key.caller.as_ref().is_none_or(|caller| caller.matches_caller(self.caller));
            if !key.pattern.matches(self.exten).exact || !has_caller() {
                return None;
            }
            let steps = &extension.priorities;
            let at = steps.binary_search_by_key(&self.priority, |one| one.number).ok()?;
            Some(steps[at])
        })
    }
}
