//! A server and a simulated PBX on loopback, in one process, for the tests of this crate.

#![allow(dead_code, reason = "each test program uses a part of it")]

use ivrkit_dialplan::{
    application::Version,
    call::{FixedSounds, Pbx},
    scenario::{self, Scenario},
    source::Source,
    syntax::Nothing,
    verification::Step,
};
use ivrkit_verifier::{
    Config, Running,
    driver::{NewCall, Refusal, Started},
    number::PhoneNumber,
    pbx::simulated::{self, Callee, Callees, Settings, Simulator, dialplan},
    serve, shutdown,
    store::{CallRecord, Phase},
};
use secrecy::SecretString;
use std::{fs, path::Path, sync::Arc, time::Duration};
use tempfile::TempDir;

/// Longest wait for anything; far more than any test needs.
pub(crate) const PATIENCE: Duration = Duration::from_secs(40);

pub(crate) const TOKEN: &str = "api-token-of-the-tests-0123456789";
pub(crate) const KEY: &str = "store-key-of-the-tests-0123456789-0123456789";

/// A server and its PBX.
pub(crate) struct Bench {
    pub(crate) folder: TempDir,
    pub(crate) pbx: Simulator,
    pub(crate) server: Running,
    pub(crate) trigger: shutdown::Trigger,
}

/// The shipped scenario.
pub(crate) fn driving_test() -> Scenario {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../scenarios/driving-test.yaml");
    let text = fs::read_to_string(&path).unwrap();
    scenario::read(Source::new("driving-test.yaml", text)).scenario.unwrap()
}

/// A PBX with the dialplan that is rendered for the shipped scenario.
pub(crate) fn driving_test_pbx() -> Pbx {
    let text = include_bytes!("../../../../tests/golden/driving-test.yeastar-s.conf");
    let scenario = driving_test();
    let own = dialplan::own_contexts(&scenario, scenario.profile);
    let loaded = dialplan::load(b"driving-test.conf", text, &own, &mut Nothing);
    Pbx::new(loaded, Version::newest(), Arc::new(FixedSounds::new()))
}

/// A simulated PBX for the shipped scenario.
pub(crate) async fn simulator(settings: Settings) -> Simulator {
    Simulator::start(driving_test(), &driving_test_pbx(), settings).await.unwrap()
}

/// A configuration with its secrets in `folder`; `more` stands for its `pbx`'s further lines.
pub(crate) fn config(folder: &Path, pbx: &str, more: &str) -> Config {
    for (name, text) in [("password", simulated::DEFAULT_PASSWORD), ("token", TOKEN), ("key", KEY)]
    {
        let path = folder.join(name);
        if !path.exists() {
            fs::write(&path, text).unwrap();
        }
    }
    let text = format!(
        "pbx:
  url: {pbx}
  username: {user}
  password_file: password
  from_extension: 1000
  heartbeat_s: 1
{more}
reports: {{ listen: \"127.0.0.1:0\" }}
api: {{ listen: \"127.0.0.1:0\", token_file: token }}
store: {{ file: verify.db, key_file: key }}
calls: {{ max_at_once: 100, dials_per_s: 100 }}
",
        user = simulated::DEFAULT_USER,
    );
    Config::parse(&folder.join("verify.yaml"), &text).unwrap()
}

impl Bench {
    /// Starts both and waits until the server is logged in.
    pub(crate) async fn start(settings: Settings) -> Self {
        let pbx = simulator(settings).await;
        let folder = tempfile::tempdir().unwrap();
        let config = config(folder.path(), &format!("http://{}", pbx.address()), "");
        let (trigger, stop) = shutdown::pair();
        let server = serve(driving_test(), config, stop).await.unwrap();
        tokio::time::timeout(PATIENCE, server.ready()).await.unwrap();
        Self { folder, pbx, server, trigger }
    }

    /// Begins a call to somebody whose code is `code`.
    pub(crate) async fn call(&self, to: &str, code: &str) -> Result<Started, Refusal> {
        let to = PhoneNumber::parse(to).unwrap();
        let code = Some((SecretString::from(code), Duration::from_mins(5)));
        let call = NewCall { to, code, verification: None, idempotency_key: None };
        self.server.handle().start_call(call).await
    }

    /// Waits until a call is over.
    pub(crate) async fn over(&self, id: &str) -> CallRecord {
        over(&self.server, id).await
    }

    /// Stops the server and gives back what is to be looked at afterwards.
    pub(crate) async fn stop(self) -> (TempDir, Simulator) {
        self.trigger.pull();
        tokio::time::timeout(PATIENCE, self.server.join()).await.unwrap().unwrap();
        (self.folder, self.pbx)
    }
}

/// Waits until a call is over.
pub(crate) async fn over(server: &Running, id: &str) -> CallRecord {
    let wait = async {
        loop {
            let record = server.handle().call(id).await.unwrap().unwrap();
            if record.phase == Phase::Over {
                return record;
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    };
    if let Ok(record) = tokio::time::timeout(PATIENCE, wait).await {
        return record;
    }
    panic!("not over: {:#?}", server.handle().call(id).await)
}

/// A callee who does these `IVR: steps`.
pub(crate) fn doing(lines: &[&str]) -> Callee {
    Callee::doing(lines.iter().copied()).unwrap()
}

/// Everybody does the same, quickly.
pub(crate) fn everybody(lines: &[&str], speed: f64) -> Settings {
    Settings { callees: Callees::all(doing(lines)), speed, ..Settings::default() }
}

/// The IVRs of a record, and how it ended: `6500 6501 6502 Verified`.
pub(crate) fn summary(record: &CallRecord) -> String {
    let ivrs = record.steps.iter().filter_map(|line| match &line.step {
        Step::InIvr { ivr } => Some(ivr.to_string()),
        _ => None,
    });
    let outcome = record.outcome.map_or("-".to_owned(), |outcome| format!("{outcome:?}"));
    ivrs.chain([outcome]).collect::<Vec<_>>().join(" ")
}
