//! The HTTP API and the reports' listener, asked with bare HTTP.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod bench;

use bench::{Bench, TOKEN, doing, everybody};
use ivrkit_verifier::{
    config::BaseUrl,
    driver::NewCall,
    number::PhoneNumber,
    pbx::simulated::{Callees, Sessions, Settings},
    remote::Remote,
    serve, shutdown,
};
use serde_json::{Value, json};
use std::{fs, net::SocketAddr, time::Duration};
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpStream,
};

/// A callee who keeps his calls up.
fn silent() -> Settings {
    Settings { callees: Callees::all(doing(&[])), ..Settings::default() }
}

/// Sends a request; gives the status and the body.
async fn ask(to: SocketAddr, request: &str, headers: &[&str], body: &str) -> (u16, Value) {
    let mut stream = TcpStream::connect(to).await.unwrap();
    let length = body.len();
    let mut text = format!(
        "{request} HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Length: {length}\r\n"
    );
    for header in headers {
        text += &format!("{header}\r\n");
    }
    stream.write_all(format!("{text}\r\n{body}").as_bytes()).await.unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await.unwrap();
    let status = answer.split(' ').nth(1).unwrap().parse().unwrap();
    let body = answer.split_once("\r\n\r\n").unwrap().1;
    (status, serde_json::from_str(body).unwrap_or(Value::Null))
}

/// Posts a call with the token and compares status and error code.
async fn check(bench: &Bench, headers: &[&str], body: &str, status: u16, code: &str) -> Value {
    let token = format!("Authorization: Bearer {TOKEN}");
    let headers = [&[token.as_str()], headers].concat();
    let (found, answer) = ask(bench.server.api_address(), "POST /calls", &headers, body).await;
    assert_eq!((found, answer["error"]["code"].as_str().unwrap_or("")), (status, code), "{answer}");
    answer
}

