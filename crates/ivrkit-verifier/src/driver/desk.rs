//! The calls in hand, as they stand in the store: found by id, by the PBX's id, by number, by time.
//!
//! Changes only by [`Desk::merge`], after the transaction that made the changes is on the disk.

use crate::{
    metrics::{CallState, Metrics},
    number::PhoneNumber,
    pbx::Told,
    store::CallRow,
};
use ivrkit_dialplan::verification::{Call, Direction, Leg, Stage, TimeMs};
use std::{
    collections::{BTreeSet, HashMap, HashSet, VecDeque},
    sync::Arc,
    time::Instant,
};

/// Our id of a call.
pub(super) type Id = String;

/// How long a report without a call waits for the dial that it may belong to.
const UNCLAIMED_MS: TimeMs = 30_000;
/// Most such reports.
const MAX_UNCLAIMED: usize = 256;
/// A call is not woken more often, whatever it wants.
const LEAST_SLEEP_MS: TimeMs = 5;

/// A call with its machine.
#[derive(Clone)]
pub(super) struct Live {
    pub(super) id: Id,
    pub(super) direction: Direction,
    pub(super) number: PhoneNumber,
    pub(super) machine: Call,
    /// Lines of its history.
    pub(super) steps: u32,
    /// When the report of an entry came that was not acted on yet.
    pub(super) entry: Option<Instant>,
}

impl Live {
    /// How far it is, for figures.
    fn state(&self) -> CallState {
        match self.machine.stage() {
            Stage::Dialling => CallState::Dialling,
            Stage::Listening => CallState::Answered,
            Stage::Judging => CallState::Judging,
            Stage::Steering => CallState::Steering,
        }
    }

    /// Whether the PBX means this call by a leg or call of that name.
    pub(super) fn is_named(&self, leg: &Leg) -> bool {
        self.machine.leg() == Some(leg) || self.machine.pbx_id() == Some(leg.as_str())
    }
}

/// A call that waits to be dialled.
#[derive(Clone)]
pub(super) struct Queued {
    pub(super) id: Id,
    pub(super) number: PhoneNumber,
    pub(super) created: TimeMs,
}

/// The calls in hand.
pub(super) struct Desk {
    pub(super) metrics: Arc<Metrics>,
    calls: HashMap<Id, Live>,
    by_pbx_id: HashMap<String, Id>,
    wakes: BTreeSet<(TimeMs, Id)>,
    wake_of: HashMap<Id, TimeMs>,
    queue: VecDeque<Queued>,
    outbound: usize,
    unclaimed: VecDeque<(TimeMs, Told)>,
    /// Calls that want to be looked for in the PBX's list.
    sought: HashSet<Id>,
    /// Whether the PBX is being asked for its list.
    looking: bool,
}

impl Desk {
    /// No calls yet.
    pub(super) fn new(metrics: Arc<Metrics>) -> Self {
        Self {
            metrics,
            calls: HashMap::new(),
            by_pbx_id: HashMap::new(),
            wakes: BTreeSet::new(),
            wake_of: HashMap::new(),
            queue: VecDeque::new(),
            outbound: 0,
            unclaimed: VecDeque::new(),
            sought: HashSet::new(),
            looking: false,
        }
    }

    /// Takes a call of a former process; gives its id if it has a machine to go on with.
    pub(super) fn take_over(&mut self, row: CallRow) -> Option<Id> {
        let CallRow { id, direction, created, number, steps, machine, .. } = row;
        let Some(machine) = machine else {
            self.queue.push_back(Queued { id, number, created });
            self.metrics.queued(self.queue.len());
            return None;
        };
        let live = Live { id: id.clone(), direction, number, machine, steps, entry: None };
        self.put(live, 0);
        Some(id)
    }

    pub(super) fn call(&self, id: &str) -> Option<&Live> {
        self.calls.get(id)
    }

    pub(super) fn calls(&self) -> impl Iterator<Item = &Live> {
        self.calls.values()
    }

    pub(super) fn by_pbx_id(&self, pbx_id: &str) -> Option<&Id> {
        self.by_pbx_id.get(pbx_id)
    }

    /// The call that this person is in or waits for.
    pub(super) fn call_with(&self, number: &PhoneNumber) -> Option<&Id> {
        let waiting = self.queue.iter().find(|queued| queued.number == *number).map(|q| &q.id);
        waiting.or_else(|| self.calls().find(|live| live.number == *number).map(|live| &live.id))
    }

