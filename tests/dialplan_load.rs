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

use ivrkit::dialplan_files;
use probes::Loaded;
use std::{fs, io::Write as _, path::Path};
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
        let real = loaded(&pbx, &probe.folder);
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

#[test]
fn one_context_and_one_extension_are_listed_alike() {
    let pbx = Asterisk::start(Version::V22, None);
    for (probe, context, exten) in [
        ("name-order", Some("a"), None),
        ("name-order", Some("a"), Some("12")),
        ("name-order", None, Some("1")),
        ("name-order", Some("a"), Some("nothing-of-that-name-1")),
        ("include-ctx", Some("a"), Some("1")),
        ("list-order", Some("a"), Some("1")),
        ("list-order", Some("a"), Some("91")),
        ("list-order", Some("b"), None),
        ("ignorepat", Some("a"), Some("1")),
    ] {
        let all = probes::all();
        let probe = all.iter().find(|one| one.name == probe).unwrap();
        loaded(&pbx, &probe.folder);
        let place = match (context, exten) {
            (Some(context), None) => context.to_owned(),
            (context, exten) => format!("{}@{}", exten.unwrap_or(""), context.unwrap_or("")),
        };
        let real = pbx.manager().command_bytes(&format!("dialplan show {place}"));
        let dialplan = dialplan_files::load(&probe.folder.join("extensions.conf")).unwrap();
        let mut ours = Vec::new();
        let bytes = |text: Option<&'static str>| text.map(str::as_bytes);
        let shown = dialplan.show(bytes(context), bytes(exten), |piece| ours.write_all(piece));
        assert!(shown.is_ok());
        let real = String::from_utf8_lossy(&real).into_owned();
        // The manager interface adds a line of its own when there is nothing to list.
        let real =
            real.split_once("Command 'dialplan").map_or(real.as_str(), |(listing, _)| listing);
        assert_eq!(String::from_utf8_lossy(&ours), real, "{} {place}", probe.name);
    }
}

/// Any folder of dialplans: `IVRKIT_DIALPLANS=DIR cargo test --test dialplan_load -- --ignored
/// --nocapture`. Each file whose name begins with `extensions` is loaded with the `.conf` files
/// beside it.
#[test]
#[ignore = "needs a folder of dialplans"]
fn every_dialplan_of_a_folder_loads_alike() {
    let folder = std::env::var_os("IVRKIT_DIALPLANS").expect("IVRKIT_DIALPLANS names a folder");
    let pbx = Asterisk::start(Version::V22, None);
    let (mut all, mut differing) = (0, 0);
    for path in walkdir::WalkDir::new(folder).sort_by_file_name() {
        let path = path.unwrap().into_path();
        let name = path.file_name().unwrap().to_string_lossy();
        if !path.is_file() || !name.starts_with("extensions") || !name.contains(".conf") {
            continue;
        }
        let room = tempfile::tempdir().unwrap();
        for beside in fs::read_dir(path.parent().unwrap()).unwrap() {
            let beside = beside.unwrap();
            let is_own = matches!(beside.file_name().to_str(), Some("extensions.conf") | None);
            if beside.path().is_file() && !is_own && !pbx.etc().join(beside.file_name()).exists() {
                fs::copy(beside.path(), room.path().join(beside.file_name())).unwrap();
            }
        }
        let main = room.path().join("extensions.conf");
        fs::copy(&path, &main).unwrap();
        let ours = Loaded::of(&dialplan_files::load(&main).unwrap());
        let difference = ours.difference(&loaded(&pbx, room.path()));
        all += 1;
        if !difference.is_empty() {
            differing += 1;
            println!("{}:\n{difference}", path.display());
        }
    }
    println!("{differing} of {all} differ");
    assert_eq!(differing, 0, "of {all}");
}

/// Loads the `extensions.conf` of a folder in a daemon that holds nothing else.
fn loaded(pbx: &Asterisk, folder: &Path) -> Loaded {
    let etc = pbx.etc();
    fs::write(etc.join("extensions.conf"), BLANK).unwrap();
    pbx.command("dialplan reload");
    pbx.messages();
    copy(folder, &etc);
    pbx.command("dialplan reload");
    let messages = pbx.messages().iter().map(complaints::complaint).collect();
    let show = pbx.manager().command_bytes("dialplan show");
    for entry in fs::read_dir(folder).unwrap() {
        let path = etc.join(entry.unwrap().file_name());
        let removed = if path.is_dir() { fs::remove_dir_all(path) } else { fs::remove_file(path) };
        removed.unwrap();
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
