//! Which channels are calls of ours, and what the events about them report.
//!
//! A call that we dial has a unique id of our making ([`unique_id`]), so that it is known before its
//! first event and Asterisk itself refuses to dial it twice. A call that comes in is ours once it is
//! in a context that ivrkit renders, `ivr_<number>` or `ivr_<number>-menu`.

use super::packet::Packet;
use crate::pbx::{Listed, Party, Told};
use ivrkit_dialplan::{
    scenario::Number,
    verification::{Digits, Direction, Leg, Report},
};
use std::collections::HashMap;

/// What the unique ids of dialled calls begin with.
const OURS: &str = "ivrkit-";
/// `ChannelState` of a channel that rings at the far end.
const RINGING: &str = "5";
/// `ChannelState` of a channel that is up.
const UP: &str = "6";
/// Most calls that came in and are remembered, in case their ends are never heard of.
const MAX_KNOWN: usize = 100_000;

/// The calls that are known to be up, by the unique id of their channel.
#[derive(Debug, Default)]
pub struct Channels {
    known: HashMap<String, Known>,
}

#[derive(Debug, Clone, Copy)]
struct Known {
    answered: bool,
}

/// The unique id of the channel of a call that we dial, from our id of the call.
pub fn unique_id(call: &str) -> String {
    format!("{OURS}{call}")
}

/// Our id of a call, from the unique id of its channel.
pub fn our_id(unique_id: &str) -> Option<&str> {
    // The other half of a Local channel has the same id with `;2` behind it.
    let id = unique_id.strip_prefix(OURS)?;
    (!id.is_empty() && id.bytes().all(|byte| byte.is_ascii_alphanumeric())).then_some(id)
}

impl Channels {
    /// What an event reports, in order; nothing if it is not about a call of ours.
    pub fn heard(&mut self, event: &Packet) -> Vec<Told> {
        let unique_id = event.field("Uniqueid");
        if event.is_event("OriginateResponse") {
            return self.originated(event).into_iter().collect();
        }
        if unique_id.is_empty() || !self.is_ours(event) {
            return Vec::new();
        }
        if event.is_event("Hangup") {
            return vec![self.hung_up(event)];
        }
        let mut reports = Vec::new();
        let is_up = event.field("ChannelState") == UP;
        let known = self.known.entry(unique_id.to_owned()).or_insert(Known { answered: false });
        if is_up && !std::mem::replace(&mut known.answered, true) {
            reports.push(Report::Answered);
        }
        if event.is_event("Newstate") && event.field("ChannelState") == RINGING {
            reports.push(Report::Ringing);
        }
        reports.extend(key(event));
        reports.extend(user_event(event));
        reports.into_iter().map(|report| told(event, report)).collect()
    }

    /// A channel of the list of all channels, if it is a call of ours.
    pub fn listed(&mut self, entry: &Packet) -> Option<Listed> {
        if entry.field("Uniqueid").is_empty() || !self.is_ours(entry) {
            return None;
        }
        let answered = entry.field("ChannelState") == UP;
        self.known.insert(entry.field("Uniqueid").to_owned(), Known { answered });
        let leg = Leg::new(entry.field("Uniqueid"));
        Some(Listed { party: party(entry), leg, answered })
    }

    fn is_ours(&self, packet: &Packet) -> bool {
        let unique_id = packet.field("Uniqueid");
        our_id(unique_id).is_some()
            || self.known.contains_key(unique_id)
            || (self.known.len() < MAX_KNOWN && ivr_of(packet.field("Context")).is_some())
    }

