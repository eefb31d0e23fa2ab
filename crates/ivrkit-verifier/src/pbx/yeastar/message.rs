//! The shapes of the Yeastar API, and a reading of them that forgives what was seen or is feared.
//!
//! Reports come in two formats: 1.0.2 with an array `call`, and 1.0.0 with the parties as members
//! of the report, which may then repeat a name within one object. Numbers are written as strings
//! and strings as numbers, letter case varies (`Ivrid`, `IvrId`), a comma may stand before a
//! closing brace, and a refusal may read `Failed` or `Failure`.
//!
//! Must not decide what follows from a message.

use crate::pbx::{Listed, Party, Told};
use ivrkit_dialplan::{
    scenario::Number,
    verification::{Digits, Direction, Leg, Report},
};
use serde::{
    Deserialize, Deserializer,
    de::{MapAccess, Visitor},
};
use serde_json::value::RawValue;
use std::fmt;

/// A report that tells the driver nothing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Unheard {
    /// Not an object in JSON.
    Broken,
    /// An action that does not concern verified calls, or one not known; its name, cut.
    Action(String),
    /// A known action without what it must carry, such as the call's id.
    Incomplete(&'static str),
}

/// The answer to a request.
#[derive(Debug)]
pub struct Reply(Members);

/// A refusal by number; 0 when it gave none.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Errno(pub u32);

/// Reads a report.
///
/// # Errors
/// [`Unheard`] when there is nothing in it for the driver.
pub fn read_report(body: &[u8]) -> Result<Told, Unheard> {
    let report = Members::read(body).ok_or(Unheard::Broken)?;
    let action = report.text("action").ok_or(Unheard::Incomplete("action"))?;
    let told = match action.to_ascii_uppercase().as_str() {
        "ALERT" => Report::Ringing,
        "ANSWERED" => Report::Answered,
        "DTMF" => dtmf(&report)?,
        "PLAYPROMPTEND" => prompt_end(&report)?,
        "CALLFAILED" => Report::NotReached(short(&report.text("reason").unwrap_or_default())),
        "BYE" => Report::Ended,
        // The record of a transferred part is written while the call goes on.
        "NEWCDR" if !report.is("type", "Transfer") => Report::Ended,
        _ => return Err(Unheard::Action(short(&action))),
    };
    let call = report.text("callid").filter(|id| !id.is_empty());
    let call = call.ok_or(Unheard::Incomplete("callid"))?;
    Ok(Told { call, ours: None, parties: parties(&report), report: told })
}

/// A whole entry stands in `infos`, with or without the key that ended it; one key in `info`.
fn dtmf(report: &Members) -> Result<Report, Unheard> {
    if let Some(entry) = report.text("infos").filter(|entry| !entry.is_empty()) {
        let digits = entry.strip_suffix(['#', '*']).unwrap_or(&entry);
        return Ok(Report::Entry(Digits::new(digits)));
    }
    let info = report.text("info").ok_or(Unheard::Incomplete("info"))?;
    let mut keys = info.chars();
    match (keys.next(), keys.next()) {
        (Some(key @ ('0'..='9' | '*' | '#' | 'A'..='D')), None) => {
            let sequence = report.text("flag").and_then(|flag| flag.parse().ok());
            Ok(Report::Key { key, sequence })
        }
        _ => Err(Unheard::Incomplete("info")),
    }
}

/// Only the form for IVRs concerns us; the others are about prompts played by request.
fn prompt_end(report: &Members) -> Result<Report, Unheard> {
    let ivr = report.object("ivr").and_then(|ivr| ivr.text("ivrid"));
    let ivr = ivr.or_else(|| report.text("ivrid")).and_then(|number| Number::new(number.trim()));
    ivr.map(Report::PromptEnded).ok_or(Unheard::Incomplete("ivr"))
}

/// The outside parties: of the array `call`, then of the report itself.
fn parties(report: &Members) -> Vec<Party> {
    let listed = report.list("call");
    listed.iter().chain([report]).flat_map(Members::outside_parties).collect()
}

/// Text of the PBX that may be logged: cut, and without control characters.
fn short(text: &str) -> String {
    text.chars().filter(|c| !c.is_control()).take(48).collect()
}

impl Reply {
    /// Reads the body of an answer.
    pub fn read(body: &[u8]) -> Option<Self> {
        Members::read(body).filter(|members| members.text("status").is_some()).map(Self)
    }

    /// Whether the PBX did it.
    ///
    /// # Errors
    /// The number of its refusal.
    pub fn verdict(&self) -> Result<(), Errno> {
        if self.0.is("status", "Success") {
            return Ok(());
        }
        Err(Errno(self.0.text("errno").and_then(|errno| errno.trim().parse().ok()).unwrap_or(0)))
    }

