//! A field of `UserEvent` under two spellings.

use crate::{
    diagnostic::Severity,
    lint::{Call, Check, Findings, Group, Origin, Safety, Step, Subject, rule::rule},
    syntax::Place,
};
use std::collections::HashMap;

rule! {
    /// # What it finds
    /// A field of an event that one `UserEvent` spells otherwise than another of the same event: in
    /// another case, or with a blank before it.
    ///
    /// # Why it hurts
    /// The program that receives the event looks for one name. The event with the other spelling
    /// arrives without that field, and the call is not found.
    ///
    /// # Example
    /// ```text
    /// same => n,UserEvent(PlayPromptEnd,IvrId: 6500)
    /// same => n,UserEvent(PlayPromptEnd,Ivrid: 6501)
    /// ```
    /// Better: `IvrId` in both.
    pub(super) static RULE = {
        name: "drifting-event-field",
        code: "E018",
        group: Group::Expressions,
        severity: Severity::Warning,
        origin: Origin::New,
        fix: Some(Safety::Unsafe),
        check: Check::Dialplan(check),
    }
}

/// How a field is spelt, and where.
struct Spelling<'a> {
    name: &'a [u8],
    place: Place,
}

fn check(subject: &Subject<'_>, findings: &mut Findings<'_>) {
    let mut fields: HashMap<[Vec<u8>; 2], Spelling<'_>> = HashMap::new();
    for step in subject.steps().filter(may_send) {
        for call in step.calls().filter(|call| call.is("UserEvent")) {
            let event = call.data().split(|&byte| byte == b',').next().unwrap_or_default();
            for field in fields_of(&call) {
                let key = [event, field.name].map(|name| name.trim_ascii().to_ascii_lowercase());
                let place = field.place;
                let name = field.name;
                let first = fields.entry(key).or_insert(field);
                if first.name != name {
                    let spelt = first.name.to_vec();
                    let [name, known] = [name, first.name].map(String::from_utf8_lossy);
                    let message = format!("this event has the field `{known}` elsewhere: {name}");
                    findings.report(place, message).note(first.place, "it is spelt so here").fix(
                        Safety::Unsafe,
                        "spell it the same",
                        place,
                        spelt,
                    );
                }
            }
        }
    }
}

/// The fields of an event whose names hold no variable.
fn fields_of<'a>(call: &Call<'a>) -> Vec<Spelling<'a>> {
    let mut at = 0;
    let mut fields = Vec::new();
    for (number, part) in call.data().split(|&byte| byte == b',').enumerate() {
        let start = at;
        at += part.len() + 1;
        let Some(colon) = memchr::memchr(b':', part) else { continue };
        let name = &part[..colon];
        if number > 0 && memchr::memchr(b'$', name).is_none() {
            fields.push(Spelling { name, place: call.data_place(start..start + colon) });
        }
    }
    fields
}

/// Whether a step may send an event, itself or by an application inside of its data.
fn may_send(step: &Step<'_>) -> bool {
    let name = b"UserEvent";
    let is_it = |text: &[u8]| text.trim_ascii().eq_ignore_ascii_case(name);
    let data = step.subject.bytes(step.priority.data);
    let mut open = memchr::memchr_iter(b'(', data);
    is_it(step.subject.bytes(step.priority.application))
        || open.any(|at| at >= name.len() && is_it(&data[at - name.len()..at]))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lint::testing::check;

    #[test]
    fn another_spelling_of_the_same_event_is_found() {
        check(
            &RULE,
            "
            [a]
            exten => 1,1,UserEvent(End,IvrId: 1,Call: a)
             same => n,UserEvent(End,Ivrid: 2,Call:b)
                                     ^^^^^ this event has the field `IvrId` elsewhere: Ivrid
             same => n,UserEvent(Other,ivrid: 3)
             same => n,UserEvent(End, Call: a)
                                     ^^^^^ this event has the field `Call` elsewhere:  Call
            ",
        );
    }
}
