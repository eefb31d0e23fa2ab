//! The wall clock, read in one place.

use ivrkit_dialplan::verification::TimeMs;
use std::time::{SystemTime, UNIX_EPOCH};

/// Milliseconds since the Unix epoch.
pub(crate) fn now_ms() -> TimeMs {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    TimeMs::try_from(since.as_millis()).unwrap_or(TimeMs::MAX)
}

/// A time as RFC 3339 in UTC, for people and machines.
pub(crate) fn rfc3339(at: TimeMs) -> String {
    let ms = i64::try_from(at).unwrap_or(i64::MAX);
    jiff::Timestamp::from_millisecond(ms).map_or_else(|_| String::new(), |at| at.to_string())
}
