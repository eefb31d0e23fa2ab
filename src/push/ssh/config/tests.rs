//! `ssh -G` tells what OpenSSH itself makes of a configuration; the same must come out here.

use super::*;
use std::process::Command;

/// The lines of `ssh -G` that this reads too, in its words.
fn openssh(path: &Path, host: &str, user: Option<&str>) -> Vec<String> {
    let mut command = Command::new("ssh");
    command.args(["-G", "-F"]).arg(path);
    if let Some(user) = user {
        command.args(["-l", user]);
    }
    let output = command.arg(host).output().expect("the OpenSSH client is installed");
    assert!(output.status.success(), "{output:?}");
    let text = String::from_utf8(output.stdout).unwrap();
    let sought = [
        "hostname",
        "port",
        "user",
        "identityfile",
        "identitiesonly",
        "userknownhostsfile",
        "hostkeyalias",
        "proxyjump",
        "proxycommand",
        "connecttimeout",
        "serveraliveinterval",
        "identityagent",
    ];
    let keyword = |line: &&str| sought.contains(&line.split(' ').next().unwrap_or_default());
    let usual = |line: &&str| !line.starts_with("identityfile ~/.ssh/id_");
    let lines = text.lines().filter(keyword).filter(usual);
    let mut lines: Vec<_> = lines.map(str::to_owned).collect();
    lines.sort();
    lines
}

/// What was read, in the words of `ssh -G`.
fn ours(path: &Path, host: &str, user: Option<&str>) -> Vec<String> {
    let home = std::env::home_dir().unwrap();
    let found = Config::File(path.to_owned()).of_host(host, user).unwrap();
    let local = String::from_utf8(Command::new("id").arg("-un").output().unwrap().stdout).unwrap();
    let user = user.map(str::to_owned).or(found.user).unwrap_or_else(|| local.trim().to_owned());
    let usual = || [".ssh/known_hosts", ".ssh/known_hosts2"].map(|name| home.join(name)).to_vec();
    let known_hosts = found.known_hosts.unwrap_or_else(usual);
    let known_hosts: Vec<_> = known_hosts.iter().map(|path| path.display().to_string()).collect();
    let timeout = found.connect_timeout_s.map_or("none".to_owned(), |s| s.to_string());
    let mut lines = vec![
        format!("hostname {}", found.host_name.unwrap()),
        format!("port {}", found.port.unwrap_or(22)),
        format!("user {user}"),
        format!(
            "identitiesonly {}",
            if found.identities_only == Some(true) { "yes" } else { "no" }
        ),
        format!("userknownhostsfile {}", known_hosts.join(" ")),
        format!("connecttimeout {timeout}"),
        format!("serveraliveinterval {}", found.server_alive_s.unwrap_or(0)),
    ];
    lines
        .extend(found.identity_files.iter().map(|path| format!("identityfile {}", path.display())));
    lines.extend(found.host_key_alias.map(|alias| format!("hostkeyalias {alias}")));
    lines.extend(found.identity_agent.map(|agent| format!("identityagent {agent}")));
    let command = found.proxy_command.filter(|command| !command.eq_ignore_ascii_case("none"));
    lines.extend(command.map(|command| format!("proxycommand {command}")));
    let hops = found.proxy_jump.filter(|hops| !hops.is_empty());
    lines.extend(hops.map(|hops| format!("proxyjump {}", hops.join(","))));
    lines.sort();
    lines
}

fn check(text: &str, hosts: &[&str]) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("config");
    fs::write(
        folder.path().join("part"),
        "User included\nHost nas\n Port 2022\nHost *\n Port 77\n",
    )
    .unwrap();
    fs::write(&path, text.replace("FOLDER", folder.path().to_str().unwrap())).unwrap();
    for host in hosts {
        for user in [None, Some("typed")] {
            assert_eq!(ours(&path, host, user), openssh(&path, host, user), "{host}: {text}");
        }
    }
}

