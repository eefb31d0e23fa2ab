//! `CDR`: the record of this call, while it goes on.
//!
//! Follows Asterisk's `funcs/func_cdr.c` and `main/cdr.c` with their default settings: the record is
//! finished before `h` runs.

use super::{Called, DONE, arguments, failed};
use crate::call::{channel::Channel, clock::Wall, line::Line};

/// Most bytes of a field.
const MAX_BYTES: usize = 511;
/// Fields that a dialplan cannot set.
const READ_ONLY: [&str; 17] = [
    "clid",
    "src",
    "dst",
    "dcontext",
    "channel",
    "dstchannel",
    "lastapp",
    "lastdata",
    "start",
    "answer",
    "end",
    "duration",
    "billsec",
    "disposition",
    "uniqueid",
    "linkedid",
    "sequence",
];

/// What the record holds besides what the channel knows.
#[derive(Debug, Default)]
pub(super) struct Record {
    user_field: Vec<u8>,
    /// Fields of the dialplan's own.
    fields: Vec<(Vec<u8>, Vec<u8>)>,
    /// The application that began last, and its data.
    application: (String, Vec<u8>),
    end: Option<End>,
    /// Whether nobody knows what it holds.
    is_unknown: bool,
}

/// When a call ended and where it was.
#[derive(Debug)]
struct End {
    at_ms: u64,
    context: Vec<u8>,
    exten: Vec<u8>,
}

/// `CDR(field,options)`: `u` for times as numbers, `f` for fractions of seconds.
pub(super) fn read(line: &Line, given: &[u8]) -> Called {
    let [field, options] = arguments(given);
    if field.is_empty() {
        return failed(line, "CDR takes the name of a field");
    }
    let is_unknown = line.with(|channel| channel.facts.record.is_unknown);
    if is_unknown || options.iter().any(|option| !b"uf".contains(option)) {
        return Called::NotModelled;
    }
    let (is_raw, is_float) = (options.contains(&b'u'), options.contains(&b'f'));
    line.with(|channel| value(channel, &field.to_ascii_lowercase(), is_raw, is_float))
}

/// `CDR(field)=value`.
pub(super) fn write(line: &Line, given: &[u8], value: &[u8]) -> Called {
    let [field, _] = arguments(given);
    if field.is_empty() {
        return failed(line, "CDR takes the name of a field");
    }
    if READ_ONLY.iter().any(|name| field.eq_ignore_ascii_case(name.as_bytes())) {
        let shown = field.escape_ascii();
        return failed(line, &format!("the field {shown} of a CDR cannot be set"));
    }
    line.with(|channel| {
        let facts = &mut channel.facts;
        if facts.record.is_unknown {
            return Called::NotModelled;
        }
        if field.eq_ignore_ascii_case(b"accountcode") {
            facts.settings.set_account(value);
        } else if field.eq_ignore_ascii_case(b"userfield") {
            value[..value.len().min(MAX_BYTES)].clone_into(&mut facts.record.user_field);
        } else if field.eq_ignore_ascii_case(b"amaflags") {
            return Called::NotModelled;
        } else if !field.eq_ignore_ascii_case(b"peeraccount") {
            let fields = &mut facts.record.fields;
            fields.retain(|(name, _)| !name.eq_ignore_ascii_case(&field));
            fields.push((field, value.to_vec()));
        }
        DONE
    })
}

impl Record {
    /// An application begins; what runs after the end is not recorded.
    pub(super) fn note_application(&mut self, name: &str, data: &[u8]) {
        if self.end.is_none() {
            name.clone_into(&mut self.application.0);
            data.clone_into(&mut self.application.1);
        }
    }

    /// The call ends now, there.
    pub(super) fn end(&mut self, at_ms: u64, context: &[u8], exten: &[u8]) {
        let (context, exten) = (context.to_vec(), exten.to_vec());
        self.end.get_or_insert(End { at_ms, context, exten });
    }

    /// Nobody knows what it holds from here on.
    pub(super) fn forget(&mut self) {
        self.is_unknown = true;
    }
}

fn value(channel: &Channel, field: &[u8], is_raw: bool, is_float: bool) -> Called {
    let record = &channel.facts.record;
    let end = record.end.as_ref();
    let now_ms = end.map_or(channel.now_ms, |end| end.at_ms);
    let seconds = |from_ms: Option<u64>| {
        let ms = from_ms.map_or(0, |from_ms| now_ms.saturating_sub(from_ms));
        if is_float {
            Called::Value(format!("{}.{:03}000", ms / 1000, ms % 1000).into_bytes())
        } else {
            Called::Value((ms / 1000).to_string().into_bytes())
        }
    };
    let time = |at_ms| Called::Value(time(channel, at_ms, is_raw));
    let mut value = match field {
        b"clid" => caller(channel),
        b"src" => channel.caller().to_vec(),
        b"dst" => end.map_or(&*channel.exten, |end| &end.exten).to_vec(),
        b"dcontext" => end.map_or(&*channel.context, |end| &end.context).to_vec(),
        b"channel" => channel.setup.channel.clone(),
        b"dstchannel" | b"peeraccount" => Vec::new(),
        b"start" => return time(Some(0)),
        b"answer" => return time(channel.answered_ms),
        b"end" => return time(end.map(|end| end.at_ms)),
        b"duration" => return seconds(Some(0)),
        b"billsec" => return seconds(channel.answered_ms),
        b"disposition" => match (is_raw, channel.answered_ms.is_some()) {
            (false, true) => b"ANSWERED".to_vec(),
            (false, false) => b"NO ANSWER".to_vec(),
            (true, true) => b"8".to_vec(),
            (true, false) => b"1".to_vec(),
        },
        b"amaflags" => (if is_raw { "3" } else { "DOCUMENTATION" }).into(),
        b"accountcode" => channel.facts.settings.account().to_vec(),
        b"uniqueid" | b"linkedid" => channel.setup.unique_id.clone(),
        b"userfield" => record.user_field.clone(),
        b"lastapp" => record.application.0.clone().into_bytes(),
        b"lastdata" => record.application.1.clone(),
        b"sequence" => return Called::NotModelled,
        _ => {
            let found = record.fields.iter().find(|(name, _)| name.eq_ignore_ascii_case(field));
            found.map(|(_, value)| value.clone()).unwrap_or_default()
        }
    };
    value.truncate(MAX_BYTES);
    Called::Value(value)
}

/// `"name" <number>`, or one of both.
fn caller(channel: &Channel) -> Vec<u8> {
    let number = channel.caller();
    match channel.setup.caller_name.as_deref().unwrap_or_default() {
        b"" => number.to_vec(),
        name if number.is_empty() => name.to_vec(),
        name => [b"\"", name, b"\" <", number, b">"].concat(),
    }
}

fn time(channel: &Channel, at_ms: Option<u64>, is_raw: bool) -> Vec<u8> {
    let Some(at_ms) = at_ms else { return (if is_raw { "0.000000" } else { "" }).into() };
    let (epoch_s, part_ms) = channel.moment(at_ms);
    if is_raw {
        return format!("{epoch_s}.{part_ms:03}000").into_bytes();
    }
    let Wall { year, month, day, hour, minute, second, .. } =
        Wall::at(epoch_s, channel.setup.utc_offset_s);
    let date = format!("{year:04}-{:02}-{day:02}", month + 1);
    format!("{date} {hour:02}:{minute:02}:{second:02}").into_bytes()
}
