//! A real Dropbear server on loopback for one test, as appliances have it: no SFTP behind it, and
//! if wanted nothing but `BusyBox` for a shell and tools.
//!
//! Needs root, `dropbear` and `busybox`; what cannot be started fails the test. Ends only the
//! processes that it started.

use crate::sshd::{make_key, user};
use std::{
    fs,
    io::{BufRead as _, BufReader},
    net::{TcpListener, TcpStream},
    os::unix::{
        fs::{PermissionsExt as _, symlink},
        process::CommandExt as _,
    },
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    thread,
    time::Duration,
};
use tempfile::TempDir;

/// Makes a mount namespace in which the user has a home, keys and a login shell of the test's own,
/// and no SFTP server is there.
const ENTER: &str = r#"
set -e
home=$1 shell=$2 tools=$3
shift 3
mount --bind /dev/null "$(readlink -f /usr/lib/sftp-server)"
sed "s|^\($(id -un):[^:]*:[^:]*:[^:]*:[^:]*\):.*|\1:$home:$shell|" /etc/passwd >"$home/passwd"
mount --bind "$home/passwd" /etc/passwd
printf '%s\n' /bin/sh /bin/bash "$shell" >"$home/shells"
[ ! -e /etc/shells ] || mount --bind "$home/shells" /etc/shells
if [ -n "$tools" ]; then
  # The server itself is held open; all that its sessions find is BusyBox.
  mkdir "$home/own"
  cp /usr/sbin/dropbear "$home/own/dropbear"
  mount --bind "$tools" /usr/bin
  set -- "$home/own/dropbear" "$@"
else
  set -- /usr/sbin/dropbear "$@"
fi
exec "$@"
"#;

/// What a session finds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Tools {
    /// The machine's own shell and tools.
    System,
    /// `BusyBox` and nothing else.
    BusyBox,
}

/// A running server. Ends with the value.
pub(crate) struct Dropbear {
    child: Child,
    home: TempDir,
    pub(crate) port: u16,
}

impl Dropbear {
    /// A server whose login shell runs `profile` before anything else.
    pub(crate) fn with(tools: Tools, profile: &str) -> Self {
        assert_eq!(user(), "root", "a server with a shell of its own needs root");
        let home = TempDir::new().unwrap();
        fs::set_permissions(home.path(), fs::Permissions::from_mode(0o755)).unwrap();
        let make = |name: &str| home.path().join(name);
        fs::create_dir(make("share")).unwrap();
        share_mounts(&make("share"));
        make_key(&make("id"), "ed25519", "");
        fs::create_dir(make(".ssh")).unwrap();
        fs::set_permissions(make(".ssh"), fs::Permissions::from_mode(0o700)).unwrap();
        fs::copy(make("id.pub"), make(".ssh/authorized_keys")).unwrap();
        fs::set_permissions(make(".ssh/authorized_keys"), fs::Permissions::from_mode(0o600))
            .unwrap();
        write_login_shell(&make("login"), tools, profile);
        let public = make_host_key(&make("host"));
        fs::write(make("known_hosts"), format!("[127.0.0.1]:* {public}\n")).unwrap();
        if tools == Tools::BusyBox {
            fill_with_busybox(&make("tools"));
        }
        for _ in 0..5 {
            if let Some((child, port)) = spawn(home.path(), tools) {
                return Self { child, home, port };
            }
        }
        panic!("dropbear does not start; install dropbear-bin and busybox-static");
    }

    pub(crate) fn share(&self) -> PathBuf {
        self.home.path().join("share")
    }

    pub(crate) fn identity(&self) -> PathBuf {
        self.home.path().join("id")
    }

    pub(crate) fn known_hosts(&self) -> PathBuf {
        self.home.path().join("known_hosts")
    }
}

impl Drop for Dropbear {
    fn drop(&mut self) {
        let _killed = self.child.kill();
        let _waited = self.child.wait();
        mount("umount", &["--lazy"], &self.share());
    }
}

/// What a test mounts on the folder later is seen by the server too.
fn share_mounts(folder: &Path) {
    mount("mount", &["--bind", folder.to_str().unwrap()], folder);
    mount("mount", &["--make-shared"], folder);
}

fn mount(program: &str, arguments: &[&str], folder: &Path) {
    let status = Command::new(program).args(arguments).arg(folder).status().unwrap();
    assert!(status.success(), "this test needs to {program} a folder, as root");
}

fn write_login_shell(path: &Path, tools: Tools, profile: &str) {
    let shell = match tools {
        Tools::System => "/bin/sh",
        Tools::BusyBox => "/usr/bin/sh",
    };
    fs::write(path, format!("#!{shell}\n{profile}\nexec {shell} \"$@\"\n")).unwrap();
    fs::set_permissions(path, fs::Permissions::from_mode(0o755)).unwrap();
}

fn fill_with_busybox(folder: &Path) {
    fs::create_dir(folder).unwrap();
    let busybox = "/usr/bin/busybox";
    fs::copy(busybox, folder.join("busybox")).expect("busybox is installed");
    let listed = Command::new(busybox).arg("--list").output().unwrap();
    for name in String::from_utf8(listed.stdout).unwrap().lines().filter(|name| *name != "busybox")
    {
        symlink("busybox", folder.join(name)).unwrap();
    }
}

/// Makes a host key; gives its public half.
fn make_host_key(path: &Path) -> String {
    let mut command = Command::new("dropbearkey");
    let output = command.args(["-t", "ed25519", "-f"]).arg(path).output();
    let output = output.expect("dropbearkey is installed");
    let text = String::from_utf8(output.stdout).unwrap();
    let line = text.lines().find(|line| line.starts_with("ssh-ed25519 "));
    line.unwrap_or_else(|| panic!("{text}")).to_owned()
}

fn spawn(home: &Path, tools: Tools) -> Option<(Child, u16)> {
    let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let text = |name: &str| home.join(name).display().to_string();
    let tools = if tools == Tools::BusyBox { text("tools") } else { String::new() };
    let mut command = Command::new("unshare");
    // What is mounted there is not seen here.
    command.args([
        "--mount",
        "--propagation",
        "slave",
        "sh",
        "-c",
        ENTER,
        "sh",
        &text(""),
        &text("login"),
        &tools,
    ]);
    command.args(["-F", "-E", "-s", "-r", &text("host"), "-p", &format!("127.0.0.1:{port}")]);
    let child = command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::piped());
    let mut child = child.process_group(0).spawn().expect("unshare is installed");
    let mut log = BufReader::new(child.stderr.take().unwrap());
    let mut line = String::new();
    while !line.contains("Not backgrounding") {
        line.clear();
        if log.read_line(&mut line).unwrap() == 0 {
            child.wait().unwrap();
            return None;
        }
        eprint!("dropbear: {line}");
    }
    // The log must be read on, or the server would wait for it.
    thread::spawn(move || std::io::copy(&mut log, &mut std::io::sink()));
    // It says so just before it listens.
    for _ in 0..500 {
        if TcpStream::connect(("127.0.0.1", port)).is_ok() {
            return Some((child, port));
        }
        thread::sleep(Duration::from_millis(10));
    }
    let _killed = child.kill();
    child.wait().unwrap();
    None
}
