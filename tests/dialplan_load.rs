//! Real Asterisks load every probe, and ivrkit loads it the same: the listing byte for byte, and
//! the same complaints on the same lines.
//!
//! `IVRKIT_RECORD=1` writes what the daemons say beside the probes, for `tests/dialplan_probes.rs`.

#![allow(clippy::unwrap_used, reason = "test code panics where it cannot go on")]

#[path = "support/complaints.rs"]
mod complaints;
#[path = "support/probes.rs"]
mod probes;
#[path = "support/mod.rs"]
mod support;

use probes::{Loaded, Probe};
use std::{fs, path::Path};
pub(crate) use support::asterisk;
use support::asterisk::{Asterisk, Version};

/// What is loaded between two probes: it takes back what the one before has set, and is listed if
/// the next one is refused.
const BLANK: &str = "[general]\nclearglobalvars=yes\nextenpatternmatchnew=no\noverrideswitch=\n\
                     [blank]\nexten => blank,1,NoOp\n";

#[test]
fn every_probe_loads_alike_on_asterisk_16() {
    every_probe_loads_alike(Version::V16);
}

#[test]
fn every_probe_loads_alike_on_asterisk_22() {
    every_probe_loads_alike(Version::V22);
}

fn every_probe_loads_alike(version: Version) {
    let pbx = Asterisk::start(version, None);
    let all = probes::all();
    assert!(all.len() >= 122, "{} probes", all.len());
    let mut differing = Vec::new();
    for probe in &all {
        let real = loaded(&pbx, probe);
        if std::env::var_os("IVRKIT_RECORD").is_some() {
            probe.record(&real);
        }
        let found = [probe.ours().difference(&real), probe.recorded().difference(&real)].concat();
        if !found.is_empty() {
            println!("{}:\n{found}", probe.name);
            differing.push(&probe.name);
        }
    }
    assert!(differing.is_empty(), "{} of {}: {differing:?}", differing.len(), all.len());
}

/// Loads a probe in a daemon that holds nothing else.
fn loaded(pbx: &Asterisk, probe: &Probe) -> Loaded {
    let etc = pbx.etc();
    fs::write(etc.join("extensions.conf"), BLANK).unwrap();
    pbx.command("dialplan reload");
    pbx.messages();
    copy(&probe.folder, &etc);
    pbx.command("dialplan reload");
    let messages = pbx.messages().iter().map(complaints::complaint).collect();
    let show = pbx.manager().command_bytes("dialplan show");
    for entry in fs::read_dir(&probe.folder).unwrap() {
        let path = etc.join(entry.unwrap().file_name());
        if path.is_dir() {
            fs::remove_dir_all(path).unwrap()
        } else {
            fs::remove_file(path).unwrap()
        }
    }
    let is_refused = show.windows(7).any(|part| part == b"'blank'");
    Loaded { show: if is_refused { Vec::new() } else { show }, messages }
}

fn copy(from: &Path, to: &Path) {
    for entry in walkdir::WalkDir::new(from).min_depth(1).sort_by_file_name() {
        let entry = entry.unwrap();
        let target = to.join(entry.path().strip_prefix(from).unwrap());
        if entry.file_type().is_dir() {
            fs::create_dir_all(target).unwrap();
        } else {
            fs::copy(entry.path(), target).unwrap();
        }
    }
}
