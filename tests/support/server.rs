//! `ivrkit verify` as a process of its own, for suites that run whole calls through it: its folder,
//! its start and its ends, and the API as an application uses it. Each suite uses its own part.

#![allow(clippy::unwrap_used, dead_code, reason = "test code panics where it cannot go on")]

use ivrkit_verifier::{config::BaseUrl, number::PhoneNumber, remote::Remote};
use serde_json::Value;
use std::{
    fs,
    net::TcpListener,
    ops::{Deref, DerefMut},
    path::PathBuf,
    process::{Child, Command, Stdio},
    time::{Duration, Instant},
};
use tempfile::TempDir;

pub(crate) const TOKEN: &str = "api-token-of-the-tests-0123456789";
pub(crate) const KEY: &str = "store-key-of-the-tests-0123456789-0123456789";
/// The scenario that is shipped, from the root of the project, where the server runs.
pub(crate) const SCENARIO: &str = "scenarios/driving-test.yaml";
/// Longest wait for anything; far more than any test needs.
const PATIENCE: Duration = Duration::from_mins(3);

/// A folder with a configuration, and the server that runs on it.
pub(crate) struct Verifier {
    pub(crate) folder: TempDir,
    pub(crate) api: BaseUrl,
    scenario: PathBuf,
    child: Option<Child>,
}

/// A PBX, and the server that runs on it.
pub(crate) struct Bench<P> {
    pub(crate) pbx: P,
    pub(crate) server: Verifier,
}

impl<P> Deref for Bench<P> {
    type Target = Verifier;

    fn deref(&self) -> &Verifier {
        &self.server
    }
}

impl<P> DerefMut for Bench<P> {
    fn deref_mut(&mut self) -> &mut Verifier {
        &mut self.server
    }
}

impl Verifier {
    /// One that was not started yet, on the scenario that is shipped or this one. `config` gives its
    /// configuration but for the API, the store and the calls, with a port where reports may go;
    /// `password` stands in the file `password` beside it.
    pub(crate) fn new(
        password: &str,
        scenario: Option<&str>,
        config: impl FnOnce(u16) -> String,
    ) -> Self {
        let folder = tempfile::tempdir().unwrap();
        for (name, text) in [("password", password), ("token", TOKEN), ("key", KEY)] {
            fs::write(folder.path().join(name), text).unwrap();
        }
        let [reports, api] = free_ports();
        let config = format!(
            "{}
api: {{ listen: \"127.0.0.1:{api}\", token_file: token }}
store: {{ file: verify.db, key_file: key }}
calls: {{ max_at_once: 250, dials_per_s: 100 }}
",
            config(reports)
        );
        fs::write(folder.path().join("verify.yaml"), config).unwrap();
        let scenario = scenario.map_or(PathBuf::from(SCENARIO), |text| {
            let path = folder.path().join("scenario.yaml");
            fs::write(&path, text).unwrap();
            path
        });
        let api = format!("http://127.0.0.1:{api}").parse().unwrap();
        Self { folder, api, scenario, child: None }
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// What starts the server.
    pub(crate) fn command(&self) -> Command {
        let mut command = ivrkit();
        command.arg("verify").arg(&self.scenario).args(["--log-format", "json", "--config"]);
        command.arg(self.path("verify.yaml")).env("RUST_LOG", "trace");
        command
    }

    /// Starts the server, whatever comes of it; its log is added to `log`.
    pub(crate) fn spawn(&mut self) {
        let log = fs::File::options().create(true).append(true).open(self.path("log")).unwrap();
        self.child = Some(self.command().stderr(log).spawn().unwrap());
    }

    /// Starts the server and waits until it answers and is logged in to the PBX.
    pub(crate) async fn start(&mut self) {
        let before = self.logins();
        self.spawn();
        let is_ready = async || self.logins() > before && self.answers().await;
        until("the server is ready", || async { is_ready().await.then_some(()) }).await;
    }

    fn logins(&self) -> usize {
        self.log().matches("logged in to ").count()
    }

    async fn answers(&self) -> bool {
        let known = self.remote().call("none").await;
        matches!(known, Err(ivrkit_verifier::remote::Error::Refused { status: 404, .. }))
    }

    pub(crate) fn log(&self) -> String {
        fs::read_to_string(self.path("log")).unwrap_or_default()
    }

    /// Ends the server as a power cut would.
    pub(crate) fn kill(&mut self) {
        let mut child = self.child.take().unwrap();
        child.kill().unwrap();
        child.wait().unwrap();
    }

    /// The process of a server that was started.
    pub(crate) fn child(&mut self) -> &mut Child {
        self.child.as_mut().unwrap()
    }

    /// Adds codes with the command that operators use.
    pub(crate) fn import(&self, codes: &str) {
        fs::write(self.path("codes.csv"), codes).unwrap();
        let mut command = ivrkit();
        command.args(["codes", "import", "--scenario"]).arg(&self.scenario).arg("--config");
        let done = command.arg(self.path("verify.yaml")).arg(self.path("codes.csv")).output();
        let done = done.unwrap();
        assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));
    }

    pub(crate) fn remote(&self) -> Remote {
        Remote::new(self.api.clone(), TOKEN.into()).unwrap()
    }

    /// Begins a call; asks again until the server answers, as an application would.
    pub(crate) async fn call(&self, to: &str) -> String {
        let (remote, number) = (self.remote(), PhoneNumber::parse(to).unwrap());
        until("the call has begun", || async { remote.start_call(&number, to).await.ok() }).await
    }

    /// The record of a call that is over.
    pub(crate) async fn over(&self, id: &str) -> Value {
        let remote = self.remote();
        until("the call is over", || async {
            remote.call(id).await.ok().filter(|record| record["state"] == "over")
        })
        .await
    }
}

impl Drop for Verifier {
    fn drop(&mut self) {
        if let Some(child) = &mut self.child {
            drop(child.kill());
            drop(child.wait());
        }
    }
}

/// The program, run from the root of the project.
pub(crate) fn ivrkit() -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_ivrkit"));
    command.current_dir(env!("CARGO_MANIFEST_DIR")).stdin(Stdio::null());
    command
}

/// The number of a callee.
pub(crate) fn number(at: usize) -> String {
    format!("139{:08}", 10_000 + at)
}

/// Ports that nobody listens on; a server that is started again must have the same ones.
fn free_ports<const N: usize>() -> [u16; N] {
    let listeners = [(); N].map(|()| TcpListener::bind("127.0.0.1:0").unwrap());
    listeners.map(|listener| listener.local_addr().unwrap().port())
}

/// Looks again and again until there is something.
pub(crate) async fn until<T, F: Future<Output = Option<T>>>(what: &str, look: impl Fn() -> F) -> T {
    let start = Instant::now();
    loop {
        if let Some(found) = look().await {
            return found;
        }
        assert!(start.elapsed() < PATIENCE, "waited in vain until {what}");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}
