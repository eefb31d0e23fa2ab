//! One transaction's work: events in, changed calls and things to do out.
//!
//! Works on copies; the calls in hand stay as they are until the transaction is on the disk.

use super::{
    acting::Effect,
    desk::{Desk, Id, Live, Queued},
    event::{Event, IssuedCode, NewCall, Refusal, Started},
};
use crate::{
    clock, crypto, lookup,
    metrics::{Metrics, ReportFate, observe},
    number::PhoneNumber,
    pbx::{Listed, Party, Told},
    secret,
    store::{
        Failure, NewRow, Writing,
        codes::{NewCode, Question, Tagged},
    },
};
use ivrkit_dialplan::{
    scenario::{Scenario, Verification},
    verification::{
        Call, Digits, Direction, Found, Input, Leg, Outcome, Output, Report, Step, TimeMs,
    },
};
use secrecy::ExposeSecret as _;
use std::{
    collections::{BTreeMap, HashSet},
    time::Instant,
};

/// A transaction's work under way.
pub(super) struct Batch<'a> {
    scenario: &'a Scenario,
    desk: &'a Desk,
    writing: &'a Writing<'a>,
    now: TimeMs,
    max_queued: usize,
    /// Wrong entries after which a code is locked.
    attempts: u32,
    /// When the report came that is being worked on.
    heard: Option<Instant>,
    touched: BTreeMap<Id, Live>,
    sought: HashSet<Id>,
    done: Done,
}

/// What a transaction comes to.
#[derive(Default)]
pub(super) struct Done {
    /// Calls as they are now, and whether each wants to be looked for.
    pub(super) calls: Vec<(Live, bool)>,
    /// Calls that now wait to be dialled.
    pub(super) queued: Vec<Queued>,
    /// How many left the queue's front.
    pub(super) left_queue: usize,
    /// Whether one of them is being dialled.
    pub(super) dialled: bool,
    /// Reports that may belong to a dial without an answer.
    pub(super) unclaimed: Vec<Told>,
    /// What the PBX has to do, in this order.
    pub(super) effects: Vec<Effect>,
    /// Answers to requests for calls, in their order.
    pub(super) replies: Vec<Result<Started, Refusal>>,
    /// Answers to requests for codes, in their order.
    pub(super) issued: Vec<Result<(), Refusal>>,
    notes: Vec<(Id, Step)>,
    /// Reports of calls that are not ours, as a word.
    dropped: Vec<&'static str>,
}

impl<'a> Batch<'a> {
    pub(super) fn new(
        scenario: &'a Scenario,
        desk: &'a Desk,
        writing: &'a Writing<'a>,
        now: TimeMs,
        max_queued: usize,
        attempts: u32,
    ) -> Self {
        let (touched, sought, done) = (BTreeMap::new(), HashSet::new(), Done::default());
        let heard = None;
        Self { scenario, desk, writing, now, max_queued, attempts, heard, touched, sought, done }
    }

    /// Applies one event.
    pub(super) fn take(&mut self, event: &Event) -> Result<(), Failure> {
        match event {
            Event::Report { told, heard, .. } | Event::Heard(told, heard) => {
                self.heard = Some(*heard);
                self.report(told)
            }
            Event::Start { call, .. } => {
                let reply = self.start(call)?;
                self.done.replies.push(reply);
                Ok(())
            }
            Event::Issue { to, code, .. } => {
                let issued = self.issue(to, code)?;
                self.done.issued.push(issued);
                Ok(())
            }
            Event::Back(id, input) => self.back(id, input),
            Event::Listed { calls, listed } => self.listed(calls, listed.as_deref()),
            Event::Resume(calls) => calls.iter().try_for_each(|id| self.resume(id)),
            _ => Ok(()),
        }
    }

    /// Wakes calls whose time has come.
    pub(super) fn wake_due(&mut self, most: usize) -> Result<(), Failure> {
        let due: Vec<Id> = self.desk.due(self.now).take(most).cloned().collect();
        due.iter().try_for_each(|id| self.feed(id, Input::Wake))
    }

