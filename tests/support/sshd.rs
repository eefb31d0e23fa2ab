//! A real OpenSSH server on loopback for one test, with host keys, a login and a folder of its own.
//!
//! Needs `sshd`, `ssh-keygen` and, for other users or mounts, to run as root; what cannot be started
//! fails the test. Ends only the processes that it started.

use std::{
    fmt::Write as _,
    fs,
    io::{BufRead as _, BufReader, Read as _, Write as _},
    net::{Shutdown, TcpListener, TcpStream},
    os::unix::{fs::PermissionsExt as _, process::CommandExt as _},
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    thread,
    time::{Duration, Instant},
};
use tempfile::TempDir;

/// Kinds of host key that a server has unless told otherwise.
pub(crate) const HOST_KEYS: [&str; 3] = ["ed25519", "ecdsa", "rsa"];

/// How a server is set up.
#[derive(Clone)]
pub(crate) struct Setup {
    /// Kinds of host key.
    pub(crate) host_keys: Vec<&'static str>,
    /// What `Subsystem sftp` runs; nothing for a server without SFTP.
    pub(crate) sftp: Option<String>,
    /// Lines that go before the rest of the configuration.
    pub(crate) lines: Vec<String>,
    /// The password of the user who runs the tests; the server then sees a shadow file of its own.
    pub(crate) password: Option<&'static str>,
}

impl Default for Setup {
    fn default() -> Self {
        let sftp = Some("internal-sftp".to_owned());
        Self { host_keys: HOST_KEYS.to_vec(), sftp, lines: Vec::new(), password: None }
    }
}

/// A running server. Ends with the value.
pub(crate) struct Sshd {
    child: Child,
    home: TempDir,
    pub(crate) port: u16,
}

impl Sshd {
    pub(crate) fn start() -> Self {
        Self::with(&Setup::default())
    }

    pub(crate) fn with(setup: &Setup) -> Self {
        let home = TempDir::new().unwrap();
        // Another user of the server must be able to pass through to the shared folder.
        fs::set_permissions(home.path(), fs::Permissions::from_mode(0o755)).unwrap();
        for kind in &setup.host_keys {
            make_key(&home.path().join(format!("host_{kind}")), kind, "");
        }
        make_key(&home.path().join("id"), "ed25519", "");
        fs::copy(home.path().join("id.pub"), home.path().join("authorized_keys")).unwrap();
        fs::create_dir(home.path().join("share")).unwrap();
        // Ports are handed out by the system; another process may be faster, then the next is taken.
        for _ in 0..5 {
            if let Some((child, port)) = spawn(home.path(), setup) {
                let sshd = Self { child, home, port };
                fs::write(sshd.known_hosts(), sshd.known_hosts_of(&setup.host_keys)).unwrap();
                return sshd;
            }
        }
        panic!("sshd does not start; install openssh-server");
    }

    /// Ends the server and starts one with the same keys and other lines: its port.
    pub(crate) fn restart(&mut self, lines: &[String]) -> u16 {
        self.kill();
        let setup = Setup { lines: lines.to_vec(), ..Setup::default() };
        let started = (0..5).find_map(|_| spawn(self.home.path(), &setup));
        (self.child, self.port) = started.expect("sshd starts again");
        self.port
    }

    /// Folder of the server's files.
    pub(crate) fn home(&self) -> &Path {
        self.home.path()
    }

    /// The folder that is pushed to, empty at first.
    pub(crate) fn share(&self) -> PathBuf {
        self.home().join("share")
    }

    /// A key that the server takes.
    pub(crate) fn identity(&self) -> PathBuf {
        self.home().join("id")
    }

    pub(crate) fn known_hosts(&self) -> PathBuf {
        self.home().join("known_hosts")
    }

    /// Lines with the server's keys of some kinds, for whatever port leads to it.
    pub(crate) fn known_hosts_of(&self, kinds: &[&str]) -> String {
        let line = |kind: &&str| {
            let key = fs::read_to_string(self.home().join(format!("host_{kind}.pub"))).unwrap();
            format!("[127.0.0.1]:* {key}")
        };
        kinds.iter().map(line).collect()
    }

