//! The caller: does what a script says, when its time has come.

use super::{
    is_place, is_sound,
    script::{self, Action, Cue, Script},
};
use crate::call::{Input, SoundEnd, What};
use std::sync::Arc;

/// A caller on the way through a script.
#[derive(Debug)]
pub(super) struct Caller<'a> {
    script: &'a Script,
    key_ms: u64,
    /// The next action.
    next: usize,
    /// When the last one was done with.
    free_at_ms: u64,
    /// From when on what happens can be what is waited for: what the last key brings about counts,
    /// although the pause after the key is not over.
    listens_from_ms: u64,
    /// Where the call is.
    place: (Arc<[u8]>, Arc<[u8]>, i32),
}

impl<'a> Caller<'a> {
    pub(super) fn new(script: &'a Script, key_ms: u64) -> Self {
        let place = (Arc::default(), Arc::default(), 0);
        let mut caller = Self { script, key_ms, next: 0, free_at_ms: 0, listens_from_ms: 0, place };
        caller.settle();
        caller
    }

    /// Something happened.
    pub(super) fn notice(&mut self, at_ms: u64, what: &What) {
        if let What::Step { context, exten, priority, .. } = what {
            if !Arc::ptr_eq(&self.place.0, context) {
                self.place.0.clone_from(context);
            }
            if !Arc::ptr_eq(&self.place.1, exten) {
                self.place.1.clone_from(exten);
            }
            self.place.2 = *priority;
        }
        if let Some(Action::Until(cue)) = self.action()
            && at_ms >= self.listens_from_ms
            && is_cue(cue, what)
        {
            self.go_on(at_ms);
        }
    }

    /// When the caller does something; none while waiting for something to happen.
    pub(super) fn due_ms(&self) -> Option<u64> {
        match self.action()? {
            Action::Key(_) => Some(self.free_at_ms + self.key_ms),
            Action::HangUp | Action::Redirect(_) => Some(self.free_at_ms),
            Action::Wait(_) | Action::Until(_) => None,
        }
    }

    /// Does what is due.
    pub(super) fn act(&mut self) -> Input {
        let at_ms = self.due_ms().expect("asked for only when something is due");
        self.listens_from_ms = at_ms;
        let (input, pause_ms) = match self.action() {
            Some(Action::Key(key)) => (Input::Key(*key), self.key_ms),
            Some(Action::Redirect(to)) => (Input::Redirect(to.clone()), 0),
            _ => (Input::HangUp, 0),
        };
        self.free_at_ms = at_ms + pause_ms;
        self.next += 1;
        self.settle();
        input
    }

    /// What is left of the script; waiting alone is nothing.
    pub(super) fn undone(&self) -> Option<String> {
        let left = &self.script.actions[self.next..];
        let is_idle = left.iter().all(|(action, _)| matches!(action, Action::Wait(_)));
        (!is_idle).then(|| script::said(left))
    }

    fn action(&self) -> Option<&'a Action> {
        self.script.actions.get(self.next).map(|(action, _)| action)
    }

    /// What was waited for has happened.
    fn go_on(&mut self, at_ms: u64) {
        self.free_at_ms = self.free_at_ms.max(at_ms);
        self.listens_from_ms = at_ms;
        self.next += 1;
        self.settle();
    }

    /// Passes what needs no waiting for.
    fn settle(&mut self) {
        loop {
            match self.action() {
                Some(Action::Wait(ms)) => {
                    self.free_at_ms += ms;
                    self.listens_from_ms = self.free_at_ms;
                }
                Some(Action::Until(Cue::At(place)))
                    if is_place(&self.place.0, &self.place.1, self.place.2, place) => {}
                _ => return,
            }
            self.next += 1;
        }
    }
}

fn is_cue(cue: &Cue, what: &What) -> bool {
    match (cue, what) {
        // What the caller's own key cuts short is not waited for.
        (Cue::SoundEnds(name), What::SoundEnds { name: played, end }) => {
            *end != SoundEnd::CutShort && is_sound(played, name)
        }
        (Cue::SoundBegins(name), What::SoundBegins { name: played }) => is_sound(played, name),
        (Cue::At(place), What::Step { context, exten, priority, .. }) => {
            is_place(context, exten, *priority, place)
        }
        (Cue::Event(wanted), What::UserEvent { name, .. }) => name == wanted.as_bytes(),
        _ => false,
    }
}
