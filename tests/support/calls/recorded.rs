//! Reads back what [`super::record`] wrote.

use super::{case::Case, record};
use crate::support::asterisk::{Event, Followed, Trace, Version, What};
use serde_json::Value;
use std::{fs, path::Path};

/// What that version made of each call of a case; nothing if it was not recorded, or another
/// dialplan or other calls were.
pub(crate) fn read(folder: &Path, case: &Case, version: Version) -> Option<Vec<Followed>> {
    let text = fs::read_to_string(folder.join(record::file_name(case, version))).ok()?;
    let value: Value = serde_json::from_str(&text).unwrap();
    let calls = value["calls"].as_array().unwrap();
    let keys = calls.iter().map(|call| call["keys"].as_str().unwrap());
    let is_this = value["dialplan"] == case.dialplan.as_str()
        && keys.eq(case.calls.iter().map(|call| call.keys.as_str()));
    is_this.then(|| calls.iter().map(followed).collect())
}

fn followed(call: &Value) -> Followed {
    let events = call["events"].as_array().unwrap().iter();
    let event = |event: &Value| Event { at_s: event["at_s"].as_f64().unwrap(), what: what(event) };
    Followed {
        trace: Trace { events: events.map(event).collect() },
        began_at_s: call["began_at_s"].as_f64().unwrap(),
    }
}

fn what(event: &Value) -> What {
    let text = |name: &str| event[name].as_str().unwrap_or_default().to_owned();
    let place = || ["context", "exten", "priority"].map(text).join(",");
    match event["kind"].as_str().unwrap() {
        "step" => {
            What::Step { place: place(), application: text("application"), data: text("data") }
        }
        "press" => What::Press(text("key")),
        "release" => What::Release(text("key")),
        "user_event" => {
            let fields = serde_json::from_value(event["fields"].clone()).unwrap();
            What::UserEvent { name: text("name"), fields }
        }
        "caller_hangup" => What::CallerHangup,
        "redirect" => What::Redirect { place: place() },
        "hangup" => {
            let cause = u32::try_from(event["cause"].as_u64().unwrap()).unwrap();
            What::Hangup { cause, place: place() }
        }
        "failed" => What::Failed(text("reason")),
        kind => panic!("no kind of event: {kind}"),
    }
}
