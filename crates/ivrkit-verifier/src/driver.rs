//! The one event loop: feeds the machines, stores what follows, and only then acts on it.
//!
//! One thread owns the store and every call. It takes whatever waits, applies it in one transaction
//! to copies of the calls, commits, answers those who asked, and then has the PBX do what the calls
//! want; what the PBX answers comes back as the next events. If the transaction fails, nothing has
//! happened: reports are answered so that the PBX repeats them, and our own events wait.
//!
//! A crash at any point leaves the last transaction. What was asked of the PBX after it is of
//! unknown fate, which [`Call::resume`](ivrkit_dialplan::verification::Call::resume) knows how to
//! treat; so no list of things to be done is stored beside the machines.
//!
//! Must not hold the words of a PBX, nor decide where a call goes.

mod acting;
mod batch;
mod desk;
mod event;
#[cfg(test)]
mod tests;

pub(crate) use acting::{Actor, Hands};
pub(crate) use event::Event;
pub use event::{Handle, IssuedCode, NewCall, Refusal, Started};

use crate::{
    clock, config,
    metrics::{Metrics, ReportFate, observe},
    store::{CallRecord, Failure, Store, Unreadable},
};
use acting::Effect;
use batch::{Batch, Done};
use desk::Desk;
use event::Which;
use ivrkit_dialplan::{
    scenario::Scenario,
    verification::{Outcome, Step, TimeMs},
};
use std::{
    collections::VecDeque,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
        mpsc::{Receiver, RecvTimeoutError},
    },
    time::{Duration, Instant},
};

/// Most events of one transaction.
const BATCH: usize = 64;
/// Longest sleep; nothing depends on it.
const LONGEST_SLEEP_MS: TimeMs = 60_000;
/// Before the next try after the store failed.
const STORE_AGAIN_MS: TimeMs = 1_000;
/// Between two clearings of what is too old to keep.
const PURGE_EVERY_MS: TimeMs = 3_600_000;
/// How long a repeated request is recognised.
const REQUESTS_KEPT_MS: TimeMs = 24 * 3_600_000;
const DAY_MS: TimeMs = 24 * 3_600_000;

/// The loop's state.
pub(crate) struct Driver {
    scenario: Arc<Scenario>,
    limits: config::Calls,
    /// Wrong entries after which a code is locked.
    attempts: u32,
    keep_ms: TimeMs,
    store: Store,
    desk: Desk,
    actor: Actor,
    events: Receiver<Event>,
    /// Our own events that the store could not take yet.
    unsaved: VecDeque<Event>,
    /// Shared with health reports.
    store_works: Arc<AtomicBool>,
    try_store_at: TimeMs,
    purge_at: TimeMs,
    next_dial_at: TimeMs,
    pbx_ready: bool,
    /// Requests to the PBX that have not come back.
    in_flight: usize,
    /// Reports of calls that are not ours, so far.
    dropped: u64,
    /// When to end at the latest; `None` while running.
    end_by: Option<TimeMs>,
}

/// What others see of the loop.
pub(crate) struct Shown {
    /// Whether the last write to the store worked.
    pub(crate) store_works: Arc<AtomicBool>,
    /// What is counted.
    pub(crate) metrics: Arc<Metrics>,
}

impl Driver {
    /// Takes over what the store holds and goes on with it.
    pub(crate) fn load(
        scenario: Arc<Scenario>,
        config: &config::Config,
        mut store: Store,
        actor: Actor,
        events: Receiver<Event>,
        shown: Shown,
        now: TimeMs,
    ) -> Result<Self, Failure> {
        let (rows, unreadable) = store.read()?.unfinished()?;
        give_up_unreadable(&mut store, &unreadable, now)?;
        let mut driver = Self {
            scenario,
            limits: config.calls.clone(),
            attempts: config.codes.attempts,
            keep_ms: TimeMs::from(config.store.keep_days) * DAY_MS,
            store,
            desk: Desk::new(shown.metrics),
            actor,
            events,
            unsaved: VecDeque::new(),
            store_works: shown.store_works,
            try_store_at: 0,
            purge_at: 0,
            next_dial_at: 0,
            pbx_ready: false,
            in_flight: 0,
            dropped: 0,
            end_by: None,
        };
        let resumed = rows.into_iter().filter_map(|row| driver.desk.take_over(row)).collect();
        driver.apply(now, vec![Event::Resume(resumed)]);
        Ok(driver)
    }

