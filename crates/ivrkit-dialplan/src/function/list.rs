//! Functions over the value of a variable: its fields, and what is replaced in it.

use super::arguments::{decoded, decoded_all, standard};
use crate::{
    expression::{self, Environment},
    number::{parsed, scanned, scanned_with_end},
    syntax::Kind,
};

/// Most bytes of a value.
const MAX_BYTES: usize = 4095;
/// Most characters that `REPLACE` looks for.
const MAX_SOUGHT: usize = 255;

/// `CUT(variable,delimiter,fields)`; fields are `2`, `2-`, `-2`, `2-3`, several with `&`.
pub(super) fn cut(given: &[u8], environment: &mut dyn Environment) -> Option<Vec<u8>> {
    let arguments = standard(given, 3);
    let [name, delimiter, ranges] = &arguments[..] else {
        return failed("CUT takes a variable, a delimiter and fields", environment);
    };
    let value = value(name, environment);
    // What cannot be decoded is a dash.
    let delimiter = decoded(delimiter).map_or(b'-', |(byte, _)| byte);
    if value.is_empty() {
        return Some(Vec::new());
    }
    let mut fields = fields(&value, delimiter).into_iter().peekable();
    let (mut number, mut kept) = (1_i64, Vec::new());
    for range in ranges.split(|&byte| byte == b'&') {
        if fields.peek().is_none() {
            break;
        }
        let Some((start, stop)) = field_range(range) else {
            return failed("CUT with something that is no number of a field", environment);
        };
        while number < i64::from(start) && fields.next().is_some() {
            number += 1;
        }
        if number > i64::from(start) {
            environment.complain(Kind::FunctionFailed, "CUT gives no field that has gone by");
        }
        while number <= i64::from(stop)
            && let Some(field) = fields.next()
        {
            kept.push(field);
            number += 1;
        }
    }
    Some(joined(&kept, delimiter))
}

/// `FIELDQTY(variable,delimiter)`: how many fields there are.
pub(super) fn field_quantity(given: &[u8], environment: &mut dyn Environment) -> Vec<u8> {
    let arguments = standard(given, 2);
    let count = match &arguments[..] {
        [name, delimiter] => {
            let value = value(name, environment);
            let delimiter = decoded(delimiter).map_or(0, |(byte, _)| byte);
            if value.is_empty() { 0 } else { fields(&value, delimiter).len() }
        }
        _ => 1,
    };
    count.to_string().into_bytes()
}

/// `FIELDNUM(variable,delimiter,field)`: which field it is, 0 for none; case does not matter.
pub(super) fn field_number(given: &[u8], environment: &mut dyn Environment) -> Option<Vec<u8>> {
    let arguments = standard(given, 3);
    let [name, delimiter, sought] = &arguments[..] else {
        return failed("FIELDNUM takes a variable, a delimiter and a field", environment);
    };
    let value = value(name, environment);
    if value.is_empty() || delimiter.is_empty() {
        return Some(b"0".to_vec());
    }
    let Some((delimiter, _)) = decoded(delimiter) else {
        return failed("FIELDNUM with a delimiter that is none", environment);
    };
    let fields = fields(&value, delimiter);
    let at = fields.iter().position(|field| field.eq_ignore_ascii_case(sought));
    Some(at.map_or(0, |at| at + 1).to_string().into_bytes())
}

/// `LISTFILTER(variable,delimiter,field)`: the list without that field.
pub(super) fn list_filter(given: &[u8], environment: &mut dyn Environment) -> Option<Vec<u8>> {
    let arguments = standard(given, 3);
    let [name, delimiter, unwanted] = &arguments[..] else {
        return failed("LISTFILTER takes a variable, a delimiter and a field", environment);
    };
    let value = value(name, environment);
    if value.is_empty() {
        return None;
    }
    let mut delimiter = decoded_all(delimiter);
    delimiter.truncate(arguments[1].len());
    if delimiter.is_empty() {
        delimiter.push(b',');
    }
    let mut kept = Vec::new();
    let mut rest = &value[..];
    loop {
        let end = position(rest, &delimiter);
        let field = &rest[..end.unwrap_or(rest.len())];
        if field != &unwanted[..] {
            kept.push(field);
        }
        match end {
            Some(end) => rest = &rest[end + delimiter.len()..],
            None => return Some(kept.join(&delimiter[..])),
        }
    }
}

