//! What applications and functions do to a simulated call: one file per application.
//!
//! An application is a row in [`ROWS`]. One that takes no time is a plain function; one that waits
//! is `async` and waits through its [`Line`](super::line::Line). What is in no row and has no
//! scripted outcome ends the call with [`Why::NotModelled`](super::Why): nothing is guessed.

mod answer;
mod authenticate;
mod background;
mod block;
mod branch;
mod call_record;
mod clear_hash;
mod control_playback;
mod conversation;
mod delete_tree;
mod dial;
mod entry;
mod exception;
mod exec;
mod exec_if;
mod given;
mod gosub;
mod goto;
mod hang_up;
mod macro_routine;
mod music;
mod playback;
mod queue;
mod read;
mod read_exten;
mod record;
mod say;
mod scripted;
mod set;
mod soft_hang_up;
mod sound_list;
mod time_of_day;
mod tones;
mod unnoticed;
mod user_event;
mod verbose;
mod wait;
mod wait_exten;
mod while_loop;

use super::{
    exchange::{Signal, Why},
    line::Line,
};
use crate::application::{self as catalogue, Presence};
use std::{borrow::Cow, pin::Pin};

/// What an application returns.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Outcome {
    /// On at the next priority, or at the one that it set.
    Next,
    /// The caller pressed a key that may begin an extension.
    Key(u8),
    /// What is dialled so far is not all of it.
    Incomplete,
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
    Row { name: "Answer", body: Body::Later(|line, data| Box::pin(answer::answer(line, data))) },
    Row {
        name: "Authenticate",
        body: Body::Later(|line, data| Box::pin(authenticate::run(line, data))),
    },
    Row {
        name: "BackGround",
        body: Body::Later(|line, data| Box::pin(background::run(line, data))),
    },
    Row { name: "Busy", body: Body::Later(|line, data| Box::pin(hang_up::busy(line, data))) },
    Row {
        name: "CELGenUserEvent",
        body: Body::Now(|line, _| unnoticed::tell(line, "CELGenUserEvent")),
    },
    Row {
        name: "ChangeMonitor",
        body: Body::Now(|line, _| unnoticed::tell(line, "ChangeMonitor")),
    },
    Row { name: "ClearHash", body: Body::Now(clear_hash::run) },
    Row {
        name: "Congestion",
        body: Body::Later(|line, data| Box::pin(hang_up::congestion(line, data))),
    },
    Row { name: "ContinueWhile", body: Body::Now(while_loop::again) },
    Row {
        name: "ControlPlayback",
        body: Body::Later(|line, data| Box::pin(control_playback::run(line, data))),
    },
    Row { name: "DateTime", body: Body::Later(|line, data| Box::pin(say::unix_time(line, data))) },
    Row { name: "DBdeltree", body: Body::Now(delete_tree::run) },
    Row { name: "DumpChan", body: Body::Now(|_, _| Outcome::Next) },
    Row { name: "Echo", body: Body::Later(|line, data| Box::pin(tones::echo(line, data))) },
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
    Row { name: "Flash", body: Body::Now(tones::flash) },
    Row { name: "ForkCDR", body: Body::Now(call_record::run) },
    Row { name: "Gosub", body: Body::Now(gosub::gosub) },
    Row { name: "GosubIf", body: Body::Now(gosub::gosub_if) },
    Row { name: "Goto", body: Body::Now(goto::goto) },
    Row { name: "GotoIf", body: Body::Now(goto::goto_if) },
    Row { name: "GotoIfTime", body: Body::Now(time_of_day::goto) },
    Row { name: "Hangup", body: Body::Now(hang_up::hang_up) },
    Row { name: "If", body: Body::Now(branch::begin) },
    Row { name: "ImportVar", body: Body::Now(set::import) },
    Row {
        name: "Incomplete",
        body: Body::Later(|line, data| Box::pin(answer::incomplete(line, data))),
    },
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
    Row {
        name: "Milliwatt",
        body: Body::Later(|line, data| Box::pin(tones::milliwatt(line, data))),
    },
    Row { name: "MixMonitor", body: Body::Now(unnoticed::mix_monitor) },
    Row { name: "Monitor", body: Body::Now(|line, _| unnoticed::tell(line, "Monitor")) },
    Row { name: "MSet", body: Body::Now(set::set_all) },
    Row {
        name: "MusicOnHold",
        body: Body::Later(|line, data| Box::pin(music::music_on_hold(line, data))),
    },
    Row { name: "NoCDR", body: Body::Now(|line, _| unnoticed::tell(line, "NoCDR")) },
    Row { name: "NoOp", body: Body::Now(|_, _| Outcome::Next) },
    Row { name: "PauseMonitor", body: Body::Now(|line, _| unnoticed::tell(line, "PauseMonitor")) },
    Row { name: "Playback", body: Body::Later(|line, data| Box::pin(playback::run(line, data))) },
    Row { name: "PlayTones", body: Body::Now(tones::play) },
    Row { name: "Proceeding", body: Body::Now(|line, _| answer::tell(line, Signal::Proceeding)) },
    Row { name: "Progress", body: Body::Now(|line, _| answer::tell(line, Signal::Progress)) },
    Row { name: "QueueLog", body: Body::Now(|line, _| unnoticed::tell(line, "QueueLog")) },
    Row { name: "RaiseException", body: Body::Now(exception::raise) },
    Row { name: "Read", body: Body::Later(|line, data| Box::pin(read::run(line, data))) },
    Row {
        name: "ReadExten",
        body: Body::Later(|line, data| Box::pin(read_exten::run(line, data))),
    },
    Row { name: "Record", body: Body::Later(|line, data| Box::pin(record::run(line, data))) },
    Row { name: "ResetCDR", body: Body::Now(call_record::run) },
    Row { name: "Return", body: Body::Now(gosub::return_from) },
    Row { name: "Ringing", body: Body::Now(|line, _| answer::tell(line, Signal::Ringing)) },
    Row { name: "SayAlpha", body: Body::Later(|line, data| Box::pin(say::alpha(line, data))) },
    Row {
        name: "SayAlphaCase",
        body: Body::Later(|line, data| Box::pin(say::alpha_case(line, data))),
    },
    Row { name: "SayDigits", body: Body::Later(|line, data| Box::pin(say::digits(line, data))) },
    Row { name: "SayMoney", body: Body::Later(|line, data| Box::pin(say::money(line, data))) },
    Row { name: "SayNumber", body: Body::Later(|line, data| Box::pin(say::number(line, data))) },
    Row { name: "SayOrdinal", body: Body::Later(|line, data| Box::pin(say::ordinal(line, data))) },
    Row {
        name: "SayPhonetic",
        body: Body::Later(|line, data| Box::pin(say::phonetic(line, data))),
    },
    Row {
        name: "SayUnixTime",
        body: Body::Later(|line, data| Box::pin(say::unix_time(line, data))),
    },
    Row {
        name: "SendDTMF",
        body: Body::Later(|line, data| Box::pin(tones::send_dtmf(line, data))),
    },
    Row { name: "Set", body: Body::Now(set::set) },
    Row { name: "SetAMAFlags", body: Body::Now(|line, _| unnoticed::tell(line, "SetAMAFlags")) },
    Row { name: "SIPAddHeader", body: Body::Now(|line, _| unnoticed::tell(line, "SIPAddHeader")) },
    Row {
        name: "SIPRemoveHeader",
        body: Body::Now(|line, _| unnoticed::tell(line, "SIPRemoveHeader")),
    },
    Row { name: "SoftHangup", body: Body::Now(soft_hang_up::run) },
    Row { name: "StackPop", body: Body::Now(gosub::stack_pop) },
    Row { name: "StartMusicOnHold", body: Body::Now(music::start) },
    Row {
        name: "StopMixMonitor",
        body: Body::Now(|line, _| unnoticed::tell(line, "StopMixMonitor")),
    },
    Row { name: "StopMonitor", body: Body::Now(|line, _| unnoticed::tell(line, "StopMonitor")) },
    Row { name: "StopMusicOnHold", body: Body::Now(music::stop) },
    Row { name: "StopPlayTones", body: Body::Now(tones::stop) },
    Row { name: "TryExec", body: Body::Later(|line, data| Box::pin(exec::try_exec(line, data))) },
    Row {
        name: "UnpauseMonitor",
        body: Body::Now(|line, _| unnoticed::tell(line, "UnpauseMonitor")),
    },
    Row { name: "UserEvent", body: Body::Now(user_event::run) },
    Row { name: "Verbose", body: Body::Now(verbose::verbose) },
    Row { name: "Wait", body: Body::Later(|line, data| Box::pin(wait::wait(line, data))) },
    Row {
        name: "WaitDigit",
        body: Body::Later(|line, data| Box::pin(wait::wait_digit(line, data))),
    },
    Row {
        name: "WaitExten",
        body: Body::Later(|line, data| Box::pin(wait_exten::run(line, data))),
    },
    Row {
        name: "WaitUntil",
        body: Body::Later(|line, data| Box::pin(wait::wait_until(line, data))),
    },
    Row { name: "While", body: Body::Now(while_loop::begin) },
];