    /// Ends calls that could not be dialled in time.
    pub(super) fn give_up_queued(&mut self, before: TimeMs) -> Result<(), Failure> {
        let desk = self.desk;
        for queued in desk.queue().iter().take_while(|queued| queued.created < before) {
            let outcome = Outcome::NotReached;
            self.note(&queued.id, 0, Step::Ended { outcome })?;
            self.writing.end_call(&queued.id, outcome, self.now, None, 1)?;
            self.done.left_queue += 1;
        }
        Ok(())
    }

    /// Dials the call that has waited longest.
    pub(super) fn dial_next(&mut self) -> Result<(), Failure> {
        let Some(Queued { id, number, .. }) = self.desk.queue().get(self.done.left_queue).cloned()
        else {
            return Ok(());
        };
        self.done.left_queue += 1;
        let Some(machine) = Call::dial(self.scenario, self.now) else {
            // The scenario was changed since the call was asked for.
            self.note(&id, 0, Step::Ended { outcome: Outcome::Refused })?;
            return self.writing.end_call(&id, Outcome::Refused, self.now, None, 1);
        };
        self.done.dialled = true;
        let direction = Direction::Outbound;
        self.settle(Live { id, direction, number, machine, steps: 0, entry: None })
    }

    /// Writes the changed calls that go on.
    pub(super) fn finish(mut self) -> Result<Done, Failure> {
        for live in self.touched.values() {
            if !live.machine.is_over() {
                let pbx_id = live.machine.pbx_id();
                self.writing.save_machine(&live.id, &live.machine, pbx_id, live.steps)?;
            }
        }
        let sought = self.sought;
        let with_wish = |live: Live| {
            let wish = sought.contains(&live.id);
            (live, wish)
        };
        self.done.calls = self.touched.into_values().map(with_wish).collect();
        Ok(self.done)
    }

    /// A report goes to its call; a new call id is adopted by the dial that it answers, or begins a
    /// call that came in.
    fn report(&mut self, told: &Told) -> Result<(), Failure> {
        if let Some(id) = self.by_pbx_id(&told.call) {
            return self.reported(&id, told);
        }
        if let Some(id) = self.named(told) {
            self.feed(&id, Input::DialAnswered(Ok(told.call.clone())))?;
            return self.reported(&id, told);
        }
        // Before anything by number: the last reports of a call may come when the same person is
        // being dialled again.
        if self.writing.knows_pbx_id(&told.call)? {
            self.done.dropped.push("the call is over");
            return Ok(());
        }
        if let Some(id) = self.dialled_to(told) {
            self.feed(&id, Input::DialAnswered(Ok(told.call.clone())))?;
            return self.reported(&id, told);
        }
        if let Some(id) = self.incoming(told)? {
            return self.reported(&id, told);
        }
        // A trunk may have rewritten the number, or the report names none: the answer to the dial
        // will tell whose it is.
        if self.open_dials().next().is_some() {
            self.done.unclaimed.push(told.clone());
        } else {
            self.done.dropped.push("the call is not ours");
        }
        Ok(())
    }

    fn reported(&mut self, id: &str, told: &Told) -> Result<(), Failure> {
        let Some(live) = self.live(id) else { return Ok(()) };
        let ours = |party: &&Party| party.direction == live.direction;
        let leg = told.parties.iter().find(ours).and_then(|party| party.leg.clone());
        self.feed(id, Input::Reported { leg, report: told.report.clone() })
    }

    /// The call whose dial has no answer yet, where the PBX's id of it names it.
    fn named(&self, told: &Told) -> Option<Id> {
        let id = told.ours.as_ref()?;
        self.open_dials().find(|live| live.id == *id).map(|live| live.id.clone())
    }

