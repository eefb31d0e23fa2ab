//! Calls on real Asterisks, whose course is the truth for simulated ones.

#![allow(clippy::unwrap_used, reason = "test code panics where it cannot go on")]

#[path = "support/calls/mod.rs"]
mod calls;
mod support;

use calls::{
    batch,
    case::{self, Case},
    comparison, generator, record, shipped, simulated,
    sounds::Sounds,
};
use std::{fmt::Debug, fs, path::PathBuf, str::FromStr, thread};
use support::asterisk::Version;

/// So much earlier or later a caller is tried who may have acted in the very moment of a time-out.
const NEARLY_S: [f64; 4] = [-0.03, 0.03, -0.08, 0.08];

#[test]
fn simulated_calls_run_as_on_asterisk_16() {
    run_alike(Version::V16);
}

#[test]
fn simulated_calls_run_as_on_asterisk_22() {
    run_alike(Version::V22);
}

/// Makes every call on a real daemon and on a simulated PBX.
///
/// A caller who acts in the moment in which a time-out ends may be heard just before or just after
/// it. Where the simulated call goes another way when its caller acts a little earlier or later, it
/// is enough that one of these ways is the real one.
fn run_alike(version: Version) {
    let cases = chosen_cases();
    let sounds = Sounds::of(&cases);
    let (mut calls, mut identical, mut close) = (0, 0, 0);
    for (case, followed) in cases.iter().zip(batch::run(version, &cases, &sounds)) {
        let pbx = simulated::pbx(case, version);
        for (number, real) in followed.iter().enumerate() {
            calls += 1;
            let simulate = |later_s| simulated::simulate(&pbx, case, number, real, later_s);
            let Some(difference) = comparison::difference(&real.trace, &simulate(0.0)) else {
                identical += 1;
                continue;
            };
            if NEARLY_S
                .iter()
                .any(|&later_s| comparison::is_same_way(&real.trace, &simulate(later_s)))
            {
                close += 1;
                continue;
            }
            let call = &case.calls[number];
            println!(
                "{} on Asterisk {version}, {},{} from {:?}: {}\n{difference}",
                case.call_id(number),
                call.context,
                call.exten,
                call.caller_id,
                call.keys
            );
        }
    }
    println!("Asterisk {version}: {calls} calls, {identical} identical, {close} decided by chance");
    assert!(close * 50 <= calls, "too many calls were decided by chance");
    assert_eq!(identical + close, calls, "calls that run alike");
}

/// Writes what both versions do in each case to a folder, for those who work on the simulator.
#[test]
#[ignore = "a tool: IVRKIT_TRUTH=DIR [IVRKIT_CASES=PART-OF-NAME] cargo test --test calls record -- --ignored"]
fn record_what_asterisk_does() {
    let folder =
        PathBuf::from(std::env::var_os("IVRKIT_TRUTH").expect("IVRKIT_TRUTH names a folder"));
    let cases = chosen_cases();
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

/// The cases of which `IVRKIT_CASES` names a part; all of them unless it is set.
fn chosen_cases() -> Vec<Case> {
    let part = std::env::var("IVRKIT_CASES").unwrap_or_default();
    all_cases().into_iter().filter(|case| case.name.contains(&part)).collect()
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
