//! Times such as those of an include: `hours,days of the week,days,months,time zone`.
//!
//! Follows `ast_build_timing` and `ast_check_timing2` of Asterisk's `main/pbx_timing.c`. What is
//! wrong is skipped, and told. Must not know what time it is: that is an argument.

use crate::number::scanned;
use crate::syntax::Kind;

const DAYS: [&str; 7] = ["sun", "mon", "tue", "wed", "thu", "fri", "sat"];
const MONTHS: [&str; 12] =
    ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"];
const DAY_MINUTES: i32 = 24 * 60;

/// What is wrong with a field.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Mistake {
    pub(crate) kind: Kind,
    pub(crate) text: String,
}

/// A minute of a day, as far as times ask for it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Minute {
    /// Minutes since midnight.
    pub(crate) of_day: i32,
    /// 0 for Sunday.
    pub(crate) weekday: i32,
    /// From 1.
    pub(crate) day: i32,
    /// 0 for January.
    pub(crate) month: i32,
}

/// One part of a field: from a number to a number, both included; it may wrap.
type Range = (i32, i32);

/// Everything that Asterisk skips in the times of an include.
pub(super) fn mistakes(times: &[u8]) -> Vec<Mistake> {
    let mut found = Vec::new();
    let mut fields = times.split(|&byte| byte == b'|' || byte == b',');
    for part in parts(fields.next()) {
        found.extend(hours(part).err());
    }
    for field in CALENDAR {
        for part in parts(fields.next()) {
            found.extend(range(part, &field).err());
        }
    }
    found
}

/// Whether a minute is within times; and what is skipped in them.
pub(crate) fn holds(times: &[u8], minute: Minute) -> (bool, Vec<Mistake>) {
    let mut mistakes = Vec::new();
    let mut fields = times.split(|&byte| byte == b'|' || byte == b',');
    let mut is_in = |field: Option<&[u8]>, now, read: &dyn Fn(&[u8]) -> Result<Range, Mistake>| {
        let mut parts = parts(field).peekable();
        if parts.peek().is_none() {
            return true;
        }
        // All of them are read, for what is wrong is told.
        parts.fold(false, |is_in, part| match read(part) {
            Ok((start, end)) if start <= end => is_in || (start..=end).contains(&now),
            Ok((start, end)) => is_in || now >= start || now <= end,
            Err(mistake) => {
                mistakes.push(mistake);
                is_in
            }
        })
    };
    let mut holds = is_in(fields.next(), minute.of_day, &hours);
    for (field, now) in CALENDAR.iter().zip([minute.weekday, minute.day - 1, minute.month]) {
        holds &= is_in(fields.next(), now, &|part| range(part, field));
    }
    (holds, mistakes)
}

/// The time zone of times; empty for that of the PBX.
pub(crate) fn time_zone(times: &[u8]) -> &[u8] {
    // With more fields than these Asterisk looks for none.
    let mut fields = times.split(|&byte| byte == b'|' || byte == b',');
    let zone = fields.nth(4).unwrap_or_default();
    if fields.next().is_none() { zone } else { b"" }
}

/// A field that counts days or months.
struct Calendar {
    names: &'static [&'static str],
    count: i32,
    what: &'static str,
}

/// The fields after the hours, in their order.
const CALENDAR: [Calendar; 3] = [
    Calendar { names: &DAYS, count: 7, what: "day of the week" },
    Calendar { names: &[], count: 31, what: "day" },
    Calendar { names: &MONTHS, count: 12, what: "month" },
];

/// The alternatives of a field; none if it stands for everything.
fn parts(field: Option<&[u8]>) -> impl Iterator<Item = &[u8]> {
    let field = field.filter(|field| !field.is_empty() && *field != b"*");
    field.into_iter().flat_map(|field| field.split(|&byte| byte == b'&'))
}

/// The minutes from which and up to which a part of the hours holds.
fn hours(part: &[u8]) -> Result<Range, Mistake> {
    let wrong = |text: String| Mistake { kind: Kind::TimeRange, text };
    let Some((start, end)) = split_once(part, b'-') else {
        let none = || wrong(format!("{} is no time of day", part.escape_ascii()));
        return clock(part).map(|minute| (minute, minute)).ok_or_else(none);
    };
    let Some(digit) = end.iter().position(u8::is_ascii_digit) else {
        return Err(wrong(format!("the hours from {} have no end", start.escape_ascii())));
    };
    let from = clock(start)
        .ok_or_else(|| wrong(format!("{} is no time of day to begin at", start.escape_ascii())))?;
    let to = clock(&end[digit..])
        .ok_or_else(|| wrong(format!("{} is no time of day to end at", end.escape_ascii())))?;
    Ok((from, to))
}

