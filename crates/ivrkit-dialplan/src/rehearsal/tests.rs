//! Whole calls, with and without a server.

use super::*;
use crate::{
    application::Version,
    dialplan,
    scenario::{self, Scenario},
    source::Source,
    syntax::Nothing,
    verification::{Direction, Verdict},
};
use std::collections::HashMap;

const DIALPLAN: &str = "\
[ivrs]
exten => 6501,1,Goto(ivr_6501,6501,1)
exten => 6502,1,Goto(ivr_6502,6502,1)
[ivr_6501]
exten => 6501,1,Set(TIMEOUT(digit)=3)
same => n,Background(/m/password)
same => n,UserEvent(PlayPromptEnd,Ivrid: 6501)
same => n,WaitExten(4)
exten => _XXXX,1,Goto(entered,1)
exten => _XXXX#,1,Set(TYPED=${EXTEN})
same => n,UserEvent(DtmfEndString,Info: ${EXTEN})
same => n,Playback(/m/music)
same => n,Hangup()
[ivr_6502]
exten => 6502,1,Playback(/m/ok)
same => n,UserEvent(PlayPromptEnd,Ivrid: 6502)
same => n,Hangup()
";

const SCENARIO: &str = "\
ivrkit: 1
name: test
language: en
profile: asterisk
calls: { outbound: 6501 }
media: { root: /m, source: prompts }
prompts: { password: {}, music: {}, ok: {} }
ivrs:
  6501:
    prompts: [password]
    wait_s: 4
    entry: { verify: pin, min_digits: 4, max_digits: 4, hold: { prompts: [music] } }
  6502: { prompts: [ok] }
verifications:
  pin: { on_match: 6502, on_mismatch: hangup, attempts: 1, on_exhausted: hangup }
";

fn scenario() -> Scenario {
    scenario::read(Source::new("scenario.yaml", SCENARIO)).scenario.expect("it has no mistake")
}

fn pbx() -> Arc<Pbx> {
    let dialplan = dialplan::load(b"extensions.conf", DIALPLAN.into(), &mut Nothing);
    let lengths = HashMap::from([(b"/m/music".to_vec(), Some(10_000))]);
    let sounds = SoundLengths { by_name: lengths, others_ms: 2_000, ..SoundLengths::default() };
    Arc::new(Pbx::new(dialplan, Version::V22, Arc::new(sounds)))
}

fn run(script: &str, server: Option<Server<'_>>) -> Record {
    let setup = Setup { context: b"ivrs".to_vec(), exten: b"6501".to_vec(), ..Setup::default() };
    let script = Script::parse(script).expect("the script is right");
    Rehearsal { pbx: pbx(), setup, script: &script, key_ms: KEY_MS, server }.run()
}

/// Makes a call whose code is 5678, and compares what is told of it: sounds, keys, events, the
/// server's history.
fn check(script: &str, answer: Option<LookupAnswer>, expected: &[&str]) -> Record {
    let scenario = scenario();
    let answers = answer.into_iter().map(|answer| ("5678".to_owned(), answer));
    let lookup = Lookups { by_digits: answers.collect(), other: None };
    let server = Server {
        scenario: &scenario,
        direction: Direction::Outbound,
        lookup: &lookup,
        delays: Delays::default(),
    };
    let record = run(script, answer.map(|_| server));
    let found: Vec<String> = record.happenings.iter().filter_map(line).collect();
    assert_eq!(found, expected, "{script}");
    record
}

fn line(happening: &Happening) -> Option<String> {
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    let what = match &happening.what {
        Happened::Call(What::SoundBegins { name }) => format!("plays {}", text(name)),
        Happened::Call(What::Key { key, .. }) => format!("key {}", char::from(*key)),
        Happened::Call(What::UserEvent { name, .. }) => text(name),
        Happened::Call(What::Ended { why, .. }) => format!("{why:?}"),
        Happened::Server(Step::Judged { verdict, .. }) => format!("{verdict:?}"),
        Happened::Server(Step::Transferred { to }) => format!("transferred to {to}"),
        Happened::Server(Step::Ended { outcome }) => format!("{outcome:?}"),
        _ => return None,
    };
    Some(format!("{} {what}", happening.at_ms))
}

