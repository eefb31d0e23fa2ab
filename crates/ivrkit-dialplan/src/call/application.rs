//! What applications and functions do to a simulated call: one file per application.
//!
//! An application is a row in [`ROWS`]. One that takes no time is a plain function; one that waits
//! is `async` and waits through its [`Line`](super::line::Line). What is in no row and has no
//! scripted outcome ends the call with [`Why::NotModelled`](super::Why): nothing is guessed.

mod background;
mod exec_if;
mod goto;
mod hang_up;
mod playback;
mod set;
mod user_event;
mod wait;
mod wait_exten;

use super::{exchange::Why, line::Line, setup::ScriptedOutcome};
use crate::application::{self as catalogue, Presence};
use std::pin::Pin;

/// What an application returns.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Outcome {
    /// On at the next priority, or at the one that it set.
    Next,
    /// The caller pressed a key that may begin an extension.
    Key(u8),
    /// What is dialled so far is not all of it.
    Incomplete,
    /// It failed in a way that `e` may catch.
    Failed,
    /// The call ends, or goes on where a redirect or a time-out leads.
    HangUp,
}

/// An application that runs.
type Running<'a> = Pin<Box<dyn Future<Output = Outcome> + Send + 'a>>;

/// How an application is carried out.
pub(super) enum Body {
    /// At once.
    Now(fn(&Line, &[u8]) -> Outcome),
    /// It may wait, or run other applications.
    Later(for<'a> fn(&'a Line, &'a [u8]) -> Running<'a>),
}

/// A row: an application's name as Asterisk spells it, and what it does.
pub(super) struct Row {
    name: &'static str,
    body: Body,
}

/// All that are modelled, in the order of the alphabet.
static ROWS: &[Row] = &[
    Row {
        name: "BackGround",
        body: Body::Later(|line, data| Box::pin(background::run(line, data))),
    },
    Row { name: "ExecIf", body: Body::Later(|line, data| Box::pin(exec_if::run(line, data))) },
    Row { name: "Goto", body: Body::Now(goto::goto) },
    Row { name: "GotoIf", body: Body::Now(goto::goto_if) },
    Row { name: "Hangup", body: Body::Now(hang_up::run) },
    Row { name: "NoOp", body: Body::Now(|_, _| Outcome::Next) },
    Row { name: "Playback", body: Body::Later(|line, data| Box::pin(playback::run(line, data))) },
    Row { name: "Set", body: Body::Now(set::set) },
    Row { name: "UserEvent", body: Body::Now(user_event::run) },
    Row { name: "Wait", body: Body::Later(|line, data| Box::pin(wait::run(line, data))) },
    Row {
        name: "WaitExten",
        body: Body::Later(|line, data| Box::pin(wait_exten::run(line, data))),
    },
];

/// An application that a step names.
pub(super) enum Application {
    /// One that is modelled.
    Modelled(&'static Row),
    /// One whose outcome the setup tells; the name is Asterisk's.
    Scripted(String, ScriptedOutcomes),
    /// One that Asterisk has, and nothing else is known of.
    Unknown(&'static str),
}

/// The scripted outcomes of one application, in their order.
pub(super) struct ScriptedOutcomes(Vec<ScriptedOutcome>);

/// The application of that name; none if this version of Asterisk has none.
pub(super) fn find(line: &Line, name: &[u8]) -> Option<Application> {
    let entry = catalogue::application(name);
    let scripted: Vec<ScriptedOutcome> = line.with(|channel| {
        let outcomes = channel.setup.outcomes.iter();
        let fits = |one: &&ScriptedOutcome| one.application.as_bytes().eq_ignore_ascii_case(name);
        outcomes.filter(fits).cloned().collect()
    });
    if !scripted.is_empty() {
        let spelt =
            entry.map_or_else(|| scripted[0].application.clone(), |one| one.name().to_owned());
        return Some(Application::Scripted(spelt, ScriptedOutcomes(scripted)));
    }
    let entry = entry.filter(|entry| entry.presence(line.pbx.version) == Presence::There)?;
    let row = ROWS.iter().find(|row| row.name.eq_ignore_ascii_case(entry.name()));
    Some(row.map_or(Application::Unknown(entry.name()), Application::Modelled))
}

impl Application {
    /// The name as Asterisk spells it.
    pub(super) fn name(&self) -> &str {
        match self {
            Self::Modelled(row) => row.name,
            Self::Scripted(name, _) => name,
            Self::Unknown(name) => name,
        }
    }

    /// Carries it out with its data, everything in it replaced.
    pub(super) async fn execute(&self, line: &Line, data: &[u8]) -> Outcome {
        match self {
            Self::Modelled(Row { body: Body::Now(run), .. }) => run(line, data),
            Self::Modelled(Row { body: Body::Later(run), .. }) => run(line, data).await,
            Self::Scripted(name, outcomes) => outcomes.run(line, name, data).await,
            Self::Unknown(name) => {
                line.with(|channel| channel.stop(Why::NotModelled((*name).to_owned())));
                Outcome::HangUp
            }
        }
    }
}

impl ScriptedOutcomes {
    async fn run(&self, line: &Line, name: &str, data: &[u8]) -> Outcome {
        let fits = |one: &&ScriptedOutcome| contains(data, &one.data_contains);
        let Some(outcome) = self.0.iter().find(fits) else {
            line.with(|channel| channel.stop(Why::NotModelled(name.to_owned())));
            return Outcome::HangUp;
        };
        if outcome.takes_ms > 0 && !line.sleep(outcome.takes_ms).await {
            return Outcome::HangUp;
        }
        for (name, value) in &outcome.sets {
            line.set(name, value);
        }
        if outcome.hangs_up { Outcome::HangUp } else { Outcome::Next }
    }
}

fn contains(text: &[u8], part: &[u8]) -> bool {
    part.is_empty() || text.windows(part.len()).any(|window| window == part)
}