#[test]
fn hosts_are_found_as_openssh_finds_them() {
    check("", &["nas", "10.0.0.5"]);
    check("Host nas\n  HostName 10.0.0.5\n  Port 2222\n  User pbx\n", &["nas", "NAS", "nas.lan"]);
    check("Host n* !nas\n User a\nHost *\n User b\n", &["nas", "nbs", "x"]);
    check("Host 10.0.0.? fe80::*\nUser a\n", &["10.0.0.5", "10.0.0.55", "fe80::1"]);
    check("User first\nHost nas\nUser second\n", &["nas"]);
    check(
        "HOST nas # the disk\n\tuser=a\n port = 23\n\n#User c\nhostname %h.lan\n",
        &["nas", "NAS"],
    );
    check("Host \"nas\" 'x y'\n User \"a b\"\n", &["nas"]);
    check("Host *.lan,nas\nUser a\n", &["nas", "a.lan"]);
}

#[test]
fn sections_with_conditions_apply_to_their_hosts_only() {
    check("Host nas\n User a\nMatch host other\n User b\n Port 99\n", &["nas", "other"]);
    check("Match all\n Port 9\n", &["nas"]);
    check("Match originalhost n* user typed\n Port 9\nMatch !host nas\n Port 8\n", &["nas", "x"]);
    check("HostName real\nMatch host real\n Port 9\nMatch host nas\n Port 8\n", &["nas"]);
    check("User pbx\nMatch user root,pbx\n Port 9\n", &["nas"]);
    check("Match exec false\n Port 9\nHost *\n Port 10\n", &["nas"]);
}

#[test]
fn values_mean_what_they_mean_to_openssh() {
    check("IdentityFile /a\nHost nas\nIdentityFile \"/b c\"\nIdentityFile /a\n", &["nas", "x"]);
    check("IdentitiesOnly yes\nIdentitiesOnly no\n", &["nas"]);
    check("UserKnownHostsFile /a \"/b c\"\nUserKnownHostsFile /d\nHostKeyAlias other\n", &["nas"]);
    check("ConnectTimeout 1m30s\nServerAliveInterval 2h\n", &["nas"]);
    check("ConnectTimeout none\nConnectTimeout 5\n", &["nas"]);
    check("ProxyJump u@j:2200,k\n", &["nas"]);
    check("ProxyJump none\nProxyCommand nc %h %p\n", &["nas"]);
    check("ProxyCommand ssh -W %h:%p jump # c\nProxyJump k\n", &["nas"]);
    check("ProxyCommand none\nProxyJump k\n", &["nas"]);
    check("ProxyJump none\nProxyJump k\n", &["nas"]);
    check("ProxyJump k\nProxyCommand a\n", &["nas"]);
    check("IdentityAgent /run/agent\n", &["nas"]);
}

#[test]
fn other_files_are_included_where_they_stand() {
    check("Include FOLDER/part\nUser after\n", &["nas", "x"]);
    check("Host x\nInclude FOLDER/pa*\nUser a\nHost *\nUser b\n", &["nas", "x"]);
    check("Include FOLDER/none\nPort 5\n", &["nas"]);
}

#[test]
fn tokens_stand_for_what_they_are() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("config");
    fs::write(&path, "Host nas\nHostName %h.lan\nIdentityFile ~/%n-%h-%r-%%\n").unwrap();
    let found = Config::File(path).of_host("nas", Some("pbx")).unwrap();
    let home = std::env::home_dir().unwrap();
    assert_eq!(found.identity_files, [home.join("nas-nas.lan-pbx-%")]);
    let command = proxy_command("nc -x %r@%h:%p %n", "nas", "nas.lan", 22, "pbx");
    assert_eq!(command, "nc -x pbx@nas.lan:22 nas");
}

#[test]
fn what_cannot_be_understood_is_told_with_its_line() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("config");
    let check = |text: &str, words: &str| {
        fs::write(&path, text).unwrap();
        let error = Config::File(path.clone()).of_host("nas", None).unwrap_err().to_string();
        assert!(error.contains(words), "{error}");
    };
    check("\nPort x\n", "line 2: `x` is not a port");
    check("User\n", "line 1: user has no value");
    check("IdentitiesOnly maybe\n", "line 1: `maybe` is not yes or no");
    check("IdentityFile \"x\n", "line 1: a quote is not closed");
    check(&format!("Include {}\n", path.display()), "sensible size and depth");
    let absent = Config::File(folder.path().join("absent"));
    assert!(matches!(absent.of_host("nas", None), Err(Error::Read { .. })));
    assert_eq!(Config::None.of_host("nas", None).unwrap().port, None);
}
