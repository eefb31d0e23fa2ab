//! `SPRINTF`.

use super::{Called, arguments::standard, calculation::number};
use crate::{expression::Environment, number::scanned, syntax::Kind};

/// One `%...` of a format.
struct Conversion {
    is_left: bool,
    has_zeros: bool,
    /// What stands before a number that is not negative.
    sign: &'static str,
    width: usize,
    precision: Option<usize>,
    letter: u8,
}

/// `SPRINTF(format,values)`; `%d`, `%i`, `%u`, `%o`, `%x`, `%X`, `%c`, `%f` and `%s`.
pub(super) fn printed(given: &[u8], environment: &mut dyn Environment) -> Called {
    let arguments = standard(given, 101);
    let Some((format, values)) = arguments.split_first() else {
        environment.complain(Kind::NotModelled, "SPRINTF of nothing");
        return Called::Failed;
    };
    let mut values = values.iter();
    let mut out = Vec::new();
    let mut rest = &format[..];
    while let [first, after @ ..] = rest {
        rest = after;
        if *first != b'%' {
            out.push(*first);
            continue;
        }
        let Some((conversion, after)) = Conversion::read(rest) else {
            let text = format!("SPRINTF with the format {}", format.escape_ascii());
            environment.complain(Kind::NotModelled, &text);
            return Called::Failed;
        };
        rest = after;
        if conversion.letter == b'%' {
            out.push(b'%');
            continue;
        }
        let Some(value) = values.next() else {
            let what =
                if conversion.letter == b's' { Kind::NotModelled } else { Kind::FunctionFailed };
            environment.complain(what, "SPRINTF with more formats than values");
            return Called::Failed;
        };
        let Some(text) = conversion.printed(value) else {
            let text = format!("SPRINTF: {} is no number", value.escape_ascii());
            environment.complain(Kind::FunctionFailed, &text);
            return Called::Failed;
        };
        out.extend(text);
    }
    Called::Value(out)
}

impl Conversion {
    /// What stands behind the `%`, and what follows it; none for what is not printed here.
    fn read(text: &[u8]) -> Option<(Self, &[u8])> {
        let flags = text.iter().take_while(|byte| b"0- +".contains(byte)).count();
        let (flags, text) = text.split_at(flags);
        let (width, text) = digits(text);
        let (precision, text) = match text {
            [b'.', rest @ ..] => {
                let (precision, rest) = digits(rest);
                (Some(precision.unwrap_or(0)), rest)
            }
            rest => (None, rest),
        };
        let (&letter, rest) = text.split_first()?;
        let sign = match (flags.contains(&b'+'), flags.contains(&b' ')) {
            (true, _) => "+",
            (_, true) => " ",
            _ => "",
        };
        let conversion = Self {
            is_left: flags.contains(&b'-'),
            has_zeros: flags.contains(&b'0') && !flags.contains(&b'-'),
            sign,
            width: width.unwrap_or(0),
            precision,
            letter,
        };
        b"diuoxXcfs%".contains(&letter).then_some((conversion, rest))
    }

    fn printed(&self, value: &[u8]) -> Option<Vec<u8>> {
        let text = match self.letter {
            b's' => value[..self.precision.unwrap_or(value.len()).min(value.len())].to_vec(),
            b'f' => return Some(self.float(number(value)?)),
            b'c' => {
                let [low, ..] = scanned(value, 30)?.to_le_bytes();
                if low == 0 { Vec::new() } else { vec![low] }
            }
            _ => return Some(self.whole(scanned(value, 30)?)),
        };
        Some(self.padded("", &text, false))
    }

    fn whole(&self, number: i32) -> Vec<u8> {
        let unsigned = number.cast_unsigned();
        let (sign, digits) = match self.letter {
            b'd' | b'i' if number < 0 => ("-", number.unsigned_abs().to_string()),
            b'd' | b'i' => (self.sign, number.to_string()),
            b'o' => ("", format!("{unsigned:o}")),
            b'x' => ("", format!("{unsigned:x}")),
            b'X' => ("", format!("{unsigned:X}")),
            _ => ("", unsigned.to_string()),
        };
        let digits = match self.precision {
            Some(0) if number == 0 => String::new(),
            precision => format!("{digits:0>width$}", width = precision.unwrap_or(0)),
        };
        self.padded(sign, digits.as_bytes(), self.has_zeros && self.precision.is_none())
    }

    fn float(&self, number: f64) -> Vec<u8> {
        let digits = format!("{:.*}", self.precision.unwrap_or(6), number.abs());
        let sign = if number.is_sign_negative() { "-" } else { self.sign };
        self.padded(sign, digits.as_bytes(), self.has_zeros)
    }

    fn padded(&self, sign: &str, text: &[u8], with_zeros: bool) -> Vec<u8> {
        let missing = self.width.saturating_sub(sign.len() + text.len());
        let sign = sign.as_bytes();
        let (blanks, zeros) = (vec![b' '; missing], vec![b'0'; missing]);
        match (self.is_left, with_zeros) {
            (true, _) => [sign, text, &blanks].concat(),
            (_, true) => [sign, &zeros, text].concat(),
            _ => [&blanks, sign, text].concat(),
        }
    }
}

/// A number of digits, if any; no value is longer than its greatest.
fn digits(text: &[u8]) -> (Option<usize>, &[u8]) {
    let end = text.iter().take_while(|byte| byte.is_ascii_digit()).count();
    let (digits, rest) = text.split_at(end);
    let read = |digits| std::str::from_utf8(digits).ok()?.parse().ok();
    let number = (!digits.is_empty()).then(|| read(digits).unwrap_or(4095_usize).min(4095));
    (number, rest)
}
