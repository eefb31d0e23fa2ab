//! Every command against bad input: one clear message that names the input, the documented exit
//! code, and nothing half-written.

#![expect(clippy::unwrap_used, reason = "a test that cannot set its stage fails there and then")]

use assert_cmd::Command;
use std::{
    collections::BTreeMap,
    fs,
    net::TcpListener,
    path::{Path, PathBuf},
    time::Duration,
};
use tempfile::TempDir;

const SHIPPED: &str = include_str!("../scenarios/driving-test.yaml");

/// A configuration whose file with the PBX's password is missing.
const SECRETLESS: &str = "\
pbx: { url: 'http://127.0.0.1:1', username: u, password_file: no-password, from_extension: 1000 }
reports: { listen: '127.0.0.1:0' }
api: { listen: '127.0.0.1:0', token_file: token }
store: { file: calls.db, key_file: token }
";

/// A folder with every kind of bad input, and what stood in it before a command ran.
struct Room {
    folder: TempDir,
    before: BTreeMap<PathBuf, u64>,
}

impl Room {
    fn new() -> Self {
        let folder = TempDir::new().expect("a temporary folder can be made");
        let room = |name: &str| folder.path().join(name);
        for name in ["folder", "share", "empty"] {
            fs::create_dir(room(name)).unwrap();
        }
        let mut explosion = "a0: &a0 boom\n".to_owned();
        for at in 1..24 {
            let nine = vec![format!("*a{}", at - 1); 9].join(", ");
            explosion += &format!("a{at}: &a{at} [{nine}]\n");
        }
        let texts = [
            ("not-yaml.yaml", "ivrs: [6500: {\n  \t- }".to_owned()),
            ("large.yaml", format!("# {}\n", "x".repeat(10 << 20))),
            ("explosion.yaml", explosion),
            ("abc.yaml", SHIPPED.replace("\n  6500:\n", "\n  abc:\n")),
            ("good.yaml", SHIPPED.to_owned()),
            ("text.wav", "this is no sound\n".to_owned()),
            ("verify.yaml", "pbx: [\n".to_owned()),
            ("unknown.yaml", "pbx: {}\ncolour: red\n".to_owned()),
            ("secretless.yaml", SECRETLESS.to_owned()),
            ("token", "0123456789abcdef0123456789abcdef".to_owned()),
        ];
        for (name, text) in texts {
            fs::write(room(name), text).unwrap();
        }
        fs::write(room("binary.yaml"), [0xff, 0xfe, 0x00, 0x80]).unwrap();
        let before = listing(folder.path());
        Self { folder, before }
    }

    /// Runs `ivrkit` with these words; `code` is the exit code, and each text of `said` must stand in
    /// what it writes.
    #[track_caller]
    fn check(&self, words: &[&str], code: i32, said: &[&str]) {
        let output = Command::new(assert_cmd::cargo::cargo_bin!("ivrkit"))
            .current_dir(self.folder.path())
            .env_remove("SSH_AUTH_SOCK")
            .env("HOME", self.folder.path())
            .args(words)
            .timeout(Duration::from_mins(2))
            .output()
            .expect("ivrkit starts");
        let text = String::from_utf8_lossy(&[output.stdout, output.stderr].concat()).into_owned();
        assert_eq!(output.status.code(), Some(code), "{words:?} said:\n{text}");
        for expected in said {
            assert!(text.contains(expected), "{words:?} does not say `{expected}`:\n{text}");
        }
        assert!(!text.contains("panicked"), "{words:?}:\n{text}");
        assert!(!text.contains(".ivrkit-"), "{words:?} names a temporary file:\n{text}");
        assert!(text.lines().count() <= 60, "{words:?} is not one clear message:\n{text}");
        assert_eq!(listing(self.folder.path()), self.before, "{words:?} left something behind");
    }
}

/// Every file and folder, with its size.
fn listing(folder: &Path) -> BTreeMap<PathBuf, u64> {
    walkdir::WalkDir::new(folder)
        .into_iter()
        .map(|entry| {
            let entry = entry.expect("the folder can be walked");
            let size =
                if entry.file_type().is_file() { entry.metadata().unwrap().len() } else { 0 };
            (entry.into_path(), size)
        })
        .collect()
}

/// Each command that takes a scenario, with `SCENARIO` in its place.
const SCENARIO_COMMANDS: [&[&str]; 8] = [
    &["check", "SCENARIO"],
    &["render", "SCENARIO", "-o", "out.conf"],
    &["render", "SCENARIO", "--check", "good.yaml"],
    &["media", "build", "SCENARIO", "-o", "out"],
    &["push-media", "SCENARIO", "--to", "share"],
    &["verify", "SCENARIO", "--config", "verify.yaml"],
    &["pbx-sim", "SCENARIO", "--port", "0"],
    &["demo", "SCENARIO", "--keep", "empty"],
];

