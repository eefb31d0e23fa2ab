//! The loop on a real store, against a PBX that is played in virtual time: lost answers, reports
//! that come twice and late, and crashes at any point between a report and what follows from it.

mod played;

use super::*;
use crate::{config::Config, number::PhoneNumber, secret};
use ivrkit_dialplan::{
    scenario::{self, Scenario},
    source::Source,
};
use played::{Happening, Played};
use std::{path::Path, sync::mpsc};
use tempfile::TempDir;
use tokio::sync::oneshot;

pub(super) const RIGHT: &str = "56789";
/// A report that was not answered 200 comes again after this time.
const REPORT_AGAIN_MS: TimeMs = 500;

/// The loop, its store, and the PBX.
struct World {
    scenario: Arc<Scenario>,
    config: Config,
    driver: Option<Driver>,
    acts: mpsc::Receiver<Effect>,
    pbx: Played,
    now: TimeMs,
    /// Chance that the process dies at one step.
    crash: f64,
    crashes: u32,
    _folder: TempDir,
}

/// Where a crash strikes.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Crash {
    Nowhere,
    BeforeCommit,
    BeforeAnswer,
    BeforeActing,
}

impl World {
    fn new(seed: u64, faulty: bool) -> Self {
        Self::with(driving_test(), seed, faulty)
    }

    fn with(scenario: Scenario, seed: u64, faulty: bool) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let config = config(folder.path());
        let now = clock::now_ms();
        let (_, acts) = mpsc::channel();
        let scenario = Arc::new(scenario);
        let pbx = Played::new(seed, faulty);
        let crash = if faulty { 0.03 } else { 0.0 };
        let mut world = Self {
            scenario,
            config,
            driver: None,
            acts,
            pbx,
            now,
            crash,
            crashes: 0,
            _folder: folder,
        };
        world.restart();
        world
    }

    /// A new process on the same store.
    fn restart(&mut self) {
        self.driver = None;
        let store = Store::open(&self.config.store).unwrap();
        let (tell, acts) = mpsc::channel();
        let actor = Actor::by(move |effect| tell.send(effect).unwrap());
        let (_, events) = mpsc::channel();
        let store_works = Arc::new(AtomicBool::new(true));
        let shown = Shown { store_works, metrics: Arc::new(Metrics::new()) };
        let scenario = Arc::clone(&self.scenario);
        let driver =
            Driver::load(scenario, &self.config, store, actor, events, shown, self.now).unwrap();
        (self.driver, self.acts) = (Some(driver), acts);
        self.step(vec![Event::PbxReady(true), Event::LoggedIn], Crash::Nowhere);
    }

    fn driver(&mut self) -> &mut Driver {
        self.driver.as_mut().unwrap()
    }

    /// One transaction and what follows; what the loop wants done goes to the PBX.
    fn step(&mut self, events: Vec<Event>, mut crash: Crash) {
        let now = self.now;
        if crash != Crash::BeforeCommit {
            let driver = self.driver.as_mut().unwrap();
            let done = driver.record(now, &events).expect("the store takes every transaction");
            let done = done.unwrap_or_default();
            if crash == Crash::BeforeAnswer && !self.pbx.may_lose(&done.effects) {
                crash = Crash::Nowhere;
            }
            if crash != Crash::BeforeAnswer {
                driver.follow_up(now, events, done);
            }
        }
        if crash == Crash::Nowhere {
            while let Ok(effect) = self.acts.try_recv() {
                self.pbx.ask(now, effect);
            }
        } else {
            self.crashes += 1;
            // What was sent to the PBX may arrive; nobody is there to take its answer.
            while let Ok(effect) = self.acts.try_recv() {
                if !self.pbx.gets_lost(&effect) {
                    self.pbx.ask(now, effect);
                }
            }
            self.pbx.forget_askers();
            self.now += self.pbx.dice.u64(1..400);
            self.restart();
        }
    }

    /// Goes on to the next moment at which anything happens; `false` when nothing ever will.
    fn advance(&mut self) -> bool {
        let now = self.now;
        let due = self.driver().next_due(now);
        let agenda = self.pbx.next();
        let desk = &self.driver().desk;
        if agenda.is_none() && desk.calls().next().is_none() && !desk.has_queued() {
            return false;
        }
        self.now = agenda.unwrap_or(TimeMs::MAX).min(due).max(now + 1);
        let (mut events, mut reports, mut starts) = (Vec::new(), Vec::new(), Vec::new());
        while let Some(happening) = self.pbx.take(self.now) {
            match happening {
                Happening::Answer(event) => events.push(event),
                Happening::Report(told) => {
                    let (answer, answered) = oneshot::channel();
                    let heard = Instant::now();
                    events.push(Event::Report { told: told.clone(), heard, answer });
                    reports.push((told, answered));
                }
                Happening::Start(number) => {
                    let (answer, answered) = oneshot::channel();
                    let by_codes = !self.scenario.verifications_by_codes().is_empty();
                    events.push(Event::Start { call: new_call(&number, by_codes), answer });
                    starts.push((number, answered));
                }
            }
        }
        let crash = self.crash_now();
        self.step(events, crash);
        for (told, mut answered) in reports {
            if answered.try_recv() != Ok(true) {
                self.pbx.again(self.now + REPORT_AGAIN_MS, told);
            }
        }
        for (number, mut answered) in starts {
            match answered.try_recv() {
                Ok(Ok(_)) => {}
                // Whoever got no answer asks again with the same key; who is refused, later.
                Ok(Err(Refusal::InCall { .. })) | Err(_) => {
                    self.pbx.start(self.now + 150, &number);
                }
                Ok(Err(refusal)) => panic!("{refusal}"),
            }
        }
        true
    }

    fn crash_now(&mut self) -> Crash {
        if self.pbx.dice.f64() >= self.crash {
            return Crash::Nowhere;
        }
        [Crash::BeforeCommit, Crash::BeforeAnswer, Crash::BeforeActing][self.pbx.dice.usize(0..3)]
    }

    fn run(&mut self) {
        let end = self.now + 30 * 60_000;
        while self.advance() {
            assert!(self.now < end, "it never ends: {:#?}", self.pbx.calls);
        }
    }

    /// The records of a number's calls, oldest first.
    fn records(&mut self, number: &str) -> Vec<CallRecord> {
        let number = PhoneNumber::parse(number).unwrap();
        let reading = self.driver().store.read().unwrap();
        let mut records = reading.records_of(&number).unwrap();
        records.sort_by_key(|record| record.created);
        records
    }
}

