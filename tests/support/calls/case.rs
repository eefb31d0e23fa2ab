//! A case: a small dialplan and the calls made to it. Those written by hand are `tests/calls/*.case`.

use crate::support::asterisk::{Dial, Version};
use serde::{Deserialize, Serialize};
use std::{collections::BTreeMap, fs, path::Path};

/// A dialplan and calls to it, as a case file has them (YAML).
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Case {
    /// The file's name without its ending; ids of calls begin with it.
    #[serde(skip)]
    pub(crate) name: String,
    /// What it shows.
    pub(crate) title: String,
    /// Versions of Asterisk that can run it; none means all.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) versions: Vec<u32>,
    /// How the versions differ in what they do, for readers.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) differs: Option<String>,
    /// Lines of the section `[general]` of extensions.conf.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub(crate) general: String,
    /// Sounds beside those that are always there, with their lengths in seconds.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub(crate) sounds: BTreeMap<String, f64>,
    /// What applications come to that a simulated PBX cannot run; the first that fits counts.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) outcomes: Vec<Outcome>,
    /// The text of extensions.conf. Contexts are named so that no other case has them, or the case
    /// runs alone.
    pub(crate) dialplan: String,
    pub(crate) calls: Vec<CaseCall>,
}

/// What an application comes to, in the terms of `ScriptedOutcome`.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Outcome {
    pub(crate) application: String,
    /// What its data contains.
    #[serde(default)]
    pub(crate) data: String,
    #[serde(default)]
    pub(crate) status: Option<String>,
    /// Until it comes to the status.
    #[serde(default)]
    pub(crate) takes_s: Option<f64>,
    /// The conversation after an answer.
    #[serde(default)]
    pub(crate) talk_s: Option<f64>,
    /// The hang-up cause; 0 for peers that leave none, such as Local channels that are busy.
    #[serde(default)]
    pub(crate) cause: Option<u32>,
    #[serde(default)]
    pub(crate) sets: BTreeMap<String, String>,
}

/// One call of a case.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct CaseCall {
    /// Where it begins; the first context of the dialplan unless told.
    #[serde(default)]
    pub(crate) context: String,
    #[serde(default = "start")]
    pub(crate) exten: String,
    /// What the caller does, as in [`Dial::keys`].
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub(crate) keys: String,
    /// The caller's number, or `"Name" <number>`.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub(crate) caller_id: String,
    /// Channel variables at the beginning, without commas in their values.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub(crate) variables: BTreeMap<String, String>,
}

fn start() -> String {
    "s".to_owned()
}

impl Case {
    /// Reads a case file.
    pub(crate) fn read(path: &Path) -> Self {
        let text = fs::read_to_string(path).unwrap();
        let mut case: Self = serde_yaml::from_str(&text)
            .unwrap_or_else(|error| panic!("{}: {error}", path.display()));
        path.file_stem().unwrap().to_str().unwrap().clone_into(&mut case.name);
        case.complete()
    }

    /// With the first context where a call names none.
    pub(crate) fn complete(mut self) -> Self {
        let first = self.contexts().next().unwrap_or_default().to_owned();
        for call in self.calls.iter_mut().filter(|call| call.context.is_empty()) {
            call.context.clone_from(&first);
        }
        self
    }

    /// The names of its contexts.
    pub(crate) fn contexts(&self) -> impl Iterator<Item = &str> {
        let heads = self.dialplan.lines().filter_map(|line| line.strip_prefix('['));
        let names = heads.filter_map(|head| Some(head.split_once(']')?.0));
        names.filter(|name| !matches!(*name, "general" | "globals"))
    }

    /// Whether it has a section that the whole file has once.
    pub(crate) fn is_whole_file(&self) -> bool {
        self.dialplan
            .lines()
            .any(|line| line.starts_with("[general]") || line.starts_with("[globals]"))
    }

    /// The whole text of extensions.conf, if this case has it to itself.
    pub(crate) fn file(&self) -> String {
        let head = if self.is_whole_file() { String::new() } else { self.head() };
        format!("{head}{}", self.dialplan)
    }

    /// The section `[general]` of a file that has none: what is not set stays on a daemon as the
    /// file before had it.
    pub(crate) fn head(&self) -> String {
        let general = match self.general.as_str() {
            "" => "autofallthrough = yes",
            general => general,
        };
        format!("[general]\nstatic = yes\nclearglobalvars = yes\n{general}\n")
    }

    pub(crate) fn runs_on(&self, version: Version) -> bool {
        self.versions.is_empty() || self.versions.contains(&version.number())
    }

    /// `UNIQUEID` of its call with that number.
    pub(crate) fn call_id(&self, number: usize) -> String {
        format!("{}-{number}", self.name)
    }
}

impl CaseCall {
    pub(crate) fn variables(&self) -> Vec<(&str, &str)> {
        self.variables.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect()
    }

    pub(crate) fn dial<'a>(&'a self, variables: &'a [(&'a str, &'a str)]) -> Dial<'a> {
        Dial {
            context: &self.context,
            exten: &self.exten,
            keys: &self.keys,
            caller_id: &self.caller_id,
            variables,
        }
    }
}

/// All cases written by hand, in the order of their names.
pub(crate) fn written() -> Vec<Case> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/calls");
    let mut paths: Vec<_> = fs::read_dir(&folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|ending| ending == "case"))
        .collect();
    paths.sort();
    assert!(!paths.is_empty(), "{} has cases", folder.display());
    paths.iter().map(|path| Case::read(path)).collect()
}
