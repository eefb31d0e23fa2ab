//! The simulated PBX over real HTTP, against a tiny application made for the test.
//!
//! Requests are written byte by byte, and reports are compared with the shapes that the protocol's
//! documents show: neither side uses the client of this crate.

#![expect(clippy::unwrap_used, reason = "a test ends where something is not as expected")]

mod simulated_application;

use ivrkit_dialplan::{
    application::Version,
    call::{FixedSounds, Pbx},
    scenario::Scenario,
    syntax::Nothing,
};
use ivrkit_verifier::pbx::simulated::{
    Answer, CallRecord, Callee, Callees, Delivery, End, Error, Event, Faults, Sessions, Settings,
    Simulator, dialplan,
};
use serde_json::{Value, json};
use simulated_application::{Application, Client, Reply, eventually};
use std::{sync::Arc, time::Duration};

const SCENARIO: &str = include_str!("fixtures/simulated.yaml");
const DIALPLAN: &str = include_str!("fixtures/simulated.conf");
const CALLEE: &str = "13900001111";

fn settings(callees: Callees) -> Settings {
    Settings {
        callees,
        speed: 10.0,
        delivery: Delivery {
            attempts: 30,
            gap: Duration::from_millis(50),
            answer_timeout: Duration::from_secs(5),
        },
        ..Settings::default()
    }
}

fn scenario() -> Scenario {
    serde_yaml::from_str(SCENARIO).unwrap()
}

/// Starts a PBX with what was rendered for a scenario.
async fn start_on(
    scenario: Scenario,
    rendered: &str,
    settings: Settings,
) -> Result<Simulator, Error> {
    let own = dialplan::own_contexts(&scenario, scenario.profile);
    let loaded = dialplan::load(b"extensions.conf", rendered.as_bytes(), &own, &mut Nothing);
    let pbx = Pbx::new(loaded, Version::newest(), Arc::new(FixedSounds::new()));
    Simulator::start(scenario, &pbx, settings).await
}

async fn start(settings: Settings) -> Simulator {
    start_on(scenario(), DIALPLAN, settings).await.unwrap()
}

fn callee(lines: &[&str]) -> Callees {
    Callees::all(Callee::doing(lines.iter().copied()).unwrap())
}

/// A simulator, an application that gets its reports in format 1.0.2, and a client with a token.
struct Stage {
    simulator: Simulator,
    application: Application,
    client: Client,
}

impl Stage {
    async fn set(settings: Settings) -> Self {
        let simulator = start(settings).await;
        let application = Application::start().await;
        let mut client = Client::new(simulator.address());
        client.log_in(&application, Some("1.0.2")).await;
        Self { simulator, application, client }
    }

    async fn with_faults(callees: Callees, faults: &[&str]) -> Self {
        let faults = Faults::default().with(faults.iter().copied()).unwrap();
        Self::set(Settings { faults, ..settings(callees) }).await
    }

    /// Dials the callee; gives callid and leg.
    async fn dial(&self) -> (String, String) {
        let answer = self.client.call("ivr/dial_outbound", &dial()).await;
        assert_eq!(answer["status"], "Success");
        let call = self.last_call();
        assert_eq!(answer["callid"], call.callid);
        (call.callid, call.leg)
    }

    fn last_call(&self) -> CallRecord {
        self.simulator.calls().pop().unwrap()
    }

    /// Waits for the end of the last call and of its reports.
    async fn over(&self) -> CallRecord {
        eventually("the call ends", || self.last_call().end.is_some()).await;
        self.application.wait_for("NewCdr").await;
        self.last_call()
    }
}

fn dial() -> Value {
    json!({"ivrid": "6500", "outto": CALLEE, "fromext": "1000"})
}

fn transfer(leg: &str, to: &str) -> Value {
    json!({"outboundid": leg, "number": to, "fromext": "1000"})
}

/// `action`, or what a DTMF report carries, or the IVR of a prompt that ended.
fn brief(report: &Value) -> String {
    let text = |value: &Value| value.as_str().map_or_else(|| value.to_string(), str::to_owned);
    match text(&report["action"]).as_str() {
        "DTMF" if report["infos"].is_null() => text(&report["info"]),
        "DTMF" => format!("infos {}", text(&report["infos"])),
        "PlayPromptEnd" => format!("heard {}", text(&report["ivr"]["ivrid"])),
        action => action.to_owned(),
    }
}

fn briefs(reports: &[Value]) -> Vec<String> {
    reports.iter().map(brief).collect()
}

/// Sends a request as it stands and compares the answer.
async fn check(stage: &Stage, method: &str, path: &str, body: &str, expected: &Value) {
    let path = path.replace("TOKEN", &stage.client.token);
    let reply = stage.client.raw(method, &path, body).await;
    assert_eq!((reply.status, reply.json()), (200, expected.clone()), "{method} {path} {body}");
}

