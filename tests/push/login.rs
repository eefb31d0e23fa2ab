//! Who may connect: keys of hosts, keys of users, passwords.

use crate::{
    site::{INPUT, Outcome, Prompts, REFUSED, Site, UNREACHABLE},
    sshd::{HOST_KEYS, Setup, Sshd, kill, make_key, user},
};
use std::{
    fs,
    net::TcpListener,
    os::unix::fs::PermissionsExt as _,
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    thread,
    time::Duration,
};

impl Site {
    /// Uses another file in the place of one that the arguments name.
    fn with_file(&mut self, option: &str, path: &Path) {
        let at = self.arguments.iter().position(|argument| argument == option).unwrap();
        self.arguments[at + 1] = path.display().to_string();
    }

    fn without(&mut self, option: &str) {
        let at = self.arguments.iter().position(|argument| argument == option).unwrap();
        self.arguments.drain(at..at + 2);
    }

    fn run_with(&self, prompts: &Prompts, variables: &[(&str, &str)]) -> Outcome {
        let mut command = self.command(prompts.path(), &self.url);
        command.envs(variables.iter().copied());
        Outcome::of(&command.output().unwrap())
    }
}

fn fingerprint(key: &Path) -> String {
    let output = Command::new("ssh-keygen").arg("-lf").arg(key).output().unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    text.split_whitespace().nth(1).unwrap().to_owned()
}

#[test]
fn a_host_that_is_not_known_is_refused_until_it_is_accepted() {
    let site = Site::sftp();
    let prompts = Prompts::new(1, 1000, 1);
    let known_hosts = site.sshd().known_hosts();
    fs::write(&known_hosts, "# nobody\nother ssh-ed25519 AAAA").unwrap();
    let shown = fingerprint(&site.sshd().home().join("host_ed25519.pub"));
    let outcome = site.run(prompts.path(), &[]);
    outcome.check(REFUSED, &["is not known", &shown, "--accept-new-host-key"]);
    assert_eq!(site.files().len(), 0);
    // A dry run writes nothing down.
    site.push(prompts.path(), &["--accept-new-host-key", "--dry-run"]);
    site.run(prompts.path(), &[]).check(REFUSED, &["is not known"]);
    site.push(prompts.path(), &["--accept-new-host-key"]);
    site.push(prompts.path(), &[]);
    // OpenSSH itself finds the line.
    let host = format!("[127.0.0.1]:{}", site.sshd().port);
    let found = Command::new("ssh-keygen").args(["-F", &host, "-f"]).arg(&known_hosts).output();
    assert!(found.unwrap().status.success());
}

#[test]
fn a_changed_host_key_is_always_refused_with_both_fingerprints() {
    let site = Site::sftp();
    let prompts = Prompts::new(1, 1000, 1);
    let other = site.sshd().home().join("other");
    make_key(&other, "ed25519", "");
    let key = fs::read_to_string(other.with_extension("pub")).unwrap();
    let known_hosts = site.sshd().known_hosts();
    let lines = format!("[127.0.0.1]:{} {key}", site.sshd().port);
    fs::write(&known_hosts, &lines).unwrap();
    let shown = fingerprint(&site.sshd().home().join("host_ed25519.pub"));
    for more in [&[][..], &["--accept-new-host-key"]] {
        let outcome = site.run(prompts.path(), more);
        outcome.check(REFUSED, &["changed", &shown, &fingerprint(&other), "line 1"]);
    }
    assert_eq!(fs::read_to_string(&known_hosts).unwrap(), lines);
    let revoked = site.sshd().known_hosts_of(&["ed25519"]);
    fs::write(&known_hosts, format!("{revoked}@revoked {revoked}")).unwrap();
    site.run(prompts.path(), &["--accept-new-host-key"]).check(REFUSED, &["revoked", "line 2"]);
    assert_eq!(site.files().len(), 0);
}

#[test]
fn every_kind_of_host_key_is_known_by_itself() {
    let site = Site::sftp();
    let prompts = Prompts::new(1, 1000, 1);
    for kind in HOST_KEYS {
        // The server has all three; the file has one.
        fs::write(site.sshd().known_hosts(), site.sshd().known_hosts_of(&[kind])).unwrap();
        site.push(prompts.path(), &[]);
        let host_keys = vec![kind];
        let single = Site::of(Sshd::with(&Setup { host_keys, ..Setup::default() }));
        single.push(prompts.path(), &[]);
    }
}

