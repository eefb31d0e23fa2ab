//! The probes of `tests/probes`: small dialplans that show one rule of Asterisk's loading each.
//!
//! `NAME/extensions.conf` and the files it includes are the input. `NAME.show` is what both real
//! Asterisks list, `NAME.messages` the set of what both complain about: a kind, and its line if
//! Asterisk names one. Where 16 differs, `NAME.16.show` and `NAME.16.messages` stand beside them.
//! `tests/dialplan_load.rs` holds them against the real daemons, and records them when
//! `IVRKIT_RECORD` is set.

#![allow(dead_code, reason = "each suite uses its own part")]

use ivrkit::dialplan_files;
use ivrkit_dialplan::{application::Version, dialplan::Dialplan};
use std::{
    collections::BTreeSet,
    fs,
    io::Write as _,
    path::{Path, PathBuf},
};

/// A dialplan as loaded: its listing and its complaints.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Loaded {
    /// Without the totals of a refused load, which lists nothing.
    pub(crate) show: Vec<u8>,
    pub(crate) messages: BTreeSet<String>,
}

/// One probe.
#[derive(Debug)]
pub(crate) struct Probe {
    pub(crate) name: String,
    pub(crate) folder: PathBuf,
}

/// All probes, by name.
pub(crate) fn all() -> Vec<Probe> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/probes");
    let mut folders: Vec<PathBuf> = fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.is_dir())
        .collect();
    folders.sort();
    let name = |folder: &Path| folder.file_name().unwrap().to_str().unwrap().to_owned();
    folders.into_iter().map(|folder| Probe { name: name(&folder), folder }).collect()
}

impl Probe {
    /// What ivrkit makes of it as that version.
    pub(crate) fn ours(&self, version: Version) -> Loaded {
        let main = self.folder.join("extensions.conf");
        Loaded::of(&dialplan_files::load_as(version, &main).unwrap())
    }

    /// What was recorded of the real Asterisk of that version.
    pub(crate) fn recorded(&self, version: Version) -> Loaded {
        let messages = fs::read_to_string(self.beside(version, "messages")).unwrap();
        Loaded {
            show: fs::read(self.beside(version, "show")).unwrap(),
            messages: messages.lines().map(str::to_owned).collect(),
        }
    }

    /// Records what a real Asterisk says.
    pub(crate) fn record(&self, version: Version, loaded: &Loaded) {
        let messages: Vec<_> = loaded.messages.iter().map(|line| format!("{line}\n")).collect();
        fs::write(self.beside(version, "show"), &loaded.show).unwrap();
        fs::write(self.beside(version, "messages"), messages.concat()).unwrap();
    }

    /// Whether the versions differ on it.
    pub(crate) fn is_by_version(&self) -> bool {
        self.own(Version::V16, "messages").is_file()
    }

    fn beside(&self, version: Version, ending: &str) -> PathBuf {
        if version == Version::V16 && self.is_by_version() {
            return self.own(version, ending);
        }
        self.folder.with_file_name(format!("{}.{ending}", self.name))
    }

    fn own(&self, version: Version, ending: &str) -> PathBuf {
        self.folder.with_file_name(format!("{}.{version}.{ending}", self.name))
    }
}

impl Loaded {
    pub(crate) fn of(dialplan: &Dialplan) -> Self {
        let mut show = Vec::new();
        if !dialplan.is_refused {
            let shown = dialplan.show(None, None, |piece| show.write_all(piece));
            shown.unwrap().unwrap();
        }
        let messages = dialplan.messages.iter().map(|message| {
            if message.kind.names_line() {
                format!("{}:{}", message.kind.name(), message.line)
            } else {
                message.kind.name().to_owned()
            }
        });
        Self { show, messages: messages.collect() }
    }

    /// Where two differ, for people; empty if they do not.
    pub(crate) fn difference(&self, real: &Self) -> String {
        let mut text = String::new();
        let lines = |show: &[u8]| {
            let lines = show.split(|&byte| byte == b'\n');
            lines.map(|line| line.escape_ascii().to_string()).collect::<Vec<_>>()
        };
        let (ours, theirs) = (lines(&self.show), lines(&real.show));
        let at = (0..ours.len().max(theirs.len())).find(|&at| ours.get(at) != theirs.get(at));
        if let Some(at) = at {
            let (ours, theirs) = (ours.get(at), theirs.get(at));
            text +=
                &format!("  line {} of the listing: {ours:?}\n  Asterisk: {theirs:?}\n", at + 1);
        }
        for message in self.messages.difference(&real.messages) {
            text += &format!("  Asterisk does not say {message}\n");
        }
        for message in real.messages.difference(&self.messages) {
            text += &format!("  Asterisk says {message}\n");
        }
        text
    }
}
