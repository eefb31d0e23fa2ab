//! Has the PBX do what calls want, has entries looked up beside the loop, and brings back what is
//! answered: exactly one event for each.

use super::{Event, Handle, desk::Id};
use crate::{
    lookup::{Lookups, Question},
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

/// Something for the PBX, or a look-up, to do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Effect {
    /// Dial a callee.
    Dial { call: Id, ivr: Number, to: PhoneNumber },
    /// Send a call to an IVR.
    Transfer { call: Id, request: u32, direction: Direction, leg: Leg, to: Number, entry: Entry },
    /// End a call.
    HangUp { call: Id, request: u32, direction: Direction, leg: Leg, entry: Entry },
    /// Look an entry up, at the look-up of this name.
    LookUp { at: String, question: Question },
    /// List the calls, for these of ours.
    List { calls: Vec<Id> },
}

/// When the report of the entry came that led to this, if one did just now.
pub(super) type Entry = Option<Instant>;

/// What effects are done with.
pub(crate) struct Hands {
    pub(crate) pbx: Arc<dyn Pbx>,
    pub(crate) lookups: Arc<Lookups>,
    pub(crate) metrics: Arc<Metrics>,
}

/// Begins effects; what comes of each comes as an event.
pub(crate) struct Actor(Box<dyn Fn(Effect) + Send>);

impl Actor {
    /// Runs effects as tasks.
    pub(crate) fn new(hands: Hands, handle: Handle, runtime: runtime::Handle) -> Self {
        let hands = Arc::new(hands);
        Self::by(move |effect| {
            let (hands, handle) = (Arc::clone(&hands), handle.clone());
            runtime.spawn(async move { handle.send(hands.done(effect).await) });
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

impl Hands {
    async fn done(&self, effect: Effect) -> Event {
        let Self { pbx, lookups, metrics } = self;
        match effect {
            Effect::LookUp { at, question } => {
                let begun = Instant::now();
                let input = lookups.look_up(&at, &question).await;
                observe(&metrics.lookup, begun.elapsed());
                Event::Back(question.call, input)
            }
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