    /// Runs until told to stop.
    pub(crate) fn run(mut self) {
        loop {
            let Some(mut events) = self.gather() else { break };
            self.take_stop(&mut events);
            if clock::now_ms() < self.try_store_at && !events.iter().any(Event::is_asked) {
                self.unsaved.extend(events);
            } else {
                self.apply(clock::now_ms(), events);
            }
            if self.may_end() {
                break;
            }
        }
        tracing::debug!("the event loop has ended");
    }

    /// Stopping must not depend on a store that can be written.
    fn take_stop(&mut self, events: &mut Vec<Event>) {
        events.retain(|event| {
            let Event::Stop { within_ms } = event else { return true };
            self.end_by.get_or_insert(clock::now_ms().saturating_add(*within_ms));
            false
        });
    }

    /// Waits for events until something is due; `None` when nobody can send any more.
    fn gather(&mut self) -> Option<Vec<Event>> {
        let now = clock::now_ms();
        let sleep = Duration::from_millis(self.next_due(now).saturating_sub(now));
        let mut events: Vec<Event> = Vec::new();
        match self.events.recv_timeout(sleep) {
            Ok(event) => events.push(event),
            Err(RecvTimeoutError::Timeout) => {}
            Err(RecvTimeoutError::Disconnected) => return None,
        }
        if clock::now_ms() >= self.try_store_at {
            // What waited is older than what comes now.
            let old = self.unsaved.drain(..self.unsaved.len().min(BATCH));
            events = old.chain(events).collect();
        }
        while events.len() < BATCH
            && let Ok(event) = self.events.try_recv()
        {
            events.push(event);
        }
        Some(events)
    }

    fn next_due(&self, now: TimeMs) -> TimeMs {
        if let Some(end_by) = self.end_by {
            return end_by.min(now + 20);
        }
        let dial = self.may_dial().then_some(self.next_dial_at);
        let given_up = self.desk.oldest_queued().map(|at| at + self.limits.queue_limit_s.as_ms());
        let unsaved =
            (!self.unsaved.is_empty() || !self.store_works()).then_some(self.try_store_at);
        [dial, given_up, unsaved, self.desk.next_wake(), Some(now + LONGEST_SLEEP_MS)]
            .into_iter()
            .flatten()
            .min()
            .map_or(now, |due| due.max(self.try_store_at))
    }

    fn store_works(&self) -> bool {
        self.store_works.load(Ordering::Relaxed)
    }

    /// Whether a queued call could be dialled, but for the rate.
    fn may_dial(&self) -> bool {
        self.pbx_ready
            && self.end_by.is_none()
            && self.desk.has_queued()
            && self.desk.outbound() < self.limits.max_at_once
    }

    /// One transaction and what follows from it.
    fn apply(&mut self, now: TimeMs, events: Vec<Event>) {
        match self.record(now, &events) {
            Ok(Some(done)) => {
                self.desk.metrics.store(true);
                if !self.store_works.swap(true, Ordering::Relaxed) {
                    tracing::info!("the store can be written again");
                }
                self.try_store_at = 0;
                self.follow_up(now, events, done);
            }
            Ok(None) => self.follow_up(now, events, Done::default()),
            Err(failure) => {
                self.desk.metrics.store(false);
                if self.store_works.swap(false, Ordering::Relaxed) {
                    tracing::error!(%failure, "the store cannot be written; trying again");
                }
                self.try_store_at = now + STORE_AGAIN_MS;
                for event in events {
                    if let Some(own) = event.refuse() {
                        self.unsaved.push_back(own);
                    }
                }
            }
        }
    }

