//! Dates and times of day of the virtual clock, after the proleptic Gregorian calendar.
//!
//! Knows no time zones: a PBX's local time is so many seconds ahead of UTC, all year round.

use crate::dialplan::time::Minute;

const DAY_S: i64 = 86_400;
/// Further from 1970 than this no clock goes.
const MAX_S: i64 = i64::MAX / 4096;

/// A moment as a calendar and a clock on the wall show it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Wall {
    pub(super) year: i64,
    /// 0 for January.
    pub(super) month: i32,
    /// From 1.
    pub(super) day: i32,
    pub(super) hour: i32,
    pub(super) minute: i32,
    pub(super) second: i32,
    /// 0 for Sunday.
    pub(super) weekday: i32,
    /// Days since the first of January.
    pub(super) year_day: i32,
}

impl Wall {
    /// What the wall shows so many seconds after the beginning of 1970.
    pub(super) fn at(epoch_s: i64, utc_offset_s: i32) -> Self {
        let local_s = epoch_s.clamp(-MAX_S, MAX_S) + i64::from(utc_offset_s);
        let (days, rest) = (local_s.div_euclid(DAY_S), narrow(local_s.rem_euclid(DAY_S)));
        let (year, month, day) = date(days);
        Self {
            year,
            month,
            day,
            hour: rest / 3600,
            minute: rest / 60 % 60,
            second: rest % 60,
            weekday: narrow((days + 4).rem_euclid(7)),
            year_day: narrow(days - days_before(year, 0)),
        }
    }

    /// Seconds since the beginning of 1970; fields beyond their range are carried over.
    pub(super) fn epoch_s(&self, utc_offset_s: i32) -> i64 {
        let days = days_before(self.year, self.month) + i64::from(self.day) - 1;
        let clock = (i64::from(self.hour) * 60 + i64::from(self.minute)) * 60;
        days * DAY_S + clock + i64::from(self.second) - i64::from(utc_offset_s)
    }

    /// What times of includes are held against.
    pub(super) fn minute_of_times(&self) -> Minute {
        let Self { weekday, day, month, .. } = *self;
        Minute { of_day: self.hour * 60 + self.minute, weekday, day, month }
    }
}

/// Year, month from 0 and day from 1 of a day counted from 1970.
fn date(days: i64) -> (i64, i32, i32) {
    // Years that begin in March have their odd day at their end; 400 of them are 146,097 days.
    let days = days + 719_468;
    let (era, of_era) = (days.div_euclid(146_097), days.rem_euclid(146_097));
    let year_of_era = (of_era - of_era / 1460 + of_era / 36_524 - of_era / 146_096) / 365;
    let of_year = of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let from_march = (5 * of_year + 2) / 153;
    let day = of_year - (153 * from_march + 2) / 5 + 1;
    let month = (from_march + 2) % 12;
    let year = era * 400 + year_of_era + i64::from(month < 2);
    (year, narrow(month), narrow(day))
}

/// Days from the beginning of 1970 to the first of a month.
fn days_before(year: i64, month: i32) -> i64 {
    let (year, month) = (year + i64::from(month.div_euclid(12)), month.rem_euclid(12));
    let year = year - i64::from(month < 2);
    let from_march = i64::from((month + 10) % 12);
    let (era, year_of_era) = (year.div_euclid(400), year.rem_euclid(400));
    let of_year = (153 * from_march + 2) / 5;
    let of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + of_year;
    era * 146_097 + of_era - 719_468
}

fn narrow(number: i64) -> i32 {
    i32::try_from(number).expect("a part of a date is small")
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn the_wall_shows_the_date() {
        let check = |epoch_s, offset_s, expected: (i64, i32, i32, i32, i32, i32)| {
            let wall = Wall::at(epoch_s, offset_s);
            let found = (wall.year, wall.month, wall.day, wall.hour, wall.weekday, wall.year_day);
            assert_eq!(found, expected, "{epoch_s}");
        };
        check(0, 0, (1970, 0, 1, 0, 4, 0));
        check(-1, 0, (1969, 11, 31, 23, 3, 364));
        check(1_704_067_200, 8 * 3600, (2024, 0, 1, 8, 1, 0));
        check(1_709_164_800, 0, (2024, 1, 29, 0, 4, 59));
        check(4_102_444_799, 0, (2099, 11, 31, 23, 4, 364));
    }

    proptest! {
        #[test]
        fn a_date_leads_back_to_its_moment(
            epoch_s in -100_000_000_000_i64..100_000_000_000,
            offset_s in -50_000_i32..50_000,
        ) {
            prop_assert_eq!(Wall::at(epoch_s, offset_s).epoch_s(offset_s), epoch_s);
        }
    }
}
