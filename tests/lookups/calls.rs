//! Whole calls through the server as a process of its own, their entries looked up in real databases
//! and by an HTTP service, which fail in the middle.

use super::{
    databases::{Kind, PASSWORD, Server},
    server::{SCENARIO, Verifier, number, until},
    service::{Reply, Service},
};
use ivrkit::simulation::Subject;
use ivrkit_dialplan::{
    application::Version,
    scenario::{self, Scenario},
    source::Source,
};
use ivrkit_verifier::pbx::simulated::{self, Callee, Callees, Settings, Simulator};
use serde_json::{Value, json};
use std::{
    fs,
    path::Path,
    process::Output,
    time::{Duration, Instant},
};

const RIGHT: &str = "73920461";
const QUERY: &str = "SELECT code FROM sms_codes WHERE phone = :callee AND expires_at > :now";

/// What callees type, how their calls must end, and the path on the PBX. A transfer that nobody knows
/// of after a kill is made again, and 6503 begins anew under a callee who is typing: for that each has
/// a line to spare.
const SCRIPTS: [(&[&str], &str, &str); 5] = [
    (&["6500: 1", "6501: 73920461#"], "verified", "6500 6501 6502"),
    (
        &["6500: 1", "6501: 90817263#", "6503: 73920461#", "6503: 73920461#"],
        "verified",
        "6500 6501 6503 6502",
    ),
    (
        &["6500: 1", "6501: 90817263#", "6503: 90817264#", "6503: 90817265#", "6503: 90817266#"],
        "exhausted",
        "6500 6501 6503 6503",
    ),
    (&["6500: 1", "6501: 73920461"], "verified", "6500 6501 6502"),
    (&["6500: 1"], "unverified", "6500 6501"),
];

type Bench = super::server::Bench<Simulator>;

