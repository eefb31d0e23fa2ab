//! The server as a process of its own: its configuration, its start and end, what it uses.

use ivrkit_dialplan::{
    scenario::{self, Scenario},
    source::Source,
};
use ivrkit_verifier::{
    Config,
    config::BaseUrl,
    number::PhoneNumber,
    pbx::simulated,
    remote::Remote,
    shutdown,
    store::codes::{Codes, NewCode},
};
use std::{
    fs,
    net::{SocketAddr, TcpListener},
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    time::{Duration, Instant},
};
use tempfile::TempDir;

/// The argument by which this program becomes the server.
pub(crate) const SERVE: &str = "--serve";
const SCENARIO: &str = include_str!("../../../../scenarios/driving-test.yaml");
const TOKEN: &str = "api-token-of-the-benchmark-0123456789";
const KEY: &str = "store-key-of-the-benchmark-0123456789-0123456789";
/// Longest wait for anything.
const PATIENCE: Duration = Duration::from_mins(2);

/// A folder with everything that the server needs, and the server.
pub(crate) struct Server {
    folder: TempDir,
    api: SocketAddr,
    child: Option<Child>,
}

impl Server {
    /// Prepares a server for the PBX at this address.
    pub(crate) fn new(pbx: SocketAddr, https: bool) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let secrets = [("password", simulated::DEFAULT_PASSWORD), ("token", TOKEN), ("key", KEY)];
        for (name, text) in secrets {
            fs::write(folder.path().join(name), text).unwrap();
        }
        let [reports, api] = free_ports();
        let (scheme, tls) =
            if https { ("https", "\n  tls: { insecure: true }") } else { ("http", "") };
        let config = format!(
            "pbx:
  url: {scheme}://{pbx}{tls}
  username: {user}
  password_file: password
  from_extension: 1000
  heartbeat_s: 2
reports: {{ listen: \"127.0.0.1:{reports}\" }}
api: {{ listen: \"127.0.0.1:{api}\", token_file: token }}
store: {{ file: verify.db, key_file: key }}
calls: {{ max_at_once: 5000, dials_per_s: 1000 }}
",
            user = simulated::DEFAULT_USER,
        );
        fs::write(folder.path().join("verify.yaml"), config).unwrap();
        Self { folder, api: ([127, 0, 0, 1], api).into(), child: None }
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// Adds a code for each of these numbers.
    pub(crate) fn import(&self, numbers: impl Iterator<Item = String>, code: &str) {
        let scenario = driving_test();
        let codes: Vec<NewCode> =
            numbers.map(|number| new_code(&scenario, &number, code)).collect();
        let config = config(&self.path("verify.yaml"));
        Codes::open(&config.store, &config.codes).unwrap().add(&codes, |_| {}).unwrap();
    }

    /// Starts it; how long it took until calls could be made.
    pub(crate) async fn start(&mut self) -> Duration {
        let log = fs::File::options().create(true).append(true).open(self.path("log")).unwrap();
        let start = Instant::now();
        let mut command = Command::new(std::env::current_exe().unwrap());
        command.arg(SERVE).arg(self.path("verify.yaml")).stdin(Stdio::null());
        self.child = Some(command.stderr(log).spawn().unwrap());
        while !self.is_ready().await {
            assert!(start.elapsed() < PATIENCE, "it is not ready: {}", self.log());
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
        start.elapsed()
    }

    /// Ends it as a power cut would.
    pub(crate) fn kill(&mut self) {
        let mut child = self.child.take().unwrap();
        child.kill().unwrap();
        child.wait().unwrap();
    }

    pub(crate) fn remote(&self) -> Remote {
        let url: BaseUrl = format!("http://{}", self.api).parse().unwrap();
        Remote::new(url, TOKEN.into()).unwrap()
    }

    pub(crate) fn log(&self) -> String {
        fs::read_to_string(self.path("log")).unwrap_or_default()
    }

    /// Processor time that it used so far.
    pub(crate) fn cpu(&self) -> Duration {
        let stat = fs::read_to_string(format!("/proc/{}/stat", self.id())).unwrap();
        let fields: Vec<&str> = stat.rsplit_once(") ").unwrap().1.split(' ').collect();
        let ticks = |at: usize| fields[at].parse::<u64>().unwrap();
        // User and system time, fields 14 and 15 of the whole, in hundredths of a second (USER_HZ).
        Duration::from_millis((ticks(11) + ticks(12)) * 10)
    }

    /// Memory in use, and the most that ever was, in MiB.
    pub(crate) fn memory_mib(&self) -> (f64, f64) {
        let status = fs::read_to_string(format!("/proc/{}/status", self.id())).unwrap();
        let field = |name: &str| {
            let line = status.lines().find(|line| line.starts_with(name)).unwrap();
            line.split_whitespace().nth(1).unwrap().parse::<f64>().unwrap() / 1024.0
        };
        (field("VmRSS:"), field("VmHWM:"))
    }

    fn id(&self) -> u32 {
        self.child.as_ref().unwrap().id()
    }

    async fn is_ready(&self) -> bool {
        use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
        let asked = async {
            let mut stream = tokio::net::TcpStream::connect(self.api).await?;
            stream
                .write_all(b"GET /readyz HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n")
                .await?;
            let mut answer = String::new();
            stream.read_to_string(&mut answer).await?;
            Ok::<_, std::io::Error>(answer.starts_with("HTTP/1.1 200"))
        };
        asked.await.unwrap_or(false)
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        if let Some(child) = &mut self.child {
            drop(child.kill());
            drop(child.wait());
        }
    }
}

/// What the process does that is the server.
pub(crate) fn serve(config_file: &str) {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let (_trigger, stop) = shutdown::pair();
        let config = config(Path::new(config_file));
        let running = ivrkit_verifier::serve(driving_test(), config, stop).await.unwrap();
        running.join().await.unwrap();
    });
}

/// The shipped scenario.
pub(crate) fn driving_test() -> Scenario {
    let source = Source::new("scenarios/driving-test.yaml", SCENARIO.to_owned());
    scenario::read(source).scenario.unwrap()
}

fn config(file: &Path) -> Config {
    Config::parse(file, &fs::read_to_string(file).unwrap()).unwrap()
}

fn new_code(scenario: &Scenario, number: &str, code: &str) -> NewCode {
    NewCode {
        verification: scenario.verifications.keys().next().unwrap().clone(),
        scenario: scenario.name.clone(),
        to: PhoneNumber::parse(number).unwrap(),
        digits: code.into(),
        expires_in: Duration::from_hours(1),
    }
}

/// Ports that nobody listens on; a restarted server must have the same ones.
fn free_ports<const N: usize>() -> [u16; N] {
    let listeners = [(); N].map(|()| TcpListener::bind("127.0.0.1:0").unwrap());
    listeners.map(|listener| listener.local_addr().unwrap().port())
}
