//! `DB` and its like: Asterisk's own data base, which begins empty with each call.

use super::{DONE, failed, truth};
use crate::{call::line::Line, function::Called};

/// `DB(family/key)`; sets `DB_RESULT` if there is a value.
pub(super) fn read(line: &Line, path: &[u8]) -> Called {
    let Some(path) = checked(line, path) else { return Called::Failed };
    let value = line.with(|channel| channel.facts.database.get(&path).cloned());
    if let Some(value) = &value {
        line.set(b"DB_RESULT", value);
    }
    Called::Value(value.unwrap_or_default())
}

/// `DB(family/key)=value`.
pub(super) fn write(line: &Line, path: &[u8], value: &[u8]) -> Called {
    let Some(path) = checked(line, path) else { return Called::Failed };
    line.with(|channel| channel.facts.database.insert(path, value.to_vec()));
    DONE
}

/// `DB_EXISTS(family/key)`; sets `DB_RESULT` if there is a value.
pub(super) fn exists(line: &Line, path: &[u8]) -> Called {
    let Some(path) = checked(line, path) else { return Called::Failed };
    let value = line.with(|channel| channel.facts.database.get(&path).cloned());
    if let Some(value) = &value {
        line.set(b"DB_RESULT", value);
    }
    truth(value.is_some())
}

/// `DB_DELETE(family/key)`: the value that is gone then.
pub(super) fn delete(line: &Line, path: &[u8]) -> Called {
    let Some(path) = checked(line, path) else { return Called::Failed };
    let value = line.with(|channel| channel.facts.database.remove(&path)).unwrap_or_default();
    line.set(b"DB_RESULT", &value);
    Called::Value(value)
}

/// `DB_KEYS(path)`: the next parts of all keys below it.
pub(super) fn keys(line: &Line, path: &[u8]) -> Called {
    let is_edge = |byte: &u8| *byte == b'/';
    let start = path.iter().position(|byte| !is_edge(byte)).unwrap_or(path.len());
    let end = path.iter().rposition(|byte| !is_edge(byte)).map_or(start, |last| last + 1);
    let path = &path[start..end];
    let prefix = if path.is_empty() { Vec::new() } else { [path, b"/"].concat() };
    line.with(|channel| {
        let below = channel.facts.database.keys().filter_map(|key| key.strip_prefix(&prefix[..]));
        let mut parts: Vec<&[u8]> =
            below.map(|key| key.split(is_edge).next().unwrap_or_default()).collect();
        parts.dedup_by(|one, other| one.eq_ignore_ascii_case(other));
        Called::Value(parts.join(&b','))
    })
}

/// `BLACKLIST()`: whether the caller's number or name is a key of the family `blacklist`.
pub(super) fn blacklisted(line: &Line) -> Called {
    truth(line.with(|channel| {
        let setup = &channel.setup;
        let mut texts = [&setup.caller_number, &setup.caller_name].into_iter().flatten();
        texts.any(|text| channel.facts.database.contains_key(&[b"blacklist/", &text[..]].concat()))
    }))
}

/// A family and a key.
fn checked(line: &Line, path: &[u8]) -> Option<Vec<u8>> {
    if path.contains(&b'/') {
        return Some(path.to_vec());
    }
    failed(line, "DB takes family/key");
    None
}
