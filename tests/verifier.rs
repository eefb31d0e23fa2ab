//! The server as a process of its own, against a simulated PBX: many calls at once, killed and
//! restarted in the middle, stopped by signals, and searched for secrets that it must not tell.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

#[path = "support/exposition.rs"]
mod exposition;
#[path = "support/server.rs"]
mod server;

use exposition::Figures;
use ivrkit::simulation::Subject;
use ivrkit_dialplan::{
    application::Version,
    scenario::{self, Scenario},
    source::Source,
};
use ivrkit_verifier::pbx::simulated::{self, Answer, Callee, Callees, Settings, Simulator};
use serde_json::Value;
use server::{KEY, SCENARIO, TOKEN, Verifier, ivrkit, number, until};
use std::{
    fs,
    path::Path,
    process::{Command, ExitStatus},
    time::{Duration, Instant},
};

type Bench = server::Bench<Simulator>;

impl Bench {
    async fn new(settings: Settings) -> Self {
        let pbx = pbx_on(settings).await;
        let config = |reports| {
            format!(
                "pbx:
  url: http://{pbx}
  username: {user}
  password_file: password
  from_extension: 1000
  heartbeat_s: 2
reports: {{ listen: \"127.0.0.1:{reports}\" }}",
                pbx = pbx.address(),
                user = simulated::DEFAULT_USER,
            )
        };
        let server = Verifier::new(simulated::DEFAULT_PASSWORD, None, config);
        Self { pbx, server }
    }

    async fn figures(&self) -> (u16, String) {
        self.fetch("/metrics").await
    }

    /// Status and body of an address that wants no token.
    async fn fetch(&self, path: &str) -> (u16, String) {
        use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
        let address = (self.api.host.as_str(), self.api.port);
        let mut stream = tokio::net::TcpStream::connect(address).await.unwrap();
        let request = format!("GET {path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
        stream.write_all(request.as_bytes()).await.unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).await.unwrap();
        let (head, body) = answer.split_once("\r\n\r\n").unwrap();
        (head[9..12].parse().unwrap(), body.to_owned())
    }

    /// Sends a signal and waits for the server's end.
    async fn signal(&mut self, name: &str) -> ExitStatus {
        let server = self.child();
        let pid = server.id().to_string();
        assert!(Command::new("kill").args([name, &pid]).status().unwrap().success());
        let server = std::sync::Mutex::new(server);
        until("the server has ended", || async { server.lock().unwrap().try_wait().unwrap() }).await
    }
}

async fn pbx_on(settings: Settings) -> Simulator {
    let scenario = Path::new(env!("CARGO_MANIFEST_DIR")).join(SCENARIO);
    let subject = Subject::of_scenario(&scenario, None, None, Version::newest()).unwrap();
    Simulator::start(driving_test(), &subject.pbx, settings).await.unwrap()
}

fn driving_test() -> Scenario {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(SCENARIO);
    let text = fs::read_to_string(path).unwrap();
    scenario::read(Source::new(SCENARIO, text)).scenario.unwrap()
}

/// What a callee does, how his call must end, and the path on the PBX.
struct Script {
    lines: &'static [&'static str],
    answer: Option<Answer>,
    outcome: &'static str,
    path: &'static str,
}

const RIGHT: &str = "56789";

fn scripts() -> Vec<Script> {
    let script = |lines, outcome, path| Script { lines, answer: None, outcome, path };
    vec![
        script(&["6500: 1", "6501: 56789#"], "verified", "6500 6501 6502"),
        script(&["6500: 1", "6501: 56789"], "verified", "6500 6501 6502"),
        script(&["6500: start, 1", "6501: start, 56789#"], "verified", "6500 6501 6502"),
        script(&["6500: 1", "6501: 11111#", "6503: 56789#"], "verified", "6500 6501 6503 6502"),
        script(
            &["6500: 1", "6501: 11111#", "6503: 11111#", "6503: 56789#"],
            "verified",
            "6500 6501 6503 6503 6502",
        ),
        script(
            &["6500: 1", "6501: 11111#", "6503: 22222#", "6503: 33333#"],
            "exhausted",
            "6500 6501 6503 6503",
        ),
        script(&["6500: 1"], "unverified", "6500 6501"),
        script(&[], "unverified", "6500"),
        script(&["6500: 1", "6501: 567, hangup"], "unverified", "6500 6501"),
        Script {
            answer: Some(Answer::Busy { reason: "486 Busy Here".into() }),
            ..script(&[], "not-reached", "")
        },
        Script {
            answer: Some(Answer::No { ring_ms: 20_000, reason: "480".into() }),
            ..script(&[], "not-reached", "")
        },
    ]
}

fn settings(count: usize, speed: f64) -> Settings {
    let scripts = scripts();
    let callees = (0..count).fold(Callees::default(), |callees, at| {
        let script = &scripts[at % scripts.len()];
        let mut callee = Callee::doing(script.lines.iter().copied()).unwrap();
        if let Some(answer) = &script.answer {
            callee.answer = answer.clone();
        }
        callees.with(number(at), callee)
    });
    Settings { callees, speed, ..Settings::default() }
}

/// Runs `count` calls at 20 a second, with whatever `disturb` does before each, and holds each
/// against its script.
async fn many_calls(
    count: usize,
    settings: Settings,
    disturb: impl AsyncFn(&mut Bench, usize),
    is_as_scripted: impl Fn(&Script, &str, &str) -> bool,
) {
    let mut bench = Bench::new(settings).await;
    let codes: Vec<String> = (0..count).map(|at| format!("{},{RIGHT}", number(at))).collect();
    bench.import(&codes.join("\n"));
    bench.start().await;
    let begin = Instant::now();
    let mut ids = Vec::new();
    for at in 0..count {
        disturb(&mut bench, at).await;
        ids.push(bench.call(&number(at)).await);
        let next = Duration::from_millis(50) * u32::try_from(at + 1).unwrap();
        tokio::time::sleep(next.saturating_sub(begin.elapsed())).await;
    }
    let mut wrong = Vec::new();
    for (at, id) in ids.iter().enumerate() {
        let record = bench.over(id).await;
        let script = &scripts()[at % scripts().len()];
        let calls = bench.pbx.calls();
        let rung: Vec<_> = calls.iter().filter(|call| call.number.as_str() == number(at)).collect();
        let path = rung.first().map(|call| call.path.join(" ")).unwrap_or_default();
        let outcome = record["outcome"].as_str().unwrap();
        if !is_as_scripted(script, outcome, &path) || rung.len() > 1 {
            wrong.push(format!(
                "{record:#}\n{rung:#?}\nexpected {} {}",
                script.outcome, script.path
            ));
        }
    }
    assert!(wrong.is_empty(), "{} of {count}:\n{}", wrong.len(), wrong.join("\n"));
}

#[tokio::test(flavor = "multi_thread")]
async fn two_hundred_calls_survive_a_kill_in_the_middle() {
    let kill_once = async |bench: &mut Bench, at| {
        if at == 100 {
            bench.kill();
            bench.start().await;
        }
    };
    many_calls(200, settings(200, 8.0), kill_once, |script, outcome, path| {
        outcome == script.outcome && path == script.path
    })
    .await;
}

/// Reports in disorder and answers that get lost may make a callee hear a prompt twice; nobody may
/// be rung twice, booked without the code, or refused with the right one.
#[tokio::test(flavor = "multi_thread")]
async fn a_bad_line_and_many_kills_send_no_call_to_a_wrong_ivr() {
    let faults = [
        "twice=0.2",
        "swapped=0.1",
        "leg-is-callid=0.5",
        "numbers=0.3",
        "transfer-done-500=0.1",
        "transfer-undone-reset=0.1",
        "dial-done-500=0.1",
        "dial-done-reset=0.1",
        "no-progress=0.1",
    ];
    let mut settings = settings(66, 3.0);
    settings.faults = settings.faults.with(faults).unwrap();
    let kill_often = async |bench: &mut Bench, at: usize| {
        if at % 22 == 21 {
            bench.kill();
            bench.start().await;
        }
    };
    many_calls(66, settings, kill_often, |script, outcome, path| {
        let booked = path.ends_with("6502");
        let may_book = script.outcome == "verified";
        let knows_a_wrong_code = script.path.contains("6503");
        let refused = path.contains("6503");
        (outcome == "verified") == booked
            && (may_book || !booked)
            && (knows_a_wrong_code || !refused)
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_secret_is_logged_or_stored_in_the_clear() {
    let code = "73920461";
    let callee = Callee::doing(["6500: 1", "6501: 90817263#", "6503: 73920461#"]).unwrap();
    let callees = Callees::all(callee);
    let faults = simulated::Faults::default().with(["drop-token", "broken-bodies=0.5"]).unwrap();
    let mut bench =
        Bench::new(Settings { callees, faults, speed: 8.0, ..Settings::default() }).await;
    bench.import(&format!("to,code\n13987654321,{code}\n"));
    bench.start().await;
    let id = bench.call("13987654321").await;
    assert_eq!(bench.over(&id).await["outcome"], "verified");
    // A second call leaves a live machine in the store.
    bench.call("13987650000").await;
    until("the second call types", || async {
        let typed = bench.pbx.calls().last().is_some_and(|call| call.keys.as_str().len() > 4);
        typed.then_some(())
    })
    .await;
    bench.kill();

    let log = fs::read(bench.path("log")).unwrap();
    assert!(
        contains(&log, b"*******4321") || contains(&log, b"verified"),
        "the log says something"
    );
    let stored = fs::read_dir(bench.folder.path()).unwrap().filter_map(|file| {
        let path = file.unwrap().path();
        let of_store = path.file_name().unwrap().to_string_lossy().starts_with("verify.db");
        of_store.then(|| fs::read(path).unwrap())
    });
    let stored = stored.collect::<Vec<_>>().concat();
    assert!(contains(&stored, id.as_bytes()), "the store has the call");
    let secrets = [
        ("a code", code),
        ("a wrong code", "90817263"),
        ("a number", "13987654321"),
        ("a number", "87654321"),
        ("the PBX password", simulated::DEFAULT_PASSWORD),
        ("the MD5 of it", &md5_hex(simulated::DEFAULT_PASSWORD)),
        ("the API token", TOKEN),
        ("the store's key", KEY),
        ("the report path", "hook/"),
        ("a PBX token", "token="),
    ];
    for (what, secret) in secrets {
        assert!(!contains(&log, secret.as_bytes()), "{what} is in the log");
        assert!(!contains(&stored, secret.as_bytes()), "{what} is in the store");
    }
}

/// What the figures say of calls is what became of them, and they tell of nobody.
#[tokio::test(flavor = "multi_thread")]
async fn figures_are_true_and_tell_of_nobody() {
    let count = scripts().len();
    let faults = simulated::Faults::default().with(["forged", "broken-bodies"]).unwrap();
    let mut bench = Bench::new(Settings { faults, ..settings(count, 8.0) }).await;
    let codes: Vec<String> = (0..count).map(|at| format!("{},{RIGHT}", number(at))).collect();
    bench.import(&codes.join("\n"));
    bench.start().await;
    let mut ids = Vec::new();
    for at in 0..count {
        ids.push(bench.call(&number(at)).await);
    }
    let (mut verified, mut matched, mut mismatched) = (0.0, 0.0, 0.0);
    for id in &ids {
        let record = bench.over(id).await;
        verified += f64::from(u8::from(record["outcome"] == "verified"));
        for verdict in record["verdicts"].as_array().unwrap() {
            if verdict == "match" { matched += 1.0 } else { mismatched += 1.0 }
        }
    }
    let (status, text) = bench.figures().await;
    assert_eq!(status, 200);
    let figures = Figures::parse(&text);
    let check = |sample: &str, expected: f64| {
        assert!(
            (figures.value(sample) - expected).abs() < 0.5,
            "{sample} is not {expected}\n{text}"
        );
    };
    check("ivrkit_calls_ended_total{outcome=\"verified\"}", verified);
    check("ivrkit_verdicts_total{verdict=\"match\"}", matched);
    check("ivrkit_verdicts_total{verdict=\"mismatch\"}", mismatched);
    check("ivrkit_lookup_seconds_count", matched + mismatched);
    for state in ["queued", "dialling", "answered", "judging", "steering"] {
        check(&format!("ivrkit_calls{{state=\"{state}\"}}"), 0.0);
    }
    check("ivrkit_pbx_up", 1.0);
    check("ivrkit_pbx_logins_total", 1.0);
    check("ivrkit_store_up", 1.0);
    for counted in [
        "ivrkit_reports_total{result=\"taken\"}",
        "ivrkit_reports_total{result=\"unreadable\"}",
        "ivrkit_reports_total{result=\"misplaced\"}",
        "ivrkit_transfers_total{result=\"done\"}",
        "ivrkit_entry_to_transfer_seconds_count",
        "ivrkit_report_lag_seconds_count",
        "ivrkit_store_commit_seconds_count",
    ] {
        assert!(figures.value(counted) > 0.0, "{counted}\n{text}");
    }
    // Any digits may stand in a sum of seconds.
    let words: String = text.lines().filter(|line| !line.contains("_sum ")).collect();
    for secret in [RIGHT, "13900010000", TOKEN, KEY, "127.0.0.1", &ids[0]] {
        assert!(!words.contains(secret), "the figures tell {secret}\n{text}");
    }
    // The PBX goes away: the figures and the health report say so.
    let gone = std::mem::replace(&mut bench.pbx, pbx_on(settings(1, 1.0)).await);
    gone.shutdown().await;
    until("the session is down", || async {
        let (_, text) = bench.figures().await;
        (Figures::parse(&text).value("ivrkit_pbx_state{state=\"unreachable\"}") > 0.0).then_some(())
    })
    .await;
    assert_eq!(bench.fetch("/readyz").await.0, 503);
    assert_eq!(bench.fetch("/healthz").await.0, 200);
}

fn contains(haystack: &[u8], needle: &[u8]) -> bool {
    haystack.windows(needle.len()).any(|bytes| bytes == needle)
}

fn md5_hex(text: &str) -> String {
    let digest = openssl::hash::hash(openssl::hash::MessageDigest::md5(), text.as_bytes()).unwrap();
    digest.iter().map(|byte| format!("{byte:02x}")).collect::<Vec<_>>().concat()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_signal_stops_the_server_cleanly() {
    for name in ["-TERM", "-INT"] {
        let mut bench = Bench::new(settings(12, 1.0)).await;
        bench.start().await;
        bench.call(&number(0)).await;
        assert_eq!(bench.signal(name).await.code(), Some(0));
        let log = fs::read_to_string(bench.path("log")).unwrap();
        assert!(log.contains("\"stopped\""), "{log}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_call_can_be_asked_for_and_waited_for_on_the_command_line() {
    let mut bench = Bench::new(settings(12, 20.0)).await;
    bench.import(&format!("{},{RIGHT}\n", number(0)));
    bench.start().await;
    let call = async |number: String| {
        let mut command = ivrkit();
        command.args(["call", &number, "--wait", "--config"]).arg(bench.path("verify.yaml"));
        tokio::task::spawn_blocking(move || command.output().unwrap()).await.unwrap()
    };
    let done = call(number(0)).await;
    let record: Value = serde_json::from_slice(&done.stdout).unwrap();
    assert_eq!((done.status.code(), &record["outcome"]), (Some(0), &"verified".into()));
    let done = call(number(8)).await;
    assert_eq!(done.status.code(), Some(1), "{}", String::from_utf8_lossy(&done.stdout));
    let done = call("139x".into()).await;
    assert_eq!(done.status.code(), Some(2));
    let list = ivrkit()
        .args(["codes", "list", "--format", "json", "--config"])
        .arg(bench.path("verify.yaml"))
        .output()
        .unwrap();
    let list: Value = serde_json::from_slice(&list.stdout).unwrap();
    assert_eq!((&list[0]["state"], &list[0]["to"]), (&"used".into(), &"*******0000".into()));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_second_server_on_one_store_is_refused() {
    let mut bench = Bench::new(settings(1, 1.0)).await;
    bench.start().await;
    let second =
        ivrkit().args(["verify", SCENARIO, "--config"]).arg(bench.path("verify.yaml")).output();
    let second = second.unwrap();
    assert_eq!(second.status.code(), Some(8));
    let said = String::from_utf8_lossy(&second.stderr);
    assert!(said.contains("in use by another running `ivrkit verify`"), "{said}");
}