/// The start of a call; its key is the number and how often it was called before, as an
/// application would do it that wants each call once.
fn new_call(number: &(String, u32), with_code: bool) -> NewCall {
    NewCall {
        to: PhoneNumber::parse(&number.0).unwrap(),
        code: with_code.then(|| (RIGHT.into(), Duration::from_mins(30))),
        verification: None,
        idempotency_key: Some(format!("{} {}", number.0, number.1)),
    }
}

fn driving_test() -> Scenario {
    let text = include_str!("../../../../scenarios/driving-test.yaml").to_owned();
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../scenarios/driving-test.yaml");
    scenario::read(Source::new(path.display().to_string(), text)).scenario.unwrap()
}

fn config(folder: &Path) -> Config {
    std::fs::write(folder.join("key"), secret::hex(&[7; 32])).unwrap();
    let text =
        "pbx: { url: http://127.0.0.1:1, username: u, password_env: X, from_extension: 1000 }
reports: { listen: 127.0.0.1:0 }
api: { listen: 127.0.0.1:0, token_env: X }
store: { file: verify.db, key_file: key }
calls: { max_at_once: 100, dials_per_s: 1000 }
";
    Config::parse(&folder.join("verify.yaml"), text).unwrap()
}

/// What callees type, and how their calls must end.
const SCRIPTS: [(&[&str], Outcome, &str); 6] = [
    (&[RIGHT], Outcome::Verified, "6500 6501 6502"),
    (&["11111", RIGHT], Outcome::Verified, "6500 6501 6503 6502"),
    (&["11111", "11111", RIGHT], Outcome::Verified, "6500 6501 6503 6503 6502"),
    (&["11111", "22222", "33333"], Outcome::Exhausted, "6500 6501 6503 6503"),
    (&[], Outcome::Unverified, "6500 6501"),
    (&["busy"], Outcome::NotReached, ""),
];

/// Calls everybody twice, the second time as soon as the first call is over, and holds each call
/// against its script.
fn check(seed: u64, faulty: bool, callees: usize) -> u32 {
    check_in(World::new(seed, faulty), seed, callees)
}

fn check_in(mut world: World, seed: u64, callees: usize) -> u32 {
    // Numbers of which one is the end of another.
    let numbers: Vec<String> = (0..callees).map(|at| "1234567890"[9 - at..].to_owned()).collect();
    let numbers: Vec<String> = numbers.iter().map(|end| format!("1{end}")).collect();
    for (at, number) in numbers.iter().enumerate() {
        let script = SCRIPTS[at % SCRIPTS.len()].0;
        world.pbx.callees.insert(number.clone(), script.to_vec());
        for time in 0..2 {
            world.pbx.start(world.now + 1 + TimeMs::from(time), &(number.clone(), time));
        }
    }
    world.run();
    for (at, number) in numbers.iter().enumerate() {
        let (_, outcome, path) = SCRIPTS[at % SCRIPTS.len()];
        let records = world.records(number);
        let rung: Vec<_> = world.pbx.calls.iter().filter(|call| call.number == *number).collect();
        assert_eq!(
            rung.len(),
            2,
            "seed {seed}: rung once for each request\n{rung:#?}\n{records:#?}"
        );
        for call in rung {
            let visited = call.visited.join(" ");
            assert_eq!(visited, path, "seed {seed}: where the call went\n{call:#?}");
        }
        let outcomes: Vec<_> = records.iter().map(|record| record.outcome).collect();
        assert_eq!(outcomes, [Some(outcome); 2], "seed {seed}: {records:#?}");
    }
    world.crashes
}

