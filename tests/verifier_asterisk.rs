//! The server on stock Asterisks: real calls, real keys, the rendered dialplan. A context of the
//! PBX plays the callees; nothing else is made up.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

#[path = "support/server.rs"]
mod server;
mod support;

use ivrkit_dialplan::scenario::Profile;
use serde_json::Value;
use server::{Verifier, number, until};
use std::{
    collections::{BTreeMap, HashMap},
    fmt::Write as _,
    fs,
    sync::mpsc,
    thread,
    time::{Duration, Instant},
};
use support::{
    asterisk::{Asterisk, Version},
    scenario,
};
use tempfile::TempDir;

const PASSWORD: &str = "manager-password-of-the-tests";
/// How long a telephone rings here.
const RING_LIMIT_S: u32 = 4;

/// What a callee does, in the words of a dialplan, how his call must end, and the IVRs he is in.
struct Script {
    does: &'static str,
    outcome: &'static str,
    path: &'static str,
}

const SCRIPTS: &[Script] = &[
    Script {
        does: "Answer;Wait(1.2);SendDTMF(1);Wait(0.8);SendDTMF(56789#,80,120);Wait(60)",
        outcome: "verified",
        path: "6500 6501 6502",
    },
    Script {
        does: "Answer;Wait(1.2);SendDTMF(1);Wait(0.8);SendDTMF(56789,80,120);Wait(60)",
        outcome: "verified",
        path: "6500 6501 6502",
    },
    Script {
        does: "Answer;Wait(1.2);SendDTMF(1);Wait(0.8);SendDTMF(11111#,80,120);Wait(1.5);\
               SendDTMF(56789#,80,120);Wait(60)",
        outcome: "verified",
        path: "6500 6501 6503 6502",
    },
    Script {
        does: "Answer;Wait(1.2);SendDTMF(1);Wait(0.8);SendDTMF(11111#,80,120);Wait(1.5);\
               SendDTMF(22222#,80,120);Wait(1.5);SendDTMF(33333#,80,120);Wait(60)",
        outcome: "exhausted",
        path: "6500 6501 6503 6503",
    },
    Script { does: "Answer;Wait(60)", outcome: "unverified", path: "6500" },
    Script {
        does: "Answer;Wait(1.2);SendDTMF(1);Wait(0.8);SendDTMF(567,80,120);Hangup",
        outcome: "unverified",
        path: "6500 6501",
    },
    Script { does: "Busy(5)", outcome: "not-reached", path: "" },
    Script { does: "Ringing;Wait(60)", outcome: "not-reached", path: "" },
];

