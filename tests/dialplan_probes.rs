//! Every probe loads as the real Asterisks were recorded to load it.

#![allow(clippy::unwrap_used, reason = "test code panics where it cannot go on")]

#[path = "support/probes.rs"]
mod probes;

#[test]
fn every_probe_loads_as_asterisk_loads_it() {
    let all = probes::all();
    assert!(all.len() >= 122, "{} probes", all.len());
    let mut differing = 0;
    for probe in &all {
        let difference = probe.ours().difference(&probe.recorded());
        if !difference.is_empty() {
            differing += 1;
            println!("{}:\n{difference}", probe.name);
        }
    }
    assert_eq!(differing, 0, "of {} probes", all.len());
}
