//! Calls on real Asterisks, whose course is the truth for simulated ones.

#![allow(clippy::unwrap_used, reason = "test code panics where it cannot go on")]

#[path = "support/calls/mod.rs"]
mod calls;
mod support;

use calls::{
    batch,
    case::{self, Case},
    generator, record, shipped,
    sounds::Sounds,
};
use std::{fmt::Debug, fs, path::PathBuf, str::FromStr, thread};
use support::asterisk::Version;

/// Writes what both versions do in each case to a folder, for those who work on the simulator.
#[test]
#[ignore = "a tool: IVRKIT_TRUTH=DIR [IVRKIT_CASES=PART-OF-NAME] cargo test --test calls record -- --ignored"]
fn record_what_asterisk_does() {
    let folder =
        PathBuf::from(std::env::var_os("IVRKIT_TRUTH").expect("IVRKIT_TRUTH names a folder"));
    let part = std::env::var("IVRKIT_CASES").unwrap_or_default();
    let mut cases = all_cases();
    cases.retain(|case| case.name.contains(&part));
    let sounds = Sounds::of(&cases);
    fs::create_dir_all(folder.join("cases")).unwrap();
    for case in &cases {
        let text = serde_yaml::to_string(case).unwrap();
        fs::write(folder.join("cases").join(format!("{}.case", case.name)), text).unwrap();
    }
    thread::scope(|scope| {
        let (cases, sounds, folder) = (&cases, &sounds, &folder);
        for version in Version::ALL {
            scope.spawn(move || {
                for (case, followed) in cases.iter().zip(batch::run(version, cases, sounds)) {
                    if case.runs_on(version) {
                        let text =
                            serde_json::to_string_pretty(&record::case(case, version, &followed));
                        let path = folder.join(format!("{}.{version}.json", case.name));
                        fs::write(path, text.unwrap()).unwrap();
                    }
                }
            });
        }
    });
}

/// The cases written by hand, those made of what ivrkit ships, and those made by chance.
fn all_cases() -> Vec<Case> {
    let made =
        generator::cases(number_of("IVRKIT_CALLS_SEED", 1), number_of("IVRKIT_CALLS_MADE", 40));
    case::written().into_iter().chain(shipped::cases()).chain(made).collect()
}

/// A number that the environment may set.
fn number_of<T: FromStr>(name: &str, usual: T) -> T
where
    T::Err: Debug,
{
    std::env::var(name).map_or(usual, |text| text.parse().unwrap())
}