/// An application that a step names.
pub(super) struct Application {
    /// As Asterisk spells it.
    name: Cow<'static, str>,
    /// How it is carried out; none if that is not modelled.
    body: Option<&'static Body>,
    /// Whether outcomes are scripted for it, which go before what is modelled.
    is_scripted: bool,
}

/// The application of that name; none if this version of Asterisk has none.
pub(super) fn find(line: &Line, name: &[u8]) -> Option<Application> {
    let is_scripted = line.has_outcomes(name);
    let entry = catalogue::application(name);
    let there = entry.filter(|entry| entry.presence(line.pbx.version) == Presence::There);
    let row = there.and_then(|entry| ROWS.iter().find(|row| row.name == entry.name()));
    let name = match entry {
        Some(entry) => Cow::Borrowed(entry.name()),
        None => Cow::Owned(String::from_utf8_lossy(name).into_owned()),
    };
    // What is scripted may come from a module that the catalogue does not know.
    let is_there = is_scripted || there.is_some();
    is_there.then(|| Application { name, body: row.map(|row| &row.body), is_scripted })
}

impl Application {
    /// The name as Asterisk spells it.
    pub(super) fn name(&self) -> &str {
        &self.name
    }

    /// Carries it out with its data, everything in it replaced.
    pub(super) async fn execute(&self, line: &Line, data: &[u8]) -> Outcome {
        if self.is_scripted
            && let Some(outcome) = line.take_outcome(self.name.as_bytes(), data)
        {
            return scripted::run(line, &self.name, data, &outcome).await;
        }
        match self.body {
            Some(Body::Now(run)) => run(line, data),
            Some(Body::Later(run)) => run(line, data).await,
            None => {
                line.not_modelled(&self.name);
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

#[cfg(test)]
pub(super) mod testing;
#[cfg(test)]
pub(super) mod trial;