    /// The call whose dial has no answer yet, to the number that the report names.
    fn dialled_to(&self, told: &Told) -> Option<Id> {
        let from_us = |party: &&Party| {
            party.direction == Direction::Outbound
                && (party.from.is_empty()
                    || self
                        .scenario
                        .calls
                        .outbound
                        .as_ref()
                        .is_some_and(|ivr| ivr.as_str() == party.from))
        };
        let party = told.parties.iter().find(from_us)?;
        let number = PhoneNumber::reported(&party.to);
        self.open_dials().find(|live| live.number == number).map(|live| live.id.clone())
    }

    fn open_dials(&self) -> impl Iterator<Item = &Live> {
        let untouched = self.desk.calls().filter(|live| !self.touched.contains_key(&live.id));
        self.touched.values().chain(untouched).filter(|live| {
            live.direction == Direction::Outbound
                && live.machine.pbx_id().is_none()
                && !live.machine.is_over()
        })
    }

    /// Whether a leg is that of another call than this one.
    fn is_others(&self, id: &str, leg: &Leg) -> bool {
        let untouched = self.desk.calls().filter(|live| !self.touched.contains_key(&live.id));
        let mut others = self.touched.values().chain(untouched).filter(|live| live.id != id);
        others.any(|live| !live.machine.is_over() && live.is_named(leg))
    }

    /// A call that came in for an IVR of ours begins with its first report, unless that is its last.
    fn incoming(&mut self, told: &Told) -> Result<Option<Id>, Failure> {
        let party = told.parties.iter().find(|party| party.direction == Direction::Inbound);
        let Some(party) = party else { return Ok(None) };
        let serves = |number: &str| self.scenario.ivrs.contains_key(number);
        let ours = serves(&party.to)
            || matches!(&told.report, Report::PromptEnded(ivr) if serves(ivr.as_str()));
        let begins = !matches!(told.report, Report::Ended | Report::NotReached(_));
        if !ours || !begins {
            return Ok(None);
        }
        let Some(machine) = Call::incoming(self.scenario, &told.call, self.now) else {
            return Ok(None);
        };
        let (id, direction) = (new_id(), Direction::Inbound);
        let number = PhoneNumber::reported(&party.from);
        let row = NewRow { id: &id, direction, created: self.now, number: &number };
        self.writing.add_call(&row)?;
        let live = Live { id: id.clone(), direction, number, machine, steps: 0, entry: None };
        self.settle(live)?;
        Ok(Some(id))
    }

    /// The PBX's answer; that to a dial claims the reports that were faster.
    fn back(&mut self, id: &str, input: &Input) -> Result<(), Failure> {
        self.feed(id, input.clone())?;
        if let Input::DialAnswered(Ok(pbx_id)) = input {
            let early: Vec<Told> = self.desk.unclaimed(pbx_id).cloned().collect();
            early.iter().try_for_each(|told| self.reported(id, told))?;
        }
        Ok(())
    }

    fn resume(&mut self, id: &str) -> Result<(), Failure> {
        let Some(mut live) = self.take_live(id) else { return Ok(()) };
        live.machine.resume(self.now);
        self.settle(live)
    }

    fn listed(&mut self, calls: &[Id], listed: Option<&[Listed]>) -> Result<(), Failure> {
        for id in calls {
            let Some(live) = self.live(id) else { continue };
            let found = match listed {
                Some(listed) => found(self.scenario, live, listed, |leg| self.is_others(id, leg)),
                None => Found::Unknown,
            };
            self.feed(id, Input::Found(found))?;
        }
        Ok(())
    }

