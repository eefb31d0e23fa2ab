//! How long to wait before a lost connection is made again, and how often.
//!
//! Must not know what is retried; whoever waits says what may pass.

use std::{
    sync::atomic::{AtomicBool, Ordering},
    thread,
    time::{Duration, Instant},
};

/// The first wait, before the dice.
const FIRST: Duration = Duration::from_millis(500);
/// The longest wait.
const CAP: Duration = Duration::from_secs(15);
/// How often a wait looks whether it was interrupted.
const LOOK_UP: Duration = Duration::from_millis(50);

/// Waits that double up to a cap, and end after a number of fruitless tries.
#[derive(Debug)]
pub struct Backoff {
    limit: u32,
    fruitless: u32,
}

impl Backoff {
    /// At most `limit` tries in a row that come to nothing.
    pub fn new(limit: u32) -> Self {
        Self { limit, fruitless: 0 }
    }

    /// A try came to something: the next loss is counted as a first one.
    pub fn reset(&mut self) {
        self.fruitless = 0;
    }

    /// How many tries in a row came to nothing.
    pub fn fruitless(&self) -> u32 {
        self.fruitless
    }

    /// How long to wait before the next try, if there may be one. `dice` is 0 to 1: many pushes that
    /// lost the same server must not come back in the same moment.
    pub fn next_wait(&mut self, dice: f64) -> Option<Duration> {
        if self.fruitless >= self.limit {
            return None;
        }
        let doubled = FIRST.saturating_mul(1 << self.fruitless.min(16));
        self.fruitless += 1;
        Some(doubled.min(CAP).mul_f64(0.5 + dice.clamp(0.0, 1.0) / 2.0))
    }
}

/// Waits; gives false as soon as `interrupt` is true.
pub fn wait(duration: Duration, interrupt: &AtomicBool) -> bool {
    let end = Instant::now() + duration;
    loop {
        if interrupt.load(Ordering::Relaxed) {
            return false;
        }
        let left = end.saturating_duration_since(Instant::now());
        if left.is_zero() {
            return true;
        }
        thread::sleep(left.min(LOOK_UP));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(backoff: &mut Backoff, dice: f64, expected_ms: &[u64]) {
        let mut found = Vec::new();
        while let Some(wait) = backoff.next_wait(dice) {
            found.push(u64::try_from(wait.as_millis()).unwrap());
        }
        assert_eq!(found, expected_ms);
    }

    #[test]
    fn waits_double_up_to_a_cap_and_end() {
        let mut backoff = Backoff::new(8);
        check(&mut backoff, 1.0, &[500, 1000, 2000, 4000, 8000, 15_000, 15_000, 15_000]);
        check(&mut backoff, 1.0, &[]);
        backoff.reset();
        check(&mut backoff, 0.0, &[250, 500, 1000, 2000, 4000, 7500, 7500, 7500]);
        check(&mut Backoff::new(0), 1.0, &[]);
    }

    #[test]
    fn an_interrupt_ends_a_wait() {
        assert!(!wait(Duration::from_mins(10), &AtomicBool::new(true)));
        assert!(wait(Duration::from_millis(1), &AtomicBool::new(false)));
    }
}
