//! Many calls at the same time on one daemon, followed through one connection.
//!
//! What callers do is done by the far halves themselves, in the daemon, so that its times do not
//! depend on how busy the tests are.

use super::{
    Asterisk, Manager,
    call::{self, Dial, Event, Trace, What},
    manager::Packet,
};
use std::{
    collections::HashMap,
    time::{Duration, Instant},
};

/// Between the beginnings of two calls: to begin one takes the daemon some milliseconds.
const APART: Duration = Duration::from_millis(25);

/// More events than a sane call has.
const MAX_EVENTS: usize = 2000;

/// How long to listen before looking whether another call may begin.
const PATIENCE: Duration = Duration::from_millis(5);

/// Kinds of events that are many and of no interest here.
const UNWANTED: [&str; 6] =
    ["VarSet", "Newstate", "NewConnectedLine", "NewCallerid", "LocalBridge", "DialState"];

/// A call to make and follow.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Order<'a> {
    pub(crate) dial: Dial<'a>,
    /// `UNIQUEID` of the half that runs the dialplan; no other call may have it.
    pub(crate) id: &'a str,
    /// A call that runs longer is hung up and counts as failed.
    pub(crate) limit: Duration,
}

/// What became of an [`Order`].
#[derive(Debug, Clone, Default)]
pub(crate) struct Followed {
    pub(crate) trace: Trace,
    /// When the first event happened, in seconds since 1970; zero if none did.
    pub(crate) began_at_s: f64,
}

/// A call that runs.
struct Running {
    number: usize,
    /// Nothing once it was hung up for running too long.
    deadline: Option<Instant>,
}

struct Follower {
    manager: Manager,
    running: HashMap<String, Running>,
    calls: Vec<Followed>,
}

/// Makes all calls, so many at a time, and returns when the last one has ended, in their order.
pub(super) fn follow(pbx: &Asterisk, orders: &[Order<'_>], at_once: usize) -> Vec<Followed> {
    let mut manager = pbx.manager();
    for event in UNWANTED {
        manager.action("Filter", &[("Operation", "Add"), ("Filter", &format!("!Event: {event}"))]);
    }
    manager.events(call::EVENTS);
    let calls = vec![Followed::default(); orders.len()];
    let mut follower = Follower { manager, running: HashMap::new(), calls };
    let mut waiting = orders.iter().enumerate();
    let mut next_at = Instant::now();
    loop {
        if follower.running.len() < at_once && Instant::now() >= next_at {
            match waiting.next() {
                Some((number, order)) => follower.begin(number, order),
                None if follower.running.is_empty() => return follower.calls,
                None => {}
            }
            next_at = Instant::now() + APART;
        }
        if let Some(packet) = follower.manager.event(next_at.max(Instant::now() + PATIENCE)) {
            follower.hear(&packet);
        }
        follower.end_the_endless();
    }
}

impl Follower {
    fn begin(&mut self, number: usize, order: &Order<'_>) {
        let refusal = call::originate(&mut self.manager, &order.dial, order.id, &far_id(order.id));
        let begun = refusal.is_none();
        self.calls[number].trace = Trace::begin(refusal);
        if begun {
            let deadline = Some(Instant::now() + order.limit);
            let running = Running { number, deadline };
            self.running.insert(order.id.to_owned(), running);
        }
    }

    fn hear(&mut self, packet: &Packet) {
        let heard = packet.field("Uniqueid");
        let (id, what) = match near_id(heard) {
            Some(id) => (id, deed(packet)),
            None => (heard, call::what(packet)),
        };
        let (Some(what), Some(running)) = (what, self.running.get(id)) else { return };
        let call = &mut self.calls[running.number];
        let now: f64 = packet.field("Timestamp").parse().expect("events carry their time");
        if call.trace.events.is_empty() {
            call.began_at_s = now;
        }
        let what = match (&running.deadline, what) {
            (None, What::Hangup { .. }) => What::Failed("still running at the limit".to_owned()),
            (_, what) => what,
        };
        call.trace.events.push(Event { at_s: now - call.began_at_s, what });
        if call.trace.is_over() {
            let id = id.to_owned();
            self.running.remove(&id);
        }
    }

    fn end_the_endless(&mut self) {
        let now = Instant::now();
        for (id, running) in &mut self.running {
            let trace = &self.calls[running.number].trace;
            // Not even a hang-up ends a loop of steps that do not wait.
            assert!(trace.events.len() < MAX_EVENTS, "{id} has no end:\n{trace}");
            if running.deadline.is_some_and(|deadline| deadline < now) {
                running.deadline = None;
                assert!(!trace.events.is_empty(), "{id} has never begun");
                // The action takes the unique id in place of the channel's name.
                self.manager.action("Hangup", &[("Channel", id)]);
            }
        }
    }
}

/// The id of the far half of a call.
fn far_id(id: &str) -> String {
    format!("{id}-far")
}

fn near_id(far_id: &str) -> Option<&str> {
    far_id.strip_suffix("-far")
}

/// What the caller does, as the far half tells it.
fn deed(packet: &Packet) -> Option<What> {
    if packet.field("Event") != "Newexten" {
        return None;
    }
    match packet.field("Application") {
        "Hangup" => Some(What::CallerHangup),
        "ChannelRedirect" => {
            let (_, place) = packet.field("AppData").split_once(',')?;
            Some(What::Redirect { place: place.to_owned() })
        }
        _ => None,
    }
}
