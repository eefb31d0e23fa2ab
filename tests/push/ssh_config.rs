//! Ways to a server: the SSH configuration, hosts on the way, certificates of hosts.

use crate::{
    login::Agent,
    site::{INPUT, Outcome, Prompts, REFUSED, Site, UNREACHABLE},
    sshd::{Setup, Sshd, Wire, make_key, user},
};
use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
    time::{Duration, Instant},
};

/// A section for a server.
fn section(alias: &str, sshd: &Sshd, more: &str) -> String {
    format!(
        "Host {alias}\n HostName 127.0.0.1\n Port {}\n User {}\n IdentityFile {}\n \
         UserKnownHostsFile {}\n{more}\n",
        sshd.port,
        user(),
        sshd.identity().display(),
        sshd.known_hosts().display()
    )
}

/// Pushes to `alias` by nothing but a configuration.
fn push(site: &Site, config: &str, alias: &str, prompts: &Prompts, more: &[&str]) -> Outcome {
    let path = write_config(site, config);
    let to = format!("sftp://{alias}{}", site.folder.display());
    let mut command = site.command(prompts.path(), &to);
    command.args(["--ssh-config", path.to_str().unwrap()]).args(more);
    Outcome::of(&command.output().unwrap())
}

fn write_config(site: &Site, config: &str) -> PathBuf {
    let path = site.sshd().home().join("config");
    fs::write(&path, config).unwrap();
    path
}

fn site_of(setup: &Setup) -> Site {
    let mut site = Site::of(Sshd::with(setup));
    site.arguments.clear();
    site
}

#[test]
fn an_alias_brings_host_port_user_key_and_known_hosts() {
    let site = site_of(&Setup::default());
    let prompts = Prompts::new(2, 1000, 1);
    let config = section("box", site.sshd(), " ConnectTimeout 20\n ServerAliveInterval 1");
    push(&site, &config, "box", &prompts, &[]).check(0, &[]);
    site.check(&prompts.contents());
    push(&site, &config, "other", &prompts, &["--timeout-s", "5"]).check(UNREACHABLE, &["other"]);
    // What is typed goes before what is written.
    let wrong = section("box", site.sshd(), "").replace("IdentityFile", "IdentityFile /none\n #");
    let key = site.sshd().identity();
    let key = ["--key", key.to_str().unwrap()];
    push(&site, &wrong, "box", &prompts, &[]).check(REFUSED, &["no key and no password"]);
    push(&site, &wrong, "box", &prompts, &key).check(0, &[]);
    push(&site, &wrong, "nobody-here@box", &prompts, &key).check(REFUSED, &["as nobody-here"]);
    let words = ["config, line 2", "`zero` is not a port"];
    push(&site, "Host box\n Port zero\n", "box", &prompts, &[]).check(INPUT, &words);
}

#[test]
fn the_configuration_of_the_home_folder_is_read_unless_none_is_wanted() {
    let site = site_of(&Setup::default());
    let prompts = Prompts::new(1, 1000, 1);
    let ssh = site.sshd().home().join(".ssh");
    fs::create_dir(&ssh).unwrap();
    fs::write(ssh.join("config"), "Include part\n").unwrap();
    fs::write(ssh.join("part"), section("box", site.sshd(), "")).unwrap();
    let to = format!("sftp://box{}", site.folder.display());
    let run = |more: &[&str]| {
        let mut command = site.command(prompts.path(), &to);
        Outcome::of(&command.env("HOME", site.sshd().home()).args(more).output().unwrap())
    };
    run(&[]).check(0, &[]);
    run(&["--ssh-config", "none"]).check(UNREACHABLE, &["box"]);
    run(&["--ssh-config", "/none/such"]).check(INPUT, &["/none/such"]);
}

#[test]
fn hosts_on_the_way_are_checked_and_gone_through() {
    let site = site_of(&Setup::default());
    let [one, two] = [Sshd::start(), Sshd::start()];
    let prompts = Prompts::new(3, 500_000, 1);
    let hops = section("one", &one, "") + &section("two", &two, "");
    for route in ["one", "one,two", "none"] {
        let config = section("box", site.sshd(), &format!(" ProxyJump {route}")) + &hops;
        push(&site, &config, "box", &prompts, &["--verify-remote"]).check(0, &[]);
        site.check(&prompts.contents());
    }
    // It is the host on the way that connects to the server.
    let wire = Wire::to(site.sshd().port, 100_000_000, None);
    let config = section("box", site.sshd(), " ProxyJump one") + &hops;
    let config =
        config.replacen(&format!("Port {}", site.sshd().port), &format!("Port {}", wire.port), 1);
    push(&site, &config, "box", &prompts, &[]).check(0, &[]);
    assert!(wire.forwarded() > 0);
    let config = section("box", site.sshd(), " ProxyJump one") + &hops;
    fs::write(one.known_hosts(), "").unwrap();
    let peer = format!("127.0.0.1:{} is not known", one.port);
    push(&site, &config, "box", &prompts, &[]).check(REFUSED, &[&peer]);
    let circle = section("box", site.sshd(), " ProxyJump box");
    push(&site, &circle, "box", &prompts, &[]).check(UNREACHABLE, &["a circle"]);
}

