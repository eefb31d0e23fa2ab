//! The times of an include: `hours,days of the week,days,months`, checked as at load.

use crate::number::scanned;
use crate::syntax::Kind;

const DAYS: [&str; 7] = ["sun", "mon", "tue", "wed", "thu", "fri", "sat"];
const MONTHS: [&str; 12] =
    ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"];

/// What is wrong with a field.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Mistake {
    pub(super) kind: Kind,
    pub(super) text: String,
}

/// Everything that Asterisk skips in the times of an include.
pub(super) fn mistakes(times: &[u8]) -> Vec<Mistake> {
    let mut found = Vec::new();
    let mut fields = times.split(|&byte| byte == b'|' || byte == b',');
    for part in parts(fields.next()) {
        found.extend(hours(part));
    }
    for (names, count, what) in
        [(&DAYS[..], 7, "day of the week"), (&[][..], 31, "day"), (&MONTHS[..], 12, "month")]
    {
        for part in parts(fields.next()) {
            found.extend(range(part, names, count, what));
        }
    }
    found
}

/// The alternatives of a field; none if it stands for everything.
fn parts(field: Option<&[u8]>) -> impl Iterator<Item = &[u8]> {
    let field = field.filter(|field| !field.is_empty() && *field != b"*");
    field.into_iter().flat_map(|field| field.split(|&byte| byte == b'&'))
}

fn hours(part: &[u8]) -> Option<Mistake> {
    let wrong = |text: String| Some(Mistake { kind: Kind::TimeRange, text });
    let Some((start, end)) = split_once(part, b'-') else {
        return if is_clock(part) {
            None
        } else {
            wrong(format!("{} is no time of day", part.escape_ascii()))
        };
    };
    let Some(digit) = end.iter().position(u8::is_ascii_digit) else {
        return wrong(format!("the hours from {} have no end", start.escape_ascii()));
    };
    if !is_clock(start) {
        return wrong(format!("{} is no time of day to begin at", start.escape_ascii()));
    }
    if is_clock(&end[digit..]) {
        None
    } else {
        wrong(format!("{} is no time of day to end at", end.escape_ascii()))
    }
}

/// `%2d:%2d` of a day.
fn is_clock(text: &[u8]) -> bool {
    let text = text.trim_ascii_start();
    let sign = usize::from(matches!(text.first(), Some(b'+' | b'-')));
    let digits =
        text[sign..].iter().take(2 - sign).take_while(|byte| byte.is_ascii_digit()).count();
    let Some(hour) = scanned(&text[..sign + digits], 2) else { return false };
    let Some(minute) = text[sign + digits..].strip_prefix(b":") else { return false };
    let minute = scanned(minute, 2);
    (0..24).contains(&hour) && minute.is_some_and(|minute| (0..60).contains(&minute))
}

fn range(part: &[u8], names: &[&str], count: i32, what: &str) -> Option<Mistake> {
    let (start, end) = match split_once(part, b'-') {
        Some((start, end)) => (start, Some(end)),
        None => (part, None),
    };
    let is_known = |name: &[u8]| {
        let is_name = name.first().is_some_and(|&byte| byte > b'9' && byte < 0x80)
            && names.iter().any(|known| name.eq_ignore_ascii_case(known.as_bytes()));
        is_name || scanned(name, 2).is_some_and(|number| (1..=count).contains(&number))
    };
    let unknown = [Some(start), end].into_iter().flatten().find(|name| !is_known(name))?;
    let text = format!("{} is no {what}, it is skipped", unknown.escape_ascii());
    Some(Mistake { kind: Kind::TimeField, text })
}

fn split_once(text: &[u8], at: u8) -> Option<(&[u8], &[u8])> {
    let at = text.iter().position(|&byte| byte == at)?;
    Some((&text[..at], &text[at + 1..]))
}
