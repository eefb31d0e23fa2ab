//! A target under test, a source, and the command that joins them.

use crate::{
    dropbear::{Dropbear, Tools},
    sshd::{Sshd, user},
};
use std::{
    collections::BTreeMap,
    ffi::OsStr,
    fs,
    os::unix::ffi::OsStrExt as _,
    path::{Path, PathBuf},
    process::{Child, Command, Output, Stdio},
    time::{Duration, SystemTime, UNIX_EPOCH},
};
use tempfile::TempDir;

/// Documented exit codes.
pub(crate) const INPUT: i32 = 3;
pub(crate) const UNREACHABLE: i32 = 5;
pub(crate) const REFUSED: i32 = 6;
pub(crate) const REMOTE: i32 = 7;
pub(crate) const INTERRUPTED: i32 = 130;

/// A folder that is pushed to, and how.
pub(crate) struct Site {
    pub(crate) url: String,
    pub(crate) arguments: Vec<String>,
    /// The folder, seen from the server's side.
    pub(crate) folder: PathBuf,
    home: TempDir,
    _directory: Option<TempDir>,
    pub(crate) sshd: Option<Sshd>,
    dropbear: Option<Dropbear>,
}

impl Site {
    pub(crate) fn directory() -> Self {
        let directory = TempDir::new().unwrap();
        let folder = directory.path().join("share");
        fs::create_dir(&folder).unwrap();
        Self {
            url: folder.display().to_string(),
            arguments: Vec::new(),
            folder,
            home: TempDir::new().unwrap(),
            _directory: Some(directory),
            sshd: None,
            dropbear: None,
        }
    }

    pub(crate) fn sftp() -> Self {
        Self::of(Sshd::start())
    }

    pub(crate) fn of(sshd: Sshd) -> Self {
        let folder = sshd.share();
        Self {
            url: url("sftp", &user(), sshd.port, &folder),
            arguments: arguments(sshd.identity(), sshd.known_hosts()),
            folder,
            home: TempDir::new().unwrap(),
            _directory: None,
            sshd: Some(sshd),
            dropbear: None,
        }
    }

    /// The same server, through its shell.
    pub(crate) fn by_shell(mut self) -> Self {
        self.url = self.url.replacen("sftp://", "scp://", 1);
        self
    }

    /// A server without SFTP, whose login shell runs `profile` first.
    pub(crate) fn dropbear(tools: Tools, profile: &str) -> Self {
        let dropbear = Dropbear::with(tools, profile);
        let folder = dropbear.share();
        Self {
            url: url("sftp", &user(), dropbear.port, &folder),
            arguments: arguments(dropbear.identity(), dropbear.known_hosts()),
            folder,
            home: TempDir::new().unwrap(),
            _directory: None,
            sshd: None,
            dropbear: Some(dropbear),
        }
    }

    /// Every kind of target: a folder, SFTP and the shell of OpenSSH, and Dropbear, which is asked
    /// for SFTP and has none.
    pub(crate) fn all() -> Vec<Self> {
        vec![
            Self::directory(),
            Self::sftp(),
            Self::sftp().by_shell(),
            Self::dropbear(Tools::BusyBox, ""),
        ]
    }

    /// Port of the server.
    pub(crate) fn port(&self) -> u16 {
        let dropbear = self.dropbear.as_ref().map(|dropbear| dropbear.port);
        dropbear.or_else(|| Some(self.sshd.as_ref()?.port)).unwrap()
    }

    pub(crate) fn sshd(&self) -> &Sshd {
        self.sshd.as_ref().unwrap()
    }

    /// Goes by another port to the same server.
    pub(crate) fn through(&self, port: u16) -> String {
        let scheme = self.url.split("://").next().unwrap();
        url(scheme, &user(), port, &self.folder)
    }

    /// The command. Most sources here are noise: they are pushed bit for bit.
    pub(crate) fn command(&self, source: &Path, to: &str) -> Command {
        let mut command = self.converting_command(source, to);
        command.arg("--as-is");
        command
    }

