//! Calls from end to end: a server and a simulated PBX that speak over real HTTP.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod bench;

use bench::{Bench, doing, everybody, summary};
use ivrkit_dialplan::verification::Outcome;
use ivrkit_verifier::pbx::simulated::{Answer, Callee, End, Faults, Settings};

const RIGHT: &[&str] = &["6500: 1", "6501: 56789#"];
const WRONG_THEN_RIGHT: &[&str] = &["6500: 1", "6501: 11111#", "6503: 56789#"];

/// Runs one call under faults and compares where it went, on our side and on the PBX's.
async fn check(lines: &[&str], speed: f64, faults: &[&str], expected: &str) {
    let faults = Faults::default().with(faults.iter().copied()).unwrap();
    check_with(Settings { faults, ..everybody(lines, speed) }, expected).await;
}

async fn check_with(settings: Settings, expected: &str) {
    let bench = Bench::start(settings).await;
    let id = bench.call("13900001111", "56789").await.unwrap().id;
    let record = bench.over(&id).await;
    assert_eq!(summary(&record), expected, "{:#?}\n{:#?}", record, bench.pbx.calls());
    let calls = bench.pbx.calls();
    assert_eq!(calls.len(), 1, "the callee is rung once");
    let path = expected.rsplit_once(' ').map_or("", |(path, _)| path);
    if !path.is_empty() {
        assert_eq!(calls[0].path.join(" "), path, "where the PBX says the call was");
    }
    bench.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_right_code_is_verified() {
    check(RIGHT, 20.0, &[], "6500 6501 6502 Verified").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_wrong_code_is_asked_for_again() {
    check(WRONG_THEN_RIGHT, 20.0, &[], "6500 6501 6503 6502 Verified").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn three_wrong_codes_end_the_call() {
    let lines = ["6500: 1", "6501: 11111#", "6503: 22222#", "6503: 33333#"];
    let bench = Bench::start(everybody(&lines, 10.0)).await;
    let id = bench.call("13900001111", "56789").await.unwrap().id;
    assert_eq!(summary(&bench.over(&id).await), "6500 6501 6503 6503 Exhausted");
    assert_eq!(bench.pbx.calls()[0].end, Some(End::Application));
}

#[tokio::test(flavor = "multi_thread")]
async fn silence_ends_unverified() {
    check(&["6500: 1"], 40.0, &[], "6500 6501 Unverified").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_busy_callee_is_not_reached() {
    let callee = Callee { answer: Answer::Busy { reason: "486 Busy Here".into() }, ..doing(&[]) };
    let callees = ivrkit_verifier::pbx::simulated::Callees::all(callee);
    check_with(Settings { callees, speed: 20.0, ..Settings::default() }, "NotReached").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_caller_from_outside_is_verified() {
    let bench = Bench::start(everybody(RIGHT, 20.0)).await;
    let number = ivrkit_verifier::number::PhoneNumber::parse("13900001111").unwrap();
    add_code(&bench, number, "56789");
    bench.pbx.dial_in("13900001111").unwrap();
    let ended = async {
        loop {
            let calls = bench.pbx.calls();
            if calls.first().is_some_and(|call| call.end.is_some()) {
                return calls;
            }
            tokio::time::sleep(std::time::Duration::from_millis(20)).await;
        }
    };
    let calls = tokio::time::timeout(bench::PATIENCE, ended).await.unwrap();
    assert_eq!(calls[0].path, ["6500", "6501", "6502"]);
}

fn add_code(bench: &Bench, to: ivrkit_verifier::number::PhoneNumber, code: &str) {
    use ivrkit_verifier::store::codes::{Codes, NewCode};
    let config = bench::config(bench.folder.path(), "http://127.0.0.1:1", "");
    let code = NewCode {
        scenario: "driving-test".into(),
        verification: "sms-code".into(),
        to,
        digits: code.into(),
        expires_in: std::time::Duration::from_mins(1),
    };
    Codes::open(&config.store, &config.codes).unwrap().add(&[code], |_| ()).unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn reports_may_come_twice_swapped_and_strange() {
    let faults = [
        "twice",
        "swapped=0.5",
        "infos-again",
        "leg-is-callid",
        "numbers",
        "infos-with-end-key",
        "unknown-actions",
        "broken-bodies",
        "trailing-commas",
        "huge-bodies=0.2",
        "forged",
        "stalled-connections=0.2",
    ];
    // A prompt's end that was overtaken by the key after it may put the call back one IVR in our
    // record; where it is sent must not suffer.
    let faults = Faults::default().with(faults).unwrap();
    let bench = Bench::start(Settings { faults, ..everybody(WRONG_THEN_RIGHT, 4.0) }).await;
    let id = bench.call("13900001111", "56789").await.unwrap().id;
    let record = bench.over(&id).await;
    assert_eq!(record.outcome, Some(Outcome::Verified), "{record:#?}");
    let calls = bench.pbx.calls();
    assert_eq!(calls[0].path, ["6500", "6501", "6503", "6502"]);
    assert_eq!(calls[0].transfers.len(), 2, "none was repeated: {:?}", calls[0].transfers);
}

#[tokio::test(flavor = "multi_thread")]
async fn no_entry_report_leaves_the_keys() {
    check(WRONG_THEN_RIGHT, 5.0, &["no-infos"], "6500 6501 6503 6502 Verified").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn without_progress_reports_the_list_says_where_the_leg_is() {
    check(WRONG_THEN_RIGHT, 5.0, &["no-progress"], "6500 6501 6503 6502 Verified").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn transfers_of_unknown_fate_end_where_they_should() {
    for fault in [
        "transfer-done-500",
        "transfer-done-reset",
        "transfer-undone-500=0.5",
        "transfer-undone-reset=0.5",
    ] {
        check(WRONG_THEN_RIGHT, 5.0, &[fault], "6500 6501 6503 6502 Verified").await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn dials_of_unknown_fate_ring_once() {
    for fault in ["dial-done-500", "dial-done-reset"] {
        check(RIGHT, 5.0, &[fault], "6500 6501 6502 Verified").await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_lost_in_the_middle_is_replaced() {
    check(WRONG_THEN_RIGHT, 4.0, &["drop-token"], "6500 6501 6503 6502 Verified").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn reports_that_cannot_be_recorded_are_repeated_by_the_pbx() {
    let bench = Bench::start(everybody(WRONG_THEN_RIGHT, 3.0)).await;
    let id = bench.call("13900001111", "56789").await.unwrap().id;
    let keys = || bench.pbx.calls().first().map_or(0, |call| call.keys.as_str().len());
    let typing = async {
        while keys() < 4 {
            tokio::time::sleep(std::time::Duration::from_millis(10)).await;
        }
    };
    tokio::time::timeout(bench::PATIENCE, typing).await.unwrap();
    let other = rusqlite::Connection::open(bench.folder.path().join("verify.db")).unwrap();
    other.execute_batch("BEGIN IMMEDIATE").unwrap();
    let refused = async {
        while bench.server.handle().store_works() {
            tokio::time::sleep(std::time::Duration::from_millis(10)).await;
        }
    };
    tokio::time::timeout(bench::PATIENCE, refused).await.unwrap();
    other.execute_batch("ROLLBACK").unwrap();
    assert_eq!(summary(&bench.over(&id).await), "6500 6501 6503 6502 Verified");
}