    fn start(&mut self, call: &NewCall) -> Result<Result<Started, Refusal>, Failure> {
        let request = call.idempotency_key.as_ref().map(|key| {
            let keys = self.writing.keys();
            let code = call.code.as_ref().map_or("", |(code, _)| code.expose_secret());
            let verification = call.verification.as_deref().unwrap_or_default();
            let body = [call.to.dialled(), code, verification];
            (keys.tag("request key", &[key]), keys.tag("request body", &body))
        });
        if let Some((key, body)) = &request
            && let Some((id, before)) = self.writing.request(key)?
        {
            let same = before == *body;
            return Ok(if same {
                Ok(Started { id, repeated: true })
            } else {
                Err(Refusal::KeyUsed)
            });
        }
        if let Err(refusal) = self.may_start(call) {
            return Ok(Err(refusal));
        }
        let code = call.code.as_ref().map(|(digits, expires_in)| IssuedCode {
            digits: digits.clone(),
            expires_in: *expires_in,
            verification: call.verification.clone(),
        });
        let code = match code.map(|code| self.tagged(&call.to, &code)).transpose() {
            Ok(code) => code,
            Err(refusal) => return Ok(Err(refusal)),
        };
        let id = new_id();
        let (direction, created, number) = (Direction::Outbound, self.now, &call.to);
        self.writing.add_call(&NewRow { id: &id, direction, created, number })?;
        if let Some(code) = code {
            self.writing.add_code(&code, clock::wall_ms())?;
        }
        if let Some((key, body)) = request {
            self.writing.add_request(&key, &body, &id, self.now)?;
        }
        self.done.queued.push(Queued { id: id.clone(), number: number.clone(), created });
        Ok(Ok(Started { id, repeated: false }))
    }

    fn may_start(&self, call: &NewCall) -> Result<(), Refusal> {
        if self.scenario.calls.outbound.is_none() {
            return Err(Refusal::NoOutbound);
        }
        if let Some(id) = self.call_with(&call.to) {
            return Err(Refusal::InCall { id });
        }
        if self.desk.queue().len() + self.done.queued.len() >= self.max_queued {
            return Err(Refusal::QueueFull);
        }
        Ok(())
    }

    /// The call that this person is in or waits for, this transaction's work included.
    fn call_with(&self, number: &PhoneNumber) -> Option<Id> {
        let queued = self.done.queued.iter().find(|queued| queued.number == *number);
        let touched = self.touched.values().find(|live| live.number == *number);
        let before = self.desk.call_with(number).filter(|id| !self.touched.contains_key(*id));
        queued
            .map(|queued| &queued.id)
            .or_else(|| touched.filter(|live| !live.machine.is_over()).map(|live| &live.id))
            .or(before)
            .cloned()
    }

    fn issue(&self, to: &PhoneNumber, code: &IssuedCode) -> Result<Result<(), Refusal>, Failure> {
        match self.tagged(to, code) {
            Ok(code) => self.writing.add_code(&code, clock::wall_ms()).map(Ok),
            Err(refusal) => Ok(Err(refusal)),
        }
    }

    fn tagged(&self, to: &PhoneNumber, code: &IssuedCode) -> Result<Tagged, Refusal> {
        let mut verifications = self.scenario.verifications_by_codes();
        let named = match (&code.verification, verifications.as_slice()) {
            (Some(name), known) => known.iter().find(|known| *known == name).copied(),
            (None, [only]) => Some(*only),
            (None, _) => None,
        };
        let Some(verification) = named else {
            if verifications.is_empty() {
                verifications.push("none, the scenario looks no entry up among codes");
            }
            return Err(Refusal::Verification { known: verifications.join(", ") });
        };
        let code = NewCode {
            scenario: self.scenario.name.clone(),
            verification: verification.to_owned(),
            to: to.clone(),
            digits: code.digits.clone(),
            expires_in: code.expires_in,
        };
        Ok(Tagged::new(self.writing.keys(), &code))
    }

    /// Gives a call one input and does what it then wants.
    fn feed(&mut self, id: &str, input: Input) -> Result<(), Failure> {
        let Some(mut live) = self.take_live(id) else { return Ok(()) };
        if matches!(&input, Input::Reported { report: Report::Entry(_), .. }) {
            live.entry = self.heard;
        }
        live.machine.handle(self.scenario, self.now, input);
        self.settle(live)
    }

