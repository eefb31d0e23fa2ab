//! Functions of the dialplan that need the channel: `${CALLERID(num)}`, `Set(TIMEOUT(digit)=3)`.
//!
//! One file per family, after the modules of Asterisk's `funcs/`. Whether a version has a function,
//! and whether it can be read or written, is known before it comes here. A function that is in
//! neither list, nor in [`crate::function`], ends the call with
//! [`Why::NotModelled`](super::Why::NotModelled): nothing is guessed.

mod caller_id;
mod channel;
mod database;
mod digest;
mod group;
mod hash;
mod list;
mod local;
mod number;
mod place;
mod record;
mod text;
mod time;
mod timeout;
mod variable;

use super::{line::Line, setup::Setup, variables::Variables};
use crate::function::Called;
use caller_id::CallerId;
use channel::Settings;
use record::Record;
use std::collections::BTreeMap;

/// What functions know of a channel and change.
#[derive(Debug)]
pub(super) struct Facts {
    caller: CallerId,
    settings: Settings,
    record: Record,
    /// `SHARED`.
    shared: Option<Variables>,
    /// Asterisk's own data base, which is empty when the call begins.
    pub(super) database: BTreeMap<Vec<u8>, Vec<u8>>,
    /// The groups the channel is in: category and group.
    groups: Vec<(Vec<u8>, Vec<u8>)>,
    /// The state of the generator of random numbers.
    random: u64,
}

impl Facts {
    pub(super) fn new(setup: &Setup) -> Self {
        Self {
            caller: CallerId::new(setup.caller_number.as_deref()),
            settings: Settings::default(),
            record: Record::default(),
            shared: None,
            database: BTreeMap::new(),
            groups: Vec::new(),
            random: setup.seed,
        }
    }

    /// What the call's record holds is not known from here on.
    pub(super) fn forget_record(&mut self) {
        self.record.forget();
    }

    /// An application begins.
    pub(super) fn note_application(&mut self, name: &str, data: &[u8]) {
        self.record.note_application(name, data);
    }

    /// The call's record is finished: the call has ended, there.
    pub(super) fn end_record(&mut self, now_ms: u64, context: &[u8], exten: &[u8]) {
        self.record.end(now_ms, context, exten);
    }
}

/// The value of a function.
pub(super) fn read(line: &Line, name: &[u8], given: &[u8]) -> Called {
    match name {
        b"ABS" => number::absolute(line, given),
        b"BASE64_DECODE" => digest::base64_decoded(given),
        b"BASE64_ENCODE" => digest::base64_encoded(line, given),
        b"BLACKLIST" => database::blacklisted(line),
        b"CALLERID" => caller_id::read(line, given),
        b"CDR" => record::read(line, given),
        b"CSV_QUOTE" => text::quoted(given),
        b"CHANNEL" => channel::read(line, given),
        b"DB" => database::read(line, given),
        b"DB_DELETE" => database::delete(line, given),
        b"DB_EXISTS" => database::exists(line, given),
        b"DB_KEYS" => database::keys(line, given),
        b"DEC" => number::changed(line, given, -1),
        b"DIALPLAN_EXISTS" => place::exists(line, given),
        b"EVAL" => text::evaluated(line, given),
        b"EXCEPTION" => place::exception(line, given),
        b"GLOBAL" => variable::global(line, given),
        b"GLOBAL_EXISTS" => variable::global_exists(line, given),
        b"GROUP" => group::read(line, given),
        b"GROUP_COUNT" => group::count(line, given),
        b"GROUP_MATCH_COUNT" => group::match_count(line, given),
        b"GROUP_LIST" => group::list(line),
        // No other channel has told a cause.
        b"HANGUPCAUSE_KEYS" => Called::Value(Vec::new()),
        b"HASH" => hash::read(line, given),
        b"HASHKEYS" => hash::keys(line, given),
        b"IFTIME" => time::chosen(line, given),
        b"INC" => number::changed(line, given, 1),
        b"LOCAL" | b"LOCAL_PEEK" | b"STACK_PEEK" => local::read(line, name, given),
        b"LTRIM" => text::trimmed(given, true, false),
        b"MAX" => number::extreme(line, given, |one, other| one > other),
        b"MIN" => number::extreme(line, given, |one, other| one < other),
        b"MD5" => digest::md5(line, given),
        b"POP" => list::taken(line, given, false),
        b"RAND" => number::random(line, given),
        b"RTRIM" => text::trimmed(given, false, true),
        b"SET" => variable::set(line, given),
        b"SHA1" => digest::sha1(line, given),
        b"SHARED" => variable::shared(line, given),
        b"SHIFT" => list::taken(line, given, true),
        b"STRFTIME" => time::shown(line, given),
        b"STRPTIME" => time::read(line, given),
        b"TIMEOUT" => timeout::read(line, given),
        b"TRIM" => text::trimmed(given, true, true),
        b"VALID_EXTEN" => place::is_extension(line, given),
        b"VARIABLE_EXISTS" => variable::exists(line, given),
        _ => Called::NotModelled,
    }
}

/// Gives a function its value.
pub(super) fn write(line: &Line, name: &[u8], given: &[u8], value: &[u8]) -> Called {
    match name {
        b"ARRAY" => list::divided_into(line, given, value),
        b"CALLERID" => caller_id::write(line, given, value),
        b"CDR" => record::write(line, given, value),
        b"CHANNEL" => channel::write(line, given, value),
        b"DB" => database::write(line, given, value),
        b"DB_DELETE" => database::delete(line, given),
        b"DELETE" => variable::delete(line, given),
        b"GLOBAL" => variable::set_global(line, given, value),
        b"GLOBAL_DELETE" => variable::delete_global(line, given),
        b"GROUP" => group::write(line, given, value),
        b"HASH" => hash::write(line, given, value),
        b"LOCAL" => local::write(line, given, value),
        b"PUSH" => list::added(line, given, value, false),
        b"SHARED" => variable::set_shared(line, given, value),
        b"TIMEOUT" => timeout::write(line, given, value),
        b"UNSHIFT" => list::added(line, given, value, true),
        _ => Called::NotModelled,
    }
}

/// What a function was written to is no value.
const DONE: Called = Called::Value(Vec::new());

/// A complaint, and no value.
fn failed(line: &Line, text: &str) -> Called {
    line.complain(Some(crate::syntax::Kind::FunctionFailed), text.to_owned());
    Called::Failed
}

fn truth(is_so: bool) -> Called {
    Called::Value(vec![if is_so { b'1' } else { b'0' }])
}

fn number_text(number: impl Into<i64>) -> Called {
    Called::Value(number.into().to_string().into_bytes())
}

/// Standard arguments: at commas, without quotes and backslashes, `most` of them; those that are not
/// given are empty.
fn arguments<const MOST: usize>(given: &[u8]) -> [Vec<u8>; MOST] {
    let mut all = crate::function::arguments::standard(given, MOST).into_iter();
    std::array::from_fn(|_| all.next().unwrap_or_default())
}

/// How long a value that a function gives can be.
const MAX_VALUE_BYTES: usize = 4095;
