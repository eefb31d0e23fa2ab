//! When the next request may begin: so many a second, and none while the server wants a pause.
//!
//! Must not know what is requested.

use super::{Error, Interrupt, pause_for};
use std::{
    sync::{Mutex, PoisonError},
    time::{Duration, Instant},
};

/// The pace of all requests to one engine.
#[derive(Debug)]
pub(super) struct Pace {
    interval: Duration,
    /// Before this no request begins.
    next: Mutex<Option<Instant>>,
}

impl Pace {
    pub(super) fn new(requests_per_s: Option<f64>) -> Self {
        let interval = requests_per_s.map(|rate| Duration::from_secs_f64(1.0 / rate));
        Self { interval: interval.unwrap_or_default(), next: Mutex::new(None) }
    }

    /// Waits for this request's turn.
    pub(super) fn wait(&self, interrupt: &Interrupt) -> Result<(), Error> {
        let now = Instant::now();
        let turn = {
            let mut next = self.next.lock().unwrap_or_else(PoisonError::into_inner);
            let turn = next.map_or(now, |next| next.max(now));
            *next = Some(turn + self.interval);
            turn
        };
        pause_for(turn - now, interrupt)
    }

    /// Lets no request begin for so long.
    pub(super) fn hold_back(&self, pause: Duration) {
        let until = Instant::now() + pause;
        let mut next = self.next.lock().unwrap_or_else(PoisonError::into_inner);
        *next = Some(next.map_or(until, |next| next.max(until)));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn requests_keep_their_distance_and_pauses_hold_for_all() {
        let (pace, interrupt) = (Pace::new(Some(100.0)), Interrupt::default());
        let start = Instant::now();
        (0..11).for_each(|_| pace.wait(&interrupt).unwrap());
        assert!(start.elapsed() >= Duration::from_millis(100));
        pace.hold_back(Duration::from_millis(150));
        let held = Instant::now();
        pace.wait(&interrupt).unwrap();
        assert!(held.elapsed() >= Duration::from_millis(145));
    }
}
