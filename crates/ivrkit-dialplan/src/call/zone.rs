//! Time zones by the names of the IANA database, as Asterisk finds them in `/usr/share/zoneinfo`.
//!
//! The database is part of this crate, so that a call goes the same way on every machine. A name
//! that is not in it is not known here: Asterisk would take it for a rule of POSIX or for UTC.

use jiff::{
    Timestamp,
    tz::{AmbiguousOffset, TimeZone, TimeZoneDatabase},
};
use std::sync::LazyLock;

/// How far a zone is ahead of UTC at a moment, in seconds; none if it is not known.
pub(super) fn offset_s(zone: &[u8], epoch_s: i64) -> Option<i32> {
    let moment = Timestamp::from_second(epoch_s).ok()?;
    Some(find(zone)?.to_offset(moment).seconds())
}

/// The moment at which a zone shows this on the wall, given and returned as seconds since 1970, the
/// first of two; 0 for a time that its clocks leave out, as `ast_mktime` says. None if the zone is
/// not known.
pub(super) fn epoch_s(zone: &[u8], wall_s: i64) -> Option<i64> {
    let zone = find(zone)?;
    let wall = TimeZone::UTC.to_datetime(Timestamp::from_second(wall_s).ok()?);
    let moment = zone.to_ambiguous_timestamp(wall);
    if matches!(moment.offset(), AmbiguousOffset::Gap { .. }) {
        return Some(0);
    }
    Some(moment.earlier().ok()?.as_second())
}

/// Names of files are told apart by case.
fn find(zone: &[u8]) -> Option<TimeZone> {
    static DATABASE: LazyLock<TimeZoneDatabase> = LazyLock::new(TimeZoneDatabase::bundled);
    let name = std::str::from_utf8(zone).ok()?;
    DATABASE.get(name).ok().filter(|found| found.iana_name() == Some(name))
}

#[cfg(test)]
mod tests {
    use super::*;

    const JANUARY_S: i64 = 1_704_110_400;
    const JULY_S: i64 = 1_719_835_200;

    #[test]
    fn a_zone_is_ahead_by_its_own_rules() {
        let check = |zone: &str, epoch_s, expected| {
            assert_eq!(offset_s(zone.as_bytes(), epoch_s), expected, "{zone} {epoch_s}");
        };
        check("UTC", JULY_S, Some(0));
        check("Asia/Shanghai", JULY_S, Some(8 * 3600));
        // Clocks were changed there in those days.
        check("Asia/Shanghai", 552_000_000, Some(9 * 3600));
        check("Europe/Berlin", JANUARY_S, Some(3600));
        check("Europe/Berlin", JULY_S, Some(7200));
        check("America/St_Johns", JANUARY_S, Some(-12_600));
        check("europe/berlin", JULY_S, None);
        check("Mars/Olympus", JULY_S, None);
        check("", JULY_S, None);
    }

    #[test]
    fn a_wall_shows_one_moment_or_none() {
        let check = |zone: &str, wall_s, expected| {
            assert_eq!(epoch_s(zone.as_bytes(), wall_s), expected, "{zone} {wall_s}");
        };
        check("Europe/Berlin", JANUARY_S, Some(JANUARY_S - 3600));
        check("Europe/Berlin", JULY_S, Some(JULY_S - 7200));
        check("Asia/Tokyo", JULY_S, Some(JULY_S - 9 * 3600));
        // 2024-03-31 02:30.
        check("Europe/Berlin", 1_711_852_200, Some(0));
        check("Mars/Olympus", JULY_S, None);
    }
}
