//! Every probe loads as the real Asterisks were recorded to load it, and stands in the index of
//! what they show: `docs/asterisk-loading.md`.

#![allow(clippy::unwrap_used, reason = "test code panics where it cannot go on")]

#[path = "support/probes.rs"]
mod probes;

use ivrkit_dialplan::application::Version;
use std::{collections::BTreeSet, fs, path::Path};

const VERSIONS: [Version; 2] = [Version::V16, Version::V22];

#[test]
fn every_probe_loads_as_asterisk_loads_it() {
    let all = probes::all();
    assert!(all.len() >= 122, "{} probes", all.len());
    let mut differing = 0;
    for (version, probe) in VERSIONS.into_iter().flat_map(|one| all.iter().map(move |of| (one, of)))
    {
        let difference = probe.ours(version).difference(&probe.recorded(version));
        if !difference.is_empty() {
            differing += 1;
            println!("{} on {version}:\n{difference}", probe.name);
        }
    }
    assert_eq!(differing, 0, "of {} probes", all.len());
}

#[test]
fn probes_that_tell_the_versions_apart_do_so() {
    let all = probes::all();
    let by_version: Vec<_> = all.iter().filter(|probe| probe.is_by_version()).collect();
    assert!(by_version.len() >= 4, "{by_version:?}");
    for probe in by_version {
        let [old, new] = VERSIONS.map(|version| probe.recorded(version));
        assert_ne!(old, new, "{}", probe.name);
    }
}

/// A row of the tables of `docs/asterisk-loading.md`.
struct Point {
    number: usize,
    probes: Vec<String>,
    modules: Vec<String>,
}

fn points() -> Vec<Point> {
    let page = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/asterisk-loading.md");
    let text = fs::read_to_string(page).unwrap();
    let row = |line: &str| {
        let cells: Vec<&str> = line.strip_prefix("| ")?.split(" | ").collect();
        let [number, _, _, probes, modules] = cells[..] else { return None };
        let quoted = |cell: &str| -> Vec<String> {
            cell.split('`').skip(1).step_by(2).map(str::to_owned).collect()
        };
        let number = number.parse().ok()?;
        Some(Point { number, probes: quoted(probes), modules: quoted(modules) })
    };
    text.lines().filter_map(row).collect()
}

#[test]
fn every_point_names_its_probes_and_every_probe_its_point() {
    let points = points();
    let numbers: Vec<usize> = points.iter().map(|point| point.number).collect();
    assert_eq!(numbers, (1..=43).collect::<Vec<_>>());
    let sources = Path::new(env!("CARGO_MANIFEST_DIR")).join("crates/ivrkit-dialplan/src");
    for Point { number, probes, modules } in &points {
        assert!(!probes.is_empty() && !modules.is_empty(), "point {number} lacks something");
        for module in modules {
            assert!(sources.join(module).is_file(), "point {number}: {module} is not there");
        }
    }
    let named: BTreeSet<String> = points.into_iter().flat_map(|point| point.probes).collect();
    let there: BTreeSet<String> = probes::all().into_iter().map(|probe| probe.name).collect();
    let unnamed: Vec<_> = there.difference(&named).collect();
    let missing: Vec<_> = named.difference(&there).collect();
    assert!(unnamed.is_empty(), "docs/asterisk-loading.md does not name {unnamed:?}");
    assert!(missing.is_empty(), "tests/probes has no {missing:?}");
}