#[tokio::test(flavor = "multi_thread")]
async fn requests_are_checked_before_anything_is_done() {
    let bench = Bench::start(silent()).await;
    for body in ["", "{", "[]", r#"{"to": 139}"#, r#"{"too":"139"}"#, r#"{"to":"139","x":1}"#] {
        check(&bench, &[], body, 400, "bad-request").await;
    }
    for to in ["", "1", "13x", "+", "1234567890123456789012", "13;9"] {
        check(&bench, &[], &json!({ "to": to }).to_string(), 400, "bad-request").await;
    }
    let huge = json!({ "to": "1".repeat(20_000) }).to_string();
    check(&bench, &[], &huge, 413, "too-large").await;
    let code = r#"{"to":"13900001111","code":"73920461x"}"#;
    let answer = check(&bench, &[], code, 400, "bad-request").await;
    assert!(!answer.to_string().contains("73920461"), "{answer}");
    let unknown = r#"{"to":"13900001111","code":"56789","verification":"sms"}"#;
    let answer = check(&bench, &[], unknown, 422, "verification").await;
    assert!(answer.to_string().contains("sms-code"), "{answer}");
    let key = format!("Idempotency-Key: {}", "k".repeat(300));
    check(&bench, &[&key], r#"{"to":"13900001111"}"#, 400, "bad-request").await;
    assert_eq!(bench.pbx.calls().len(), 0, "nobody was rung");
}

#[tokio::test(flavor = "multi_thread")]
async fn only_the_token_opens_the_calls() {
    let bench = Bench::start(silent()).await;
    let api = bench.server.api_address();
    let wrong = format!("Authorization: Bearer {TOKEN}x");
    let basic = format!("Authorization: Basic {TOKEN}");
    let body = r#"{"to":"13900001111"}"#;
    for headers in [&[][..], &[wrong.as_str()], &[basic.as_str()], &["Authorization: Bearer"]] {
        for request in ["POST /calls", "GET /calls/x"] {
            let (status, answer) = ask(api, request, headers, body).await;
            assert_eq!((status, &answer["error"]["code"]), (401, &"unauthorised".into()));
        }
    }
    assert_eq!(ask(api, "GET /healthz", &[], "").await, (200, json!({ "status": "up" })));
    let ready = json!({ "ready": true, "pbx": "ready", "store": "ready" });
    assert_eq!(ask(api, "GET /readyz", &[], "").await, (200, ready));
    assert_eq!(ask(api, "GET /else", &[], "").await.0, 404);
    assert_eq!(ask(api, "PUT /healthz", &[], "").await.0, 405);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_person_is_in_one_call_at_a_time() {
    let bench = Bench::start(silent()).await;
    let first = check(&bench, &[], r#"{"to":"+86 13900001111"}"#, 201, "").await;
    let answer = check(&bench, &[], r#"{"to":"8613900001111"}"#, 409, "in-call").await;
    assert!(answer["error"]["message"].as_str().unwrap().contains(first["id"].as_str().unwrap()));
    check(&bench, &[], r#"{"to":"8613900002222"}"#, 201, "").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_repeated_request_begins_one_call() {
    let bench = Bench::start(silent()).await;
    let key = ["Idempotency-Key: order-7"];
    let first = check(&bench, &key, r#"{"to":"13900001111","code":"56789"}"#, 201, "").await;
    let again = check(&bench, &key, r#"{"code":"56789","to":"13900001111"}"#, 201, "").await;
    assert_eq!(first, again);
    let other_code = r#"{"to":"13900001111","code":"56788"}"#;
    check(&bench, &key, other_code, 409, "idempotency-key-used").await;
    check(&bench, &key, r#"{"to":"13900002222"}"#, 409, "idempotency-key-used").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_call_is_shown_with_its_history_and_a_masked_number() {
    let bench = Bench::start(everybody(&["6500: 1", "6501: 11111#", "6503: 56789#"], 20.0)).await;
    let body = r#"{"to":"13900001111","code":"56789"}"#;
    let begun = check(&bench, &[], body, 201, "").await;
    let id = begun["id"].as_str().unwrap();
    bench.over(id).await;
    let token = format!("Authorization: Bearer {TOKEN}");
    let path = format!("GET /calls/{id}");
    let (status, call) = ask(bench.server.api_address(), &path, &[&token], "").await;
    assert_eq!(status, 200);
    assert_eq!(call["to"], "*******1111");
    assert_eq!(call["state"], "over");
    assert_eq!(call["outcome"], "verified");
    assert_eq!(call["path"], json!(["6500", "6501", "6503", "6502"]));
    assert_eq!(call["verdicts"], json!(["mismatch", "match"]));
    assert_eq!(call["attempts"], 2);
    let steps: Vec<&str> =
        call["steps"].as_array().unwrap().iter().map(|s| s["step"].as_str().unwrap()).collect();
    assert_eq!(steps.first(), Some(&"dialled"));
    assert_eq!(steps.last(), Some(&"ended"));
    assert!(!call.to_string().contains("56789") && !call.to_string().contains("13900001111"));
    let (status, _) = ask(bench.server.api_address(), "GET /calls/none", &[&token], "").await;
    assert_eq!(status, 404);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_reports_listener_shows_nothing_but_its_secret_path() {
    let bench = Bench::start(silent()).await;
    let reports = bench.server.report_address().unwrap();
    let body = r#"{"action":"BYE","callid":"7.41"}"#;
    for request in ["POST /", "POST /hook", "POST /hook/x", "GET /hook/x", "GET /readyz"] {
        assert_eq!(ask(reports, request, &[], body).await.0, 404, "{request}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_pbx_that_refuses_the_password_leaves_the_server_up_and_not_ready() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("password"), "wrong").unwrap();
    let sessions = Sessions { lock_after: 2, ..Sessions::default() };
    let pbx = bench::simulator(Settings { sessions, ..silent() }).await;
    let config = bench::config(folder.path(), &format!("http://{}", pbx.address()), "");
    let (_trigger, stop) = shutdown::pair();
    let server = serve(bench::driving_test(), config, stop).await.unwrap();
    let refused = async {
        loop {
            let (status, health) = ask(server.api_address(), "GET /readyz", &[], "").await;
            if health["pbx"].as_str().unwrap().contains("refused") {
                return status;
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    };
    assert_eq!(tokio::time::timeout(bench::PATIENCE, refused).await.unwrap(), 503);
    // Several heartbeats later the address is still not locked: the right password gets in.
    tokio::time::sleep(Duration::from_secs(4)).await;
    fs::write(folder.path().join("password"), ivrkit_verifier::pbx::simulated::DEFAULT_PASSWORD)
        .unwrap();
    tokio::time::timeout(bench::PATIENCE, server.ready()).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_store_that_cannot_be_written_refuses_and_recovers() {
    let bench = Bench::start(silent()).await;
    let other = rusqlite::Connection::open(bench.folder.path().join("verify.db")).unwrap();
    other.execute_batch("BEGIN IMMEDIATE").unwrap();
    check(&bench, &[], r#"{"to":"13900001111"}"#, 503, "unavailable").await;
    let (status, health) = ask(bench.server.api_address(), "GET /readyz", &[], "").await;
    assert_eq!((status, &health["ready"]), (503, &false.into()));
    other.execute_batch("ROLLBACK").unwrap();
    let ready_again = async {
        while ask(bench.server.api_address(), "GET /readyz", &[], "").await.0 != 200 {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    };
    tokio::time::timeout(bench::PATIENCE, ready_again).await.unwrap();
    check(&bench, &[], r#"{"to":"13900001111"}"#, 201, "").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_whose_store_cannot_be_written_can_be_stopped() {
    let bench = Bench::start(silent()).await;
    let other = rusqlite::Connection::open(bench.folder.path().join("verify.db")).unwrap();
    other.execute_batch("BEGIN IMMEDIATE").unwrap();
    check(&bench, &[], r#"{"to":"13900001111"}"#, 503, "unavailable").await;
    bench.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn queued_calls_are_dialled_after_a_restart() {
    let folder = tempfile::tempdir().unwrap();
    let pbx = bench::simulator(everybody(&[], 20.0)).await;
    // A PBX that is not there: the call waits.
    let config = bench::config(folder.path(), "http://127.0.0.1:1", "");
    let (trigger, stop) = shutdown::pair();
    let server = serve(bench::driving_test(), config, stop).await.unwrap();
    let to = PhoneNumber::parse("13900001111").unwrap();
    let call = NewCall { to, code: None, verification: None, idempotency_key: None };
    let id = server.handle().start_call(call).await.unwrap().id;
    trigger.pull();
    server.join().await.unwrap();
    let config = bench::config(folder.path(), &format!("http://{}", pbx.address()), "");
    let (_trigger, stop) = shutdown::pair();
    let server = serve(bench::driving_test(), config, stop).await.unwrap();
    let record = bench::over(&server, &id).await;
    assert_eq!(bench::summary(&record), "6500 Unverified");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_call_that_cannot_be_dialled_in_time_is_given_up() {
    let folder = tempfile::tempdir().unwrap();
    let mut config = bench::config(folder.path(), "http://127.0.0.1:1", "");
    config.calls = serde_yaml::from_str("{ queue_limit_s: 0.2 }").unwrap();
    let (_trigger, stop) = shutdown::pair();
    let server = serve(bench::driving_test(), config, stop).await.unwrap();
    let to = PhoneNumber::parse("13900001111").unwrap();
    let call = NewCall { to, code: None, verification: None, idempotency_key: None };
    let id = server.handle().start_call(call.clone()).await.unwrap().id;
    assert_eq!(bench::summary(&bench::over(&server, &id).await), "NotReached");
    assert!(server.handle().start_call(call).await.is_ok(), "he may be called again");
}

#[tokio::test(flavor = "multi_thread")]
async fn calls_are_dialled_no_faster_and_no_more_at_once_than_configured() {
    let folder = tempfile::tempdir().unwrap();
    let pbx = bench::simulator(silent()).await;
    let mut config = bench::config(folder.path(), &format!("http://{}", pbx.address()), "");
    config.calls =
        serde_yaml::from_str("{ max_at_once: 2, dials_per_s: 5, max_queued: 3 }").unwrap();
    let (_trigger, stop) = shutdown::pair();
    let server = serve(bench::driving_test(), config, stop).await.unwrap();
    server.ready().await;
    let begin = std::time::Instant::now();
    let mut taken = 0;
    for at in 0..10 {
        let to = PhoneNumber::parse(&format!("1390000{at:04}")).unwrap();
        let call = NewCall { to, code: None, verification: None, idempotency_key: None };
        taken += usize::from(server.handle().start_call(call).await.is_ok());
    }
    assert!((3..=5).contains(&taken), "three wait, two at most were dialled meanwhile: {taken}");
    while pbx.calls().len() < 2 {
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    assert!(begin.elapsed() >= Duration::from_millis(190), "{:?}", begin.elapsed());
    tokio::time::sleep(Duration::from_millis(600)).await;
    assert_eq!(pbx.calls().len(), 2);
}

#[tokio::test]
async fn a_server_that_is_not_there_is_named() {
    let url: BaseUrl = "http://127.0.0.1:1".parse().unwrap();
    let remote = Remote::new(url, TOKEN.into()).unwrap();
    let error = remote.call("x").await.unwrap_err().to_string();
    assert!(error.contains("cannot reach http://127.0.0.1:1"), "{error}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_request_whose_head_never_ends_is_cut_off() {
    let bench = Bench::start(silent()).await;
    for address in [bench.server.api_address(), bench.server.report_address().unwrap()] {
        let mut stream = TcpStream::connect(address).await.unwrap();
        stream.write_all(b"POST /calls HTTP/1.1\r\nHost: x\r\nX-Slow: ").await.unwrap();
        let mut rest = Vec::new();
        let cut = stream.read_to_end(&mut rest);
        // A reset is a cut, too.
        let _ = tokio::time::timeout(Duration::from_secs(30), cut).await.expect("it is cut off");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_head_too_large_is_refused() {
    let bench = Bench::start(silent()).await;
    for to in [bench.server.api_address(), bench.server.report_address().unwrap()] {
        let long = format!("X-Long: {}", "x".repeat(20_000));
        assert_eq!(ask(to, "GET /healthz", &[&long], "").await.0, 431);
        let many: Vec<String> = (0..70).map(|at| format!("X-{at}: x")).collect();
        let many: Vec<&str> = many.iter().map(String::as_str).collect();
        assert_eq!(ask(to, "GET /healthz", &many, "").await.0, 431);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn stalled_connections_do_not_keep_others_out_for_long() {
    let bench = Bench::start(silent()).await;
    let api = bench.server.api_address();
    let mut stalled = Vec::new();
    for _ in 0..300 {
        stalled.push(TcpStream::connect(api).await.unwrap());
    }
    let asked = ask(api, "GET /healthz", &[], "");
    let (status, _) = tokio::time::timeout(Duration::from_secs(30), asked).await.unwrap();
    assert_eq!(status, 200);
}