#[test]
fn hashed_names_are_known() {
    let site = Site::sftp();
    let prompts = Prompts::new(1, 1000, 1);
    let known_hosts = site.sshd().known_hosts();
    let lines = site.sshd().known_hosts_of(&["rsa"]);
    let lines = lines.replace("[127.0.0.1]:*", &format!("[127.0.0.1]:{}", site.sshd().port));
    fs::write(&known_hosts, lines).unwrap();
    let hashed = Command::new("ssh-keygen").args(["-H", "-f"]).arg(&known_hosts).output().unwrap();
    assert!(hashed.status.success());
    assert!(fs::read_to_string(&known_hosts).unwrap().starts_with("|1|"));
    site.push(prompts.path(), &[]);
}

#[test]
fn every_kind_of_user_key_logs_in_and_another_does_not() {
    let mut site = Site::sftp();
    let prompts = Prompts::new(1, 1000, 1);
    for kind in HOST_KEYS {
        let key = site.sshd().home().join(format!("user_{kind}"));
        make_key(&key, kind, "");
        site.with_file("--key", &key);
        let refused = site.run(prompts.path(), &[]);
        refused.check(REFUSED, &["cannot log in", "refused", "the server takes publickey"]);
        site.sshd().authorize(&key.with_extension("pub"));
        site.push(prompts.path(), &[]);
    }
}

#[test]
fn an_encrypted_key_needs_its_passphrase() {
    let mut site = Site::sftp();
    let prompts = Prompts::new(1, 1000, 1);
    for kind in HOST_KEYS {
        let key = site.sshd().home().join(format!("locked_{kind}"));
        make_key(&key, kind, "correct horse");
        site.sshd().authorize(&key.with_extension("pub"));
        site.with_file("--key", &key);
        site.run(prompts.path(), &[]).check(INPUT, &["is encrypted", "IVRKIT_SSH_PASSPHRASE"]);
        let variable = "IVRKIT_SSH_PASSPHRASE";
        let wrong = site.run_with(&prompts, &[(variable, "battery staple")]);
        wrong.check(INPUT, &["the passphrase is wrong"]);
        assert!(!wrong.stderr.contains("battery"));
        site.run_with(&prompts, &[(variable, "correct horse")]).check(0, &[]);
    }
}

#[test]
fn a_key_that_is_none_is_told() {
    let mut site = Site::sftp();
    let prompts = Prompts::new(1, 1000, 1);
    let home = site.sshd().home().to_owned();
    fs::write(home.join("text"), "hello").unwrap();
    let damaged = "-----BEGIN RSA PRIVATE KEY-----\nAAAA\n-----END RSA PRIVATE KEY-----\n";
    fs::write(home.join("damaged"), damaged).unwrap();
    for (name, words) in [
        ("absent", "No such file"),
        ("share", "no file"),
        ("text", "no private key"),
        ("id.pub", "no private key"),
        ("damaged", "damaged"),
    ] {
        site.with_file("--key", &home.join(name));
        site.run(prompts.path(), &[]).check(INPUT, &[words]);
    }
}

/// An agent of the test's own.
pub(crate) struct Agent {
    child: Child,
    pub(crate) socket: PathBuf,
}

impl Agent {
    pub(crate) fn start(folder: &Path) -> Self {
        let socket = folder.join("agent");
        let mut command = Command::new("ssh-agent");
        let child = command.args(["-D", "-a"]).arg(&socket).stdout(Stdio::null()).spawn();
        let agent = Self { child: child.expect("ssh-agent is installed"), socket };
        for _ in 0..500 {
            if agent.socket.exists() {
                break;
            }
            thread::sleep(Duration::from_millis(10));
        }
        agent
    }

    pub(crate) fn add(&self, key: &Path) {
        let mut command = Command::new("ssh-add");
        let added = command.arg("-q").arg(key).env("SSH_AUTH_SOCK", &self.socket).output().unwrap();
        assert!(added.status.success(), "{added:?}");
    }
}

impl Drop for Agent {
    fn drop(&mut self) {
        kill(self.child.id(), "TERM");
        let _ended = self.child.wait();
    }
}