    /// The token of a login.
    pub fn token(&self) -> Option<String> {
        self.0.text("token").filter(|token| !token.is_empty())
    }

    /// The id of a dialled call.
    pub fn call(&self) -> Option<String> {
        self.0.text("callid").filter(|id| !id.is_empty())
    }

    /// The calls of a query.
    pub fn calls(&self, direction: Direction) -> Vec<Listed> {
        let name = name_of(direction);
        self.0
            .list(name)
            .iter()
            .filter_map(|call| {
                let party = call.party(direction);
                let leg = party.leg.clone()?;
                Some(Listed { party, leg, answered: call.is("status", "Talking") })
            })
            .collect()
    }

    /// The numbers of the IVRs of a query.
    pub fn ivrs(&self) -> Vec<String> {
        self.0.list("ivr").iter().filter_map(|ivr| ivr.text("ivrnumber")).collect()
    }
}

fn name_of(direction: Direction) -> &'static str {
    match direction {
        Direction::Outbound => "outbound",
        Direction::Inbound => "inbound",
    }
}

/// The members of a JSON object in their order, repeated names and all, values still as text. Raw
/// text, because an id such as `1770000000.40` written as a number must keep its last zero.
struct Members(Vec<(String, Box<RawValue>)>);

impl Members {
    fn read(body: &[u8]) -> Option<Self> {
        let text = String::from_utf8_lossy(body);
        let text = text.trim_start_matches('\u{feff}');
        serde_json::from_str(text)
            .or_else(|_| serde_json::from_str(&without_stray_commas(text)))
            .ok()
    }

    fn values(&self, name: &str) -> impl Iterator<Item = &RawValue> {
        let named = move |member: &&(String, _)| member.0.eq_ignore_ascii_case(name);
        self.0.iter().filter(named).map(|(_, value)| &**value)
    }

    /// A string, or a number or truth value as it is written.
    fn text(&self, name: &str) -> Option<String> {
        self.values(name).find_map(|value| match value.get().as_bytes()[0] {
            b'"' => serde_json::from_str(value.get()).ok(),
            b'{' | b'[' | b'n' => None,
            _ => Some(value.get().to_owned()),
        })
    }

    fn is(&self, name: &str, expected: &str) -> bool {
        self.text(name).is_some_and(|text| text.eq_ignore_ascii_case(expected))
    }

    fn object(&self, name: &str) -> Option<Self> {
        self.values(name).find_map(|value| serde_json::from_str(value.get()).ok())
    }

    /// The objects of an array, or the one object that stands in its place.
    fn list(&self, name: &str) -> Vec<Self> {
        let objects = |value: &RawValue| match serde_json::from_str::<Vec<&RawValue>>(value.get()) {
            Ok(items) => {
                items.into_iter().filter_map(|item| serde_json::from_str(item.get()).ok()).collect()
            }
            Err(_) => serde_json::from_str(value.get()).into_iter().collect::<Vec<Self>>(),
        };
        self.values(name).flat_map(objects).collect()
    }

    fn outside_parties(&self) -> Vec<Party> {
        [Direction::Outbound, Direction::Inbound]
            .into_iter()
            .flat_map(|direction| {
                let named = self.list(name_of(direction));
                named.into_iter().map(move |party| party.party(direction))
            })
            .collect()
    }

    fn party(&self, direction: Direction) -> Party {
        let leg = match direction {
            Direction::Outbound => self.text("outboundid"),
            Direction::Inbound => self.text("inboundid"),
        };
        Party {
            direction,
            from: self.text("from").unwrap_or_default(),
            to: self.text("to").unwrap_or_default(),
            leg: leg.filter(|leg| !leg.is_empty()).map(Leg::new),
        }
    }
}

impl fmt::Debug for Members {
    /// Names only: values may be keys, codes, tokens or numbers of people.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.0.iter().map(|(name, _)| name)).finish()
    }
}

impl<'de> Deserialize<'de> for Members {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Collect;
        impl<'de> Visitor<'de> for Collect {
            type Value = Members;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Members, A::Error> {
                let mut members = Vec::new();
                while let Some(member) = map.next_entry()? {
                    members.push(member);
                }
                Ok(Members(members))
            }
        }
        deserializer.deserialize_map(Collect)
    }
}