fn errno(number: &str) -> Value {
    json!({"status": "Failed", "errno": number})
}

#[tokio::test(flavor = "multi_thread")]
async fn refusals_carry_their_error_numbers() {
    let stage = Stage::set(settings(Callees::default())).await;
    let t = "?token=TOKEN";
    for (method, path, body, number) in [
        ("GET", "/api/v1.1.0/login", "", "20001"),
        ("PUT", &format!("/api/v1.1.0/ivr/query{t}"), "{}", "20001"),
        ("POST", "/api/v2.0.0/login", "{}", "10003"),
        ("POST", "/", "{}", "10003"),
        ("POST", &format!("/api/v1.1.0/ivr/dial_outbond{t}"), "{}", "10003"),
        ("POST", "/api/v1.1.0/", "{}", "20009"),
        ("POST", "/api/v1.1.0/login", "username=a&password=b", "20000"),
        ("POST", "/api/v1.1.0/login", "[]", "20000"),
        ("POST", "/api/v1.1.0/login", "<login/>", "10002"),
        ("POST", "/api/v1.1.0/login", "{}", "10004"),
        (
            "POST",
            "/api/v1.1.0/login",
            r#"{"username":"ivrkit","password":"x","port":"1"}"#,
            "20003",
        ),
        ("POST", "/api/v1.1.0/outbound/query", "{}", "20005"),
        ("POST", "/api/v1.1.0/outbound/query?token=", "{}", "20005"),
        ("POST", "/api/v1.1.0/outbound/query?token=0123", "{}", "20004"),
        ("POST", "/api/v1.1.0/heartbeat", r#"{"ipaddr":"127.0.0.1","port":"1"}"#, "20005"),
        ("POST", &format!("/api/v1.1.0/heartbeat{t}"), "{}", "10004"),
        (
            "POST",
            &format!("/api/v1.1.0/heartbeat{t}"),
            r#"{"ipaddr":"127.0.0.1","port":"0"}"#,
            "20008",
        ),
        ("POST", &format!("/api/v1.1.0/heartbeat{t}"), r#"{"ipaddr":"a b","port":"1"}"#, "20011"),
        ("POST", &format!("/api/v1.1.0/ivr/dial_outbound{t}"), "", "20007"),
        ("POST", &format!("/api/v1.1.0/ivr/dial_outbound{t}"), r#"{"ivrid":"6500"}"#, "10004"),
        (
            "POST",
            &format!("/api/v1.1.0/ivr/dial_outbound{t}"),
            r#"{"ivrid":"6509","outto":"1","fromext":"1000"}"#,
            "10012",
        ),
        (
            "POST",
            &format!("/api/v1.1.0/ivr/dial_outbound{t}"),
            r#"{"ivrid":"6500","outto":"1","fromext":"2000"}"#,
            "10006",
        ),
        (
            "POST",
            &format!("/api/v1.1.0/ivr/dial_outbound{t}"),
            r#"{"ivrid":6500,"outto":1,"fromext":1001}"#,
            "10024",
        ),
        ("POST", &format!("/api/v1.1.0/outbound/hangup{t}"), r#"{"outboundid":"1.1"}"#, "10007"),
        ("POST", &format!("/api/v1.1.0/inbound/hangup{t}"), r#"{"inboundid":"1.1"}"#, "10007"),
        ("POST", &format!("/api/v1.1.0/inbound/hangup{t}"), "{}", "10004"),
        (
            "POST",
            &format!("/api/v1.1.0/outbound/transfer_number{t}"),
            r#"{"outboundid":"1.1","number":"6502","fromext":"1000"}"#,
            "10007",
        ),
        (
            "POST",
            &format!("/api/v1.1.0/outbound/transfer_number{t}"),
            r#"{"outboundid":"1.1","number":"6502"}"#,
            "10004",
        ),
        ("POST", &format!("/api/v1.1.0/ivr/query{t}"), r#"{"ivrid":"6500,6509"}"#, "10012"),
    ] {
        check(&stage, method, path, body, &errno(number)).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn answers_look_as_documented() {
    let stage = Stage::set(settings(Callees::default())).await;
    let reply = stage.client.raw("POST", "/api/v1.10/ivr/query?token=nobody", "").await;
    assert_eq!(reply.body, r#"{"status":"Failed","errno":"20004"}"#);
    assert_eq!(reply.header("connection"), Some("close"));
    assert!(reply.header("server").unwrap().starts_with("Boa/"));
    assert_eq!(reply.header("access-control-allow-origin"), Some("*"));
    assert_eq!(stage.client.token.len(), 32);
    assert!(stage.client.token.bytes().all(|byte| byte.is_ascii_hexdigit()));
    let found = stage.client.call("ivr/query", &json!({"ivrid": "6502,6500"})).await;
    assert_eq!(
        found,
        json!({"status": "Success", "ivr": [
            {"ivrnumber": "6502", "ivrname": "Booked", "prompt": "ok", "promptrepeat": "1",
             "responsetimeout": "1", "digittimeout": "3", "dialext": "no",
             "dialoutboundroutes": "no", "dialtocheckvoicemail": "no"},
            {"ivrnumber": "6500", "ivrname": "6500", "prompt": "notice+appointment+confirm",
             "promptrepeat": "2", "responsetimeout": "1", "digittimeout": "3", "dialext": "no",
             "dialoutboundroutes": "no", "dialtocheckvoicemail": "no"}]})
    );
    let all = stage.client.call("ivr/query", &Value::Null).await;
    assert_eq!(all["ivr"].as_array().unwrap().len(), 4);
    let device = stage.client.call("deviceinfo/query", &Value::Null).await;
    assert_eq!(device["deviceinfo"]["sn"], "360000000001");
    assert_eq!(
        stage.client.call("outbound/query", &Value::Null).await,
        json!({"status": "Success", "outbound": []})
    );
    let gone = stage.client.call("logout", &Value::Null).await;
    assert_eq!(gone, json!({"status": "Success"}));
    assert_eq!(stage.client.call("ivr/query", &Value::Null).await, errno("20004"));
}

#[tokio::test(flavor = "multi_thread")]
async fn five_refused_logins_lock_the_address_for_a_while() {
    let sessions = Sessions { lock: Duration::from_secs(2), ..Sessions::default() };
    let stage = Stage::set(Settings { sessions, ..settings(Callees::default()) }).await;
    let wrong = json!({"username": "ivrkit", "password": "0", "port": "1"});
    for _ in 0..5 {
        assert_eq!(stage.client.call("login", &wrong).await, errno("20003"));
    }
    let right = stage.application.login(None);
    assert_eq!(stage.client.call("login", &right).await, errno("20002"));
    tokio::time::sleep(Duration::from_millis(2100)).await;
    assert_eq!(stage.client.call("login", &right).await["status"], "Success");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_verification_call_in_format_1_0_2() {
    let stage = Stage::set(settings(callee(&["6500: 1", "6501: 56789#"]))).await;
    let (callid, leg) = stage.dial().await;
    stage.application.wait_for("infos 56789").await;
    let answer = stage.client.call("outbound/transfer_number", &transfer(&leg, "6502")).await;
    assert_eq!(answer, json!({"status": "Success", "callid": leg}));
    let record = stage.over().await;

    let call = format!(
        r#""call":[{{"outbound":{{"from":"6500","to":"13900001111","trunk":"SIP-A","outboundid":"{leg}"}}}}]"#
    );
    let line = |action: &str, rest: &str| {
        format!(r#"{{"action":"{action}","callid":"{callid}",{call},{rest}"sn":"360000000001"}}"#)
    };
    let key = |key: &str, flag: u8| line("DTMF", &format!(r#""info":"{key}","flag":"{flag}","#));
    let heard = |ivr: &str| {
        let rest = format!(r#""ivr":{{"ivrid":"{ivr}"}},"playtonum":"13900001111","#);
        line("PlayPromptEnd", &rest)
    };
    let reports = stage.application.bodies();
    assert_eq!(
        reports[..reports.len() - 1],
        [
            line("ALERT", ""),
            line("ANSWERED", ""),
            heard("6500"),
            key("1", 0),
            heard("6501"),
            key("5", 1),
            key("6", 2),
            key("7", 3),
            key("8", 4),
            key("9", 5),
            key("#", 6),
            line("DTMF", r#""infos":"56789","#),
            heard("6502"),
            line("BYE", ""),
            line("BYE", ""),
        ]
    );
    let cdr = reports.last().unwrap();
    let members: Value = serde_json::from_str(cdr).unwrap();
    let text = |name: &str| members[name].as_str().unwrap().to_owned();
    assert!(jiff::civil::DateTime::strptime("%Y-%m-%d %H:%M:%S", text("timestart")).is_ok());
    let (call_s, talk_s) = (text("callduraction"), text("talkduraction"));
    assert!(talk_s.parse::<u32>().unwrap() < call_s.parse().unwrap(), "{talk_s} of {call_s} s");
    assert_eq!(
        *cdr,
        format!(
            concat!(
                r#"{{"action":"NewCdr","callid":"{}","timestart":"{}","callfrom":"6500","#,
                r#""callto":"13900001111","desttrunkname":"SIP-A","callduraction":"{}","#,
                r#""talkduraction":"{}","status":"ANSWERED","type":"Outbound","sn":"360000000001"}}"#
            ),
            callid,
            text("timestart"),
            call_s,
            talk_s
        )
    );
    let request = stage.application.heads().remove(0);
    for expected in [
        "POST /hook/4c1e HTTP/1.1",
        "user-agent: WebAPI",
        "content-type: application/json",
        "accept: application/json",
        &format!("host: {}", stage.application.address()),
    ] {
        assert!(request.contains(expected), "{request}");
    }

    assert_eq!(record.path, ["6500", "6501", "6502"]);
    assert_eq!((record.end, record.keys.as_str()), (Some(End::Timeout), "156789#"));
    assert_eq!((record.transfers.len(), record.transfers[0].errno), (1, None));
    assert_eq!((record.undelivered, record.replays), (0, 0));
    assert!(record.started_ms < record.answered_ms.unwrap());
}

#[tokio::test(flavor = "multi_thread")]
async fn the_same_in_format_1_0_0() {
    let mut stage = Stage::set(settings(callee(&["6500: start, 1", "6501: start, hangup"]))).await;
    stage.client.log_in(&stage.application, None).await;
    let (callid, leg) = stage.dial().await;
    stage.over().await;
    let party = format!(
        r#""outbound":{{"from":"6500","to":"13900001111","trunk":"SIP-A","outboundid":"{leg}"}}"#
    );
    let line = |action: &str, rest: &str| {
        format!(r#"{{"action":"{action}","callid":"{callid}",{party},{rest}"sn":"360000000001"}}"#)
    };
    let reports = stage.application.bodies();
    assert_eq!(
        reports[..reports.len() - 1],
        [
            line("ALERT", ""),
            line("ANSWERED", ""),
            line("DTMF", r#""info":"1","flag":"0","#),
            line("BYE", ""),
            line("BYE", ""),
        ]
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_scripted_application_leads_wrong_codes_back_and_the_right_one_on() {
    let lines =
        ["6500: start, 1", "6501: start, 1111#", "6503: start, 2222#", "6503: start, 56789#"];
    let stage = Stage::set(settings(callee(&lines))).await;
    let (_, leg) = stage.dial().await;
    for (infos, to) in [("1111", "6503"), ("2222", "6503"), ("56789", "6502")] {
        stage.application.wait_for(&format!("infos {infos}")).await;
        let body = json!({"outboundid": leg, "ivrid": to});
        let answer = stage.client.call("outbound/transfer_ivr", &body).await;
        assert_eq!(answer["status"], "Success");
    }
    let record = stage.over().await;
    assert_eq!(record.path, ["6500", "6501", "6503", "6503", "6502"]);
    assert_eq!(record.transfers.len(), 3);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_busy_callee_fails_the_call() {
    let busy = Answer::Busy { reason: "486 Busy Here".to_owned() };
    let callees = Callees::all(Callee { answer: busy, ..Callee::default() });
    let stage = Stage::set(settings(callees)).await;
    let (callid, leg) = stage.dial().await;
    let record = stage.over().await;
    let reports = stage.application.bodies();
    assert_eq!(
        reports[0],
        format!(
            concat!(
                r#"{{"action":"CallFailed","callid":"{}","outbound":{{"from":"6500","to":"13900001111","#,
                r#""trunk":"SIP-A","outboundid":"{}"}},"reason":"486 Busy Here","sn":"360000000001"}}"#
            ),
            callid, leg
        )
    );
    assert!(reports[1].contains(r#""talkduraction":"0","status":"BUSY""#), "{}", reports[1]);
    assert_eq!((reports.len(), record.end), (2, Some(End::Busy)));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_call_can_be_asked_for_steered_early_and_hung_up() {
    let callees = Callees::all(Callee { answer: Answer::After(30_000), ..Callee::default() });
    let stage = Stage::set(Settings { speed: 1.0, ..settings(callees) }).await;
    let (callid, leg) = stage.dial().await;
    let early = stage.client.call("outbound/transfer_number", &transfer(&leg, "6502")).await;
    assert_eq!(early, errno("10015"));
    let query = json!({"outboundid": format!("9.9,{leg}")});
    let line = |status: &str| {
        json!({"status": "Success", "outbound": [{"outboundid": leg, "from": "6500",
            "to": CALLEE, "trunk": "SIP-A", "status": status}]})
    };
    assert_eq!(stage.client.call("outbound/query", &query).await, line("Wait"));
    stage.application.wait_for("ALERT").await;
    assert_eq!(stage.client.call("outbound/query", &query).await, line("Progress"));
    for (id, to, expected) in [
        (&leg, "6509", errno("10011")),
        (&callid, "6502", errno("10007")),
        (&leg, "6502", json!({"status": "Success", "callid": leg})),
    ] {
        assert_eq!(
            stage.client.call("outbound/transfer_number", &transfer(id, to)).await,
            expected
        );
    }
    let hang_up = json!({"outboundid": leg});
    assert_eq!(stage.client.call("outbound/hangup", &hang_up).await["status"], "Success");
    assert_eq!(stage.client.call("outbound/hangup", &hang_up).await, errno("10007"));
    let record = stage.over().await;
    let refused: Vec<_> = record.transfers.iter().map(|transfer| transfer.errno).collect();
    assert_eq!(refused, [Some(10015), Some(10011), None]);
    assert_eq!((record.end, record.answered_ms), (Some(End::Application), None));
    assert_eq!(briefs(&stage.application.reports()), ["ALERT", "BYE", "BYE", "NewCdr"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_caller_from_outside() {
    let stage = Stage::set(settings(callee(&["6500: start, 1", "6501: start, 1234#"]))).await;
    let callid = stage.simulator.dial_in(CALLEE).unwrap();
    stage.application.wait_for("infos 1234").await;
    let found = stage.client.call("inbound/query", &Value::Null).await;
    assert_eq!(
        found["inbound"],
        json!([{"inboundid": callid, "from": CALLEE, "to": "6500", "trunk": "SIP-A",
            "status": "Talking", "callee": "6501"}])
    );
    let body = json!({"inboundid": callid, "number": "6502", "fromext": "1000"});
    let answer = stage.client.call("inbound/transfer_number", &body).await;
    assert_eq!(answer, json!({"status": "Success", "callid": callid}));
    let record = stage.over().await;
    assert_eq!(record.path, ["6500", "6501", "6502"]);
    let reports = stage.application.reports();
    let seen = briefs(&reports);
    assert_eq!(
        seen,
        ["1", "1", "2", "3", "4", "#", "infos 1234", "heard 6502", "BYE", "BYE", "NewCdr"]
    );
    assert_eq!(
        reports[0]["call"],
        json!([{"inbound": {"from": CALLEE, "to": "6500", "trunk": "SIP-A", "inboundid": callid}}])
    );
    assert_eq!(
        (&reports[10]["type"], &reports[10]["srctrunkname"]),
        (&json!("Inbound"), &json!("SIP-A"))
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn callers_start_from_the_script_and_from_the_control_address() {
    let caller = Callee { dials_in_after_ms: Some(100), ..Callee::default() };
    let stage = Stage::set(settings(Callees::default().with("500", caller))).await;
    eventually("the scripted caller calls", || stage.simulator.calls().len() == 1).await;
    let reply = stage.client.raw("POST", "/simulator/dial_in", r#"{"from":"501"}"#).await;
    let calls = stage.simulator.calls();
    assert_eq!(reply.json()["callid"], calls[1].callid);
    let numbers: Vec<_> = calls.iter().map(|call| call.number.as_str()).collect();
    assert_eq!(numbers, ["500", "501"]);
    let listed = stage.client.raw("GET", "/simulator/calls", "").await.json();
    assert_eq!((&listed[1]["number"], &listed[1]["direction"]), (&json!("501"), &json!("inbound")));
    assert_eq!(stage.client.raw("POST", "/simulator/dial_in", "{}").await.status, 400);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_report_that_is_not_taken_comes_again_in_its_order() {
    let stage = Stage::set(settings(callee(&["6500: start, 1", "6501: start, hangup"]))).await;
    stage.application.answer([
        Reply::Status(500),
        Reply::Close,
        Reply::Status(204),
        Reply::Status(200),
    ]);
    stage.dial().await;
    stage.over().await;
    assert_eq!(
        briefs(&stage.application.reports()),
        ["ALERT", "ALERT", "ALERT", "ALERT", "ANSWERED", "1", "BYE", "BYE", "NewCdr"]
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn an_application_that_comes_back_gets_what_it_missed() {
    let mut stage = Stage::set(settings(callee(&["6500: start, 1", "6501: start, hangup"]))).await;
    stage.application.stop().await;
    stage.dial().await;
    eventually("the call ends", || stage.last_call().end.is_some()).await;
    stage.application = Application::start().await;
    stage.client.log_in(&stage.application, Some("1.0.2")).await;
    stage.over().await;
    assert_eq!(
        briefs(&stage.application.reports()),
        ["ALERT", "ANSWERED", "1", "BYE", "BYE", "NewCdr"]
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_report_that_nobody_takes_is_given_up() {
    let delivery = Delivery { attempts: 2, gap: Duration::from_millis(10), ..Delivery::default() };
    let busy =
        Callee { answer: Answer::Unreachable { reason: "DND".to_owned() }, ..Callee::default() };
    let stage = Stage::set(Settings { delivery, ..settings(Callees::all(busy)) }).await;
    stage.application.answer([Reply::Status(500); 4]);
    stage.dial().await;
    eventually("both reports are given up", || stage.last_call().undelivered == 2).await;
    assert_eq!(
        briefs(&stage.application.reports()),
        ["CallFailed", "CallFailed", "NewCdr", "NewCdr"]
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn reports_stop_silently_with_the_token() {
    let sessions = Sessions {
        token_life: Duration::from_millis(400),
        prolonged_by_traffic: false,
        ..Sessions::default()
    };
    let stage = Stage::set(Settings { sessions, ..settings(Callees::default()) }).await;
    stage.dial().await;
    eventually("the call ends", || stage.last_call().end.is_some()).await;
    eventually("the end is not reported", || stage.last_call().undelivered >= 3).await;
    let seen = briefs(&stage.application.reports());
    assert!(
        seen.starts_with(&["ALERT".to_owned()]) && !seen.contains(&"BYE".to_owned()),
        "{seen:?}"
    );
    assert_eq!(stage.client.call("ivr/query", &Value::Null).await, errno("20006"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_heartbeat_keeps_the_token_and_moves_the_reports() {
    let sessions = Sessions {
        token_life: Duration::from_secs(2),
        prolonged_by_traffic: false,
        ..Sessions::default()
    };
    let stage = Stage::set(Settings { sessions, ..settings(Callees::default()) }).await;
    let elsewhere = Application::start().await;
    let port = elsewhere.address().port().to_string();
    let beat = json!({"ipaddr": "127.0.0.1", "port": port, "url": "hook/4c1e", "urlflag": "0"});
    for _ in 0..3 {
        tokio::time::sleep(Duration::from_secs(1)).await;
        assert_eq!(stage.client.call("heartbeat", &beat).await, json!({"status": "Success"}));
    }
    stage.dial().await;
    elsewhere.wait_for("ANSWERED").await;
    assert!(stage.application.bodies().is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn the_last_login_has_the_reports() {
    let stage = Stage::set(settings(callee(&["6500: start, hangup"]))).await;
    let other = Application::start().await;
    let mut second = Client::new(stage.simulator.address());
    second.log_in(&other, Some("1.0.2")).await;
    stage.dial().await;
    other.wait_for("NewCdr").await;
    assert!(stage.application.bodies().is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn events_tell_the_call() {
    let stage = Stage::set(settings(callee(&["6500: start, wait 1, 2"]))).await;
    let mut events = stage.simulator.events();
    stage.dial().await;
    stage.over().await;
    let mut lines = Vec::new();
    while let Ok(Event { at_ms, happening, .. }) = events.try_recv() {
        lines.push(format!("{at_ms} {happening}"));
    }
    assert_eq!(
        lines,
        [
            "0 dialled, for IVR 6500",
            "200 rings",
            "1200 answers",
            "1200 enters IVR 6500 (call begins)",
            "2200 presses 2",
            "2200 ends: a key that hangs up"
        ]
    );
}

/// Runs a call with one fault and gives what the application saw. The call enters `1234#` and is
/// hung up by the callee on hold.
async fn reports_with(faults: &[&str]) -> (Stage, Vec<Value>) {
    let callees = callee(&["6500: start, 1", "6501: start, 1234#, hold, wait 8, hangup"]);
    let stage = Stage::with_faults(callees, faults).await;
    stage.dial().await;
    stage.over().await;
    // What comes later than the last report, such as its own repetition.
    tokio::time::sleep(Duration::from_millis(100)).await;
    let reports = stage.application.reports();
    (stage, reports)
}

const WITHOUT_FAULT: [&str; 12] =
    ["ALERT", "ANSWERED", "1", "1", "2", "3", "4", "#", "infos 1234", "BYE", "BYE", "NewCdr"];

#[tokio::test(flavor = "multi_thread")]
async fn faults_that_leave_out_or_repeat() {
    let without = |left_out: &[&str]| -> Vec<String> {
        let kept = WITHOUT_FAULT.iter().filter(|brief| !left_out.contains(brief));
        kept.map(ToString::to_string).collect()
    };
    for (fault, expected) in [
        ("twice=false", without(&[])),
        (
            "twice",
            WITHOUT_FAULT.iter().flat_map(|brief| [brief.to_string(), brief.to_string()]).collect(),
        ),
        ("no-infos", without(&["infos 1234"])),
        ("no-keys", without(&["1", "2", "3", "4", "#"])),
        ("no-progress", without(&["ALERT", "ANSWERED"])),
        ("lost=0", without(&[])),
    ] {
        let (_, reports) = reports_with(&[fault]).await;
        assert_eq!(briefs(&reports), expected, "{fault}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn faults_of_order() {
    let (_, reports) = reports_with(&["infos-again"]).await;
    let seen = briefs(&reports);
    assert_eq!(seen[..10], [&WITHOUT_FAULT[..9], &["infos 1234"]].concat());
    let (_, reports) = reports_with(&["swapped"]).await;
    let seen = briefs(&reports);
    assert_eq!(seen[..4], ["ANSWERED", "ALERT", "1", "1"], "{seen:?}");
    assert_eq!(seen[4..8], ["3", "2", "#", "4"], "{seen:?}");
    assert_eq!(seen.len(), WITHOUT_FAULT.len());
}

#[tokio::test(flavor = "multi_thread")]
async fn faults_in_the_writing() {
    let (stage, reports) = reports_with(&["leg-is-callid", "infos-with-end-key"]).await;
    let call = stage.last_call();
    let legs: Vec<_> =
        reports[6..9].iter().map(|report| &report["call"][0]["outbound"]["outboundid"]).collect();
    assert_eq!(legs, [&json!(call.leg), &json!(call.callid), &json!(call.callid)]);
    assert_eq!(reports[8]["infos"], "1234#");

    let (_, reports) = reports_with(&["numbers"]).await;
    assert_eq!((&reports[3]["info"], &reports[3]["flag"]), (&json!(1), &json!(1)));
    assert_eq!(reports[8]["infos"], 1234);
    assert!(reports[8]["callid"].is_string());

    let (stage, reports) = reports_with(&["trailing-commas"]).await;
    assert!(reports.is_empty());
    assert!(stage.application.bodies().iter().all(|body| body.ends_with(r#"",}"#)));
    assert_eq!(stage.application.bodies().len(), WITHOUT_FAULT.len());
}

#[tokio::test(flavor = "multi_thread")]
async fn faults_that_nobody_asked_for() {
    for fault in
        ["unknown-actions", "broken-bodies", "huge-bodies", "forged", "stalled-connections"]
    {
        let (stage, reports) = reports_with(&[fault]).await;
        let real: Vec<_> = reports
            .iter()
            .map(brief)
            .filter(|brief| brief != "WeatherChange" && brief != "infos 00000000")
            .collect();
        assert_eq!(real, WITHOUT_FAULT, "{fault}");
        let bodies = stage.application.bodies();
        let heads = stage.application.heads();
        match fault {
            "unknown-actions" => assert_eq!(bodies.len(), 24),
            "broken-bodies" => assert_eq!((bodies.len(), reports.len()), (24, 12)),
            "huge-bodies" => assert!(bodies.iter().any(|body| body.len() > 2 << 20)),
            "forged" => assert!(heads[0].starts_with("POST /hook/guessed ")),
            _ => assert!(stage.application.stalled() > 0),
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn transfers_of_unknown_fate() {
    for (fault, path) in [
        ("transfer-done-500", &["6500", "6501", "6502"][..]),
        ("transfer-done-reset", &["6500", "6501", "6502"]),
        ("transfer-undone-500", &["6500", "6501"]),
        ("transfer-undone-reset", &["6500", "6501"]),
    ] {
        let callees = callee(&["6500: start, 1", "6501: start, 1234#, hold, wait 14, hangup"]);
        let stage = Stage::with_faults(callees, &[fault]).await;
        let (_, leg) = stage.dial().await;
        stage.application.wait_for("infos 1234").await;
        let path_and_token = stage.client.path("outbound/transfer_number");
        let body = transfer(&leg, "6502").to_string();
        let reply = stage.client.try_raw("POST", &path_and_token, &body).await;
        match reply {
            Ok(reply) => assert_eq!(reply.status, 500, "{fault}"),
            Err(error) => {
                assert_eq!(error.kind(), std::io::ErrorKind::ConnectionReset, "{fault}");
                assert!(fault.ends_with("reset"), "{fault}");
            }
        }
        assert_eq!(stage.over().await.path, path, "{fault}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn dials_of_unknown_fate() {
    for fault in ["dial-done-500", "dial-done-reset"] {
        let stage = Stage::with_faults(callee(&["6500: start, hangup"]), &[fault]).await;
        let path = stage.client.path("ivr/dial_outbound");
        let reply = stage.client.try_raw("POST", &path, &dial().to_string()).await;
        assert_eq!(reply.is_ok_and(|reply| reply.status == 500), fault == "dial-done-500");
        assert_eq!(stage.over().await.path, ["6500"]);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn slow_answers() {
    let stage = Stage::with_faults(Callees::default(), &["slow-answers=0.5"]).await;
    let begun = std::time::Instant::now();
    stage.client.call("ivr/query", &Value::Null).await;
    assert!(begun.elapsed() >= Duration::from_millis(500));
}

#[tokio::test(flavor = "multi_thread")]
async fn tokens_are_lost_in_mid_call_and_by_a_restart() {
    let callees = callee(&["6500: start, wait 3, 1", "6501: start, hangup"]);
    let stage = Stage::with_faults(callees, &["drop-token"]).await;
    stage.dial().await;
    // The key, BYE twice and NewCdr; on a busy machine what came just before them, too.
    eventually("the rest is not reported", || {
        let delivered = stage.application.reports().len();
        stage.last_call().undelivered as usize + delivered == 6
    })
    .await;
    assert!(stage.last_call().undelivered >= 4);
    let told = briefs(&stage.application.reports());
    assert_eq!(told, ["ALERT", "ANSWERED"][..told.len()]);
    assert_eq!(stage.client.call("ivr/query", &Value::Null).await, errno("20004"));

    let mut stage = Stage::with_faults(Callees::default(), &["api-restart=0.5"]).await;
    tokio::time::sleep(Duration::from_millis(700)).await;
    assert_eq!(stage.client.call("ivr/query", &Value::Null).await, errno("20004"));
    stage.client.log_in(&stage.application, None).await;
    stage.client.raw("POST", "/simulator/forget_tokens", "").await;
    assert_eq!(stage.client.call("ivr/query", &Value::Null).await, errno("20004"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_reboot_loses_calls_without_a_word() {
    let mut stage = Stage::with_faults(Callees::default(), &["reboot=0.3"]).await;
    stage.dial().await;
    eventually("the call is lost", || stage.last_call().end == Some(End::Lost)).await;
    stage.client.log_in(&stage.application, Some("1.0.2")).await;
    assert_eq!(stage.client.call("outbound/query", &Value::Null).await["outbound"], json!([]));
    assert!(!briefs(&stage.application.reports()).contains(&"BYE".to_owned()));
}

#[tokio::test(flavor = "multi_thread")]
async fn many_calls_at_once_each_with_its_own_script() {
    let mut callees = Callees::default();
    for index in 0..100 {
        let code = format!("6501: start, {index:04}#");
        let callee = Callee::doing(["6500: start, 1", &code]).unwrap();
        callees = callees.with(format!("1390000{index:04}"), callee);
    }
    let stage = Stage::set(Settings { speed: 4.0, ..settings(callees) }).await;
    for index in 0..100 {
        let body =
            json!({"ivrid": "6500", "outto": format!("1390000{index:04}"), "fromext": "1000"});
        assert_eq!(stage.client.call("ivr/dial_outbound", &body).await["status"], "Success");
    }
    for call in stage.simulator.calls() {
        let digits = &call.number.as_str()[7..];
        stage.application.wait_for(&format!("infos {digits}")).await;
        let to = if call.number.as_str().ends_with('7') { "6503" } else { "6502" };
        let done = stage.client.call("outbound/transfer_number", &transfer(&call.leg, to)).await;
        assert_eq!(done["status"], "Success");
    }
    eventually("all calls end", || stage.simulator.calls().iter().all(|call| call.end.is_some()))
        .await;
    for call in stage.simulator.calls() {
        let end =
            if call.number.as_str().ends_with('7') { &["6503", "6502"][..] } else { &["6502"] };
        assert_eq!(call.path[2..], *end);
        assert_eq!(call.undelivered, 0);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_shut_down_simulator_frees_its_port_and_a_taken_one_is_an_error() {
    let simulator = start(settings(Callees::default())).await;
    let port = simulator.address().port();
    let again = Settings { port, ..settings(Callees::default()) };
    let error = start_on(scenario(), DIALPLAN, again.clone()).await.unwrap_err().to_string();
    assert!(error.starts_with(&format!("cannot listen on 127.0.0.1:{port}: ")), "{error}");
    simulator.shutdown().await;
    start(again).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn nonsense_settings_are_errors() {
    let fast = Settings { speed: 0.0, ..Settings::default() };
    let error = start_on(scenario(), DIALPLAN, fast).await.unwrap_err();
    assert_eq!(error.to_string(), "found speed 0, expected a factor of 0.01 to 1000");
    let mut outbound_only = scenario();
    outbound_only.calls.inbound = None;
    let simulator = start_on(outbound_only, DIALPLAN, Settings::default()).await.unwrap();
    assert!(simulator.dial_in("1").unwrap_err().to_string().contains("calls.inbound"));
    let debug = format!("{simulator:?}");
    assert!(!debug.contains("ivrkit-pbx-sim"), "the password is in {debug}");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_shipped_scenario_runs() {
    let shipped = include_str!("../../../scenarios/driving-test.yaml");
    let scenario: Scenario = serde_yaml::from_str(shipped).unwrap();
    let settings = settings(callee(&["6500: 1", "6501: 56789#"]));
    let rendered = include_str!("../../../tests/golden/driving-test.yeastar-s.conf");
    let simulator = start_on(scenario, rendered, settings).await.unwrap();
    let application = Application::start().await;
    let mut client = Client::new(simulator.address());
    client.log_in(&application, Some("1.0.2")).await;
    let stage = Stage { simulator, application, client };
    let (_, leg) = stage.dial().await;
    stage.application.wait_for("infos 56789").await;
    stage.client.call("outbound/transfer_number", &transfer(&leg, "6502")).await;
    assert_eq!(stage.over().await.path, ["6500", "6501", "6502"]);
}