const VERDICT_MATCH: Option<LookupAnswer> = Some(LookupAnswer::Verdict(Verdict::Match));

#[test]
fn a_caller_waits_for_what_happens() {
    check(
        "after password; wait 1; 5",
        None,
        &["0 plays /m/password", "2000 PlayPromptEnd", "3100 key 5", "6100 NoExtension"],
    );
    check(
        "in 6501; during password; 1234#",
        None,
        &[
            "0 plays /m/password",
            "100 key 1",
            "300 key 2",
            "500 key 3",
            "700 key 4",
            "900 key #",
            "900 DtmfEndString",
            "900 plays /m/music",
            "10900 Application",
        ],
    );
    check(
        "event PlayPromptEnd hangup",
        None,
        &["0 plays /m/password", "2000 PlayPromptEnd", "2000 Caller"],
    );
    check(
        "wait 0.5; redirect ivrs,6502,1; after ok; hangup",
        None,
        &["0 plays /m/password", "500 plays /m/ok", "2500 PlayPromptEnd", "2500 Application"],
    );
}

#[test]
fn what_the_caller_could_not_do_is_known() {
    let record = check(
        "after music; 12; hangup",
        None,
        &["0 plays /m/password", "2000 PlayPromptEnd", "6000 NoTimeout"],
    );
    assert_eq!(record.undone.as_deref(), Some("after music; 12; hangup"));
    let record = check("hangup; wait 3", None, &["0 plays /m/password", "0 Caller"]);
    assert_eq!(record.undone, None);
}

#[test]
fn the_server_hears_of_an_entry_and_sends_the_call_on() {
    let record = check(
        "after password; 5678#",
        VERDICT_MATCH,
        &[
            "0 plays /m/password",
            "2000 PlayPromptEnd",
            "2100 key 5",
            "2300 key 6",
            "2500 key 7",
            "2700 key 8",
            "2900 key #",
            "2900 DtmfEndString",
            "2900 plays /m/music",
            "2970 Match",
            "3070 plays /m/ok",
            "3070 transferred to 6502",
            "5070 PlayPromptEnd",
            "5070 Application",
            "5120 Verified",
        ],
    );
    let verified = Verified { outcome: Some(Outcome::Verified), attempts: 1 };
    assert_eq!(record.verification, Some(verified));
    assert_eq!(record.variable("TYPED").as_deref(), Some(&b"5678#"[..]));
    assert!(!record.is_ended_by_server);
}

#[test]
fn the_server_ends_a_call_whose_attempts_are_used_up() {
    let record = check(
        "after password; 1234#",
        VERDICT_MATCH,
        &[
            "0 plays /m/password",
            "2000 PlayPromptEnd",
            "2100 key 1",
            "2300 key 2",
            "2500 key 3",
            "2700 key 4",
            "2900 key #",
            "2900 DtmfEndString",
            "2900 plays /m/music",
            "2970 Mismatch",
            "3070 Caller",
            "3120 Exhausted",
        ],
    );
    assert!(record.is_ended_by_server);
}

#[test]
fn a_verdict_that_never_comes_leaves_the_call_to_the_dialplan() {
    let record = run_silent("after password; 5678#");
    let verified = Verified { outcome: Some(Outcome::Unverified), attempts: 0 };
    assert_eq!(record.verification, Some(verified));
    assert_eq!(record.length_ms(), 12_900);
}

fn run_silent(script: &str) -> Record {
    let scenario = scenario();
    let lookup = Lookups { other: Some(LookupAnswer::Never), ..Lookups::default() };
    let (direction, delays) = (Direction::Outbound, Delays::default());
    run(script, Some(Server { scenario: &scenario, direction, lookup: &lookup, delays }))
}