    /// A call that could not be dialled at all has no channel that could hang up.
    fn originated(&self, event: &Packet) -> Option<Told> {
        let call = dialled_by(event.field("ActionID"))?;
        let unique_id = unique_id(call);
        let failed = event.field("Response").eq_ignore_ascii_case("Failure");
        // A second dial of a call that is up is refused by Asterisk, and says nothing about it.
        if !failed || self.known.contains_key(&unique_id) {
            return None;
        }
        let reason = match event.field("Reason") {
            "0" => "the PBX cannot dial this number".to_owned(),
            "1" | "3" => "no answer".to_owned(),
            "5" => "busy".to_owned(),
            "8" => "congestion".to_owned(),
            other => format!("reason {other}"),
        };
        let ours = Some(call.to_owned());
        let leg = Some(Leg::new(&*unique_id));
        let party =
            Party { direction: Direction::Outbound, from: String::new(), to: String::new(), leg };
        Some(Told {
            call: unique_id,
            ours,
            parties: vec![party],
            report: Report::NotReached(reason),
        })
    }

    fn hung_up(&mut self, event: &Packet) -> Told {
        let known = self.known.remove(event.field("Uniqueid"));
        let dialled = our_id(event.field("Uniqueid")).is_some();
        let never_answered = known.is_some_and(|known| !known.answered);
        let report = if dialled && never_answered {
            let (cause, text) = (event.field("Cause"), event.field("Cause-txt"));
            Report::NotReached(format!("{cause} {text}").trim().to_owned())
        } else {
            Report::Ended
        };
        told(event, report)
    }
}

/// `ActionID` of the request to dial a call, so that its outcome is known for it even on another
/// connection. `count` tells one try from the next.
pub fn dial_action(call: &str, count: u64) -> String {
    format!("ivrkit-dial-{call}-{count}")
}

fn dialled_by(action_id: &str) -> Option<&str> {
    Some(action_id.strip_prefix("ivrkit-dial-")?.rsplit_once('-')?.0)
}

/// The number of the IVR that a context belongs to.
fn ivr_of(context: &str) -> Option<&str> {
    let number = context.strip_prefix("ivr_")?;
    let number = number.strip_suffix("-menu").unwrap_or(number);
    (!number.is_empty() && number.bytes().all(|byte| byte.is_ascii_digit())).then_some(number)
}

fn told(event: &Packet, report: Report) -> Told {
    let unique_id = event.field("Uniqueid");
    Told {
        call: unique_id.to_owned(),
        ours: our_id(unique_id).map(str::to_owned),
        parties: vec![party(event)],
        report,
    }
}

fn party(packet: &Packet) -> Party {
    let unique_id = packet.field("Uniqueid");
    let leg = Some(Leg::new(unique_id));
    // Whom we dialled is known from our id; the channel's own numbers are what we let it show.
    if our_id(unique_id).is_some() {
        return Party {
            direction: Direction::Outbound,
            from: String::new(),
            to: String::new(),
            leg,
        };
    }
    let from = match packet.field("CallerIDNum") {
        "<unknown>" => String::new(),
        number => number.to_owned(),
    };
    let to = ivr_of(packet.field("Context")).unwrap_or_default().to_owned();
    Party { direction: Direction::Inbound, from, to, leg }
}

/// A key counts when it is let go, and only what the callee pressed.
fn key(event: &Packet) -> Option<Report> {
    let pressed = event.is_event("DTMFEnd") && event.field("Direction") == "Received";
    let mut keys = event.field("Digit").chars();
    match (pressed, keys.next(), keys.next()) {
        (true, Some(key @ ('0'..='9' | '*' | '#' | 'A'..='D')), None) => {
            Some(Report::Key { key, sequence: None })
        }
        _ => None,
    }
}

