//! `STRFTIME`, `STRPTIME` and `IFTIME`, on the virtual clock.
//!
//! Names of days and months are English, as in the C locale that Debian's Asterisk runs in.

use super::{Called, MAX_VALUE_BYTES, arguments, failed};
use crate::{
    call::{clock::Wall, line::Line},
    dialplan::time,
    function::{arguments::standard, calculation},
    syntax::strip,
};

const DAYS: [&str; 7] =
    ["Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday"];
const MONTHS: [&str; 12] = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
];

/// A moment to be written.
struct Moment {
    wall: Wall,
    epoch_s: i64,
    micros: u32,
    utc_offset_s: i32,
}

/// `STRFTIME(seconds since 1970,time zone,format)`; now, the PBX's time zone, `%c`.
pub(super) fn shown(line: &Line, given: &[u8]) -> Called {
    let [epoch, zone, format] = arguments(given);
    let given_s = calculation::number(&epoch);
    let moment = line.with(|channel| {
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "it saturates")]
        let (epoch_s, micros) = if let Some(seconds) = given_s {
            (seconds as i64, (seconds.fract() * 1e6) as u32)
        } else {
            let (epoch_s, part_ms) = channel.moment(channel.now_ms);
            (epoch_s, part_ms * 1000)
        };
        let utc_offset_s = channel.utc_offset_s(&zone, epoch_s)?;
        Some(Moment { wall: Wall::at(epoch_s, utc_offset_s), epoch_s, micros, utc_offset_s })
    });
    let Some(moment) = moment else { return Called::NotModelled };
    let is_given = standard(given, 3).len() == 3;
    let format = if is_given { &format[..] } else { b"%c" };
    let mut out = Vec::new();
    if !moment.write(format, &mut out) {
        return Called::NotModelled;
    }
    if out.len() > MAX_VALUE_BYTES {
        out.clear();
    }
    Called::Value(out)
}

/// `STRPTIME(text,time zone,format)`: seconds since 1970.
pub(super) fn read(line: &Line, given: &[u8]) -> Called {
    let [text, zone, format] = arguments(given);
    if format.is_empty() {
        return failed(line, "STRPTIME takes a text, a time zone and a format");
    }
    match parsed(&text, &format) {
        Parsed::Wall(wall) => {
            let epoch_s = line.with(|channel| channel.moment_of(&zone, &wall));
            epoch_s.map_or(Called::NotModelled, |epoch_s| {
                Called::Value(epoch_s.to_string().into_bytes())
            })
        }
        Parsed::Nothing => {
            line.complain(None, "STRPTIME finds no time in its text".to_owned());
            Called::Value(Vec::new())
        }
        Parsed::NotModelled => Called::NotModelled,
    }
}

/// `IFTIME(times?yes:no)`.
pub(super) fn chosen(line: &Line, given: &[u8]) -> Called {
    let given = without_quotes(given);
    let question = given.iter().position(|&byte| byte == b'?').filter(|&at| at > 0);
    let Some(question) = question else {
        return failed(line, "IFTIME takes times and what to choose from");
    };
    let (times, values) = (&given[..question], &given[question + 1..]);
    let colon = values.iter().position(|&byte| byte == b':').unwrap_or(values.len());
    let (yes, no) = (&values[..colon], values.get(colon + 1..).unwrap_or_default());
    let Some(wall) = line.with(|channel| channel.wall(time::time_zone(times))) else {
        return Called::NotModelled;
    };
    let (holds, mistakes) = time::holds(times, wall.minute_of_times());
    for mistake in mistakes {
        line.complain(Some(mistake.kind), mistake.text);
    }
    Called::Value(without_quotes(if holds { yes } else { no }).to_vec())
}

fn without_quotes(text: &[u8]) -> &[u8] {
    let (start, end) = strip(text);
    match &text[start..end] {
        [b'"', inner @ .., b'"'] => inner,
        text => text,
    }
}