    fn settle(&mut self, mut live: Live) -> Result<(), Failure> {
        while let Some(output) = live.machine.poll_output() {
            let (call, direction) = (live.id.clone(), live.direction);
            match output {
                Output::Note(step) => {
                    self.note(&call, live.steps, step)?;
                    live.steps += 1;
                }
                Output::LookUp { lookup, verification, digits } => {
                    let judged = self.judge(&live, lookup, verification, digits)?;
                    if let Some(input) = judged {
                        live.machine.handle(self.scenario, self.now, input);
                    }
                }
                Output::Find => {
                    self.sought.insert(call);
                }
                Output::Dial { ivr } => {
                    self.done.effects.push(Effect::Dial { call, ivr, to: live.number.clone() });
                }
                Output::Transfer { request, leg, to } => {
                    let entry = live.entry.take();
                    let transfer = Effect::Transfer { call, request, direction, leg, to, entry };
                    self.done.effects.push(transfer);
                }
                Output::HangUp { request, leg } => {
                    let entry = live.entry.take();
                    self.done.effects.push(Effect::HangUp { call, request, direction, leg, entry });
                }
            }
        }
        if let Some(outcome) = live.machine.outcome() {
            // Now, not at the transaction's end: the next event may be a new call to this person.
            let pbx_id = live.machine.pbx_id();
            self.writing.end_call(&live.id, outcome, self.now, pbx_id, live.steps)?;
        }
        self.touched.insert(live.id.clone(), live);
        Ok(())
    }

    /// Our own codes are judged now, in this transaction; every other look-up is something to do.
    fn judge(
        &mut self,
        live: &Live,
        lookup: u32,
        verification: String,
        digits: Digits,
    ) -> Result<Option<Input>, Failure> {
        // A name that the scenario does not have was stored under an older scenario.
        let Some(known) = self.scenario.verifications.get(&verification) else {
            return Ok(Some(Input::LookUpFailed { lookup }));
        };
        let (scenario, now_ms) = (&self.scenario.name, clock::wall_ms());
        if known.lookup == Verification::CODES {
            let question = Question {
                call: &live.id,
                scenario,
                verification: &verification,
                number: &live.number,
                digits: digits.expose(),
                attempts: self.attempts,
            };
            let begun = Instant::now();
            let verdict = self.writing.judge(&question, now_ms)?;
            observe(&self.desk.metrics.lookup, begun.elapsed());
            return Ok(Some(Input::LookedUp { lookup, verdict }));
        }
        let question = lookup::Question {
            call: live.id.clone(),
            lookup,
            scenario: scenario.clone(),
            verification,
            direction: live.direction,
            number: live.number.clone(),
            digits,
            column: known.lookup_column.clone(),
            values: known.lookup_values.clone(),
            now_ms,
        };
        self.done.effects.push(Effect::LookUp { at: known.lookup.clone(), question });
        Ok(None)
    }

    fn note(&mut self, id: &str, number: u32, step: Step) -> Result<(), Failure> {
        self.writing.add_step(id, number, self.now, &step)?;
        self.done.notes.push((id.to_owned(), step));
        Ok(())
    }

    fn by_pbx_id(&self, pbx_id: &str) -> Option<Id> {
        let touched = self.touched.values().find(|live| live.machine.pbx_id() == Some(pbx_id));
        touched.map(|live| &live.id).or_else(|| self.desk.by_pbx_id(pbx_id)).cloned()
    }

    fn live(&self, id: &str) -> Option<&Live> {
        self.touched.get(id).or_else(|| self.desk.call(id))
    }

    fn take_live(&mut self, id: &str) -> Option<Live> {
        self.touched.remove(id).or_else(|| self.desk.call(id).cloned())
    }
}

