//! What applications and functions do to a simulated call: one file per application.
//!
//! An application is a row in [`ROWS`]. One that takes no time is a plain function; one that waits
//! is `async` and waits through its [`Line`](super::line::Line). What is in no row and has no
//! scripted outcome ends the call with [`Why::NotModelled`](super::Why): nothing is guessed.

mod background;
mod block;
mod branch;
mod clear_hash;
mod exception;
mod exec;
mod exec_if;
mod gosub;
mod goto;
mod hang_up;
mod incomplete;
mod local;
mod macro_routine;
mod playback;
mod set;
mod soft_hang_up;
mod time_of_day;
mod timeout;
mod user_event;
mod verbose;
mod wait;
mod wait_exten;
mod while_loop;

use super::{exchange::Why, line::Line, setup::ScriptedOutcome};
use crate::{
    application::{self as catalogue, Presence},
    function::Called,
};
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
    Row { name: "CELGenUserEvent", body: Body::Now(|_, _| Outcome::Next) },
    Row { name: "ClearHash", body: Body::Now(clear_hash::run) },
    Row { name: "ContinueWhile", body: Body::Now(while_loop::again) },
    Row { name: "DumpChan", body: Body::Now(|_, _| Outcome::Next) },
    Row { name: "Else", body: Body::Now(branch::other) },
    Row { name: "ElseIf", body: Body::Now(branch::begin) },
    Row { name: "EndIf", body: Body::Now(branch::end) },
    Row { name: "EndWhile", body: Body::Now(while_loop::end) },
    Row { name: "Exec", body: Body::Later(|line, data| Box::pin(exec::exec(line, data))) },
    Row { name: "ExecIf", body: Body::Later(|line, data| Box::pin(exec_if::run(line, data))) },
    Row {
        name: "ExecIfTime",
        body: Body::Later(|line, data| Box::pin(time_of_day::execute(line, data))),
    },
    Row { name: "ExitIf", body: Body::Now(branch::exit) },
    Row { name: "ExitWhile", body: Body::Now(while_loop::exit) },
    Row { name: "Gosub", body: Body::Now(gosub::gosub) },
    Row { name: "GosubIf", body: Body::Now(gosub::gosub_if) },
    Row { name: "Goto", body: Body::Now(goto::goto) },
    Row { name: "GotoIf", body: Body::Now(goto::goto_if) },
    Row { name: "GotoIfTime", body: Body::Now(time_of_day::goto) },
    Row { name: "Hangup", body: Body::Now(hang_up::run) },
    Row { name: "If", body: Body::Now(branch::begin) },
    Row { name: "ImportVar", body: Body::Now(set::import) },
    Row { name: "Incomplete", body: Body::Now(incomplete::run) },
    Row { name: "Log", body: Body::Now(verbose::log) },
    Row { name: "Macro", body: Body::Later(|line, data| Box::pin(macro_routine::run(line, data))) },
    Row {
        name: "MacroExclusive",
        body: Body::Later(|line, data| Box::pin(macro_routine::run(line, data))),
    },
    Row { name: "MacroExit", body: Body::Now(macro_routine::exit) },
    Row {
        name: "MacroIf",
        body: Body::Later(|line, data| Box::pin(macro_routine::run_if(line, data))),
    },
    Row { name: "MSet", body: Body::Now(set::set_all) },
    Row { name: "NoCDR", body: Body::Now(|_, _| Outcome::Next) },
    Row { name: "NoOp", body: Body::Now(|_, _| Outcome::Next) },
    Row { name: "Playback", body: Body::Later(|line, data| Box::pin(playback::run(line, data))) },
    Row { name: "RaiseException", body: Body::Now(exception::raise) },
    Row { name: "Return", body: Body::Now(gosub::return_from) },
    Row { name: "Set", body: Body::Now(set::set) },
    Row { name: "SetAMAFlags", body: Body::Now(|_, _| Outcome::Next) },
    Row { name: "SoftHangup", body: Body::Now(soft_hang_up::run) },
    Row { name: "StackPop", body: Body::Now(gosub::stack_pop) },
    Row { name: "TryExec", body: Body::Later(|line, data| Box::pin(exec::try_exec(line, data))) },
    Row { name: "UserEvent", body: Body::Now(user_event::run) },
    Row { name: "Verbose", body: Body::Now(verbose::verbose) },
    Row { name: "Wait", body: Body::Later(|line, data| Box::pin(wait::run(line, data))) },
    Row {
        name: "WaitExten",
        body: Body::Later(|line, data| Box::pin(wait_exten::run(line, data))),
    },
    Row { name: "While", body: Body::Now(while_loop::begin) },
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

/// How deep applications may run each other.
const MAX_NESTING: u32 = 64;

/// Runs an application within another one; none, and a complaint, if there is no such one.
pub(super) async fn run_nested(line: &Line, name: &[u8], data: &[u8]) -> Option<Outcome> {
    let Some(application) = find(line, name) else {
        let shown = name.escape_ascii();
        line.complain(None, format!("there is no application {shown}"));
        return None;
    };
    let is_too_deep = line.with(|channel| {
        channel.flow.nesting += 1;
        channel.flow.nesting > MAX_NESTING
    });
    let outcome = if is_too_deep {
        let name = application.name().to_owned();
        line.with(|channel| channel.stop(Why::NotModelled(name)));
        Outcome::HangUp
    } else {
        application.execute(line, data).await
    };
    line.with(|channel| channel.flow.nesting -= 1);
    Some(outcome)
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

/// The value of a function that needs the channel.
pub(super) fn read_function(line: &Line, name: &[u8], arguments: &[u8]) -> Called {
    match name {
        b"LOCAL" | b"LOCAL_PEEK" | b"STACK_PEEK" => local::read(line, name, arguments),
        b"TIMEOUT" => timeout::read(line, arguments),
        _ => Called::NotModelled,
    }
}

/// Gives a function its value.
pub(super) fn write_function(line: &Line, name: &[u8], arguments: &[u8], value: &[u8]) -> Called {
    match name {
        b"LOCAL" => local::write(line, arguments, value),
        b"TIMEOUT" => timeout::write(line, arguments, value),
        _ => Called::NotModelled,
    }
}

#[cfg(test)]
pub(super) mod testing;
