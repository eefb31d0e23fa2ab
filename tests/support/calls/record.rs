//! What calls of a case did, as JSON.

use super::{case::Case, sounds};
use crate::support::asterisk::{Event, Followed, Version, What};
use serde_json::{Value, json};

/// The name of the file for a case and a version.
pub(crate) fn file_name(case: &Case, version: Version) -> String {
    format!("{}.{version}.json", case.name)
}

/// A case with what one version made of each of its calls.
pub(crate) fn case(case: &Case, version: Version, followed: &[Followed]) -> Value {
    let calls = case.calls.iter().zip(followed).enumerate().map(|(number, (call, followed))| {
        json!({
            "context": call.context,
            "exten": call.exten,
            "keys": call.keys,
            "caller_id": call.caller_id,
            "variables": call.variables,
            "uniqueid": case.call_id(number),
            "began_at_s": followed.began_at_s,
            "events": followed.trace.events.iter().map(event).collect::<Vec<_>>(),
        })
    });
    json!({
        "case": case.name,
        "title": case.title,
        "asterisk": version.number(),
        "general": case.general,
        "sounds": sounds::of(case),
        "dialplan": case.dialplan,
        "calls": calls.collect::<Vec<_>>(),
    })
}

fn event(event: &Event) -> Value {
    let mut value = match &event.what {
        What::Step { place: at, application, data } => {
            let [context, exten, priority] = place(at);
            json!({"kind": "step", "context": context, "exten": exten, "priority": priority,
                "application": application, "data": data})
        }
        What::Press(key) => json!({"kind": "press", "key": key}),
        What::Release(key) => json!({"kind": "release", "key": key}),
        What::UserEvent { name, fields } => {
            json!({"kind": "user_event", "name": name, "fields": fields})
        }
        What::CallerHangup => json!({"kind": "caller_hangup"}),
        What::Redirect { place: to } => {
            let [context, exten, priority] = place(to);
            json!({"kind": "redirect", "context": context, "exten": exten, "priority": priority})
        }
        What::Hangup { cause, place: at } => {
            let [context, exten, priority] = place(at);
            json!({"kind": "hangup", "cause": cause, "context": context, "exten": exten,
                "priority": priority})
        }
        What::Failed(reason) => json!({"kind": "failed", "reason": reason}),
    };
    value["at_s"] = json!((event.at_s * 1e4).round() / 1e4);
    value
}

/// Context, extension and priority of a place; an extension may hold any character.
fn place(place: &str) -> [&str; 3] {
    let (context, rest) = place.split_once(',').unwrap_or((place, ""));
    let (exten, priority) = rest.rsplit_once(',').unwrap_or((rest, ""));
    [context, exten, priority]
}