impl Moment {
    /// Writes the moment after a format; whether all of it is known here.
    fn write(&self, format: &[u8], out: &mut Vec<u8>) -> bool {
        let mut rest = format.iter();
        while let Some(&byte) = rest.next() {
            if out.len() > MAX_VALUE_BYTES {
                return true;
            }
            if byte != b'%' {
                out.push(byte);
                continue;
            }
            match rest.next() {
                // So many digits of a fraction of a second.
                Some(&digits @ b'1'..=b'6') if rest.as_slice().first() == Some(&b'q') => {
                    rest.next();
                    let micros = format!("{:06}", self.micros);
                    out.extend_from_slice(&micros.as_bytes()[..usize::from(digits - b'0')]);
                }
                Some(&code) if self.write_field(code, out) => {}
                _ => return false,
            }
        }
        true
    }

    fn write_field(&self, code: u8, out: &mut Vec<u8>) -> bool {
        let Wall { year, month, day, hour, minute, second, weekday, year_day } = self.wall;
        let name = |names: &'static [&str], at: i32| {
            names[usize::try_from(at).expect("days and months are not negative")]
        };
        let twelve = (hour + 11) % 12 + 1;
        let text = match code {
            b'a' => name(&DAYS, weekday)[..3].to_owned(),
            b'A' => name(&DAYS, weekday).to_owned(),
            b'b' | b'h' => name(&MONTHS, month)[..3].to_owned(),
            b'B' => name(&MONTHS, month).to_owned(),
            b'c' => return self.write(b"%a %b %e %H:%M:%S %Y", out),
            b'C' => format!("{:02}", year.div_euclid(100)),
            b'd' => format!("{day:02}"),
            b'D' | b'x' => return self.write(b"%m/%d/%y", out),
            b'e' => format!("{day:2}"),
            b'F' => return self.write(b"%Y-%m-%d", out),
            b'H' => format!("{hour:02}"),
            b'I' => format!("{twelve:02}"),
            b'j' => format!("{:03}", year_day + 1),
            b'k' => format!("{hour:2}"),
            b'l' => format!("{twelve:2}"),
            b'm' => format!("{:02}", month + 1),
            b'M' => format!("{minute:02}"),
            b'n' => "\n".to_owned(),
            b'p' => (if hour < 12 { "AM" } else { "PM" }).to_owned(),
            b'P' => (if hour < 12 { "am" } else { "pm" }).to_owned(),
            b'q' => format!("{:03}", self.micros / 1000),
            b'r' => return self.write(b"%I:%M:%S %p", out),
            b'R' => return self.write(b"%H:%M", out),
            b's' => self.epoch_s.to_string(),
            b'S' => format!("{second:02}"),
            b't' => "\t".to_owned(),
            b'T' | b'X' => return self.write(b"%H:%M:%S", out),
            b'u' => (if weekday == 0 { 7 } else { weekday }).to_string(),
            b'U' => format!("{:02}", (year_day + 7 - weekday) / 7),
            b'w' => weekday.to_string(),
            b'W' => format!("{:02}", (year_day + 7 - (weekday + 6) % 7) / 7),
            b'y' => format!("{:02}", year.rem_euclid(100)),
            b'Y' => year.to_string(),
            b'z' => {
                let minutes = self.utc_offset_s / 60;
                let sign = if minutes < 0 { '-' } else { '+' };
                format!("{sign}{:02}{:02}", minutes.abs() / 60, minutes.abs() % 60)
            }
            b'Z' if self.utc_offset_s == 0 => "UTC".to_owned(),
            b'%' => "%".to_owned(),
            _ => return false,
        };
        out.extend_from_slice(text.as_bytes());
        true
    }
}

/// What came of reading a time.
enum Parsed {
    Wall(Wall),
    /// The text is none of that format.
    Nothing,
    /// The format asks for what is not known here.
    NotModelled,
}

/// Reads a time after a format; what the format does not ask for is 0.
fn parsed(text: &[u8], format: &[u8]) -> Parsed {
    let mut reading = Reading { rest: text, wall: EMPTY, is_afternoon: None };
    match reading.read(format) {
        Some(true) => Parsed::Wall(reading.finished()),
        Some(false) => Parsed::Nothing,
        None => Parsed::NotModelled,
    }
}

const EMPTY: Wall =
    Wall { year: 1900, month: 0, day: 0, hour: 0, minute: 0, second: 0, weekday: 0, year_day: 0 };