#[tokio::test(flavor = "multi_thread")]
async fn real_calls_end_as_their_callees_type_on_asterisk_16() {
    real_calls(Version::V16).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn real_calls_end_as_their_callees_type_on_asterisk_22() {
    real_calls(Version::V22).await;
}

/// A hundred calls at the same time.
async fn real_calls(version: Version) {
    let count = 100;
    let mut bench = Bench::new(version, count);
    bench.start().await;
    let walks = Walks::follow(&bench.pbx.asterisk);
    let mut ids = Vec::new();
    for at in 0..count {
        ids.push(bench.call(&number(at)).await);
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    let mut records = Vec::new();
    for id in &ids {
        records.push(bench.over(id).await);
    }
    let walked = walks.end();
    let mut wrong = Vec::new();
    for (at, (id, record)) in ids.iter().zip(&records).enumerate() {
        let script = &SCRIPTS[at % SCRIPTS.len()];
        let path = walked.get(&format!("ivrkit-{id}")).map(|path| path.join(" "));
        let path = path.unwrap_or_default();
        let rung = bench.rung(at);
        if record["outcome"] != script.outcome || path != script.path || rung != 1 {
            wrong.push(format!("{record:#}\nrung {rung} times, walked {path}\n{}", script.does));
        }
    }
    let log = fs::read_to_string(bench.path("log")).unwrap();
    assert!(wrong.is_empty(), "{} of {count}:\n{}", wrong.len(), wrong.join("\n"));
    for secret in [PASSWORD, "56789", "11111", &number(0)] {
        assert!(!log.contains(secret), "the log tells {secret}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_caller_is_verified_too() {
    let mut bench = Bench::new(Version::V22, 1);
    bench.start().await;
    // The far half of this channel is the caller, the near one goes where a trunk's calls would.
    let caller = [
        ("Channel", "Local/caller@callees/n"),
        ("Context", "ivrs"),
        ("Exten", "6500"),
        ("Priority", "1"),
        ("CallerID", &format!("<{}>", number(0))),
        ("Async", "true"),
    ];
    bench.pbx.asterisk.manager().action("Originate", &caller);
    let id = until("the call is in the log", || async { bench.calls_in_log().pop() }).await;
    let record = bench.over(&id).await;
    assert_eq!((&record["outcome"], &record["direction"]), (&"verified".into(), &"inbound".into()));
}

/// Neither we nor the PBX stays up; nobody is rung twice, booked without the code, or forgotten.
#[tokio::test(flavor = "multi_thread")]
async fn ends_of_the_server_and_of_asterisk_lose_no_call() {
    let count = 48;
    let mut bench = Bench::new(Version::V22, count + 1);
    bench.start().await;
    let mut ids = Vec::new();
    for at in 0..count {
        match at {
            12 | 30 => {
                bench.kill();
                bench.start().await;
            }
            40 => bench.pbx.asterisk.restart(),
            _ => {}
        }
        ids.push(bench.call(&number(at)).await);
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    for (at, id) in ids.iter().enumerate() {
        let record = bench.over(id).await;
        let script = &SCRIPTS[at % SCRIPTS.len()];
        let (outcome, verdicts) = (record["outcome"].as_str().unwrap(), &record["verdicts"]);
        let right = script.outcome == "verified";
        let matched = verdicts.as_array().unwrap().iter().any(|verdict| verdict == "match");
        assert!(right || !matched, "{record:#}");
        assert!(outcome != "verified" || matched, "{record:#}");
        // The count is lost with the PBX's restart; before it nobody is rung twice.
        assert!(bench.rung(at) <= 1, "{record:#}");
    }
    // It works as before, for somebody whose code was not used.
    let id = bench.call(&number(count)).await;
    assert_eq!(bench.over(&id).await["outcome"], "verified");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_refused_password_is_not_sent_again_and_a_right_one_is_noticed() {
    let mut bench = Bench::new(Version::V16, 1);
    fs::write(bench.path("password"), "wrong").unwrap();
    bench.spawn();
    until("the refusal is told", || async { bench.log_says("refused user or password") }).await;
    thread::sleep(Duration::from_secs(7));
    let log = fs::read_to_string(bench.path("log")).unwrap();
    assert_eq!(log.matches("refused user or password").count(), 1, "{log}");
    fs::write(bench.path("password"), PASSWORD).unwrap();
    until("it is logged in", || async { bench.log_says("logged in to Asterisk") }).await;
    let id = bench.call(&number(0)).await;
    assert_eq!(bench.over(&id).await["outcome"], "verified");
}

type Bench = server::Bench<Pbx>;

/// A real Asterisk with callees.
struct Pbx {
    asterisk: Asterisk,
    _sounds: TempDir,
}

impl Bench {
    fn new(version: Version, count: usize) -> Self {
        let sounds = sounds(count);
        let asterisk = Asterisk::start(version, Some(sounds.path()));
        let manager = asterisk.etc().join("manager.conf");
        let before = fs::read_to_string(&manager).unwrap();
        // No more rights than the documentation asks for.
        let user = format!(
            "[verifier]\nsecret = {PASSWORD}\nread = system,call,user,dtmf\n\
             write = call,originate,reporting\n"
        );
        fs::write(&manager, before + &user).unwrap();
        asterisk.command("manager reload");
        let dialplan = scenario::dialplan(&scenario::shipped(), Profile::Asterisk, "");
        assert_eq!(asterisk.load(&(dialplan + &callees(count))), []);

        let config = |_| {
            format!(
                "asterisk:
  address: 127.0.0.1:{port}
  username: verifier
  password_file: password
  channel: Local/{{number}}@callees/n
  ring_limit_s: {RING_LIMIT_S}
  heartbeat_s: 2",
                port = asterisk.port(),
            )
        };
        let server = Verifier::new(PASSWORD, None, config);
        // The right code of everybody.
        let codes: Vec<String> = (0..count).map(|at| format!("{},56789", number(at))).collect();
        server.import(&codes.join("\n"));
        Self { pbx: Pbx { asterisk, _sounds: sounds }, server }
    }

    fn log_says(&self, text: &str) -> Option<()> {
        self.log().contains(text).then_some(())
    }

    /// The ids of the calls that the log tells of.
    fn calls_in_log(&self) -> Vec<String> {
        let log = self.log();
        let lines = log.lines().filter_map(|line| serde_json::from_str::<Value>(line).ok());
        let ids = lines.filter_map(|line| {
            line.pointer("/fields/call").or(line.get("call"))?.as_str().map(str::to_owned)
        });
        ids.filter(|id| id.len() == 24).collect()
    }

    /// How often a callee's telephone rang.
    fn rung(&self, at: usize) -> u32 {
        let variable = format!("RUNG_{}", number(at));
        let reply = self.pbx.asterisk.manager().action("Getvar", &[("Variable", &variable)]);
        reply.field("Value").parse().unwrap_or(0)
    }
}

/// The IVRs that each channel enters, as Asterisk itself tells it.
struct Walks {
    paths: thread::JoinHandle<HashMap<String, Vec<String>>>,
    stop: mpsc::Sender<()>,
}

impl Walks {
    fn follow(asterisk: &Asterisk) -> Self {
        let mut manager = asterisk.manager();
        manager.events("dialplan");
        let (stop, stopped) = mpsc::channel();
        let paths = thread::spawn(move || {
            let mut paths: HashMap<String, Vec<String>> = HashMap::new();
            loop {
                let event = manager.event(Instant::now() + Duration::from_millis(200));
                let Some(event) = event else {
                    if stopped.try_recv().is_ok() {
                        return paths;
                    }
                    continue;
                };
                let (context, exten) = (event.field("Context"), event.field("Extension"));
                // The menu, for a transfer may enter the first context at any of its first priorities.
                let menu = context.strip_prefix("ivr_").and_then(|ivr| ivr.strip_suffix("-menu"));
                if let Some(ivr) = menu
                    && event.field("Event") == "Newexten"
                    && (exten, event.field("Priority")) == ("s", "1")
                {
                    let path = paths.entry(event.field("Uniqueid").to_owned()).or_default();
                    path.push(ivr.to_owned());
                }
            }
        });
        Self { paths, stop }
    }

    fn end(self) -> HashMap<String, Vec<String>> {
        self.stop.send(()).unwrap();
        self.paths.join().unwrap()
    }
}

/// A context in which each callee does what his script says.
fn callees(count: usize) -> String {
    let mut text = String::from("\n[callees]\n");
    let numbers = (0..count).map(|at| (number(at), SCRIPTS[at % SCRIPTS.len()].does));
    let all: BTreeMap<String, &str> =
        numbers.chain([("caller".to_owned(), SCRIPTS[0].does)]).collect();
    for (number, does) in all {
        let rung = format!("RUNG_{number}");
        writeln!(text, "exten => {number},1,Set(GLOBAL({rung})=$[0${{GLOBAL({rung})}} + 1])")
            .unwrap();
        for step in does.split(';') {
            writeln!(text, " same => n,{step}").unwrap();
        }
    }
    text
}

/// Prompts that are long enough to type into.
fn sounds(count: usize) -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    let prompts = ["notice", "confirm", "password", "password1", "holdon", "ok"];
    let own = (0..count).map(number);
    let names = prompts.into_iter().map(str::to_owned).chain(own);
    for name in names.chain(["macroform-the_simplicity".to_owned()]) {
        let format = hound::WavSpec {
            channels: 1,
            sample_rate: 8000,
            bits_per_sample: 16,
            sample_format: hound::SampleFormat::Int,
        };
        let path = folder.path().join(format!("{name}.wav"));
        let mut file = hound::WavWriter::create(path, format).unwrap();
        (0..3200).for_each(|_| file.write_sample(0_i16).unwrap());
        file.finalize().unwrap();
    }
    folder
}
