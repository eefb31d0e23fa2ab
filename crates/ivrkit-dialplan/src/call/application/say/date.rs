//! Dates and times in English, by a format such as `ABdY 'digits/at' IMp`.

use super::{Word, number};

const DAY_S: i64 = 86_400;
/// Asterisk's month and half a year, when dates are said as far away.
const MONTH_S: i64 = 2_628_000;
const HALF_YEAR_S: i64 = 15_768_000;

/// The moment of the call and the one that is said, as local seconds since 1970.
#[derive(Debug, Clone, Copy)]
pub(super) struct Clock {
    pub(super) now_s: i64,
    pub(super) time_s: i64,
}

/// A moment taken apart.
struct Moment {
    year: i64,
    /// 0 to 11.
    month: i64,
    day: i64,
    /// 0 for Sunday.
    weekday: i64,
    hour: i64,
    minute: i64,
    second: i64,
}

/// The sounds, and letters that mean nothing.
pub(super) fn words(format: &[u8], clock: &Clock, is_british: bool) -> (Vec<Word>, Vec<u8>) {
    let moment = Moment::of(clock.time_s);
    let count = |number: i64| {
        let number = i32::try_from(number).unwrap_or(0);
        if is_british { number::british(number) } else { number::cardinal(number) }
    };
    let (mut words, mut unknown) = (Vec::new(), Vec::new());
    let mut letters = format.iter().copied();
    while let Some(letter) = letters.next() {
        match letter {
            b'\'' => {
                let name: Vec<u8> = letters.by_ref().take_while(|&byte| byte != b'\'').collect();
                words.push(Word::needed(name));
            }
            b'A' | b'a' => words.push(Word::needed(format!("digits/day-{}", moment.weekday))),
            b'B' | b'b' | b'h' => words.push(Word::needed(format!("digits/mon-{}", moment.month))),
            b'm' => words.extend(number::enumeration(moment.month + 1)),
            b'd' | b'e' => words.extend(number::enumeration(moment.day)),
            b'Y' => words.extend(year(moment.year, count)),
            b'I' | b'l' => {
                let hour = (moment.hour + 11) % 12 + 1;
                words.push(Word::needed(format!("digits/{hour}")));
            }
            b'H' | b'k' => words.extend(hour(moment.hour, letter)),
            b'M' | b'N' => words.extend(minute(moment.minute, letter, count)),
            b'P' | b'p' => {
                let half = if moment.hour > 11 { "digits/p-m" } else { "digits/a-m" };
                words.push(Word::needed(half));
            }
            b'Q' | b'q' => words.extend(relative(clock, is_british)),
            b'R' => words.extend(self::words(b"HM", clock, is_british).0),
            b'S' => words.extend(second(moment.second, count)),
            b'T' => words.extend(self::words(b"HMS", clock, is_british).0),
            b' ' | b'\t' => {}
            other => unknown.push(other),
        }
    }
    (words, unknown)
}

impl Moment {
    fn of(time_s: i64) -> Self {
        let (days, second) = (time_s.div_euclid(DAY_S), time_s.rem_euclid(DAY_S));
        let (year, month, day) = date(days);
        Self {
            year,
            month,
            day,
            // The first day of 1970 was a Thursday.
            weekday: (days + 4).rem_euclid(7),
            hour: second / 3600,
            minute: second / 60 % 60,
            second: second % 60,
        }
    }
}

/// Year, month from 0, and day of a day since 1970, in the Gregorian calendar: years that begin in
/// March have their leap day last.
fn date(days: i64) -> (i64, i64, i64) {
    let days = days + 719_468;
    let era = days.div_euclid(146_097);
    let day_of_era = days.rem_euclid(146_097);
    let year_of_era =
        (day_of_era - day_of_era / 1460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let from_march = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * from_march + 2) / 5 + 1;
    let month = (from_march + 2) % 12;
    let year = era * 400 + year_of_era + i64::from(month < 2);
    (year, month, day)
}

fn year(year: i64, count: impl Fn(i64) -> Vec<Word>) -> Vec<Word> {
    let in_century = year - 1900;
    if in_century > 99 {
        return count(year);
    }
    if in_century < 1 {
        return Vec::new();
    }
    let mut words = vec![Word::needed("digits/19")];
    if in_century <= 9 {
        words.push(Word::needed("digits/oh"));
    }
    words.extend(count(in_century));
    words
}