struct Reading<'a> {
    rest: &'a [u8],
    wall: Wall,
    is_afternoon: Option<bool>,
}

impl Reading<'_> {
    /// Whether the text goes with the format; none if nobody knows.
    fn read(&mut self, format: &[u8]) -> Option<bool> {
        let mut codes = format.iter();
        while let Some(&byte) = codes.next() {
            let fits = match byte {
                b'%' => self.field(*codes.next()?)?,
                byte if byte.is_ascii_whitespace() => {
                    self.rest = self.rest.trim_ascii_start();
                    true
                }
                byte => self.literal(byte),
            };
            if !fits {
                return Some(false);
            }
        }
        Some(true)
    }

    fn field(&mut self, code: u8) -> Option<bool> {
        let field = match code {
            b'Y' => {
                let year = self.number(4, 0, 9999);
                self.wall.year = i64::from(year.unwrap_or(1900));
                return Some(year.is_some());
            }
            b'm' => {
                let month = self.number(2, 1, 12);
                self.wall.month = month.unwrap_or(1) - 1;
                return Some(month.is_some());
            }
            b'b' | b'B' | b'h' => {
                let month = self.name(&MONTHS);
                self.wall.month = month.unwrap_or(0);
                return Some(month.is_some());
            }
            b'a' | b'A' => return Some(self.name(&DAYS).is_some()),
            b'p' => {
                let half = self.name(&["AM", "PM"]);
                self.is_afternoon = half.map(|half| half == 1);
                return Some(half.is_some());
            }
            b'F' => return self.read(b"%Y-%m-%d"),
            b'T' => return self.read(b"%H:%M:%S"),
            b'R' => return self.read(b"%H:%M"),
            b'D' => return self.read(b"%m/%d/%y"),
            b'%' => return Some(self.literal(b'%')),
            b'n' | b't' => {
                self.rest = self.rest.trim_ascii_start();
                return Some(true);
            }
            b'y' => {
                let year = self.number(2, 0, 99).map(i64::from);
                let century = |year| if year < 69 { 2000 } else { 1900 };
                self.wall.year = year.map_or(1900, |year| year + century(year));
                return Some(year.is_some());
            }
            b'd' | b'e' => self.number(2, 1, 31).map(|day| self.wall.day = day),
            b'H' | b'k' => self.number(2, 0, 23).map(|hour| self.wall.hour = hour),
            b'I' | b'l' => self.number(2, 1, 12).map(|hour| self.wall.hour = hour % 12),
            b'M' => self.number(2, 0, 59).map(|minute| self.wall.minute = minute),
            b'S' => self.number(2, 0, 61).map(|second| self.wall.second = second),
            _ => return None,
        };
        Some(field.is_some())
    }

    fn literal(&mut self, byte: u8) -> bool {
        let rest = self.rest.strip_prefix(&[byte]);
        self.rest = rest.unwrap_or(self.rest);
        rest.is_some()
    }

    /// Blanks, then so many digits at most, within a range.
    fn number(&mut self, most: usize, low: i32, high: i32) -> Option<i32> {
        let text = self.rest.trim_ascii_start();
        let len = text.iter().take(most).take_while(|byte| byte.is_ascii_digit()).count();
        let number: i32 = std::str::from_utf8(&text[..len]).ok()?.parse().ok()?;
        self.rest = &text[len..];
        (low..=high).contains(&number).then_some(number)
    }

    /// The place of a name, whole or its first three letters.
    fn name(&mut self, names: &[&str]) -> Option<i32> {
        let text = self.rest;
        let begins = |name: &str| {
            text.get(..name.len()).is_some_and(|part| part.eq_ignore_ascii_case(name.as_bytes()))
        };
        let (at, len) = names.iter().enumerate().find_map(|(at, name)| {
            let short = &name[..name.len().min(3)];
            [*name, short].into_iter().find(|name| begins(name)).map(|name| (at, name.len()))
        })?;
        self.rest = &text[len..];
        i32::try_from(at).ok()
    }

    fn finished(mut self) -> Wall {
        if self.is_afternoon == Some(true) {
            self.wall.hour += 12;
        }
        self.wall
    }
}
