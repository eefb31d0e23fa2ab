//! How fast the application was, as the PBX sees it.

use std::time::Duration;

/// Most values that are kept of each kind.
const MOST: usize = 1_000_000;

/// What was measured since it was last taken.
#[derive(Debug, Clone, Default)]
pub struct Timings {
    /// From a report's first byte, connecting included, to the answer 200.
    pub answers: Vec<Duration>,
    /// From the first byte of an entry's report to the request that sends the call on.
    pub reactions: Vec<Duration>,
}

impl Timings {
    pub(super) fn answered(&mut self, after: Duration) {
        push(&mut self.answers, after);
    }

    pub(super) fn reacted(&mut self, after: Duration) {
        push(&mut self.reactions, after);
    }
}

fn push(values: &mut Vec<Duration>, value: Duration) {
    if values.len() < MOST {
        values.push(value);
    }
}