    /// Writes what follows from the events; `None` if nothing had to be written.
    fn record(&mut self, now: TimeMs, events: &[Event]) -> Result<Option<Done>, Failure> {
        let dial = self.may_dial() && self.next_dial_at <= now;
        let queued_before = now.saturating_sub(self.limits.queue_limit_s.as_ms());
        let stopping = self.end_by.is_some();
        let probe = !stopping && !self.store_works() && self.try_store_at <= now;
        let nothing = events.iter().all(Event::is_free) && !dial && !probe;
        if nothing && !self.desk.is_due(now, queued_before) && self.purge_at > now {
            return Ok(None);
        }
        let max_queued = if stopping { 0 } else { self.limits.max_queued };
        let writing = self.store.begin()?;
        let mut batch =
            Batch::new(&self.scenario, &self.desk, &writing, now, max_queued, self.attempts);
        for event in events {
            batch.take(event)?;
        }
        if !stopping {
            batch.wake_due(BATCH)?;
            batch.give_up_queued(queued_before)?;
        }
        if dial {
            batch.dial_next()?;
        }
        let done = batch.finish()?;
        if probe {
            writing.probe()?;
        }
        if self.purge_at <= now {
            let before = now.saturating_sub(self.keep_ms);
            let purged = writing.purge(before, now.saturating_sub(REQUESTS_KEPT_MS))?;
            tracing::debug!(purged, "cleared what is too old to keep");
        }
        let begun = Instant::now();
        writing.commit()?;
        observe(&self.desk.metrics.commit, begun.elapsed());
        self.desk.metrics.batch.observe(f64::from(u32::try_from(events.len()).unwrap_or_default()));
        Ok(Some(done))
    }

    /// Everything is on the disk: take it over, answer, act.
    fn follow_up(&mut self, now: TimeMs, events: Vec<Event>, done: Done) {
        if self.purge_at <= now {
            self.purge_at = now + PURGE_EVERY_MS;
        }
        if done.dialled {
            self.next_dial_at = now + self.limits.dials_per_s.interval_ms();
        }
        self.dropped = done.log(self.dropped, &self.desk.metrics);
        self.desk.merge(done.calls, done.queued, done.left_queue, done.unclaimed, now);
        let (mut replies, mut issued) = (done.replies.into_iter(), done.issued.into_iter());
        for event in events {
            match event {
                Event::Back(..) => self.in_flight -= 1,
                Event::Listed { .. } => {
                    self.in_flight -= 1;
                    self.desk.end_look();
                }
                Event::PbxReady(ready) => self.pbx_ready = ready,
                Event::LoggedIn => self.desk.seek_all(),
                Event::Report { heard, answer, .. } => {
                    self.heard(heard);
                    let _ = answer.send(true);
                }
                Event::Heard(_, heard) => self.heard(heard),
                Event::Start { answer, .. } => {
                    let reply = replies.next().expect("one reply for each start");
                    drop(answer.send(reply));
                }
                Event::Issue { answer, .. } => {
                    drop(answer.send(issued.next().expect("one reply for each code")));
                }
                Event::Read { which, answer } => drop(answer.send(self.read(&which))),
                Event::Resume(_) | Event::Stop { .. } => {}
            }
        }
        for effect in done.effects {
            self.act(effect);
        }
        // One look at the PBX's list serves every call that wants one; they are named before it.
        if self.end_by.is_none()
            && let Some(calls) = self.desk.begin_look()
        {
            self.act(Effect::List { calls });
        }
    }

    /// A report is recorded.
    fn heard(&self, at: Instant) {
        observe(&self.desk.metrics.report_lag, at.elapsed());
        self.desk.metrics.report(ReportFate::Taken);
    }

    fn act(&mut self, effect: Effect) {
        self.in_flight += 1;
        self.actor.act(effect);
    }

    fn read(&mut self, which: &Which) -> Result<Option<CallRecord>, Refusal> {
        let record = self.store.read().and_then(|reading| match which {
            Which::Id(id) => reading.record(id),
            Which::LatestOf(number) => match reading.latest_of(number)? {
                Some(id) => reading.record(&id),
                None => Ok(None),
            },
        });
        record.map_err(|failure| {
            tracing::error!(%failure, "a call cannot be read");
            Refusal::Unavailable
        })
    }

    fn may_end(&self) -> bool {
        self.end_by.is_some_and(|by| {
            (self.in_flight == 0 && self.unsaved.is_empty()) || clock::now_ms() >= by
        })
    }
}

/// Ends calls whose state was written by another version, or damaged: they must not keep the others
/// from going on.
fn give_up_unreadable(store: &mut Store, calls: &[Unreadable], now: TimeMs) -> Result<(), Failure> {
    if calls.is_empty() {
        return Ok(());
    }
    let (writing, outcome) = (store.begin()?, Outcome::Lost);
    for Unreadable { id, steps, why } in calls {
        tracing::error!(call = id, %why, "a call cannot be gone on with; it is given up");
        writing.add_step(id, *steps, now, &Step::Ended { outcome })?;
        writing.end_call(id, outcome, now, None, steps + 1)?;
    }
    writing.commit()
}
