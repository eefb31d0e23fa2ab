//! One test as it is run: the file's defaults in it, for one kind of PBX.

use super::{
    Tests,
    model::{Direction, FunctionValue, Given, Lookup, Outcome, OutcomeEnd, Then},
    value::{Word, ms},
};
use crate::{
    call::{EndedBy, Pbx, Redirect, ScriptedFunction, ScriptedOutcome, Setup},
    rehearsal::{
        CallerId, Delays, KEY_MS, LookupAnswer, Lookups, Moment, Record, Rehearsal, Script, Server,
        SoundLengths,
    },
    scenario::{Number, Profile, Scenario},
    verification::{self, Verdict},
};
use std::{
    collections::{BTreeMap, HashMap},
    sync::Arc,
};

/// Length of a sound of which nothing is said.
const SOUND_MS: u64 = 3_000;
/// Where calls enter the IVRs of a scenario.
const IVRS: &str = "ivrs";

/// What a test is run against.
#[derive(Debug, Clone)]
pub struct World<'a> {
    /// The PBX with the dialplan.
    pub pbx: Arc<Pbx>,
    /// The scenario that the dialplan was rendered from, if it was.
    pub scenario: Option<&'a Scenario>,
}

/// One test for one kind of PBX.
#[derive(Debug)]
pub struct Case<'a> {
    /// What it shows.
    pub name: &'a str,
    /// The kind of PBX; none for a dialplan that is no scenario's.
    pub profile: Option<Profile>,
    /// Line of the test file, from 1.
    pub line: usize,
    /// Lines of the test's own expectations by their names.
    pub(super) lines: &'a HashMap<String, usize>,
    pub(super) given: Given,
    pub(super) script: &'a Script,
    pub(super) then: Then,
}

impl Tests {
    /// The tests that are for a kind of PBX, in the order of the file.
    pub fn cases(&self, profile: Option<Profile>) -> Vec<Case<'_>> {
        let defaults = &self.file.defaults;
        let is_for = |only: &Option<Vec<Profile>>| match (only, profile) {
            (Some(only), Some(profile)) => only.contains(&profile),
            _ => true,
        };
        let tests = self.file.tests.iter().zip(&self.places);
        let tests = tests.filter(|(test, _)| is_for(&test.only));
        tests
            .map(|(test, places)| Case {
                name: &test.name,
                profile,
                line: places.test,
                lines: &places.expectations,
                given: test.given.clone().over(&defaults.given),
                script: &places.script,
                then: test.then.clone().over(&defaults.then),
            })
            .collect()
    }
}

impl Case<'_> {
    /// Makes the call of the test.
    pub fn run(&self, world: &World<'_>) -> Record {
        let lookup = self.lookups();
        let delays = self.delays();
        let scenario = world.scenario.filter(|_| self.given.server.unwrap_or(true));
        let server = scenario.map(|scenario| Server {
            scenario,
            direction: self.direction(scenario),
            lookup: &lookup,
            delays,
        });
        let rehearsal = Rehearsal {
            pbx: Arc::new(world.pbx.with_sounds(Arc::new(self.sounds(world.scenario)))),
            setup: self.setup(world.scenario),
            script: self.script,
            key_ms: self.given.key_s.map_or(KEY_MS, ms),
            server,
        };
        rehearsal.run()
    }

    fn direction(&self, scenario: &Scenario) -> verification::Direction {
        match self.given.direction {
            None if scenario.calls.outbound.is_some() => verification::Direction::Outbound,
            Some(Direction::Outbound) => verification::Direction::Outbound,
            None | Some(Direction::Inbound) => verification::Direction::Inbound,
        }
    }

    fn setup(&self, scenario: Option<&Scenario>) -> Setup {
        let given = &self.given;
        let entry = self.entry(scenario);
        let caller = given.caller.as_ref().map(|caller| CallerId::parse(&caller.0));
        let caller = caller.unwrap_or_default();
        let usual = Setup::default();
        let moment = given.at.as_deref().and_then(Moment::parse);
        let moment = moment.unwrap_or(Moment { epoch_s: usual.epoch_s, utc_offset_s: 0 });
        Setup {
            context: entry.context,
            exten: entry.exten,
            priority: entry.priority,
            caller_number: caller.number,
            caller_name: caller.name,
            variables: bytes(given.variables.iter()),
            language: given.language.clone().map_or(usual.language, String::into_bytes),
            is_answered: given.answered.unwrap_or(true),
            epoch_s: moment.epoch_s,
            utc_offset_s: moment.utc_offset_s,
            seed: given.seed.unwrap_or(usual.seed),
            outcomes: given.outcomes.iter().flatten().map(Outcome::scripted).collect(),
            functions: given.functions.iter().flatten().map(FunctionValue::scripted).collect(),
            ..Setup::default()
        }
    }

    fn entry(&self, scenario: Option<&Scenario>) -> Redirect {
        let ivr =
            |number: &str| Redirect { context: IVRS.into(), exten: number.into(), priority: 1 };
        if let Some(Word(entry)) = &self.given.entry {
            return Redirect::parse(entry).unwrap_or_else(|| ivr(entry));
        }
        match scenario.and_then(|scenario| first_ivr(scenario, self.direction(scenario))) {
            Some(number) => ivr(number),
            None => Redirect { context: b"default".to_vec(), exten: b"s".to_vec(), priority: 1 },
        }
    }

    fn sounds(&self, scenario: Option<&Scenario>) -> SoundLengths {
        let others_ms = self.given.sound_s.map_or(SOUND_MS, ms);
        let mut lengths = scenario.map_or_else(SoundLengths::default, |scenario| {
            SoundLengths::of_prompts(scenario, others_ms)
        });
        lengths.others_ms = others_ms;
        for (name, length) in &self.given.sounds {
            lengths.set(scenario, name, length.as_ms());
        }
        lengths
    }

    fn lookups(&self) -> Lookups {
        let answers = self.given.lookup.iter().map(|(digits, lookup)| {
            let answer = match lookup {
                Lookup::Match => LookupAnswer::Verdict(Verdict::Match),
                Lookup::Mismatch => LookupAnswer::Verdict(Verdict::Mismatch),
                Lookup::Unavailable => LookupAnswer::Verdict(Verdict::Unavailable),
                Lookup::Never => LookupAnswer::Never,
            };
            (digits.clone(), answer)
        });
        let mut by_digits: BTreeMap<_, _> = answers.collect();
        let other = by_digits.remove("other");
        Lookups { by_digits, other }
    }

    fn delays(&self) -> Delays {
        let (given, usual) = (&self.given, Delays::default());
        Delays {
            report_ms: given.report_delay_s.map_or(usual.report_ms, ms),
            lookup_ms: given.lookup_delay_s.map_or(usual.lookup_ms, ms),
            transfer_ms: given.transfer_delay_s.map_or(usual.transfer_ms, ms),
        }
    }
}

