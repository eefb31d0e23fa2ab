//! `HASH` and `HASHKEYS`: variables whose names hold a hash and a key.

use super::{DONE, MAX_VALUE_BYTES, arguments, failed};
use crate::{
    call::line::Line,
    function::{Called, arguments::standard},
};

/// Most bytes of the name of a variable.
const MAX_NAME_BYTES: usize = 255;
/// Most keys that are set or read at once.
const MAX_KEYS: usize = 100;
/// The variable with the keys for `HASH(name)=values`.
const FIELDS: &[u8] = b"~ODBCFIELDS~";

/// `HASH(name,key)`, or the values of all keys.
pub(super) fn read(line: &Line, given: &[u8]) -> Called {
    let own = |name: &[u8]| line.variable(name);
    match &standard(given, 2)[..] {
        [hash, key] => Called::Value(own(&named(hash, key)).unwrap_or_default()),
        [hash] => {
            let keys = all_keys(line, hash);
            line.set(FIELDS, &keys);
            let values: Option<Vec<_>> =
                standard(&keys, MAX_KEYS).iter().map(|key| own(&named(hash, key))).collect();
            let Some(values) = values else { return failed(line, "a HASH with a broken key") };
            let mut all = values.join(&b',');
            all.truncate(MAX_VALUE_BYTES);
            Called::Value(all)
        }
        _ => Called::Value(Vec::new()),
    }
}

/// `HASHKEYS(name)`.
pub(super) fn keys(line: &Line, hash: &[u8]) -> Called {
    Called::Value(all_keys(line, hash))
}

/// `HASH(name,key)=value`, or the values of the keys that a query gave.
pub(super) fn write(line: &Line, given: &[u8], value: &[u8]) -> Called {
    if given.contains(&b',') {
        let [hash, key] = arguments(given);
        line.set(&named(&hash, &key), value);
        return DONE;
    }
    let Some(keys) = line.variable(FIELDS) else { return Called::Failed };
    let mut values = standard(value, MAX_KEYS).into_iter();
    for key in standard(&keys, MAX_KEYS) {
        line.set(&named(given, &key), &values.next().unwrap_or_default());
    }
    DONE
}

/// The variable of a key; underscores of inheritance stay in front.
fn named(hash: &[u8], key: &[u8]) -> Vec<u8> {
    let underscores = hash.iter().take(2).take_while(|&&byte| byte == b'_').count();
    let (underscores, hash) = hash.split_at(underscores);
    let mut name = [underscores, b"~HASH~", hash, b"~", key, b"~"].concat();
    name.truncate(MAX_NAME_BYTES);
    name
}

/// The keys, those set last first.
fn all_keys(line: &Line, hash: &[u8]) -> Vec<u8> {
    let prefix = [b"~HASH~", hash, b"~"].concat();
    line.with(|channel| {
        let keys = channel.variables.names().filter_map(|name| {
            let key = name.strip_prefix(&prefix[..])?.strip_suffix(b"~")?;
            (!key.is_empty()).then_some(key)
        });
        let mut keys = keys.collect::<Vec<_>>().join(&b',');
        keys.truncate(MAX_VALUE_BYTES);
        keys
    })
}