    /// How many calls are dialled or talking.
    pub(super) fn outbound(&self) -> usize {
        self.outbound
    }

    pub(super) fn has_queued(&self) -> bool {
        !self.queue.is_empty()
    }

    pub(super) fn queue(&self) -> &VecDeque<Queued> {
        &self.queue
    }

    pub(super) fn oldest_queued(&self) -> Option<TimeMs> {
        self.queue.front().map(|queued| queued.created)
    }

    pub(super) fn next_wake(&self) -> Option<TimeMs> {
        self.wakes.first().map(|(at, _)| *at)
    }

    /// Calls whose time has come.
    pub(super) fn due(&self, now: TimeMs) -> impl Iterator<Item = &Id> {
        self.wakes.iter().take_while(move |(at, _)| *at <= now).map(|(_, id)| id)
    }

    /// Whether a call's time has come, or a queued one is too old.
    pub(super) fn is_due(&self, now: TimeMs, queued_before: TimeMs) -> bool {
        self.next_wake().is_some_and(|at| at <= now)
            || self.oldest_queued().is_some_and(|at| at < queued_before)
    }

    /// Reports that came before the answer to their dial.
    pub(super) fn unclaimed(&self, pbx_id: &str) -> impl Iterator<Item = &Told> {
        let claimed = pbx_id.to_owned();
        self.unclaimed.iter().filter(move |(_, told)| told.call == claimed).map(|(_, told)| told)
    }

    /// Takes over what a transaction made of the calls.
    pub(super) fn merge(
        &mut self,
        calls: Vec<(Live, bool)>,
        queued: Vec<Queued>,
        left_queue: usize,
        unclaimed: Vec<Told>,
        now: TimeMs,
    ) {
        self.queue.drain(..left_queue);
        self.queue.extend(queued);
        self.metrics.queued(self.queue.len());
        for (live, sought) in calls {
            if sought {
                self.sought.insert(live.id.clone());
            }
            self.remove(&live.id);
            if !live.machine.is_over() {
                self.put(live, now);
            }
        }
        let calls = &self.by_pbx_id;
        self.unclaimed
            .retain(|(at, told)| at + UNCLAIMED_MS > now && !calls.contains_key(&told.call));
        self.unclaimed.extend(unclaimed.into_iter().map(|told| (now, told)));
        while self.unclaimed.len() > MAX_UNCLAIMED {
            self.unclaimed.pop_front();
        }
    }

    /// Wants every call looked for that the PBX is known to have.
    pub(super) fn seek_all(&mut self) {
        let known = self.calls.values().filter(|live| live.machine.pbx_id().is_some());
        self.sought.extend(known.map(|live| live.id.clone()));
    }

    /// Begins a look at the PBX's list, unless one is under way: the calls it is for.
    pub(super) fn begin_look(&mut self) -> Option<Vec<Id>> {
        if self.looking || self.sought.is_empty() {
            return None;
        }
        self.looking = true;
        Some(self.sought.drain().collect())
    }

    /// The look that was under way has ended.
    pub(super) fn end_look(&mut self) {
        self.looking = false;
    }

    fn put(&mut self, live: Live, now: TimeMs) {
        if let Some(pbx_id) = live.machine.pbx_id() {
            self.by_pbx_id.insert(pbx_id.to_owned(), live.id.clone());
        }
        if let Some(at) = live.machine.wake_at() {
            let at = at.max(now + LEAST_SLEEP_MS);
            self.wakes.insert((at, live.id.clone()));
            self.wake_of.insert(live.id.clone(), at);
        }
        self.outbound += usize::from(live.direction == Direction::Outbound);
        self.metrics.enter(live.state());
        self.calls.insert(live.id.clone(), live);
    }

    fn remove(&mut self, id: &str) {
        let Some(live) = self.calls.remove(id) else { return };
        self.metrics.leave(live.state());
        if let Some(pbx_id) = live.machine.pbx_id() {
            self.by_pbx_id.remove(pbx_id);
        }
        if let Some(at) = self.wake_of.remove(id) {
            self.wakes.remove(&(at, live.id));
        }
        self.outbound -= usize::from(live.direction == Direction::Outbound);
    }
}
