//! Real Asterisks load every probe, and ivrkit loads it the same: the listing byte for byte, and
//! the same complaints on the same lines.
//!
//! `IVRKIT_RECORD=1` writes what the daemons say beside the probes, for `tests/dialplan_probes.rs`;
//! where 16 differs, make an empty `NAME.16.messages` first.

#![allow(clippy::unwrap_used, reason = "test code panics where it cannot go on")]

#[path = "support/complaints.rs"]
mod complaints;
#[path = "support/loading.rs"]
mod loading;
#[path = "support/probes.rs"]
mod probes;
#[path = "support/mod.rs"]
mod support;

use ivrkit::dialplan_files;
use ivrkit_dialplan::application;
use loading::loaded;
use std::io::Write as _;
pub(crate) use support::asterisk;
use support::asterisk::{Asterisk, Version};

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
    let ours = match version {
        Version::V16 => application::Version::V16,
        Version::V22 => application::Version::V22,
    };
    let all = probes::all();
    assert!(all.len() >= 122, "{} probes", all.len());
    let mut differing = Vec::new();
    for probe in &all {
        let real = loaded(&pbx, &probe.folder);
        if std::env::var_os("IVRKIT_RECORD").is_some() {
            probe.record(ours, &real);
        }
        let found = [probe.ours(ours), probe.recorded(ours)].map(|one| one.difference(&real));
        let found = found.concat();
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