impl Done {
    /// Logs what happened, now that it is on the disk; counts dropped reports on from `dropped`.
    pub(super) fn log(&self, mut dropped: u64, metrics: &Metrics) -> u64 {
        for (call, step) in &self.notes {
            tracing::info!(call, step = %Named(step), "call");
            match step {
                Step::Judged { verdict, .. } => metrics.judged(*verdict),
                Step::Ended { outcome } => metrics.ended(*outcome),
                _ => {}
            }
        }
        for why in &self.dropped {
            dropped += 1;
            metrics.report(ReportFate::Foreign);
            // The PBX reports every call of its monitored extensions: most are nobody's concern.
            if dropped.is_power_of_two() {
                tracing::info!(dropped, why, "reports of calls that are not ours");
            } else {
                tracing::debug!(dropped, why, "a report was dropped");
            }
        }
        dropped
    }
}

/// A step as the short JSON that the record of the call shows, too.
struct Named<'a>(&'a Step);

impl std::fmt::Display for Named<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&serde_json::to_string(self.0).unwrap_or_default())
    }
}

fn new_id() -> Id {
    secret::hex(&crypto::random::<12>())
}

/// Looks for a call in the PBX's list: by its leg or the PBX's id, else by the other side's number
/// among the calls of our IVRs, for somebody else may be talking with the same person. A leg that
/// is another call's is never taken: callers who withhold their numbers all look alike.
fn found(
    scenario: &Scenario,
    live: &Live,
    listed: &[Listed],
    is_others: impl Fn(&Leg) -> bool,
) -> Found {
    let mut candidates = listed.iter().filter(|one| one.party.direction == live.direction);
    let by_id = candidates.clone().find(|one| live.is_named(&one.leg));
    let by_number = || {
        PhoneNumber::parse(live.number.dialled()).ok()?;
        candidates.find(|one| {
            let same = match live.direction {
                Direction::Outbound => {
                    let from_us = one.party.from.is_empty()
                        || scenario.ivrs.contains_key(one.party.from.as_str());
                    from_us && PhoneNumber::reported(&one.party.to) == live.number
                }
                Direction::Inbound => PhoneNumber::reported(&one.party.from) == live.number,
            };
            same && !is_others(&one.leg)
        })
    };
    match by_id.or_else(by_number) {
        Some(one) => Found::Up { leg: one.leg.clone(), answered: one.answered },
        None => Found::Gone,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SCENARIO: &str = include_str!("../../../../scenarios/driving-test.yaml");

    /// Looks for a call that came in under `C1` in a list of (leg, caller), `C2` being another's.
    #[track_caller]
    fn check(number: &str, listed: &[(&str, &str)], expected: Option<&str>) {
        let scenario: Scenario = serde_yaml::from_str(SCENARIO).unwrap();
        let direction = Direction::Inbound;
        let number = PhoneNumber::reported(number);
        let machine = Call::incoming(&scenario, "C1", 0).unwrap();
        let live = Live { id: "1".into(), direction, number, machine, steps: 0, entry: None };
        let listed = listed.iter().map(|(leg, from)| {
            let (leg, from, to) = (Leg::new(*leg), (*from).to_owned(), "6500".to_owned());
            let party = Party { direction, from, to, leg: Some(leg.clone()) };
            Listed { party, leg, answered: true }
        });
        let listed: Vec<Listed> = listed.collect();
        let leg = match found(&scenario, &live, &listed, |leg| leg.as_str() == "C2") {
            Found::Up { leg, .. } => Some(leg.as_str().to_owned()),
            _ => None,
        };
        assert_eq!(leg.as_deref(), expected);
    }

    #[test]
    fn a_call_is_never_taken_for_that_of_another_caller() {
        check("13900001111", &[("C3", "13900001111")], Some("C3"));
        check("13900001111", &[("C2", "13900001111"), ("C1", "x")], Some("C1"));
        check("13900001111", &[("C2", "13900001111")], None);
        check("13900001111", &[("C3", "3900001111"), ("C4", "113900001111")], None);
        for withheld in ["", "anonymous"] {
            check(withheld, &[("C3", withheld)], None);
            check(withheld, &[("C3", withheld), ("C1", withheld)], Some("C1"));
        }
    }
}
