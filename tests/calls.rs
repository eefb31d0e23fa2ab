//! Simulated calls run as the same calls do on real Asterisks: the same steps with the same
//! arguments, the same events and the same end, at the same times within 0.3 s.
//!
//! The calls come from the cases in `tests/calls`, from the shipped scenario and the script that
//! ivrkit began with, and from dialplans made by chance. `IVRKIT_CALLS_SEED` and
//! `IVRKIT_CALLS_MADE` choose those (usually 1 and 40), `IVRKIT_CASES` a part of the names of cases.

#![allow(clippy::unwrap_used, reason = "test code panics where it cannot go on")]

#[path = "support/calls/mod.rs"]
mod calls;
mod support;

use calls::{
    batch,
    case::{self, Case, CaseCall},
    comparison, generator, record, recorded, shipped,
    simulated::{self, Hesitation},
    sounds::Sounds,
};
use std::{fmt::Debug, fs, path::PathBuf, str::FromStr, thread};
use support::asterisk::{Followed, Version};

/// So much earlier or later a caller is tried who may have acted in the very moment of a time-out.
const NEARLY_S: [f64; 4] = [-0.03, 0.03, -0.08, 0.08];

/// How often calls that differ are made again.
const REPEATS: usize = 5;

#[test]
fn simulated_calls_run_as_on_asterisk_16() {
    run_alike(Version::V16);
}

#[test]
fn simulated_calls_run_as_on_asterisk_22() {
    run_alike(Version::V22);
}

/// Makes every call on a real daemon and on a simulated PBX. Where few differ they are made again,
/// as are those that chance may have decided: a busy machine is late now and then.
fn run_alike(version: Version) {
    let cases = chosen_cases();
    let sounds = Sounds::of(&cases);
    let mut tally = Tally::default();
    tally.compare_all(&cases, version, batch::run(version, &cases, &sounds));
    for repeat in 1..=REPEATS {
        if tally.differing.is_empty() || tally.different() * 5 > tally.calls {
            break;
        }
        tally.allows_chance = repeat == REPEATS;
        let again = tally.take_differing();
        tally.compare_all(&again, version, batch::run(version, &again, &sounds));
    }
    tally.tell(version);
    tally.check();
}

/// The same with what was recorded: takes no daemon and no time.
#[test]
#[ignore = "a tool: IVRKIT_TRUTH=DIR [IVRKIT_CASES=PART] cargo test --test calls replay -- --ignored"]
fn replay_what_was_seen() {
    let tallies = Version::ALL.map(|version| {
        let mut tally = Tally { allows_chance: true, ..Tally::default() };
        for case in chosen_cases() {
            if let Some(followed) = recorded::read(&truth_folder(), &case, version) {
                tally.compare_all(&[case], version, vec![followed]);
            }
        }
        tally.tell(version);
        tally
    });
    tallies.iter().for_each(Tally::check);
}

/// How many calls ran alike.
#[derive(Default)]
struct Tally {
    calls: usize,
    identical: usize,
    /// Those decided by chance, see [`Tally::compare`].
    close: usize,
    /// Whether chance is allowed to decide, for nothing is made again.
    allows_chance: bool,
    /// Those that were made again.
    repeated: usize,
    /// The cases of which a call differs, with those calls only, and how they do.
    differing: Vec<(Case, Vec<String>)>,
}

impl Tally {
    fn compare_all(&mut self, cases: &[Case], version: Version, followed: Vec<Vec<Followed>>) {
        for (case, followed) in cases.iter().zip(followed) {
            self.compare(case, version, &followed);
        }
    }

    /// Compares every call of a case.
    ///
    /// A caller who acts in the moment in which a time-out ends may be heard just before or just
    /// after it. Where the simulated call goes another way when its caller acts a little earlier or
    /// later, it is enough that one of these ways is the real one.
    fn compare(&mut self, case: &Case, version: Version, followed: &[Followed]) {
        let pbx = simulated::pbx(case, version);
        let (mut calls, mut differences) = (Vec::new(), Vec::new());
        for (number, real) in followed.iter().enumerate() {
            self.calls += 1;
            let differs = |hesitation| {
                let simulated = simulated::simulate(&pbx, case, number, real, hesitation);
                comparison::difference(&real.trace, &simulated)
            };
            match differs(Hesitation::default()) {
                None => self.identical += 1,
                Some(_) if self.allows_chance && is_near(real, differs) => self.close += 1,
                Some(difference) => {
                    let call = &case.calls[number];
                    let (id, CaseCall { context, exten, keys, .. }) = (case.call_id(number), call);
                    calls.push(call.clone());
                    differences.push(format!("{id}, {context},{exten}: {keys}\n{difference}"));
                }
            }
        }
        if !calls.is_empty() {
            self.differing.push((Case { calls, ..case.clone() }, differences));
        }
    }

    fn different(&self) -> usize {
        self.differing.iter().map(|(case, _)| case.calls.len()).sum()
    }

    /// The cases with the calls to be made again, which no longer count.
    fn take_differing(&mut self) -> Vec<Case> {
        self.calls -= self.different();
        self.repeated += self.different();
        std::mem::take(&mut self.differing).into_iter().map(|(case, _)| case).collect()
    }

    fn tell(&self, version: Version) {
        for difference in self.differing.iter().flat_map(|(_, differences)| differences) {
            println!("Asterisk {version}, {difference}");
        }
        let Self { calls, identical, close, repeated, .. } = self;
        println!(
            "Asterisk {version}: {calls} calls, {identical} identical, {close} by chance; \
             {repeated} were made again"
        );
    }

    fn check(&self) {
        assert!(self.calls > 0, "no call was compared");
        assert!(self.close * 50 <= self.calls, "too many calls were decided by chance");
        assert_eq!(self.different(), 0, "calls that do not run alike");
    }
}

/// Whether a caller who is a little earlier or later, from some act on, has the real call. What
/// leads to the next wait sets its clock too, so that moving all acts together keeps them as they
/// stand to each other.
fn is_near(real: &Followed, differs: impl Fn(Hesitation) -> Option<String>) -> bool {
    let tries = (0..real.trace.events.len())
        .flat_map(|acts_before| NEARLY_S.map(|later_s| Hesitation { acts_before, later_s }));
    tries.into_iter().any(|hesitation| differs(hesitation).is_none())
}

/// Writes what both versions do in each case to a folder, for those who work on the simulator.
#[test]
#[ignore = "a tool: IVRKIT_TRUTH=DIR [IVRKIT_CASES=PART-OF-NAME] cargo test --test calls record -- --ignored"]
fn record_what_asterisk_does() {
    let folder = truth_folder();
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
                        let path = folder.join(record::file_name(case, version));
                        fs::write(path, text.unwrap()).unwrap();
                    }
                }
            });
        }
    });
}

fn truth_folder() -> PathBuf {
    PathBuf::from(std::env::var_os("IVRKIT_TRUTH").expect("IVRKIT_TRUTH names a folder"))
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
