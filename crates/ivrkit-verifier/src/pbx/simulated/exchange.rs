//! The calls that are up, their clock, and who is told what happens in them.
//!
//! The edge between the walks, which have no clock, and the tasks that run them. Must not know HTTP.

use super::{
    Settings,
    call::{Call, Ids},
    delivery,
    event::{CallRecord, Direction, End, Event},
    fault::Dice,
    plan::{Calendar, Plan},
    session::Desk,
    timing::Timings,
    walk::{Status, Walk},
};
use ivrkit_dialplan::{
    call::Pbx,
    scenario::{Number, Scenario},
};
use jiff::Zoned;
use secrecy::ExposeSecret as _;
use std::{
    collections::VecDeque,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};
use tokio::{
    sync::{broadcast, mpsc},
    task::JoinSet,
    time::Instant,
};

/// Events that a slow listener may lag behind before it loses some.
const EVENT_BACKLOG: usize = 65_536;
/// Calls whose records are kept; the oldest that are over go first.
const MAX_RECORDS: usize = 10_000;

/// Call time: milliseconds since the simulator started, run faster than life by a factor.
#[derive(Debug, Clone, Copy)]
pub(super) struct Clock {
    start: Instant,
    speed: f64,
}

impl Clock {
    fn new(speed: f64) -> Self {
        Self { start: Instant::now(), speed }
    }

    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "ages of calls")]
    pub(super) fn now_ms(&self) -> u64 {
        (self.start.elapsed().as_secs_f64() * 1000.0 * self.speed) as u64
    }

    /// How long a time of a call takes in life.
    #[expect(clippy::cast_precision_loss, reason = "a simulator runs for less than 2^52 ms")]
    pub(super) fn duration(&self, call_ms: u64) -> Duration {
        Duration::from_secs_f64(call_ms as f64 / 1000.0 / self.speed)
    }

    /// When a moment of call time has come for sure: never a rounding too early.
    fn instant(&self, call_ms: u64) -> Instant {
        self.start + self.duration(call_ms) + Duration::from_micros(1)
    }
}

/// The exchange: everything that requests, calls and reports share.
#[derive(Debug)]
pub(super) struct Exchange {
    pub(super) settings: Settings,
    pub(super) dice: Dice,
    pub(super) clock: Clock,
    plan: Arc<Plan>,
    desk: Mutex<Desk>,
    calls: Mutex<VecDeque<Arc<Call>>>,
    next_id: Mutex<u64>,
    events: broadcast::Sender<Event>,
    timings: Mutex<Timings>,
    tasks: Mutex<JoinSet<()>>,
}

impl Exchange {
    pub(super) fn new(scenario: Scenario, pbx: &Pbx, settings: Settings) -> Arc<Self> {
        let now = Zoned::now();
        let calendar = Calendar {
            epoch_ms: now.timestamp().as_millisecond(),
            utc_offset_s: now.offset().seconds(),
        };
        let plan = Plan::new(scenario, pbx, &settings.lengths, calendar, settings.seed);
        let desk =
            Desk::new(settings.sessions.clone(), &settings.user, settings.password.expose_secret());
        Arc::new(Self {
            dice: Dice::new(settings.seed),
            clock: Clock::new(settings.speed),
            plan: Arc::new(plan),
            settings,
            desk: Mutex::new(desk),
            calls: Mutex::default(),
            next_id: Mutex::new(1),
            events: broadcast::Sender::new(EVENT_BACKLOG),
            timings: Mutex::default(),
            tasks: Mutex::default(),
        })
    }

    pub(super) fn scenario(&self) -> &Scenario {
        &self.plan.scenario
    }