#[test]
fn a_call_that_cannot_be_read_keeps_no_other_from_going_on() {
    let mut world = World::new(1, false);
    for number in ["13900001111", "13900002222"] {
        world.pbx.callees.insert(number.to_owned(), vec![RIGHT]);
        world.pbx.start(world.now + 1, &(number.to_owned(), 0));
    }
    while world.pbx.calls.iter().filter(|line| !line.visited.is_empty()).count() < 2 {
        assert!(world.advance());
    }
    let damaged = world.records("13900001111").remove(0).id;
    world.driver = None;
    let store = rusqlite::Connection::open(&world.config.store.file).unwrap();
    let damage = "UPDATE call SET machine = zeroblob(99) WHERE id = ?1";
    assert_eq!(store.execute(damage, [damaged]).unwrap(), 1);
    drop(store);
    world.restart();
    while world.driver().desk.calls().next().is_some() {
        assert!(world.advance());
    }
    let outcome = |world: &mut World, number| world.records(number)[0].outcome;
    assert_eq!(outcome(&mut world, "13900001111"), Some(Outcome::Lost));
    assert_eq!(outcome(&mut world, "13900002222"), Some(Outcome::Verified));
}

#[test]
fn a_state_of_another_shape_is_told_without_what_it_holds() {
    let error =
        serde_json::from_str::<ivrkit_dialplan::verification::Call>(r#"{"phase":"73920461"}"#);
    let shown = Failure::from(error.unwrap_err()).to_string();
    assert!(shown.contains("unknown shape") && !shown.contains("73920461"), "{shown}");
}

#[test]
fn everybody_is_called_twice_in_a_row_and_each_call_ends_as_scripted() {
    check(1, false, 10);
}

#[test]
fn crashes_at_any_point_lose_no_call_and_ring_nobody_twice() {
    let rounds: u64 = std::env::var("IVRKIT_ROUNDS").map_or(6, |text| text.parse().unwrap());
    let crashes: u32 = (0..rounds).map(|seed| check(seed, true, 8)).sum();
    assert!(u64::from(crashes) > 5 * rounds, "{crashes} crashes in {rounds} rounds");
}

/// The scenario with its entries looked up beside the loop.
fn looked_up_beside() -> Scenario {
    let mut scenario = driving_test();
    for verification in scenario.verifications.values_mut() {
        "students".clone_into(&mut verification.lookup);
    }
    scenario
}

#[test]
fn a_code_that_nothing_would_look_up_is_refused() {
    let mut world = World::with(looked_up_beside(), 1, false);
    let (answer, mut answered) = oneshot::channel();
    let call = new_call(&("13900001111".to_owned(), 0), true);
    world.step(vec![Event::Start { call, answer }], Crash::Nowhere);
    let refused = answered.try_recv().unwrap().unwrap_err();
    assert!(matches!(refused, Refusal::Verification { .. }), "{refused}");
}

#[test]
fn a_code_can_be_added_and_is_good() {
    let mut world = World::new(1, false);
    let issue = |verification: Option<&str>| {
        let (answer, answered) = oneshot::channel();
        let code = IssuedCode {
            digits: RIGHT.into(),
            expires_in: Duration::from_mins(1),
            verification: verification.map(str::to_owned),
        };
        let to = PhoneNumber::parse("13900001111").unwrap();
        (Event::Issue { to, code, answer }, answered)
    };
    let (good, mut answered) = issue(None);
    let (bad, mut refused) = issue(Some("pin"));
    world.step(vec![good, bad], Crash::Nowhere);
    assert_eq!(answered.try_recv().unwrap(), Ok(()));
    assert!(matches!(refused.try_recv().unwrap(), Err(Refusal::Verification { .. })));
    let number = "13900001111".to_owned();
    world.pbx.callees.insert(number.clone(), vec![RIGHT]);
    let (answer, _) = oneshot::channel();
    let call = new_call(&(number.clone(), 0), false);
    world.step(vec![Event::Start { call, answer }], Crash::Nowhere);
    world.run();
    assert_eq!(world.records(&number)[0].outcome, Some(Outcome::Verified));
}

#[test]
fn entries_that_are_looked_up_beside_the_loop_end_the_same_way() {
    check_in(World::with(looked_up_beside(), 1, false), 1, 10);
}

/// Answers of look-ups that come late, fail, or are lost with the process that asked.
#[test]
fn crashes_between_a_look_up_and_its_answer_lose_no_verdict() {
    let rounds: u64 = std::env::var("IVRKIT_ROUNDS").map_or(6, |text| text.parse().unwrap());
    let world = |seed| World::with(looked_up_beside(), seed, true);
    let crashes: u32 = (100..100 + rounds).map(|seed| check_in(world(seed), seed, 8)).sum();
    assert!(u64::from(crashes) > 5 * rounds, "{crashes} crashes in {rounds} rounds");
}