fn user_event(event: &Packet) -> Option<Report> {
    if !event.is_event("UserEvent") {
        return None;
    }
    match event.field("UserEvent") {
        "PlayPromptEnd" => Number::new(event.field("Ivrid")).map(Report::PromptEnded),
        "DtmfEndString" => {
            let typed = event.field("Info");
            let digits = typed.strip_suffix(['#', '*']).unwrap_or(typed);
            (!digits.is_empty()).then(|| Report::Entry(Digits::new(digits)))
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What these events report, one after the other: `call report`.
    #[track_caller]
    fn check(events: &[Packet], expected: &[&str]) {
        let mut channels = Channels::default();
        let told: Vec<Told> = events.iter().flat_map(|event| channels.heard(event)).collect();
        let said: Vec<String> = told
            .iter()
            .map(|told| {
                format!("{} {}", told.ours.as_ref().unwrap_or(&told.call), word(&told.report))
            })
            .collect();
        assert_eq!(said, expected);
    }

    fn word(report: &Report) -> String {
        match report {
            Report::Entry(digits) => format!("Entry {}", digits.expose()),
            Report::Key { key, .. } => format!("Key {key}"),
            other => format!("{other:?}"),
        }
    }

    fn event<const N: usize>(name: &str, id: &str, fields: [(&str, &str); N]) -> Packet {
        let mut packet = Packet::from([("Event", name), ("Uniqueid", id)]);
        let more = Packet::from(fields);
        packet.0.extend(more.0);
        packet
    }

    #[test]
    fn a_dialled_call_is_known_by_our_own_id() {
        check(
            &[
                event("Newchannel", "ivrkit-a1", [("ChannelState", "0")]),
                event("Newchannel", "ivrkit-a1;2", [("ChannelState", "4")]),
                event("Newstate", "ivrkit-a1", [("ChannelState", "5")]),
                event("Newstate", "ivrkit-a1", [("ChannelState", "6")]),
                event(
                    "DTMFEnd",
                    "ivrkit-a1",
                    [("ChannelState", "6"), ("Digit", "1"), ("Direction", "Received")],
                ),
                event(
                    "DTMFEnd",
                    "ivrkit-a1",
                    [("ChannelState", "6"), ("Digit", "2"), ("Direction", "Sent")],
                ),
                event(
                    "UserEvent",
                    "ivrkit-a1",
                    [("ChannelState", "6"), ("UserEvent", "DtmfEndString"), ("Info", "56789#")],
                ),
                event("Hangup", "ivrkit-a1", [("ChannelState", "6"), ("Cause", "16")]),
            ],
            &["a1 Ringing", "a1 Answered", "a1 Key 1", "a1 Entry 56789", "a1 Ended"],
        );
    }

    #[test]
    fn a_call_that_nobody_took_says_why() {
        let busy = [("ChannelState", "5"), ("Cause", "17"), ("Cause-txt", "User busy")];
        check(
            &[
                event("Newchannel", "ivrkit-a1", [("ChannelState", "0")]),
                event("Hangup", "ivrkit-a1", busy),
            ],
            &["a1 NotReached \"17 User busy\""],
        );
        let failed = |reason| {
            [("Response", "Failure"), ("Reason", reason), ("ActionID", "ivrkit-dial-a1-7")]
        };
        check(
            &[event("OriginateResponse", "<null>", failed("0"))],
            &["a1 NotReached \"the PBX cannot dial this number\""],
        );
    }

    #[test]
    fn a_second_dial_that_is_refused_ends_no_call() {
        let failed = [("Response", "Failure"), ("Reason", "0"), ("ActionID", "ivrkit-dial-a1-8")];
        check(
            &[
                event("Newchannel", "ivrkit-a1", [("ChannelState", "0")]),
                event("OriginateResponse", "<null>", failed),
            ],
            &[],
        );
    }

    #[test]
    fn a_call_comes_in_when_it_is_in_an_ivr() {
        let elsewhere = [("ChannelState", "6"), ("Context", "from-trunk")];
        let in_ivr =
            [("ChannelState", "6"), ("Context", "ivr_6500-menu"), ("CallerIDNum", "13900001111")];
        check(
            &[
                event("Newstate", "17.1", elsewhere),
                event("Newstate", "17.2", in_ivr),
                event("Hangup", "17.2", [("ChannelState", "6"), ("Context", "always-Hangup")]),
                event("Hangup", "17.1", elsewhere),
            ],
            &["17.2 Answered", "17.2 Ended"],
        );
    }

    #[test]
    fn contexts_of_ivrs_are_those_that_are_rendered() {
        for (context, expected) in [
            ("ivr_6500", Some("6500")),
            ("ivr_6500-menu", Some("6500")),
            ("ivr_", None),
            ("ivr_main", None),
            ("ivrs", None),
        ] {
            assert_eq!(ivr_of(context), expected, "{context}");
        }
    }
}
