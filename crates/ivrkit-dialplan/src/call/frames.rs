//! The subroutines that a channel is in: where each returns to, and which variables are its own.
//!
//! Follows the `GOSUB` store of Asterisk's `apps/app_stack.c`. Must not run anything.

use super::channel::Variables;
use std::sync::Arc;

/// The subroutines of a channel, the innermost last.
#[derive(Debug, Default)]
pub(super) struct Frames {
    /// Whether there ever was one: Asterisk says other things then.
    pub(super) is_begun: bool,
    list: Vec<Frame>,
}

/// A subroutine that runs.
#[derive(Debug)]
pub(super) struct Frame {
    pub(super) context: Arc<[u8]>,
    pub(super) exten: Arc<[u8]>,
    /// The priority after the one that called it.
    pub(super) priority: i32,
    /// How many `ARGn` it has, those that only hide the caller's included.
    pub(super) arguments: usize,
    /// Whether returning from it ends what ran it, such as a hang-up handler.
    pub(super) is_special: bool,
    /// The names of its variables, without underscores.
    locals: Vec<Vec<u8>>,
}

impl Frames {
    /// The innermost one.
    pub(super) fn last(&self) -> Option<&Frame> {
        self.list.last()
    }

    /// The one that is `depth` frames below the innermost.
    pub(super) fn below(&self, depth: usize) -> Option<&Frame> {
        self.list.iter().rev().nth(depth)
    }

    pub(super) fn push(&mut self, frame: Frame) {
        self.is_begun = true;
        self.list.push(frame);
    }

    /// Leaves the innermost one; its variables go, and what they hid is seen again.
    pub(super) fn pop(&mut self, variables: &mut Variables) -> Option<Frame> {
        let frame = self.list.pop()?;
        for name in frame.locals.iter().rev() {
            variables.set(name, None);
        }
        Some(frame)
    }

    /// Marks the innermost one: a return from it ends what ran it.
    pub(super) fn mark_special(&mut self) {
        if let Some(frame) = self.list.last_mut() {
            frame.is_special = true;
        }
    }

    /// Leaves all up to the innermost one that is marked.
    pub(super) fn balance(&mut self, variables: &mut Variables) {
        while self.pop(variables).is_some_and(|frame| !frame.is_special) {}
    }

    /// Sets a variable of the innermost one; a new one hides that of the caller.
    pub(super) fn set_local(&mut self, variables: &mut Variables, name: &[u8], value: &[u8]) {
        if let Some(frame) = self.list.last_mut() {
            frame.set(variables, name, value);
        }
    }
}

impl Frame {
    pub(super) fn new(
        context: Arc<[u8]>,
        exten: Arc<[u8]>,
        priority: i32,
        arguments: usize,
    ) -> Self {
        Self { context, exten, priority, arguments, is_special: false, locals: Vec::new() }
    }

    /// Whether a variable is its own.
    pub(super) fn has(&self, name: &[u8]) -> bool {
        self.locals.iter().any(|own| own == name)
    }

    pub(super) fn set(&mut self, variables: &mut Variables, name: &[u8], value: &[u8]) {
        if self.has(name) {
            variables.set(name, Some(value));
        } else {
            self.locals.push(super::channel::plain(name).to_vec());
            variables.push(name, value);
        }
    }
}