    pub(super) fn desk(&self) -> MutexGuard<'_, Desk> {
        lock(&self.desk)
    }

    pub(super) fn events(&self) -> &broadcast::Sender<Event> {
        &self.events
    }

    pub(super) fn timings(&self) -> MutexGuard<'_, Timings> {
        lock(&self.timings)
    }

    /// Begins a call and gives it; it goes on by itself.
    pub(super) fn begin(
        self: &Arc<Self>,
        direction: Direction,
        number: &str,
        ivr: &Number,
    ) -> Arc<Call> {
        let callee = self.settings.callees.of(number).clone();
        let now_ms = self.clock.now_ms();
        let walk = Walk::new(Arc::clone(&self.plan), direction, number, ivr, callee, now_ms);
        let (reports, queue) = mpsc::unbounded_channel();
        let call = Arc::new(Call::new(
            self.new_ids(direction),
            number,
            ivr.to_string(),
            walk,
            reports,
            now_ms,
        ));
        self.register(Arc::clone(&call));
        self.spawn(delivery::run(Arc::clone(self), Arc::clone(&call), queue));
        self.spawn(run(Arc::clone(self), Arc::clone(&call)));
        call
    }

    /// The call with this leg.
    pub(super) fn find(&self, direction: Direction, leg: &str) -> Option<Arc<Call>> {
        let calls = lock(&self.calls);
        calls
            .iter()
            .rev()
            .find(|call| call.direction() == direction && call.ids.leg == leg)
            .cloned()
    }

    /// The calls in this direction that are up.
    pub(super) fn up(&self, direction: Direction) -> Vec<Arc<Call>> {
        let of_direction = |call: &&Arc<Call>| call.direction() == direction;
        let calls: Vec<_> = lock(&self.calls).iter().filter(of_direction).cloned().collect();
        calls.into_iter().filter(|call| call.status(self) != Status::Over).collect()
    }

    /// All calls that are remembered, oldest first.
    pub(super) fn records(&self) -> Vec<CallRecord> {
        let calls: Vec<_> = lock(&self.calls).iter().cloned().collect();
        calls.iter().map(|call| call.record(self)).collect()
    }

    /// The PBX restarts: tokens and calls are gone, and nobody is told.
    pub(super) fn reboot(&self) {
        self.desk().forget_tokens();
        for direction in [Direction::Outbound, Direction::Inbound] {
            for call in self.up(direction) {
                // A call that ends in this very moment needs no losing.
                let _ = call.hang_up(End::Lost, self);
            }
        }
    }

    /// Runs a task until the simulator ends.
    pub(super) fn spawn(&self, task: impl Future<Output = ()> + Send + 'static) {
        let mut tasks = lock(&self.tasks);
        while tasks.try_join_next().is_some() {}
        tasks.spawn(task);
    }

    /// Ends all tasks.
    pub(super) async fn stop(&self) {
        let mut tasks = std::mem::take(&mut *lock(&self.tasks));
        tasks.shutdown().await;
    }

    /// Ends all tasks without waiting for them.
    pub(super) fn abort(&self) {
        lock(&self.tasks).abort_all();
    }

    fn new_ids(&self, direction: Direction) -> Ids {
        let second = jiff::Timestamp::now().as_second();
        let mut next_id = lock(&self.next_id);
        let first = *next_id;
        *next_id += 3;
        let callid = format!("{second}.{first}");
        let leg = match direction {
            Direction::Outbound => format!("{second}.{}", first + 2),
            Direction::Inbound => callid.clone(),
        };
        Ids { callid, leg, direction }
    }

    fn register(&self, call: Arc<Call>) {
        let mut calls = lock(&self.calls);
        if calls.len() >= MAX_RECORDS
            && let Some(over) = calls.iter().position(|call| call.status(self) == Status::Over)
        {
            calls.remove(over);
        }
        calls.push_back(call);
    }
}

/// Locks; a panic elsewhere does not spread.
pub(super) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Runs a call to its end.
async fn run(exchange: Arc<Exchange>, call: Arc<Call>) {
    while let Some(due_ms) = call.settle(&exchange) {
        tokio::select! {
            () = tokio::time::sleep_until(exchange.clock.instant(due_ms)) => {}
            () = call.changed() => {}
        }
    }
}