/// `%2d:%2d` of a day, in minutes.
fn clock(text: &[u8]) -> Option<i32> {
    let text = text.trim_ascii_start();
    let sign = usize::from(matches!(text.first(), Some(b'+' | b'-')));
    let digits =
        text[sign..].iter().take(2 - sign).take_while(|byte| byte.is_ascii_digit()).count();
    let hour = scanned(&text[..sign + digits], 2).filter(|hour| (0..24).contains(hour))?;
    let minute = scanned(text[sign + digits..].strip_prefix(b":")?, 2)?;
    let minute = hour * 60 + Some(minute).filter(|minute| (0..60).contains(minute))?;
    debug_assert!(minute < DAY_MINUTES, "hours and minutes are those of a day");
    Some(minute)
}

/// The first and the last of a part, counted from 0.
fn range(part: &[u8], field: &Calendar) -> Result<Range, Mistake> {
    let (start, end) = match split_once(part, b'-') {
        Some((start, end)) => (start, Some(end)),
        None => (part, None),
    };
    let number = |name: &[u8]| {
        let is_name = name.first().is_some_and(|&byte| byte > b'9' && byte < 0x80);
        let mut names = field.names.iter().filter(|_| is_name);
        let place = names.position(|known| name.eq_ignore_ascii_case(known.as_bytes()));
        let numbered = || {
            let number = scanned(name, 2).filter(|number| (1..=field.count).contains(number))?;
            Some(number - 1)
        };
        place.and_then(|at| i32::try_from(at).ok()).or_else(numbered).ok_or_else(|| Mistake {
            kind: Kind::TimeField,
            text: format!("{} is no {}, it is skipped", name.escape_ascii(), field.what),
        })
    };
    let first = number(start)?;
    Ok((first, end.map_or(Ok(first), number)?))
}

fn split_once(text: &[u8], at: u8) -> Option<(&[u8], &[u8])> {
    let at = text.iter().position(|&byte| byte == at)?;
    Some((&text[..at], &text[at + 1..]))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Saturday the 29th of February, five past ten in the evening.
    const MINUTE: Minute = Minute { of_day: 22 * 60 + 5, weekday: 6, day: 29, month: 1 };

    fn check(times: &str, expected: bool) {
        let (found, mistakes) = holds(times.as_bytes(), MINUTE);
        assert_eq!((found, mistakes.len()), (expected, 0), "{times}");
    }

    #[test]
    fn every_field_must_hold() {
        check("", true);
        check("*,*,*,*", true);
        check("22:00-23:00,sat,29,feb", true);
        check("22:05", true);
        check("22:04", false);
        check("22:05-22:05|5-6|28-30|1-3", false);
        check("22:05-22:05|sat|28-30|1-3", true);
        check("*,sun", false);
        check("*,*,28", false);
        check("*,*,*,mar&Feb", true);
    }

    #[test]
    fn ranges_wrap() {
        check("22:00-06:00", true);
        check("23:00-22:05", true);
        check("23:00-22:04", false);
        check("*,fri-mon", true);
        check("*,sun-fri", false);
        check("*,*,30-28", false);
        check("*,*,*,nov-feb", true);
    }

    #[test]
    fn what_is_wrong_is_skipped() {
        let check = |times: &str, expected: bool, count: usize| {
            let (found, mistakes) = holds(times.as_bytes(), MINUTE);
            assert_eq!((found, mistakes.len()), (expected, count), "{times}: {mistakes:?}");
        };
        check("24:00-22:10", false, 1);
        check("22:00-23:00&never", true, 1);
        check("*,satur&sat", true, 1);
        check("*,*,32", false, 1);
        check("22,sat", false, 1);
    }

    #[test]
    fn the_fifth_of_five_fields_is_the_time_zone() {
        assert_eq!(time_zone(b"*,*,*,*,America/New_York"), b"America/New_York");
        assert_eq!(time_zone(b"*,*,*,*"), b"");
        assert_eq!(time_zone(b"*,*,*,*,UTC,more"), b"");
    }
}