fn hour(hour: i64, letter: u8) -> Vec<Word> {
    let mut words = Vec::new();
    if (letter == b'H' && hour < 10) || hour == 0 {
        words.push(Word::needed("digits/oh"));
    }
    if hour > 20 {
        words.push(Word::needed("digits/20"));
    }
    if hour > 0 {
        let rest = if hour > 20 { hour - 20 } else { hour };
        words.push(Word::needed(format!("digits/{rest}")));
    }
    words
}

fn minute(minute: i64, letter: u8, count: impl Fn(i64) -> Vec<Word>) -> Vec<Word> {
    match (minute, letter) {
        (0, b'M') => vec![Word::needed("digits/oclock")],
        (0, _) => vec![Word::needed("digits/hundred")],
        (1..=9, _) => {
            vec![Word::needed("digits/oh"), Word::needed(format!("digits/{minute}"))]
        }
        _ => count(minute),
    }
}

fn second(second: i64, count: impl Fn(i64) -> Vec<Word>) -> Vec<Word> {
    match second {
        0 => vec![Word::needed("digits/0")],
        1..=9 => vec![Word::needed("digits/oh"), Word::needed(format!("digits/{second}"))],
        _ => count(second),
    }
}

/// Today, yesterday, a weekday or a date, whichever is near enough.
fn relative(clock: &Clock, is_british: bool) -> Vec<Word> {
    let today_s = clock.now_s - clock.now_s.rem_euclid(DAY_S);
    let ahead_s = clock.time_s - today_s;
    let format: &[u8] = match ahead_s {
        _ if ahead_s > HALF_YEAR_S => b"BdY",
        _ if ahead_s > MONTH_S => b"Bd",
        _ if ahead_s > 6 * DAY_S => b"ABd",
        _ if ahead_s > 2 * DAY_S => b"A",
        _ if ahead_s > DAY_S => return vec![Word::needed("digits/tomorrow")],
        _ if ahead_s > 0 => return vec![Word::needed("digits/today")],
        _ if ahead_s > -DAY_S => return vec![Word::needed("digits/yesterday")],
        _ if ahead_s > -6 * DAY_S => b"A",
        _ if ahead_s > -MONTH_S => b"ABd",
        _ if ahead_s > -HALF_YEAR_S => b"Bd",
        _ => b"BdY",
    };
    words(format, clock, is_british).0
}

#[cfg(test)]
mod tests {
    use super::*;

    fn said(format: &str, now_s: i64, time_s: i64) -> String {
        let (words, _) = words(format.as_bytes(), &Clock { now_s, time_s }, false);
        let names: Vec<_> = words
            .iter()
            .map(|word| {
                String::from_utf8_lossy(&word.name).trim_start_matches("digits/").to_owned()
            })
            .collect();
        names.join(" ")
    }

    fn check(format: &str, time_s: i64, expected: &str) {
        assert_eq!(said(format, time_s, time_s), expected, "{format} at {time_s}");
    }

    #[test]
    fn a_moment_is_taken_apart() {
        // Thursday, 29 February 2024, 13:05:09.
        let at = 1_709_211_909;
        check("ABdY 'digits/at' IMp", at, "day-4 mon-1 20 h-9 2 thousand 20 4 at 1 oh 5 p-m");
        check("HMS", at, "13 oh 5 oh 9");
        check("R", at, "13 oh 5");
        check("md", at, "h-2 20 h-9");
        check("T", 0, "oh oclock 0");
        check("k N", 0, "oh hundred");
        check("kM", 21 * 3600 + 45 * 60, "20 1 40 5");
        check("Hp", 8 * 3600, "oh 8 a-m");
        check("I", 0, "12");
        check("Y", 0, "19 70");
        check("BdY", 946_684_799, "mon-11 30 h-1 19 90 9");
    }

    #[test]
    fn days_near_by_have_names() {
        let noon = 1_709_208_000;
        let check = |days: i64, expected: &str| {
            assert_eq!(said("Q", noon, noon + days * DAY_S), expected, "{days}");
        };
        check(0, "today");
        check(1, "tomorrow");
        check(-1, "yesterday");
        check(2, "day-6");
        check(-3, "day-1");
        check(10, "day-0 mon-2 h-10");
        check(60, "mon-3 20 h-9");
        check(400, "mon-3 h-4 2 thousand 20 5");
    }
}
