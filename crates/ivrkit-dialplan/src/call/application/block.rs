//! Where blocks of `While` and `If` begin and end, which Asterisk keeps in plain variables.
//!
//! `PREFIX_n` is where block n begins, `END_PREFIX_n` what follows its end where that is known, and
//! `CONTEXT_EXTEN_PRIORITY` which n the block of a step has. A dialplan can see and change them.

use super::super::line::Line;

/// The applications that open and close a kind of block.
pub(super) struct Kind {
    pub(super) prefix: &'static str,
    pub(super) opens: &'static str,
    pub(super) closes: &'static str,
}

impl Kind {
    /// The variable of the block that the running step begins.
    pub(super) fn own(&self, line: &Line) -> Vec<u8> {
        let place = place_name(line);
        let number = line.plain_variable(&place).unwrap_or_else(|| {
            let number = self.open(line).to_string().into_bytes();
            set(line, &place, &number);
            number
        });
        [self.prefix.as_bytes(), b"_", &number].concat()
    }

    /// The variable of the innermost open block; one that is not set outside of blocks.
    pub(super) fn innermost(&self, line: &Line) -> Vec<u8> {
        let last = self.open(line).checked_sub(1);
        last.map_or_else(|| format!("{}_-1", self.prefix).into_bytes(), |last| self.name(last))
    }

    /// How many blocks are open.
    fn open(&self, line: &Line) -> usize {
        let is_closed = |number: &usize| line.plain_variable(&self.name(*number)).is_none();
        (0..usize::MAX).find(is_closed).expect("variables are finitely many")
    }

    fn name(&self, number: usize) -> Vec<u8> {
        format!("{}_{number}", self.prefix).into_bytes()
    }

    /// The priority that closes the block of the running step, or that of the first such
    /// application which belongs to it.
    pub(super) fn search(&self, line: &Line, other: Option<&str>) -> Option<i32> {
        let (context, exten, priority) = place(line);
        let mut depth = 1;
        let mut number = priority + 1;
        while let Some(application) = line.walked_application(&context, &exten, number) {
            let is = |name: &str| application.eq_ignore_ascii_case(name.as_bytes());
            depth += i32::from(is(self.opens)) - i32::from(is(self.closes));
            if other.map_or(depth == 0, |other| depth == 1 && is(other)) {
                return Some(number);
            }
            number += 1;
        }
        None
    }

    /// Forgets a block of the running step; on at what is known to follow it. Whether that is known.
    pub(super) fn leave(line: &Line, start: &[u8]) -> bool {
        let place = place_name(line);
        line.with(|channel| {
            channel.variables.set(start, None);
            channel.variables.set(&place, None);
        });
        let end = end_of(start);
        let Some(after) = line.plain_variable(&end) else { return false };
        line.go(&after);
        line.with(|channel| channel.variables.set(&end, None));
        true
    }
}

/// Remembers that a block begins with the running step, unless it is known.
pub(super) fn remember(line: &Line, start: &[u8]) {
    if line.plain_variable(start).is_none() {
        set(line, start, &place_after(line, 0));
    }
}

/// Remembers that the running step ends a block, unless it is known.
pub(super) fn remember_end(line: &Line, start: &[u8]) {
    let end = end_of(start);
    if line.plain_variable(&end).is_none() {
        set(line, &end, &place_after(line, 1));
    }
}

fn end_of(start: &[u8]) -> Vec<u8> {
    [b"END_", start].concat()
}

fn place_name(line: &Line) -> Vec<u8> {
    let (context, exten, priority) = place(line);
    [context, exten, priority.to_string().into_bytes()].join(&b'_')
}

fn place_after(line: &Line, more: i32) -> Vec<u8> {
    let (context, exten, priority) = place(line);
    [context, exten, (priority + more).to_string().into_bytes()].join(&b',')
}

fn place(line: &Line) -> (Vec<u8>, Vec<u8>, i32) {
    line.with(|channel| (channel.context.to_vec(), channel.exten.to_vec(), channel.priority))
}

fn set(line: &Line, name: &[u8], value: &[u8]) {
    line.with(|channel| channel.variables.set(name, Some(value)));
}
