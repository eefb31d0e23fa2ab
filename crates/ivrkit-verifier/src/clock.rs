//! The clock, read in one place.
//!
//! Waits must not stop when the wall clock is set back, and what another process wrote down must be
//! compared with the wall clock: so there are two readings.

use ivrkit_dialplan::verification::TimeMs;
use std::{
    sync::{Mutex, PoisonError},
    time::{Duration, Instant, SystemTime, UNIX_EPOCH},
};

/// Milliseconds since the Unix epoch, for waits: never goes back and never stands still while the
/// process runs. Follows the wall clock forward; stays ahead of one that was set back.
pub(crate) fn now_ms() -> TimeMs {
    static STEADY: Mutex<Option<Steady>> = Mutex::new(None);
    let mut steady = STEADY.lock().unwrap_or_else(PoisonError::into_inner);
    let (now, wall) = (Instant::now(), wall_ms());
    steady.get_or_insert(Steady { since: now, ms: wall }).read(now, wall)
}

/// Milliseconds since the Unix epoch as the wall clock has it, for expiry.
pub(crate) fn wall_ms() -> TimeMs {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    TimeMs::try_from(since.as_millis()).unwrap_or(TimeMs::MAX)
}

/// How long it is until a time of [`now_ms`].
pub(crate) fn until(at: TimeMs) -> Duration {
    Duration::from_millis(at.saturating_sub(now_ms()))
}

/// A moment and the time that it was.
struct Steady {
    since: Instant,
    ms: TimeMs,
}

impl Steady {
    fn read(&mut self, now: Instant, wall: TimeMs) -> TimeMs {
        let passed = now.saturating_duration_since(self.since).as_millis();
        let steady = self.ms.saturating_add(TimeMs::try_from(passed).unwrap_or(TimeMs::MAX));
        if wall > steady {
            *self = Self { since: now, ms: wall };
        }
        wall.max(steady)
    }
}

/// A time as RFC 3339 in UTC, for people and machines.
pub(crate) fn rfc3339(at: TimeMs) -> String {
    let ms = i64::try_from(at).unwrap_or(i64::MAX);
    jiff::Timestamp::from_millisecond(ms).map_or_else(|_| String::new(), |at| at.to_string())
}

/// A time in UTC as SQL writes it, to the second.
pub(crate) fn sql(at: TimeMs) -> String {
    let ms = i64::try_from(at).unwrap_or(i64::MAX);
    let at = jiff::Timestamp::from_millisecond(ms);
    at.map_or_else(|_| String::new(), |at| at.strftime("%Y-%m-%d %H:%M:%S").to_string())
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;

    #[test]
    fn waits_go_on_when_the_wall_clock_is_set_back() {
        let start = Instant::now();
        let mut steady = Steady { since: start, ms: 50_000 };
        let mut check = |after_ms, wall, expected| {
            assert_eq!(steady.read(start + Duration::from_millis(after_ms), wall), expected);
        };
        check(10, 50_010, 50_010);
        check(20, 9_000, 50_020);
        check(30, 9_010, 50_030);
        check(40, 90_000, 90_000);
        check(50, 90_005, 90_010);
    }
}
