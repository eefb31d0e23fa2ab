//! What carries the bytes of a target on a server, and how long it may come to nothing.
//!
//! Must not know what the bytes mean, nor how the connection was made.

#[cfg(test)]
pub(crate) mod process;

use super::Error;
use rustix::event::{PollFd, Timespec, poll};
use std::{
    task::Poll,
    time::{Duration, Instant},
};

/// How often a waiting push looks whether it was interrupted.
const LOOK_UP: Timespec = Timespec { tv_sec: 0, tv_nsec: 200_000_000 };
/// A line that carries less, in either direction, while no answer becomes whole comes to nothing: a
/// server that gives out a byte now and then must not hold a push for ever.
const LEAST_BYTES_PER_S: u128 = 1024;

/// Carries bytes to a server and back.
pub trait Transport: Send {
    /// Sends from the front of `outbox` and appends to `inbox` what goes at once, without waiting:
    /// how many bytes moved.
    ///
    /// # Errors
    /// When the connection ends.
    fn pump(&mut self, outbox: &mut Outbox, inbox: &mut Vec<u8>) -> Result<usize, Error>;

    /// What to wait for before the next [`Transport::pump`].
    fn interest(&self) -> PollFd<'_>;

    /// Whether to go on when nothing came of it since `progress`.
    ///
    /// # Errors
    /// When that is too long, or the program is interrupted.
    fn check(&self, progress: Instant) -> Result<(), Error>;

    /// From now on interrupts are ignored and the whole rest must be done within `limit`.
    fn begin_cleanup(&mut self, limit: Duration);

    /// Runs a script in the target folder; [`Transport::printed`] has its outcome.
    fn run(&mut self, _script: &str) {}

    /// What the script printed, once it ended: `None` if there was none, it did not end well, or the
    /// server runs no scripts.
    fn printed(&mut self) -> Poll<Option<Vec<u8>>> {
        Poll::Ready(None)
    }
}

/// Bytes that wait to be sent.
#[derive(Debug, Default)]
pub struct Outbox {
    pub(super) bytes: Vec<u8>,
    sent: usize,
}

impl Outbox {
    /// Bytes that were sent and may stay in front: moving the rest up each time would cost more
    /// than sending it.
    const MAX_SENT_BYTES: usize = 1024 * 1024;

    /// What is still to be sent.
    pub fn waiting(&self) -> &[u8] {
        &self.bytes[self.sent..]
    }

    /// Adds bytes to the end.
    pub fn append(&mut self, bytes: &[u8]) {
        self.bytes.extend_from_slice(bytes);
    }

    /// Takes out the first bytes, which were sent.
    pub fn advance(&mut self, bytes: usize) {
        self.sent += bytes;
        if self.sent == self.bytes.len() || self.sent > Self::MAX_SENT_BYTES {
            self.bytes.drain(..self.sent);
            self.sent = 0;
        }
    }
}

/// When a connection last came to something: an answer was whole, or bytes moved no slower than
/// [`LEAST_BYTES_PER_S`].
#[derive(Debug, Clone, Copy)]
pub struct Progress {
    since: Instant,
    bytes: u128,
}

impl Progress {
    /// Begins now.
    pub fn new(now: Instant) -> Self {
        Self { since: now, bytes: 0 }
    }

    /// When it last came to something.
    pub fn last(&self) -> Instant {
        self.since
    }

    /// Takes note of bytes that moved; `whole` if an answer became whole with them.
    pub fn note(&mut self, bytes: usize, whole: bool, now: Instant) {
        self.bytes += bytes as u128;
        let elapsed_ms = now.saturating_duration_since(self.since).as_millis().max(1000);
        if whole || self.bytes * 1000 >= LEAST_BYTES_PER_S * elapsed_ms {
            *self = Self::new(now);
        }
    }
}

/// Waits until one of the transports may go on, or it is time to look whether that is still wanted.
///
/// # Errors
/// When the system cannot wait for them.
pub fn wait(interests: &mut [PollFd<'_>]) -> Result<(), Error> {
    match poll(interests, Some(&LOOK_UP)) {
        Ok(_) | Err(rustix::io::Errno::INTR) => Ok(()),
        Err(error) => Err(Error::Lost(error.to_string())),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Whether it came to something within a time, from pieces that each come after a pause.
    fn check(piece_bytes: usize, pause_ms: u64, whole: bool, expected: bool) {
        let start = Instant::now();
        let mut now = start;
        let mut progress = Progress::new(start);
        for _ in 0..100 {
            now += Duration::from_millis(pause_ms);
            progress.note(piece_bytes, whole, now);
        }
        let silent = now - progress.last();
        assert_eq!(silent < Duration::from_secs(10), expected, "{piece_bytes} each {pause_ms} ms");
    }

    #[test]
    fn a_trickle_comes_to_nothing_and_a_slow_line_does() {
        check(1, 300, false, false);
        check(100, 300, false, false);
        check(1400, 1000, false, true);
        check(64 * 1024, 9_000, false, true);
        check(1, 300, true, true);
    }
}
