//! How many tests of the shipped scenario run in a second: dialplan, caller and server.
//!
//! `cargo bench -p ivrkit-dialplan --bench rehearsal -- [ROUNDS]` runs them in turn on one core and
//! on two, and prints calls for each second of wall clock. The bar: thousands.

#![expect(clippy::disallowed_types, clippy::disallowed_methods, reason = "a benchmark runs things")]

use ivrkit_dialplan::{
    application::Version,
    call::Pbx,
    dialplan,
    rehearsal::SoundLengths,
    scenario::{self, Profile, Scenario},
    scenario_test::{self, Tests, World},
    source::Source,
    syntax::Nothing,
};
use std::{env, fs, path::Path, sync::Arc, thread, time::Instant};

/// How often all tests are run unless a number is given.
const ROUNDS: usize = 200;
/// Those of the rendered dialplan's PBX.
const PROFILE: Profile = Profile::Asterisk;

fn main() {
    let rounds = env::args().nth(1).and_then(|text| text.parse().ok()).unwrap_or(ROUNDS);
    let (scenario, tests, pbx) = (scenario(), tests(), Arc::new(pbx()));
    let world = World { pbx, scenario: Some(&scenario) };
    run(&world, &tests, 1);
    for cores in [1, 2] {
        let begun = Instant::now();
        let calls: usize = thread::scope(|scope| {
            let started: Vec<_> =
                (0..cores).map(|_| scope.spawn(|| run(&world, &tests, rounds))).collect();
            started.into_iter().map(|one| one.join().expect("it ends")).sum()
        });
        let wall_s = begun.elapsed().as_secs_f64();
        #[expect(clippy::cast_precision_loss, reason = "there are fewer calls than that")]
        let per_s = calls as f64 / wall_s;
        println!("{cores} cores: {calls} calls in {wall_s:.2} s, {per_s:.0} a second");
    }
}

/// Runs all tests so often; how many calls that were.
fn run(world: &World<'_>, tests: &Tests, rounds: usize) -> usize {
    let cases = tests.cases(Some(PROFILE));
    for _ in 0..rounds {
        for case in &cases {
            let failures = case.judge(world, &case.run(world));
            assert!(failures.is_empty(), "{}: {failures:?}", case.name);
        }
    }
    rounds * cases.len()
}

fn scenario() -> Scenario {
    let source = Source::new("driving-test.yaml", read("scenarios/driving-test.yaml"));
    scenario::read(source).scenario.expect("it has no mistakes")
}

fn tests() -> Tests {
    let source = Source::new("driving-test.test.yaml", read("scenarios/driving-test.test.yaml"));
    scenario_test::read(source).tests.expect("it has no mistakes")
}

fn pbx() -> Pbx {
    let text = read("tests/golden/driving-test.asterisk.conf");
    let dialplan = dialplan::load(b"extensions.conf", text.into_bytes(), &mut Nothing);
    Pbx::new(dialplan, Version::V22, Arc::new(SoundLengths::default()))
}

fn read(name: &str) -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").join(name);
    fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}
