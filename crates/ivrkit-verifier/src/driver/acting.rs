//! Has the PBX do what calls want, has entries looked up beside the loop, and brings back what is
//! answered: exactly one event for each.

use super::{Event, Handle, desk::Id};
use crate::{
    lookup::{Lookups, Question},
    number::PhoneNumber,
    pbx::Pbx,
};
use ivrkit_dialplan::{
    scenario::Number,
    verification::{Direction, Input, Leg},
};
use std::sync::Arc;
use tokio::runtime;

/// Something for the PBX, or a look-up, to do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Effect {
    /// Dial a callee.
    Dial { call: Id, ivr: Number, to: PhoneNumber },
    /// Send a call to an IVR.
    Transfer { call: Id, request: u32, direction: Direction, leg: Leg, to: Number },
    /// End a call.
    HangUp { call: Id, request: u32, direction: Direction, leg: Leg },
    /// Look an entry up, at the look-up of this name.
    LookUp { at: String, question: Question },
    /// List the calls, for these of ours.
    List { calls: Vec<Id> },
}

/// Begins effects; what comes of each comes as an event.
pub(crate) struct Actor(Box<dyn Fn(Effect) + Send>);

impl Actor {
    /// Runs effects as tasks.
    pub(crate) fn new(
        pbx: Arc<dyn Pbx>,
        lookups: Arc<Lookups>,
        handle: Handle,
        runtime: runtime::Handle,
    ) -> Self {
        Self::by(move |effect| {
            let (pbx, lookups) = (Arc::clone(&pbx), Arc::clone(&lookups));
            let handle = handle.clone();
            runtime.spawn(async move { handle.send(done(&*pbx, &lookups, effect).await) });
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

async fn done(pbx: &dyn Pbx, lookups: &Lookups, effect: Effect) -> Event {
    match effect {
        Effect::LookUp { at, question } => {
            let input = lookups.look_up(&at, &question).await;
            Event::Back(question.call, input)
        }
        Effect::Dial { call, ivr, to } => {
            let answer = pbx.dial(&call, &ivr, &to).await;
            Event::Back(call, Input::DialAnswered(answer))
        }
        Effect::Transfer { call, request, direction, leg, to } => {
            let answer = pbx.transfer(direction, &leg, &to).await;
            Event::Back(call, Input::Steered { request, answer })
        }
        Effect::HangUp { call, request, direction, leg } => {
            let answer = pbx.hang_up(direction, &leg).await;
            Event::Back(call, Input::Steered { request, answer })
        }
        Effect::List { calls } => Event::Listed { calls, listed: pbx.calls().await },
    }
}