#[test]
fn all_keys_of_an_agent_are_tried() {
    let mut site = Site::sftp();
    let prompts = Prompts::new(1, 1000, 1);
    let home = site.sshd().home().to_owned();
    let agent = Agent::start(&home);
    let socket = [("SSH_AUTH_SOCK", agent.socket.to_str().unwrap())];
    site.without("--key");
    site.run(prompts.path(), &[]).check(REFUSED, &["there is no key and no password to offer"]);
    for name in ["stranger", "friend"] {
        make_key(&home.join(name), "ed25519", "");
        agent.add(&home.join(name));
    }
    let refused = site.run_with(&prompts, &socket);
    refused.check(REFUSED, &["the agent's key ed25519: refused, the agent's key ed25519: refused"]);
    site.sshd().authorize(&home.join("friend.pub"));
    site.run_with(&prompts, &socket).check(0, &[]);
}

#[test]
fn the_usual_keys_of_a_user_are_tried() {
    let mut site = Site::sftp();
    let prompts = Prompts::new(1, 1000, 1);
    let ssh = site.sshd().home().join(".ssh");
    fs::create_dir(&ssh).unwrap();
    fs::copy(site.sshd().identity(), ssh.join("id_rsa")).unwrap();
    make_key(&ssh.join("id_ed25519"), "ed25519", "locked");
    fs::copy(site.sshd().known_hosts(), ssh.join("known_hosts")).unwrap();
    let home = site.sshd().home().to_str().unwrap().to_owned();
    site.arguments.clear();
    site.run_with(&prompts, &[("HOME", &home)]).check(0, &[]);
}

#[test]
fn a_password_logs_in_from_the_environment_or_a_file() {
    let setup = Setup { password: Some("s3cret word"), ..Setup::default() };
    let mut site = Site::of(Sshd::with(&setup));
    site.without("--key");
    let prompts = Prompts::new(1, 1000, 1);
    site.run(prompts.path(), &[]).check(REFUSED, &["IVRKIT_SSH_PASSWORD"]);
    let wrong = site.run_with(&prompts, &[("IVRKIT_SSH_PASSWORD", "wr0ng")]);
    wrong.check(REFUSED, &["the password: refused"]);
    assert!(!wrong.stderr.contains("wr0ng"));
    site.run_with(&prompts, &[("IVRKIT_SSH_PASSWORD", "s3cret word")]).check(0, &[]);
    let file = site.sshd().home().join("password");
    fs::write(&file, "s3cret word\n").unwrap();
    site.push(prompts.path(), &["--password-file", file.to_str().unwrap()]);
    let typed = site.url.replace('@', ":s3cret@");
    let outcome = Outcome::of(&site.command(prompts.path(), &typed).output().unwrap());
    outcome.check(2, &["the address holds a password"]);
    assert!(!outcome.stderr.contains("s3cret"));
}

#[test]
fn a_user_without_permission_is_refused() {
    assert_eq!(user(), "root", "this test logs in as another user, which needs root");
    let mut site = Site::sftp();
    let prompts = Prompts::new(1, 1000, 1);
    fs::set_permissions(&site.folder, fs::Permissions::from_mode(0o755)).unwrap();
    site.url = site.url.replace("root@", "nobody@");
    site.run(prompts.path(), &[]).check(REFUSED, &["ermission denied"]);
    fs::set_permissions(&site.folder, fs::Permissions::from_mode(0o700)).unwrap();
    site.run(prompts.path(), &[]).check(REFUSED, &["cannot list the folder", "ermission denied"]);
    fs::set_permissions(&site.folder, fs::Permissions::from_mode(0o777)).unwrap();
    site.push(prompts.path(), &[]);
    site.check(&prompts.contents());
}

#[test]
fn a_host_that_cannot_be_reached_is_told() {
    let site = Site::directory();
    let prompts = Prompts::new(1, 1000, 1);
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let closed = listener.local_addr().unwrap().port();
    drop(listener);
    let check = |to: &str, words: &[&str]| {
        let mut command = site.command(prompts.path(), to);
        Outcome::of(&command.args(["--retries", "0"]).output().unwrap()).check(UNREACHABLE, words);
    };
    check(&format!("sftp://u@127.0.0.1:{closed}/x"), &["cannot reach 127.0.0.1", "refused"]);
    // No resolver need be asked for a name that is too long to be one.
    let host = "h".repeat(300);
    check(&format!("sftp://u@{host}/x"), &[&format!("cannot find {host}")]);
}