    /// The command, in an environment that knows nothing of the tester's own keys.
    pub(crate) fn converting_command(&self, source: &Path, to: &str) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_ivrkit"));
        command.arg("push-media").arg(source).args(["--to", to]).args(&self.arguments);
        command.env("HOME", self.home.path()).env("USER", user());
        for name in ["SSH_AUTH_SOCK", "IVRKIT_SSH_PASSWORD", "IVRKIT_SSH_PASSPHRASE"] {
            command.env_remove(name);
        }
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
        command
    }

    /// Pushes with more arguments.
    pub(crate) fn run(&self, source: &Path, more: &[&str]) -> Outcome {
        Outcome::of(&self.command(source, &self.url).args(more).output().unwrap())
    }

    /// Pushes and expects success: the summary line.
    pub(crate) fn push(&self, source: &Path, more: &[&str]) -> String {
        let outcome = self.run(source, more);
        assert_eq!(outcome.code, Some(0), "{}: {outcome:?}", self.url);
        outcome.stdout
    }

    /// Begins a push that goes over another port.
    pub(crate) fn begin(&self, source: &Path, port: u16, more: &[&str]) -> Child {
        self.command(source, &self.through(port)).args(more).spawn().unwrap()
    }

    /// What stands in the target, ivrkit's own names left out.
    pub(crate) fn files(&self) -> BTreeMap<PathBuf, Vec<u8>> {
        let mut files = contents(&self.folder);
        files.retain(|path, _| !path.as_os_str().as_bytes().starts_with(b".ivrkit-"));
        files
    }

    /// Makes sure that the target holds exactly this, and nothing of a push but a true manifest.
    pub(crate) fn check(&self, expected: &BTreeMap<PathBuf, Vec<u8>>) {
        let (found, expected) = (self.files(), expected);
        let names = |files: &BTreeMap<PathBuf, Vec<u8>>| files.keys().cloned().collect::<Vec<_>>();
        assert_eq!(names(&found), names(expected), "{}", self.url);
        for (path, content) in expected {
            assert!(found[path] == *content, "{}: {} differs", self.url, path.display());
        }
        assert_eq!(self.litter(), Vec::<String>::new(), "{}", self.url);
        self.check_manifest();
    }

    /// Names of ivrkit in the target that are not the manifest.
    pub(crate) fn litter(&self) -> Vec<String> {
        let entries = fs::read_dir(&self.folder).unwrap();
        let names = entries.map(|entry| entry.unwrap().file_name().to_string_lossy().into_owned());
        let ours = names.filter(|name| name.starts_with(".ivrkit-"));
        ours.filter(|name| name != ".ivrkit-manifest.json").collect()
    }

    /// Whatever the manifest says of a file that has its size and time must be so.
    fn check_manifest(&self) {
        use sha2::{Digest as _, Sha256};
        let text = fs::read(self.folder.join(".ivrkit-manifest.json")).unwrap();
        let manifest: serde_json::Value = serde_json::from_slice(&text).unwrap();
        for line in manifest["files"].as_array().unwrap() {
            let path = percent_encoding::percent_decode_str(line["path"].as_str().unwrap());
            let path = self.folder.join(OsStr::from_bytes(&path.collect::<Vec<_>>()));
            let Ok(metadata) = fs::metadata(&path) else { continue };
            let modified = metadata.modified().unwrap().duration_since(UNIX_EPOCH).unwrap();
            if line["size_bytes"] == metadata.len() && line["modified_s"] == modified.as_secs() {
                let hash = Sha256::digest(fs::read(&path).unwrap());
                let hash =
                    hash.iter().fold(String::new(), |hash, byte| hash + &format!("{byte:02x}"));
                assert_eq!(line["sha256"], hash, "{}", path.display());
            }
        }
    }
}

fn url(scheme: &str, user: &str, port: u16, folder: &Path) -> String {
    format!("{scheme}://{user}@127.0.0.1:{port}{}", folder.display())
}

fn arguments(key: PathBuf, known_hosts: PathBuf) -> Vec<String> {
    let text = |path: PathBuf| path.display().to_string();
    vec!["--key".to_owned(), text(key), "--known-hosts".to_owned(), text(known_hosts)]
}

/// How a command ended.
#[derive(Debug)]
pub(crate) struct Outcome {
    pub(crate) code: Option<i32>,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

impl Outcome {
    pub(crate) fn of(output: &Output) -> Self {
        let text = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).unwrap();
        Self {
            code: output.status.code(),
            stdout: text(&output.stdout),
            stderr: text(&output.stderr),
        }
    }

    /// Waits for a command that was begun.
    pub(crate) fn wait(child: Child) -> Self {
        Self::of(&child.wait_with_output().unwrap())
    }

    /// Makes sure of the exit code and that the one message holds all the words.
    pub(crate) fn check(&self, code: i32, words: &[&str]) {
        assert_eq!(self.code, Some(code), "{self:?}");
        for word in words {
            assert!(self.stderr.contains(word), "`{word}` is missing: {self:?}");
        }
        assert!(self.stderr.lines().count() <= 1, "more than one message: {self:?}");
    }
}

/// A folder of files to be pushed.
pub(crate) struct Prompts {
    pub(crate) folder: TempDir,
}

impl Prompts {
    /// `count` files of `size_bytes`, whose content follows from `seed`.
    pub(crate) fn new(count: usize, size_bytes: usize, seed: u64) -> Self {
        let prompts = Self { folder: TempDir::new().unwrap() };
        for index in 0..count {
            prompts.write(format!("p{index}.wav"), &noise(size_bytes, seed + index as u64));
        }
        prompts
    }

    /// The same, written an hour ago: a file of the same size and time as another waits for the
    /// end of a push.
    pub(crate) fn aged(self) -> Self {
        for path in self.contents().keys() {
            let file = fs::File::options().append(true).open(self.path().join(path)).unwrap();
            file.set_modified(SystemTime::now() - Duration::from_hours(1)).unwrap();
        }
        self
    }

    pub(crate) fn path(&self) -> &Path {
        self.folder.path()
    }

    pub(crate) fn write(&self, name: impl AsRef<Path>, content: &[u8]) {
        let path = self.path().join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, content).unwrap();
    }

    pub(crate) fn contents(&self) -> BTreeMap<PathBuf, Vec<u8>> {
        contents(self.path())
    }
}

/// Bytes that do not compress and follow from `seed`.
pub(crate) fn noise(size_bytes: usize, seed: u64) -> Vec<u8> {
    let mut state = seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1;
    let words = std::iter::repeat_with(|| {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        state.to_le_bytes()
    });
    words.flatten().take(size_bytes).collect()
}

/// Every file below a folder.
pub(crate) fn contents(folder: &Path) -> BTreeMap<PathBuf, Vec<u8>> {
    let files = walkdir::WalkDir::new(folder).into_iter().map(Result::unwrap);
    let files = files.filter(|entry| entry.file_type().is_file()).map(|entry| {
        let name = entry.path().strip_prefix(folder).unwrap().to_owned();
        (name, fs::read(entry.path()).unwrap())
    });
    files.collect()
}