    /// Lets another key in as well.
    pub(crate) fn authorize(&self, public_key: &Path) {
        let path = self.home().join("authorized_keys");
        let mut keys = fs::read_to_string(&path).unwrap();
        keys.push_str(&fs::read_to_string(public_key).unwrap());
        fs::write(path, keys).unwrap();
    }

    /// Process id of the server.
    pub(crate) fn id(&self) -> u32 {
        self.child.id()
    }

    /// Kills the processes of all sessions; the server goes on.
    pub(crate) fn kill_sessions(&self) -> usize {
        let sessions = descendants(self.child.id());
        for pid in &sessions {
            kill(*pid, "KILL");
        }
        sessions.len()
    }

    /// Kills the process that began last of those that serve sessions.
    pub(crate) fn kill_newest_session(&self) {
        kill(descendants(self.child.id()).into_iter().max().unwrap(), "KILL");
    }

    /// Kills the server and all sessions.
    pub(crate) fn kill(&mut self) {
        let sessions = descendants(self.child.id());
        let _killed = self.child.kill();
        let _waited = self.child.wait();
        for pid in sessions {
            kill(pid, "KILL");
        }
    }
}

impl Drop for Sshd {
    fn drop(&mut self) {
        self.kill();
    }
}

/// Sends a signal to one process, which a test started.
pub(crate) fn kill(pid: u32, signal: &str) {
    let _sent = Command::new("kill")
        .args(["-s", signal, &pid.to_string()])
        .stderr(Stdio::null())
        .status()
        .unwrap();
}

/// Makes a pair of keys.
pub(crate) fn make_key(path: &Path, kind: &str, passphrase: &str) {
    let mut command = Command::new("ssh-keygen");
    command.args(["-q", "-t", kind, "-N", passphrase, "-C", kind, "-f"]).arg(path);
    if kind == "rsa" {
        command.args(["-b", "2048"]);
    }
    assert!(command.status().expect("ssh-keygen runs").success());
}

/// Name of the user who runs the tests.
pub(crate) fn user() -> String {
    let output = Command::new("id").arg("-un").output().unwrap();
    String::from_utf8(output.stdout).unwrap().trim().to_owned()
}

fn spawn(home: &Path, setup: &Setup) -> Option<(Child, u16)> {
    let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    fs::write(home.join("sshd_config"), configuration(home, setup, port)).unwrap();
    if user() == "root" {
        fs::create_dir_all("/run/sshd").unwrap();
    }
    let mut command = command(home, setup);
    let child = command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::piped());
    let mut child = child.process_group(0).spawn().expect("sshd is installed");
    let mut log = BufReader::new(child.stderr.take().unwrap());
    let mut line = String::new();
    while log.read_line(&mut line).unwrap() > 0 {
        if line.contains("Server listening on") {
            // The log must be read on, or the server would wait for it.
            thread::spawn(move || std::io::copy(&mut log, &mut std::io::sink()));
            return Some((child, port));
        }
    }
    eprintln!("sshd: {line}");
    child.wait().unwrap();
    None
}

fn configuration(home: &Path, setup: &Setup, port: u16) -> String {
    let password = if setup.password.is_some() { "yes" } else { "no" };
    // The first value counts, so what a test sets comes first.
    let mut text = setup.lines.join("\n");
    write!(
        text,
        "\nListenAddress 127.0.0.1:{port}\nPidFile none\nUsePAM no\nStrictModes no\n\
         AuthorizedKeysFile {}\nPermitRootLogin yes\nPasswordAuthentication {password}\n\
         KbdInteractiveAuthentication no\nMaxStartups 100\nLogLevel INFO\n",
        home.join("authorized_keys").display()
    )
    .unwrap();
    for kind in &setup.host_keys {
        writeln!(text, "HostKey {}", home.join(format!("host_{kind}")).display()).unwrap();
    }
    if let Some(sftp) = &setup.sftp {
        writeln!(text, "Subsystem sftp {sftp}").unwrap();
    }
    text
}

