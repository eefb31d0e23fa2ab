//! Lists in variables: `ARRAY`, `PUSH`, `POP`, `SHIFT` and `UNSHIFT`.

use super::{DONE, arguments, failed};
use crate::{
    call::{environment::OnLine, line::Line},
    expression,
    function::{
        Called,
        arguments::{decoded, standard},
    },
};

/// Most variables that are set at once.
const MAX_VARIABLES: usize = 100;
/// Most bytes of a list.
const MAX_BYTES: usize = 8191;

/// `ARRAY(name,name,...)=value,value,...`; variables without a value become empty.
pub(super) fn divided_into(line: &Line, given: &[u8], value: &[u8]) -> Called {
    let mut values = standard(value, MAX_VARIABLES).into_iter();
    for name in standard(given, MAX_VARIABLES) {
        line.set(&name, &values.next().unwrap_or_default());
    }
    DONE
}

/// `SHIFT(name,delimiter)` and `POP(name,delimiter)`: the first or last field, which is gone then.
pub(super) fn taken(line: &Line, given: &[u8], is_first: bool) -> Called {
    let [name, delimiter] = arguments(given);
    if name.is_empty() {
        return failed(line, "SHIFT and POP take the name of a variable");
    }
    let value = value(line, &name);
    if value.is_empty() {
        return Called::Failed;
    }
    let is_delimiter = |byte: &u8| *byte == character(&delimiter);
    let at = if is_first {
        value.iter().position(is_delimiter)
    } else {
        value.iter().rposition(is_delimiter)
    };
    let (before, after) = match at {
        Some(at) => (&value[..at], &value[at + 1..]),
        None if is_first => (&value[..], &b""[..]),
        None => (&b""[..], &value[..]),
    };
    let (taken, rest) = if is_first { (before, after) } else { (after, before) };
    line.set(&name, rest);
    Called::Value(taken.to_vec())
}

/// `UNSHIFT(name,delimiter)=value` and `PUSH(name,delimiter)=value`: a new first or last field.
pub(super) fn added(line: &Line, given: &[u8], new: &[u8], is_first: bool) -> Called {
    let [name, delimiter] = arguments(given);
    if name.is_empty() {
        return failed(line, "UNSHIFT and PUSH take the name of a variable");
    }
    let underscores = name.iter().take(2).take_while(|&&byte| byte == b'_').count();
    let before = value(line, &name[underscores..]);
    let delimiter = [character(&delimiter)];
    let mut list = match (before.is_empty(), is_first) {
        (true, _) => new.to_vec(),
        (_, true) => [new, &delimiter, &before].concat(),
        (_, false) => [&before, &delimiter[..], new].concat(),
    };
    list.truncate(MAX_BYTES);
    line.set(&name, &list);
    DONE
}

/// The value of a variable, or of whatever else may stand in `${}`.
fn value(line: &Line, name: &[u8]) -> Vec<u8> {
    expression::substitute(&[b"${", name, b"}"].concat(), MAX_BYTES, &mut OnLine { line })
}

/// A delimiter; a comma if there is none.
fn character(delimiter: &[u8]) -> u8 {
    decoded(delimiter).map_or(b',', |(byte, _)| byte)
}