#[test]
fn a_host_on_the_way_that_leads_nowhere_is_told() {
    let site = site_of(&Setup::default());
    let prompts = Prompts::new(1, 1000, 1);
    let lines = vec!["AllowTcpForwarding no".to_owned()];
    let closed = Sshd::with(&Setup { lines, ..Setup::default() });
    let config = section("box", site.sshd(), " ProxyJump hop") + &section("hop", &closed, "");
    let through = format!("through 127.0.0.1:{}", closed.port);
    push(&site, &config, "box", &prompts, &[]).check(UNREACHABLE, &[&through]);
    // The password is for the server at the end and is never offered on the way.
    let config = config.replace(&closed.identity().display().to_string(), "/none");
    let path = write_config(&site, &config);
    let to = format!("sftp://box{}", site.folder.display());
    let mut command = site.command(prompts.path(), &to);
    command.args(["--ssh-config", path.to_str().unwrap()]).env("IVRKIT_SSH_PASSWORD", "s3cret");
    Outcome::of(&command.output().unwrap()).check(REFUSED, &["no key and no password to offer"]);
}

#[test]
fn a_command_can_be_the_connection() {
    let site = site_of(&Setup::default());
    let prompts = Prompts::new(3, 500_000, 1);
    let server = format!(
        "/usr/sbin/sshd -i -f {} # %r@%h:%p",
        site.sshd().home().join("sshd_config").display()
    );
    let proxy = format!(" ProxyCommand {server}");
    let config = section("box", site.sshd(), &proxy);
    push(&site, &config, "box", &prompts, &[]).check(0, &[]);
    site.check(&prompts.contents());
    let config = section("box", site.sshd(), " ProxyCommand /bin/false");
    push(&site, &config, "box", &prompts, &["--timeout-s", "5"])
        .check(UNREACHABLE, &["cannot begin an SSH connection"]);
    let config = section("box", site.sshd(), " ProxyCommand sleep 60\n ConnectTimeout 1");
    let started = Instant::now();
    push(&site, &config, "box", &prompts, &[])
        .check(UNREACHABLE, &["cannot begin an SSH connection"]);
    assert!(started.elapsed() < Duration::from_secs(25), "{:?}", started.elapsed());
}

#[test]
fn only_the_named_keys_of_an_agent_are_offered_if_so_wanted() {
    let site = site_of(&Setup::default());
    let prompts = Prompts::new(1, 1000, 1);
    let home = site.sshd().home().to_owned();
    let agent = Agent::start(&home);
    for name in ["stranger", "friend"] {
        make_key(&home.join(name), "ed25519", "");
        agent.add(&home.join(name));
        // Only the agent has the private keys from here on.
        fs::remove_file(home.join(name)).unwrap();
    }
    site.sshd().authorize(&home.join("friend.pub"));
    let with = |name: &str| {
        let key = site.sshd().identity().display().to_string();
        let agent = format!(" IdentitiesOnly yes\n IdentityAgent {}", agent.socket.display());
        section("box", site.sshd(), &agent).replace(&key, &home.join(name).display().to_string())
    };
    let refused = push(&site, &with("stranger"), "box", &prompts, &[]);
    refused.check(REFUSED, &["the agent's key ed25519: refused;"]);
    push(&site, &with("friend"), "box", &prompts, &[]).check(0, &[]);
}

fn sign(folder: &Path, arguments: &[&str]) {
    let mut command = Command::new("ssh-keygen");
    let signed = command.args(["-q", "-s", "ca", "-I", "id"]).args(arguments).current_dir(folder);
    assert!(signed.status().unwrap().success());
}

#[test]
fn a_certificate_of_a_trusted_authority_stands_for_a_known_key() {
    let mut site = Site::sftp();
    let home = site.sshd().home().to_owned();
    make_key(&home.join("ca"), "ed25519", "");
    let authority = fs::read_to_string(home.join("ca.pub")).unwrap();
    let known_hosts = site.sshd().known_hosts();
    let trusted = format!("@cert-authority [127.0.0.1]:* {authority}");
    let prompts = Prompts::new(1, 1000, 1);
    let mut run = |arguments: &[&str], lines: &str| {
        sign(&home, &[arguments, &["host_ed25519.pub"]].concat());
        let certificate = home.join("host_ed25519-cert.pub");
        let lines_of = vec![format!("HostCertificate {}", certificate.display())];
        // The certificate is read when a server starts.
        let port = site.sshd.as_mut().unwrap().restart(&lines_of);
        fs::write(&known_hosts, lines).unwrap();
        site.url = site.through(port);
        site.run(prompts.path(), &[])
    };
    run(&["-h", "-n", "127.0.0.1"], &trusted).check(0, &[]);
    run(&["-h", "-n", "nas"], &trusted).check(REFUSED, &["certificate", "it is for nas"]);
    run(&["-h", "-n", "127.0.0.1", "-V", "20200101:20200102"], &trusted)
        .check(REFUSED, &["certificate", "not valid yet, or no more"]);
    let revoked = format!("{trusted}@revoked * {authority}");
    run(&["-h", "-n", "127.0.0.1"], &revoked).check(REFUSED, &["revoked", "line 2"]);
    // Nobody vouches: the plain key is asked for, and is not known.
    run(&["-h", "-n", "127.0.0.1"], "").check(REFUSED, &["is not known", "ssh-ed25519 SHA256"]);
}
