//! Has the PBX do what calls want, and brings back what it answers: exactly one event for each.

use super::{Event, Handle, desk::Id};
use crate::{
    metrics::{Metrics, observe},
    number::PhoneNumber,
    pbx::Pbx,
};
use ivrkit_dialplan::{
    scenario::Number,
    verification::{Answer, Direction, Input, Leg},
};
use std::{sync::Arc, time::Instant};
use tokio::runtime;

/// Something for the PBX to do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Effect {
    /// Dial a callee.
    Dial { call: Id, ivr: Number, to: PhoneNumber },
    /// Send a call to an IVR.
    Transfer { call: Id, request: u32, direction: Direction, leg: Leg, to: Number, entry: Entry },
    /// End a call.
    HangUp { call: Id, request: u32, direction: Direction, leg: Leg, entry: Entry },
    /// List the calls, for these of ours.
    List { calls: Vec<Id> },
}

/// When the report of the entry came that led to this, if one did just now.
pub(super) type Entry = Option<Instant>;

/// Begins effects; what comes of each comes as an event.
pub(crate) struct Actor(Box<dyn Fn(Effect) + Send>);

impl Actor {
    /// Runs effects as tasks.
    pub(crate) fn new(
        pbx: Arc<dyn Pbx>,
        handle: Handle,
        metrics: Arc<Metrics>,
        runtime: runtime::Handle,
    ) -> Self {
        Self::by(move |effect| {
            let (pbx, handle) = (Arc::clone(&pbx), handle.clone());
            let metrics = Arc::clone(&metrics);
            runtime.spawn(async move { handle.send(done(&*pbx, &metrics, effect).await) });
        })
    }

    /// Has somebody else do it.
    pub(super) fn by(act: impl Fn(Effect) + Send + 'static) -> Self {
        Self(Box::new(act))
    }

    /// Begins an effect.
    pub(super) fn act(&self, effect: Effect) {
        (self.0)(effect);
    }
}

async fn done(pbx: &dyn Pbx, metrics: &Metrics, effect: Effect) -> Event {
    match effect {
        Effect::Dial { call, ivr, to } => {
            let answer = pbx.dial(&call, &ivr, &to).await;
            Event::Back(call, Input::DialAnswered(answer))
        }
        Effect::Transfer { call, request, direction, leg, to, entry } => {
            let asked = asked(metrics, entry);
            let answer = pbx.transfer(direction, &leg, &to).await;
            answered(metrics, asked, answer);
            Event::Back(call, Input::Steered { request, answer })
        }
        Effect::HangUp { call, request, direction, leg, entry } => {
            let asked = asked(metrics, entry);
            let answer = pbx.hang_up(direction, &leg).await;
            answered(metrics, asked, answer);
            Event::Back(call, Input::Steered { request, answer })
        }
        Effect::List { calls } => Event::Listed { calls, listed: pbx.calls().await },
    }
}

/// The PBX is asked to send a call on.
fn asked(metrics: &Metrics, entry: Entry) -> Instant {
    let now = Instant::now();
    if let Some(heard) = entry {
        observe(&metrics.entry_to_transfer, now - heard);
    }
    now
}

fn answered(metrics: &Metrics, asked: Instant, answer: Result<(), Answer>) {
    observe(&metrics.transfer, asked.elapsed());
    metrics.steered(answer);
}
