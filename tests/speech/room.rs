//! A folder with a scenario, and the command that builds it.

use serde_json::Value;
use std::{
    collections::BTreeMap,
    fs,
    os::unix::fs::PermissionsExt as _,
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    time::{Duration, Instant},
};
use tempfile::TempDir;

/// What every scenario here has; `tts` and `prompts` differ.
const HEAD: &str = "
ivrkit: 1
name: exam
language: zh-CN
profile: yeastar-s
calls: { outbound: 6500 }
media: { root: /tmp/media/networkdisk1, source: sources }
";

/// A folder with a scenario, its sources, a cache and a place for the prompts.
pub(crate) struct Room(TempDir);

/// How a command ended.
#[derive(Debug)]
pub(crate) struct Outcome {
    pub(crate) code: i32,
    pub(crate) out: String,
    pub(crate) err: String,
}

impl Room {
    /// A scenario with an engine and prompts, both as YAML; every prompt is played.
    pub(crate) fn new(tts: &str, prompts: &[(&str, &str)]) -> Self {
        let room = Self(tempfile::tempdir().unwrap());
        fs::create_dir(room.path("sources")).unwrap();
        room.describe(tts, prompts);
        room
    }

    pub(crate) fn describe(&self, tts: &str, prompts: &[(&str, &str)]) {
        let names: Vec<&str> = prompts.iter().map(|(name, _)| *name).collect();
        let mut lines = String::new();
        for (name, is) in prompts {
            lines += &format!("  {name}: {is}\n");
        }
        let played = names.join(", ");
        self.write(
            "exam.yaml",
            &format!("{HEAD}{tts}\nprompts:\n{lines}ivrs:\n  6500: {{ prompts: [{played}] }}\n"),
        );
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    pub(crate) fn text(&self, name: &str) -> String {
        self.path(name).to_str().unwrap().to_owned()
    }

    pub(crate) fn write(&self, name: &str, contents: &str) {
        fs::write(self.path(name), contents).unwrap();
    }

    /// A program for the scenario to run.
    pub(crate) fn script(&self, name: &str, contents: &str) -> String {
        self.write(name, contents);
        fs::set_permissions(self.path(name), fs::Permissions::from_mode(0o755)).unwrap();
        self.text(name)
    }

    pub(crate) fn command(&self, more: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_ivrkit"));
        command.args(["media", "build", &self.text("exam.yaml"), "-o", &self.text("out")]);
        command.args(["--cache", &self.text("cache")]).args(more);
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
        command
    }

    pub(crate) fn build(&self, more: &[&str]) -> Outcome {
        outcome(&mut self.command(more))
    }

    /// Builds and expects success; what was made and found as the JSON says it.
    #[track_caller]
    pub(crate) fn built(&self, more: &[&str]) -> Value {
        let found = self.build(&[&["--format", "json"], more].concat());
        assert_eq!(found.code, 0, "{found:?}");
        serde_json::from_str(&found.out).unwrap()
    }

    /// The prompts in the output folder.
    pub(crate) fn prompts(&self) -> BTreeMap<String, Vec<u8>> {
        let entries = fs::read_dir(self.path("out")).into_iter().flatten().map(Result::unwrap);
        let names = entries.map(|entry| entry.file_name().into_string().unwrap());
        let names = names.filter(|name| !name.starts_with('.'));
        names.map(|name| (name.clone(), fs::read(self.path("out").join(&name)).unwrap())).collect()
    }

    /// Everything in the output folder that is no prompt.
    pub(crate) fn hidden(&self) -> Vec<String> {
        let entries = fs::read_dir(self.path("out")).unwrap().map(Result::unwrap);
        let names = entries.map(|entry| entry.file_name().into_string().unwrap());
        names.filter(|name| name.starts_with('.')).collect()
    }

    /// The manifest's lines by name, each of which must be true of its file.
    #[track_caller]
    pub(crate) fn manifest(&self) -> BTreeMap<String, Value> {
        let path = self.path("out/.ivrkit-media.json");
        let Ok(text) = fs::read(&path) else { return BTreeMap::new() };
        let document: Value = serde_json::from_slice(&text).unwrap();
        let lines = document["files"].as_array().unwrap().iter().cloned();
        let lines: BTreeMap<String, Value> =
            lines.map(|line| (line["name"].as_str().unwrap().to_owned(), line)).collect();
        for (name, line) in &lines {
            let bytes = fs::read(self.path("out").join(name)).unwrap();
            assert_eq!(line["sha256"], sha256(&bytes), "{name}");
            assert_eq!(line["size_bytes"], bytes.len(), "{name}");
        }
        lines
    }
}

pub(crate) fn outcome(command: &mut Command) -> Outcome {
    ended(command.spawn().unwrap())
}

/// Waits for the end of a command, and kills what does not end.
pub(crate) fn ended(mut child: Child) -> Outcome {
    let id = child.id();
    let (sender, receiver) = std::sync::mpsc::channel();
    let watch = std::thread::spawn(move || {
        if receiver.recv_timeout(Duration::from_mins(5)).is_err() {
            Command::new("kill").args(["-9", &id.to_string()]).status().unwrap();
        }
    });
    let (stdout, stderr) = (child.stdout.take(), child.stderr.take());
    let read = |pipe: Option<Box<dyn std::io::Read + Send>>| {
        std::thread::spawn(move || {
            let mut text = String::new();
            pipe.map(|mut pipe| pipe.read_to_string(&mut text));
            text
        })
    };
    let out = read(stdout.map(|pipe| Box::new(pipe) as _));
    let err = read(stderr.map(|pipe| Box::new(pipe) as _));
    let status = child.wait().unwrap();
    sender.send(()).unwrap();
    watch.join().unwrap();
    Outcome {
        code: status.code().unwrap_or(-1),
        out: out.join().unwrap(),
        err: err.join().unwrap(),
    }
}

/// Waits until something is so.
#[track_caller]
pub(crate) fn until(what: &str, is_so: impl Fn() -> bool) {
    let start = Instant::now();
    while !is_so() {
        assert!(start.elapsed() < Duration::from_mins(2), "{what} did not come");
        std::thread::sleep(Duration::from_millis(5));
    }
}

pub(crate) fn lines(path: &Path) -> Vec<String> {
    fs::read_to_string(path).unwrap_or_default().lines().map(str::to_owned).collect()
}

/// The samples of a prompt, read by hound, which shares nothing with what wrote it.
pub(crate) fn samples(prompt: &[u8]) -> Vec<i16> {
    let mut reader = hound::WavReader::new(prompt).unwrap();
    assert_eq!((reader.spec().channels, reader.spec().sample_rate), (1, 8_000));
    reader.samples().map(Result::unwrap).collect()
}

fn sha256(bytes: &[u8]) -> String {
    use sha2::Digest as _;
    let digest = sha2::Sha256::digest(bytes);
    digest.iter().fold(String::new(), |text, byte| text + &format!("{byte:02x}"))
}
