//! A limit on how fast content goes or comes.
//!
//! Pure: the time comes in. Must not wait itself.

use std::time::{Duration, Instant};

/// Pieces a second that content is cut into, so that a limited line is used evenly.
const PIECES_PER_S: u64 = 10;
/// A smaller piece costs more in its request than it smooths.
const LEAST_PIECE_BYTES: u64 = 1024;

/// Says how long each piece has to wait.
#[derive(Debug)]
pub(super) struct Pace {
    bytes_per_s: u64,
    /// When all that was taken so far may have gone.
    free_at: Instant,
}

impl Pace {
    pub(super) fn new(bytes_per_s: u64, now: Instant) -> Self {
        Self { bytes_per_s: bytes_per_s.max(1), free_at: now }
    }

    /// Most bytes that may go in one piece.
    pub(super) fn piece_bytes(&self) -> usize {
        let bytes = (self.bytes_per_s / PIECES_PER_S).max(LEAST_PIECE_BYTES);
        usize::try_from(bytes).unwrap_or(usize::MAX)
    }

    /// How long to wait before these bytes may go. Time that was not used is not saved up: after a
    /// pause the line is not flooded.
    pub(super) fn take(&mut self, bytes: usize, now: Instant) -> Duration {
        let wait = self.free_at.saturating_duration_since(now);
        let nanos = bytes as u128 * 1_000_000_000 / u128::from(self.bytes_per_s);
        let length = Duration::from_nanos(u64::try_from(nanos).unwrap_or(u64::MAX));
        self.free_at = self.free_at.max(now) + length;
        wait
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Bytes that go in each of so many seconds.
    fn seconds(bytes_per_s: u64, seconds: usize, pause_s: u64) -> Vec<usize> {
        let start = Instant::now();
        let mut pace = Pace::new(bytes_per_s, start);
        let mut now = start + Duration::from_secs(pause_s);
        let mut counts = vec![0; seconds];
        loop {
            let piece = pace.piece_bytes();
            now += pace.take(piece, now);
            let second = (now - start).as_secs() - pause_s;
            let Some(count) = counts.get_mut(usize::try_from(second).unwrap()) else {
                return counts;
            };
            *count += piece;
        }
    }

    #[test]
    fn every_second_carries_the_limit() {
        assert_eq!(seconds(50_000, 5, 0), [50_000; 5]);
        assert_eq!(seconds(10_000_000, 3, 0), [10_000_000; 3]);
        // A piece of 1 KiB at 100 bytes a second: one every ten seconds.
        assert_eq!(seconds(100, 31, 0).iter().sum::<usize>(), 4 * 1024);
    }

    #[test]
    fn a_pause_is_not_made_up_for() {
        assert_eq!(seconds(50_000, 3, 60), [50_000; 3]);
    }
}