/// `REPLACE(variable,characters,character)`: each of the characters becomes that one, or goes.
pub(super) fn replace(given: &[u8], environment: &mut dyn Environment) -> Option<Vec<u8>> {
    let arguments = standard(given, 3);
    let [name, sought, by @ ..] = &arguments[..] else {
        return failed("REPLACE takes a variable and characters", environment);
    };
    let mut sought = decoded_all(sought);
    sought.truncate(MAX_SOUGHT);
    if sought.is_empty() || name.is_empty() {
        return failed("REPLACE takes a variable and characters", environment);
    }
    let by = by.first().and_then(|by| decoded(by)).map(|(byte, _)| byte);
    let value = value(name, environment);
    let replaced = value.iter().filter_map(|byte| {
        if sought.contains(byte) { by.filter(|&byte| byte != 0) } else { Some(*byte) }
    });
    (!value.is_empty()).then(|| replaced.collect())
}

/// `STRREPLACE(variable,text,text,count)`: the first of them replaced by the second, all or so
/// many.
pub(super) fn string_replace(given: &[u8], environment: &mut dyn Environment) -> Option<Vec<u8>> {
    let arguments = standard(given, 5);
    let [name, sought, rest @ ..] = &arguments[..] else {
        return failed("STRREPLACE takes a variable and a text", environment);
    };
    if name.is_empty() {
        return None;
    }
    if sought.is_empty() {
        return failed("STRREPLACE without a text to look for", environment);
    }
    let by = rest.first().map(Vec::as_slice).unwrap_or_default();
    let most = rest.get(1).map_or(0, |most| parsed(most));
    let mut left = match most {
        0 => u32::MAX,
        most => most.cast_unsigned(),
    };
    let value = value(name, environment);
    let (mut out, mut rest) = (Vec::new(), &value[..]);
    while left > 0
        && let Some(at) = position(rest, sought)
    {
        out.extend_from_slice(&rest[..at]);
        out.extend_from_slice(by);
        rest = &rest[at + sought.len()..];
        left -= 1;
    }
    out.extend_from_slice(rest);
    Some(out)
}

/// The value of a variable, or of whatever else may stand in `${}`.
fn value(name: &[u8], environment: &mut dyn Environment) -> Vec<u8> {
    expression::substitute(&[b"${", name, b"}"].concat(), MAX_BYTES, environment)
}

/// Without a delimiter all is one field.
fn fields(value: &[u8], delimiter: u8) -> Vec<&[u8]> {
    match delimiter {
        0 => vec![value],
        delimiter => value.split(|&byte| byte == delimiter).collect(),
    }
}

fn joined(fields: &[&[u8]], delimiter: u8) -> Vec<u8> {
    match delimiter {
        0 => fields.concat(),
        delimiter => fields.join(&delimiter),
    }
}

/// The first and the last field of a range.
fn field_range(range: &[u8]) -> Option<(i32, i32)> {
    let first = scanned_with_end(range, 30).map(|(start, end)| (start, &range[end..]));
    if let Some((start, [b'-', stop @ ..])) = first
        && let Some(stop) = scanned(stop, 30)
    {
        return Some((start, stop));
    }
    if let Some(stop) = range.strip_prefix(b"-").and_then(|stop| scanned(stop, 30)) {
        return Some((1, stop));
    }
    first.map(|(start, rest)| (start, if rest.starts_with(b"-") { i32::MAX } else { start }))
}

fn position(text: &[u8], sought: &[u8]) -> Option<usize> {
    text.windows(sought.len()).position(|part| part == sought)
}

fn failed(text: &str, environment: &mut dyn Environment) -> Option<Vec<u8>> {
    environment.complain(Kind::FunctionFailed, text);
    None
}