/// Drops commas before a closing brace or bracket, which pages of the vendor show.
fn without_stray_commas(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let (mut quoted, mut escaped) = (false, false);
    for character in text.chars() {
        if quoted {
            quoted = escaped || character != '"';
            escaped = !escaped && character == '\\';
        } else if character == '"' {
            quoted = true;
        } else if matches!(character, '}' | ']') {
            let kept = out.trim_end();
            if kept.ends_with(',') {
                out.truncate(kept.len() - 1);
            }
        }
        out.push(character);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Reads a report and compares it as text: the call, each party's leg, what it says.
    #[track_caller]
    fn check(body: &str, expected: &str) {
        let read = match read_report(body.as_bytes()) {
            Ok(told) => {
                let legs = told.parties.iter().map(|party| {
                    let leg = party.leg.as_ref().map_or("-", Leg::as_str);
                    format!("{:?} {}>{} {leg}", party.direction, party.from, party.to)
                });
                let report = match told.report {
                    Report::Entry(digits) => format!("Entry {}", digits.expose()),
                    Report::Key { key, sequence } => format!("Key {key} {sequence:?}"),
                    report => format!("{report:?}"),
                };
                format!("{} [{}] {report}", told.call, legs.collect::<Vec<_>>().join(", "))
            }
            Err(unheard) => format!("{unheard:?}"),
        };
        assert_eq!(read, expected);
    }

    /// A report of format 1.0.2 with the members given.
    fn outbound(action: &str, members: &str) -> String {
        format!(
            r#"{{"action":"{action}","callid":"7.41","call":[{{"outbound":{{"from":"6500",
            "to":"13900001111","trunk":"SIP-A","outboundid":"7.43"}}}}]{members},"sn":"36"}}"#
        )
    }

    const PARTY: &str = "7.41 [Outbound 6500>13900001111 7.43]";

    #[track_caller]
    fn check_outbound(action: &str, members: &str, expected: &str) {
        check(&outbound(action, members), &format!("{PARTY} {expected}"));
    }

    #[test]
    fn format_1_0_2_is_read() {
        check_outbound("ALERT", "", "Ringing");
        check_outbound("ANSWERED", "", "Answered");
        check_outbound("BYE", "", "Ended");
        check_outbound("DTMF", r#","info":"7","flag":"3""#, "Key 7 Some(3)");
        check_outbound("DTMF", r#","infos":"56789""#, "Entry 56789");
        let prompt = r#","ivr":{"ivrid":"6503"},"playtonum":"13900001111""#;
        check_outbound("PlayPromptEnd", prompt, "PromptEnded 6503");
    }

    #[test]
    fn format_1_0_0_has_the_parties_in_the_report_and_repeats_names() {
        check(
            r#"{"action":"BYE","callid":"7.41","ext":{"extid":"1000"},"ext":{"extid":"1002"}}"#,
            "7.41 [] Ended",
        );
        check(
            r#"{"action":"BYE","callid":"7.41","ext":{"extid":"1000"},
               "outbound":{"from":"1","to":"2","outboundid":"7.1"},
               "outbound":{"from":"6500","to":"139","outboundid":"7.2"}}"#,
            "7.41 [Outbound 1>2 7.1, Outbound 6500>139 7.2] Ended",
        );
        check(
            r#"{"action":"ANSWERED","callid":"7.9","inbound":{"from":"139","to":"6500",
               "trunk":"SIP-A","inboundid":"7.9"}}"#,
            "7.9 [Inbound 139>6500 7.9] Answered",
        );
    }

    #[test]
    fn numbers_may_be_strings_and_strings_numbers() {
        check(
            r#"{"action":"DTMF","callid":1770000000.40,"call":[{"outbound":{"from":6500,
               "to":13900001111,"outboundid":1770000000.50}}],"info":0,"flag":12,"sn":36}"#,
            "1770000000.40 [Outbound 6500>13900001111 1770000000.50] \
             Key 0 Some(12)",
        );
        check_outbound("DTMF", r#","infos":56789"#, "Entry 56789");
        let prompt = r#","ivr":{"ivrid":6502}"#;
        check_outbound("PlayPromptEnd", prompt, "PromptEnded 6502");
        check_outbound("CallFailed", r#","reason":480"#, r#"NotReached "480""#);
    }

    #[test]
    fn letter_case_and_end_keys_vary() {
        check_outbound("DTMF", r#","infos":"56789#""#, "Entry 56789");
        check_outbound("DTMF", r##","info":"#","flag":"6""##, "Key # Some(6)");
        check_outbound("DTMF", r#","info":"1""#, "Key 1 None");
        let prompt = r#","Ivr":{"IvrId":"6502"}"#;
        check_outbound("playpromptend", prompt, "PromptEnded 6502");
    }

    #[test]
    fn a_failed_call_may_name_no_party() {
        check(
            r#"{"action":"CallFailed","callid":"7.41","reason":"486 Busy Here"}"#,
            r#"7.41 [] NotReached "486 Busy Here""#,
        );
        check(
            r#"{"action":"CallFailed","callid":"7.41","reason":"User busy",
               "outbound":{"from":"6500","to":"139","outboundid":"7.43"}}"#,
            r#"7.41 [Outbound 6500>139 7.43] NotReached "User busy""#,
        );
    }

    #[test]
    fn the_record_of_a_call_ends_it_unless_a_part_was_transferred() {
        let cdr = |kind: &str| {
            format!(
                r#"{{"action":"NewCdr","callid":"7.41","timestart":"2026-03-02 09:15:00",
                "callfrom":"6500","callto":"139","callduraction":"41","talkduraction":"33",
                "status":"ANSWERED","type":"{kind}","sn":"36"}}"#
            )
        };
        check(&cdr("Outbound"), "7.41 [] Ended");
        check(&cdr("Transfer"), r#"Action("NewCdr")"#);
    }

    #[test]
    fn a_party_array_of_a_sister_product_does_no_harm() {
        check(
            r#"{"action":"BYE","callid":"7.41","call":[{"ext":{"extid":["106","101"]}},null,7],
               "reason":480}"#,
            "7.41 [] Ended",
        );
    }

    #[test]
    fn a_comma_before_a_closing_brace_is_forgiven() {
        check(
            r#"{"action":"BYE","callid":"7,}41","call":[{"ext":{"extid":"1",} , } ,],}"#,
            "7,}41 [] Ended",
        );
    }

    #[test]
    fn what_cannot_be_used_is_told_apart() {
        for broken in ["", "x", "[]", "7", r#"{"action":"BYE""#, "\u{0}", r#""BYE""#] {
            check(broken, "Broken");
        }
        check("{}", r#"Incomplete("action")"#);
        check(r#"{"action":"BYE"}"#, r#"Incomplete("callid")"#);
        check(r#"{"action":"DTMF","callid":"7"}"#, r#"Incomplete("info")"#);
        check(r#"{"action":"DTMF","callid":"7","info":"77"}"#, r#"Incomplete("info")"#);
        check(
            r#"{"action":"PlayPromptEnd","callid":"7","ext":{"extid":"1"},"prompt":"x"}"#,
            r#"Incomplete("ivr")"#,
        );
        for action in ["ExtensionStatus", "BootUp", "ConfigChange", "Tranfer", "RING", "ANSWER"] {
            check(
                &format!(r#"{{"action":"{action}","callid":"7"}}"#),
                &format!("Action({action:?})"),
            );
        }
    }

    #[test]
    fn no_body_is_too_strange_to_read() {
        proptest::proptest!(|(body: Vec<u8>)| { drop(read_report(&body)); });
        proptest::proptest!(|(value in r#"[{}\[\]",:a0\\]{0,60}"#)| {
            drop(read_report(value.as_bytes()));
            drop(read_report(format!(r#"{{"action":"DTMF","callid":"7","info":{value}}}"#).as_bytes()));
        });
        let deep = "[".repeat(100_000);
        assert_eq!(read_report(deep.as_bytes()), Err(Unheard::Broken));
    }

    #[test]
    fn answers_are_read() {
        let reply = |body: &str| Reply::read(body.as_bytes());
        let success = reply(r#"{"status":"Success","callid":"7.41","token":"t"}"#).unwrap();
        assert_eq!(success.verdict(), Ok(()));
        assert_eq!(
            (success.call().unwrap(), success.token().unwrap()),
            ("7.41".into(), "t".into())
        );
        for failed in ["Failed", "Failure"] {
            let failed = format!(r#"{{"status":"{failed}","errno":"10007"}}"#);
            assert_eq!(reply(&failed).unwrap().verdict(), Err(Errno(10007)));
        }
        let number = reply(r#"{"status":"Failed","errno":20004}"#).unwrap();
        assert_eq!(number.verdict(), Err(Errno(20004)));
        assert_eq!(reply(r#"{"status":"Failed"}"#).unwrap().verdict(), Err(Errno(0)));
        assert!(reply("<html>").is_none() && reply("{}").is_none());
    }

    #[test]
    fn lists_are_read_with_and_without_an_array() {
        let one = r#"{"outboundid":"7.43","from":"6500","to":"139","status":"Talking"}"#;
        for list in [format!("[{one}]"), one.to_owned()] {
            let body = format!(r#"{{"status":"Success","outbound":{list}}}"#);
            let calls = Reply::read(body.as_bytes()).unwrap().calls(Direction::Outbound);
            assert_eq!(calls.len(), 1);
            assert!(calls[0].answered && calls[0].leg.as_str() == "7.43");
            assert_eq!(calls[0].party.to, "139");
        }
        let body = br#"{"status":"Success","ivr":[{"ivrnumber":"6500"},{"ivrnumber":6501}]}"#;
        assert_eq!(Reply::read(body).unwrap().ivrs(), ["6500", "6501"]);
    }

    #[test]
    fn values_do_not_show_in_debug_output() {
        let reply = Reply::read(br#"{"status":"Success","token":"s3cret"}"#).unwrap();
        assert!(!format!("{reply:?}").contains("s3cret"));
    }
}