#[test]
fn a_bad_scenario_is_refused_by_every_command() {
    let room = Room::new();
    let bad: [(&str, i32, &[&str]); 7] = [
        ("missing.yaml", 3, &["missing.yaml", "No such file"]),
        ("folder", 3, &["folder"]),
        ("large.yaml", 3, &["large.yaml", "1048576 bytes"]),
        ("binary.yaml", 3, &["binary.yaml", "UTF-8"]),
        ("not-yaml.yaml", 1, &["not-yaml.yaml"]),
        ("explosion.yaml", 1, &["explosion.yaml"]),
        ("abc.yaml", 1, &["abc.yaml", "abc"]),
    ];
    for command in SCENARIO_COMMANDS {
        for (scenario, code, said) in bad {
            if command[0] == "push-media" && scenario == "folder" {
                continue; // A folder is what it takes there; an empty one is tested below.
            }
            let words: Vec<&str> = command
                .iter()
                .map(|word| if *word == "SCENARIO" { scenario } else { *word })
                .collect();
            room.check(&words, code, said);
        }
    }
}

#[test]
fn a_bad_output_is_refused_before_anything_is_written() {
    let room = Room::new();
    room.check(&["render", "good.yaml", "-o", "nowhere/out.conf"], 4, &["nowhere/out.conf"]);
    room.check(&["render", "good.yaml", "-o", "folder"], 4, &["folder"]);
    room.check(&["demo", "--speed", "0"], 2, &["0.01 to 1000"]);
    room.check(&["demo", "--speed", "fast", "--keep", "empty"], 2, &["0.01 to 1000"]);
    room.check(&["render", "good.yaml", "--check", "nowhere.conf"], 3, &["nowhere.conf"]);
    room.check(&["render", "good.yaml", "--templates", "nowhere"], 3, &["nowhere"]);
    room.check(&["render", "good.yaml", "--profile", "cisco"], 2, &["cisco", "yeastar-s"]);
    room.check(&["demo", "--keep", "share/../text.wav"], 4, &["text.wav"]);
    room.check(&["demo", "--keep", "."], 4, &["not empty"]);
}

#[test]
fn bad_prompts_are_refused_with_a_reason() {
    let room = Room::new();
    room.check(&["media", "check", "text.wav"], 1, &["text.wav"]);
    room.check(&["media", "check", "missing.wav"], 3, &["cannot read missing.wav"]);
    // The prompts of the shipped scenario are not in this folder.
    room.check(&["media", "build", "good.yaml", "-o", "out"], 3, &["notice.wav"]);
    room.check(&["push-media", "good.yaml", "--to", "share"], 3, &["notice.wav"]);
}

#[test]
fn a_bad_target_is_refused() {
    let room = Room::new();
    room.check(&["push-media", "empty", "--to", "share"], 3, &["empty"]);
    room.check(&["push-media", "folder", "--to", "ftp://192.0.2.1/x"], 2, &["ftp"]);
    room.check(
        &["push-media", "folder", "--to", "sftp://pbx:hunter2@127.0.0.1/x"],
        2,
        &["password"],
    );
    fs::write(room.folder.path().join("folder/a.wav"), "x").unwrap();
    let room = Room { before: listing(room.folder.path()), ..room };
    room.check(&["push-media", "folder", "--to", "nowhere"], 6, &["nowhere", "--mkdir"]);
    let closed = closed_port();
    let to = format!("sftp://pbx@127.0.0.1:{closed}/x");
    room.check(&["push-media", "folder", "--to", &to], 5, &["127.0.0.1", &closed.to_string()]);
}

#[test]
fn a_bad_configuration_of_the_server_is_refused() {
    let room = Room::new();
    room.check(&["verify", "good.yaml", "--config", "missing.yaml"], 3, &["missing.yaml"]);
    room.check(&["verify", "good.yaml", "--config", "folder"], 3, &["folder"]);
    room.check(&["verify", "good.yaml", "--config", "verify.yaml"], 8, &["verify.yaml:"]);
    room.check(&["verify", "good.yaml", "--config", "unknown.yaml"], 8, &["unknown.yaml:"]);
    room.check(&["codes", "list", "--config", "missing.yaml"], 3, &["missing.yaml"]);
    room.check(&["verify", "good.yaml", "--config", "secretless.yaml"], 8, &["no-password"]);
}

#[test]
fn a_server_that_is_not_there_is_said_so() {
    let room = Room::new();
    let url = format!("http://127.0.0.1:{}", closed_port());
    room.check(&["call", "13900001111", "--url", &url, "--token-file", "token"], 5, &[&url]);
    room.check(&["call", "abc", "--url", &url, "--token-file", "token"], 2, &["abc"]);
}

#[test]
fn a_taken_port_is_said_so() {
    let room = Room::new();
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = taken.local_addr().unwrap().port().to_string();
    room.check(&["pbx-sim", "good.yaml", "--port", &port], 8, &[&port]);
}

/// A port on which nobody listens: bound once and given back.
fn closed_port() -> u16 {
    TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port()
}