/// The IVR in which calls begin, the other direction's if this one has none.
fn first_ivr(scenario: &Scenario, direction: verification::Direction) -> Option<&str> {
    let (outbound, inbound) = (&scenario.calls.outbound, &scenario.calls.inbound);
    let number = match direction {
        verification::Direction::Outbound => outbound.as_ref().or(inbound.as_ref()),
        verification::Direction::Inbound => inbound.as_ref().or(outbound.as_ref()),
    };
    number.map(Number::as_str)
}

impl SoundLengths {
    /// The prompts of a scenario, all of one length; nothing else is in its media folder.
    pub fn of_prompts(scenario: &Scenario, length_ms: u64) -> Self {
        let mut lengths = Self {
            by_name: HashMap::with_capacity(scenario.prompts.len()),
            known_below: vec![scenario.media.root.clone().into_bytes()],
            callees_ms: None,
            others_ms: length_ms,
        };
        for name in scenario.prompts.keys() {
            lengths.set(Some(scenario), name, Some(length_ms));
        }
        lengths
    }

    /// Says how long a sound is, or that it is missing: a prompt of a scenario by its name there.
    pub fn set(&mut self, scenario: Option<&Scenario>, name: &str, length_ms: Option<u64>) {
        let prompt = scenario.and_then(|scenario| Some((scenario, scenario.prompts.get(name)?)));
        match prompt {
            Some((_, prompt)) if prompt.per_callee => self.callees_ms = length_ms,
            Some((scenario, _)) => {
                let path = [scenario.media.root.as_bytes(), b"/", name.as_bytes()].concat();
                self.by_name.insert(path, length_ms);
            }
            None => {
                self.by_name.insert(name.as_bytes().to_vec(), length_ms);
            }
        }
    }
}

impl Outcome {
    fn scripted(&self) -> ScriptedOutcome {
        ScriptedOutcome {
            application: self.application.clone(),
            data_contains: self
                .data
                .as_ref()
                .map_or_else(Vec::new, |Word(data)| data.clone().into()),
            times: self.times,
            status: self.status.clone(),
            takes_ms: self.takes_s.map(ms),
            talk_ms: self.talk_s.map(ms),
            ended_by: match self.ended_by {
                None | Some(OutcomeEnd::Peer) => EndedBy::Peer,
                Some(OutcomeEnd::Application) => EndedBy::Application,
                Some(OutcomeEnd::Caller) => EndedBy::Caller,
            },
            cause: self.cause,
            sets: bytes(self.sets.iter()),
            goes_to: self.goes_to.as_ref().map(|Word(place)| place.clone().into()),
        }
    }
}

impl FunctionValue {
    fn scripted(&self) -> ScriptedFunction {
        ScriptedFunction {
            call: self.call.clone().into_bytes(),
            value: self.value.0.clone().into_bytes(),
            times: self.times,
        }
    }
}

fn bytes<'a>(pairs: impl Iterator<Item = (&'a String, &'a Word)>) -> Vec<(Vec<u8>, Vec<u8>)> {
    pairs.map(|(name, Word(value))| (name.clone().into_bytes(), value.clone().into())).collect()
}

/// `self.field`, or else that of the defaults, for fields that may be left out.
macro_rules! over {
    ($own:ident, $defaults:ident, $($field:ident),*) => {
        $($own.$field = $own.$field.or_else(|| $defaults.$field.clone());)*
    };
}

impl Given {
    fn over(mut self, defaults: &Self) -> Self {
        over!(
            self,
            defaults,
            entry,
            caller,
            at,
            answered,
            language,
            sound_s,
            outcomes,
            functions,
            direction,
            server,
            report_delay_s,
            lookup_delay_s,
            transfer_delay_s,
            key_s,
            seed
        );
        for (name, value) in &defaults.variables {
            self.variables.entry(name.clone()).or_insert_with(|| value.clone());
        }
        for (name, length) in &defaults.sounds {
            self.sounds.entry(name.clone()).or_insert(*length);
        }
        for (digits, lookup) in &defaults.lookup {
            self.lookup.entry(digits.clone()).or_insert(*lookup);
        }
        self
    }
}

impl Then {
    fn over(mut self, defaults: &Self) -> Self {
        over!(
            self,
            defaults,
            ivrs,
            path,
            reached,
            never_reached,
            heard,
            never_heard,
            events,
            undone,
            variables,
            ended_by,
            ended_at,
            cause,
            outcome,
            attempts,
            at_most_s,
            at_least_s,
            complaints
        );
        self
    }
}
