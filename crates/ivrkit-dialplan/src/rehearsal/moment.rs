//! The moment at which a call begins.

use jiff::fmt::temporal::{DateTimeParser, Pieces};

static PARSER: DateTimeParser = DateTimeParser::new();

/// A moment and the local time of the PBX.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Moment {
    /// Seconds since 1970 in UTC.
    pub epoch_s: i64,
    /// How far local time is ahead of UTC, in seconds.
    pub utc_offset_s: i32,
}

impl Moment {
    /// Reads RFC 3339, such as `2026-01-05T10:00:00+08:00`; none for anything else.
    pub fn parse(text: &str) -> Option<Self> {
        let pieces = Pieces::parse(text).ok()?;
        let offset = pieces.to_numeric_offset()?;
        pieces.time()?;
        let timestamp = PARSER.parse_timestamp(text).ok()?;
        Some(Self { epoch_s: timestamp.as_second(), utc_offset_s: offset.seconds() })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_moment_has_its_offset() {
        let check = |text: &str, expected: Option<(i64, i32)>| {
            let found = Moment::parse(text).map(|moment| (moment.epoch_s, moment.utc_offset_s));
            assert_eq!(found, expected, "{text}");
        };
        check("2026-01-05T10:00:00+08:00", Some((1_767_578_400, 28_800)));
        check("2026-01-05T02:00:00Z", Some((1_767_578_400, 0)));
        check("2026-01-05T10:00:00", None);
        check("2026-01-05", None);
        check("2026-13-05T10:00:00Z", None);
        check("tomorrow", None);
    }
}
