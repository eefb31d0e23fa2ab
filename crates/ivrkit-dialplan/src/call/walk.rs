//! The steps of an extension as `EndWhile`, `EndIf` and macros are looked for.
//!
//! Those applications walk through a context by themselves (`find_matching_priority`): in the order
//! of the listing, and into all includes whatever their times. Must not be used to run a call.

use super::line::Line;
use crate::dialplan::{Context, Priority};

/// How deep includes are followed; Asterisk 16 stops its macros there.
const MAX_DEPTH: usize = 128;

/// What is looked for.
struct Wanted<'a> {
    exten: &'a [u8],
    caller: &'a [u8],
    priority: i32,
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
        self.walk(context, &Wanted { exten, caller: &caller, priority }, 0)
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

    fn walk(&self, name: &[u8], wanted: &Wanted<'_>, depth: usize) -> Option<Priority> {
        let dialplan = &self.pbx.dialplan;
        let context = &dialplan.contexts[*self.pbx.contexts.get(name)?];
        let own = own_step(context, wanted);
        if own.is_some() || depth == MAX_DEPTH {
            return own;
        }
        let includes =
            context.includes.iter().map(|include| dialplan.files.bytes(include.context()));
        includes.into_iter().find_map(|included| self.walk(included, wanted, depth + 1))
    }
}

fn own_step(context: &Context, wanted: &Wanted<'_>) -> Option<Priority> {
    context.extensions.iter().find_map(|extension| {
        let key = &extension.key;
        let has_caller =
            || key.caller.as_ref().is_none_or(|caller| caller.matches_caller(wanted.caller));
        if !key.pattern.matches(wanted.exten).exact || !has_caller() {
            return None;
        }
        let steps = &extension.priorities;
        let at = steps.binary_search_by_key(&wanted.priority, |one| one.number).ok()?;
        Some(steps[at])
    })
}