fn command(home: &Path, setup: &Setup) -> Command {
    let sshd = "/usr/sbin/sshd";
    let config = home.join("sshd_config");
    let Some(password) = setup.password else {
        let mut command = Command::new(sshd);
        command.args(["-D", "-e", "-f"]).arg(config);
        return command;
    };
    // In a mount namespace of its own, the system's passwords stay as they are.
    let hash = Command::new("openssl").args(["passwd", "-6", password]).output().unwrap();
    let hash = String::from_utf8(hash.stdout).unwrap();
    let shadow = home.join("shadow");
    fs::write(&shadow, format!("{}:{}:19000:0:99999:7:::\n", user(), hash.trim())).unwrap();
    let mut command = Command::new("unshare");
    command.args([
        "--mount",
        "sh",
        "-c",
        "mount --bind \"$1\" /etc/shadow && exec \"$2\" -D -e -f \"$3\"",
        "sh",
    ]);
    command.arg(shadow).arg(sshd).arg(config);
    command
}

/// All processes that a process started, and theirs.
pub(crate) fn descendants(pid: u32) -> Vec<u32> {
    let children = format!("/proc/{pid}/task/{pid}/children");
    let children = fs::read_to_string(children).unwrap_or_default();
    let children = children.split_whitespace().map(|child| child.parse().unwrap());
    children.flat_map(|child| descendants(child).into_iter().chain([child])).collect()
}

/// A line to a server that is slow, or stops in the middle. Ends with the process.
pub(crate) struct Wire {
    pub(crate) port: u16,
    forwarded: Arc<AtomicU64>,
}

impl Wire {
    /// Carries at most `bytes_per_s` towards the server, and after `stop_after` bytes nothing more
    /// in either direction.
    pub(crate) fn to(port: u16, bytes_per_s: u64, stop_after: Option<u64>) -> Self {
        Self::at(0, port, bytes_per_s, stop_after)
    }

    /// As [`Wire::to`], beginning at a port of this machine.
    pub(crate) fn at(near: u16, port: u16, bytes_per_s: u64, stop_after: Option<u64>) -> Self {
        let listener = TcpListener::bind(("127.0.0.1", near)).unwrap();
        let forwarded = Arc::new(AtomicU64::new(0));
        let wire = Self { port: listener.local_addr().unwrap().port(), forwarded };
        let forwarded = Arc::clone(&wire.forwarded);
        thread::spawn(move || {
            for near in listener.incoming() {
                let (near, forwarded) = (near.unwrap(), Arc::clone(&forwarded));
                let Ok(far) = TcpStream::connect(("127.0.0.1", port)) else { continue };
                let line = Line { bytes_per_s, stop_after, forwarded };
                let (near_too, far_too) = (near.try_clone().unwrap(), far.try_clone().unwrap());
                let back = line.clone();
                thread::spawn(move || line.carry(near, far, true));
                thread::spawn(move || back.carry(far_too, near_too, false));
            }
        });
        wire
    }

    /// Bytes that went towards the server.
    pub(crate) fn forwarded(&self) -> u64 {
        self.forwarded.load(Ordering::Relaxed)
    }

    /// Waits until so many bytes went towards the server.
    pub(crate) fn wait_for(&self, bytes: u64) {
        let deadline = Instant::now() + Duration::from_secs(30);
        while self.forwarded() < bytes {
            assert!(Instant::now() < deadline, "nothing goes over the wire");
            thread::sleep(Duration::from_millis(2));
        }
    }
}

#[derive(Clone)]
struct Line {
    bytes_per_s: u64,
    stop_after: Option<u64>,
    forwarded: Arc<AtomicU64>,
}

impl Line {
    fn carry(&self, mut from: TcpStream, mut to: TcpStream, counts: bool) {
        let mut buffer = vec![0; 16 * 1024];
        while let Ok(length @ 1..) = from.read(&mut buffer) {
            let stopped = |sum: u64| self.stop_after.is_some_and(|limit| sum >= limit);
            while stopped(self.forwarded.load(Ordering::Relaxed)) {
                thread::sleep(Duration::from_millis(50));
            }
            if to.write_all(&buffer[..length]).is_err() {
                break;
            }
            if counts {
                self.forwarded.fetch_add(length as u64, Ordering::Relaxed);
                thread::sleep(Duration::from_micros(length as u64 * 1_000_000 / self.bytes_per_s));
            }
        }
        let _shut = (from.shutdown(Shutdown::Both), to.shutdown(Shutdown::Both));
    }
}