impl Bench {
    /// `lookup` is the section `students` of the configuration, `verification` what the scenario
    /// adds to its own.
    async fn new(count: usize, lookup: &str, verification: &str) -> Self {
        let shipped = Path::new(env!("CARGO_MANIFEST_DIR")).join(SCENARIO);
        let text = fs::read_to_string(&shipped).unwrap();
        let changed = text.replace("lookup: codes", &format!("lookup: students\n{verification}"));
        assert_ne!(text, changed);
        let subject = Subject::of_scenario(&shipped, None, None, Version::newest()).unwrap();
        let callees = (0..count).fold(Callees::default(), |callees, at| {
            let script = SCRIPTS[at % SCRIPTS.len()].0;
            callees.with(number(at), Callee::doing(script.iter().copied()).unwrap())
        });
        let settings = Settings { callees, speed: 3.0, ..Settings::default() };
        let pbx = Simulator::start(read(changed.clone()), &subject.pbx, settings).await.unwrap();
        let config = |reports| {
            format!(
                "pbx: {{ url: \"http://{pbx}\", username: {user}, password_file: password, \
                 from_extension: 1000, heartbeat_s: 2 }}
reports: {{ listen: \"127.0.0.1:{reports}\" }}
lookups:
  students:
    {lookup}",
                pbx = pbx.address(),
                user = simulated::DEFAULT_USER,
            )
        };
        let server = Verifier::new(simulated::DEFAULT_PASSWORD, Some(&changed), config);
        Self { pbx, server }
    }

    /// Starts a server that must refuse to.
    fn refused(&self) -> Output {
        self.command().output().unwrap()
    }

    /// Calls everybody, 20 a second, with whatever `disturb` does before each; gives the records.
    async fn call_all(
        &mut self,
        count: usize,
        mut disturb: impl AsyncFnMut(&mut Self, usize),
    ) -> Vec<Value> {
        let begin = Instant::now();
        let mut ids = Vec::new();
        for at in 0..count {
            disturb(self, at).await;
            ids.push(self.call(&number(at)).await);
            let next = Duration::from_millis(50) * u32::try_from(at + 1).unwrap();
            tokio::time::sleep(next.saturating_sub(begin.elapsed())).await;
        }
        disturb(self, count).await;
        let mut records = Vec::new();
        for id in ids {
            records.push(self.over(&id).await);
        }
        records
    }

    /// Holds the calls against their scripts: outcome, path, and one verdict for each entry.
    fn check(&self, records: &[Value]) {
        for (at, record) in records.iter().enumerate() {
            let (_, outcome, path) = SCRIPTS[at % SCRIPTS.len()];
            let calls = self.pbx.calls();
            let rung: Vec<_> =
                calls.iter().filter(|call| call.number.as_str() == number(at)).collect();
            assert_eq!(rung.len(), 1, "{at} is rung once\n{record:#}");
            let steps = record["steps"].as_array().unwrap();
            let count = |step: &str| steps.iter().filter(|one| one["step"] == step).count();
            let made_again = steps.iter().filter(|one| one["tries"].as_u64() > Some(0)).count();
            let visited = without_repeats(&rung[0].path, path.split(' ').count(), made_again);
            assert_eq!(
                (record["outcome"].as_str(), visited.as_str()),
                (Some(outcome), path),
                "{at}: {record:#}"
            );
            assert_eq!(count("entered"), count("judged"), "one verdict for each entry\n{record:#}");
        }
        let log = self.log();
        for secret in [RIGHT, "90817263", PASSWORD, &number(0)] {
            assert!(!log.contains(secret), "the log tells {secret}");
        }
    }
}

fn read(text: String) -> Scenario {
    scenario::read(Source::new("scenario.yaml", text)).scenario.unwrap()
}

/// A server with everybody's code in it.
fn database(kind: Kind, count: usize) -> Server {
    let server = Server::start(kind);
    let (time, soon) = match kind {
        Kind::Postgres => ("timestamptz", "now() + interval '1 hour'"),
        Kind::MariaDb => ("datetime", "now() + interval 1 hour"),
    };
    server.sql(&format!(
        "CREATE TABLE sms_codes (phone varchar(20), code char(8), expires_at {time});"
    ));
    let rows: Vec<String> =
        (0..count).map(|at| format!("('{}', '{RIGHT}', {soon})", number(at))).collect();
    server.sql(&format!("INSERT INTO sms_codes VALUES {};", rows.join(", ")));
    if kind == Kind::Postgres {
        server.sql("GRANT SELECT ON sms_codes TO ivrkit;");
    }
    fs::write(server.path("password"), PASSWORD).unwrap();
    server
}

fn section(server: &Server, query: &str) -> String {
    let kind = if server.kind == Kind::Postgres { "postgres" } else { "mariadb" };
    format!(
        "{kind}: {{ address: \"127.0.0.1:{}\", database: school, username: ivrkit, password_file: \
         {}, query: \"{query}\", tls: {{ ca_file: {} }}, timeout_s: 1 }}",
        server.port,
        server.path("password").display(),
        server.path("ca.pem").display(),
    )
}

/// A path without so many IVRs that were entered twice in a row, as far as it is longer than it
/// should be.
fn without_repeats(path: &[String], expected: usize, most: usize) -> String {
    let mut path = path.to_vec();
    for _ in 0..most {
        let twice = path.windows(2).position(|two| two[0] == two[1]);
        let Some(twice) = twice.filter(|_| path.len() > expected) else { break };
        path.remove(twice);
    }
    path.join(" ")
}

/// Real calls with the database killed and started again in the middle, twice.
async fn calls_outlive(kind: Kind) {
    const COUNT: usize = 60;
    let mut server = database(kind, COUNT);
    let mut bench = Bench::new(COUNT, &section(&server, QUERY), "").await;
    bench.start().await;
    let records = bench
        .call_all(COUNT, async |bench, at| match at {
            30 => server.kill(),
            COUNT => {
                until("the outage is felt", || async {
                    bench.log().contains("the look-up cannot be done").then_some(())
                })
                .await;
                tokio::time::sleep(Duration::from_millis(500)).await;
                server.start_again();
                until("it is over", || async {
                    bench.log().contains("the look-up works again").then_some(())
                })
                .await;
                // Both at once: what was asked is asked again by the next process.
                server.kill();
                bench.kill();
                server.start_again();
                bench.start().await;
            }
            _ => {}
        })
        .await;
    bench.check(&records);
}

#[tokio::test(flavor = "multi_thread")]
async fn calls_outlive_their_postgres() {
    calls_outlive(Kind::Postgres).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn calls_outlive_their_mariadb() {
    calls_outlive(Kind::MariaDb).await;
}

fn judging(port: u16) -> Service {
    Service::start_at(port, |asked| {
        let body: Value = serde_json::from_slice(&asked.body).unwrap();
        Reply::Json(200, json!({ "valid": body["digits"] == RIGHT }).to_string())
    })
}

#[tokio::test(flavor = "multi_thread")]
async fn calls_outlive_their_http_service() {
    const COUNT: usize = 40;
    let mut service = Some(judging(0));
    let port = service.as_ref().unwrap().port;
    let section = format!(
        "http: {{ url: \"http://127.0.0.1:{port}/verify\", timeout_s: 1, answer: {{ verdict_at: \
         /valid }} }}"
    );
    let mut bench = Bench::new(COUNT, &section, "").await;
    bench.start().await;
    let records = bench
        .call_all(COUNT, async |bench, at| match at {
            15 => service = None,
            30 => service = Some(judging(port)),
            35 => {
                bench.kill();
                bench.start().await;
            }
            _ => {}
        })
        .await;
    bench.check(&records);
}

/// The database never comes back: everybody who typed something is sent where the scenario says,
/// and nobody is verified.
#[tokio::test(flavor = "multi_thread")]
async fn calls_without_a_database_end_as_the_scenario_says() {
    const COUNT: usize = 20;
    let mut server = database(Kind::Postgres, COUNT);
    let way_out = "    retry_s: 3\n    on_unavailable: hangup";
    let mut bench = Bench::new(COUNT, &section(&server, QUERY), way_out).await;
    bench.start().await;
    server.kill();
    let records = bench.call_all(COUNT, async |_, _| {}).await;
    for (at, record) in records.iter().enumerate() {
        let types = SCRIPTS[at % SCRIPTS.len()].0.len() > 1;
        let expected = if types { "unavailable" } else { "unverified" };
        assert_eq!(record["outcome"], expected, "{record:#}");
        let path = bench
            .pbx
            .calls()
            .iter()
            .find(|call| call.number.as_str() == number(at))
            .unwrap()
            .path
            .join(" ");
        assert_eq!(path, "6500 6501");
    }
}

/// What could never work keeps the server from starting, and is told with its place.
#[tokio::test(flavor = "multi_thread")]
async fn a_look_up_that_cannot_work_is_told_at_the_start() {
    let mut server = database(Kind::Postgres, 1);
    let refused = async |query: &str, expected: &[&str]| {
        let bench = Bench::new(1, &section(&server, query), "").await;
        let done = bench.refused();
        let said = String::from_utf8_lossy(&done.stderr).into_owned();
        assert_eq!(done.status.code(), Some(8), "{said}");
        for expected in expected {
            assert!(said.contains(expected), "{said}\nexpected {expected}");
        }
    };
    let key = "lookups.students.postgres";
    let missing = "SELECT code FROM kodes WHERE phone = :callee";
    refused(missing, &[key, "relation \"kodes\" does not exist at character 18"]).await;
    refused("SELECT code FROM sms_codes WHERE phone = :calee", &[key, ":calee", ":callee"]).await;
    refused("SELECT code FROM sms_codes WHERE expires_at > :now_s", &[key, "`:now` is a time"])
        .await;
    // One that is not there yet is waited for.
    let bench = &mut Bench::new(1, &section(&server, QUERY), "").await;
    server.kill();
    bench.start().await;
    assert!(bench.log().contains("the look-up cannot be used yet"));
    server.start_again();
    let id = bench.call(&number(0)).await;
    assert_eq!(bench.over(&id).await["outcome"], "verified");
}
