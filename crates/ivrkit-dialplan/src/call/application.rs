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

use super::{exchange::Signal, line::Line};
use crate::application::{self as catalogue, ByName, Entry, Presence, Version};
use std::{borrow::Cow, pin::Pin, sync::LazyLock};

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

/// The row of an application that takes no time.
const fn now(name: &'static str, run: fn(&Line, &[u8]) -> Outcome) -> Row {
    Row { name, body: Body::Now(run) }
}

/// The row of an application that may wait; a macro, for each `async fn` is of a type of its own.
macro_rules! later {
    ($name:literal, $run:path) => {
        Row { name: $name, body: Body::Later(|line, data| Box::pin($run(line, data))) }
    };
}

/// The row of an application that changes nothing for the call.
macro_rules! unnoticed {
    ($name:literal) => {
        now($name, |line, _| unnoticed::tell(line, $name))
    };
}

/// What is known of each that is modelled.
static BY_NAME: LazyLock<ByName<Vec<Known>>> = LazyLock::new(|| {
    let known = |row: &'static Row| {
        let entry = catalogue::application(row.name.as_bytes())?;
        Some((row.name, Known { entry, versions: versions(entry), body: &row.body }))
    };
    ROWS.iter().filter_map(known).collect()
});

/// What is known of an application that is modelled.
struct Known {
    entry: &'static Entry,
    /// Those that have it.
    versions: Vec<Version>,
    body: &'static Body,
}

fn versions(entry: &Entry) -> Vec<Version> {
    let has = |version: &Version| entry.presence(*version) == Presence::There;
    Version::ALL.into_iter().filter(has).collect()
}

/// All that are modelled, in the order of the alphabet.
static ROWS: &[Row] = &[
    later!("Answer", answer::answer),
    later!("Authenticate", authenticate::run),
    later!("BackGround", background::run),
    later!("Busy", hang_up::busy),
    unnoticed!("CELGenUserEvent"),
    unnoticed!("ChangeMonitor"),
    now("ClearHash", clear_hash::run),
    later!("Congestion", hang_up::congestion),
    now("ContinueWhile", while_loop::again),
    later!("ControlPlayback", control_playback::run),
    later!("DateTime", say::unix_time),
    now("DBdeltree", delete_tree::run),
    now("DumpChan", |_, _| Outcome::Next),
    later!("Echo", tones::echo),
    now("Else", branch::other),
    now("ElseIf", branch::begin),
    now("EndIf", branch::end),
    now("EndWhile", while_loop::end),
    later!("Exec", exec::exec),
    later!("ExecIf", exec_if::run),
    later!("ExecIfTime", time_of_day::execute),
    now("ExitIf", branch::exit),
    now("ExitWhile", while_loop::exit),
    now("Flash", tones::flash),
    now("ForkCDR", call_record::run),
    now("Gosub", gosub::gosub),
    now("GosubIf", gosub::gosub_if),
    now("Goto", goto::goto),
    now("GotoIf", goto::goto_if),
    now("GotoIfTime", time_of_day::goto),
    now("Hangup", hang_up::hang_up),
    now("If", branch::begin),
    now("ImportVar", set::import),
    later!("Incomplete", answer::incomplete),
    now("Log", verbose::log),
    later!("Macro", macro_routine::run),
    later!("MacroExclusive", macro_routine::run),
    now("MacroExit", macro_routine::exit),
    later!("MacroIf", macro_routine::run_if),
    later!("Milliwatt", tones::milliwatt),
    now("MixMonitor", unnoticed::mix_monitor),
    unnoticed!("Monitor"),
    now("MSet", set::set_all),
    later!("MusicOnHold", music::music_on_hold),
    unnoticed!("NoCDR"),
    now("NoOp", |_, _| Outcome::Next),
    unnoticed!("PauseMonitor"),
    later!("Playback", playback::run),
    now("PlayTones", tones::play),
    now("Proceeding", |line, _| answer::tell(line, Signal::Proceeding)),
    now("Progress", |line, _| answer::tell(line, Signal::Progress)),
    unnoticed!("QueueLog"),
    now("RaiseException", exception::raise),
    later!("Read", read::run),
    later!("ReadExten", read_exten::run),
    later!("Record", record::run),
    now("ResetCDR", call_record::run),
    now("Return", gosub::return_from),
    now("Ringing", |line, _| answer::tell(line, Signal::Ringing)),
    later!("SayAlpha", say::alpha),
    later!("SayAlphaCase", say::alpha_case),
    later!("SayDigits", say::digits),
    later!("SayMoney", say::money),
    later!("SayNumber", say::number),
    later!("SayOrdinal", say::ordinal),
    later!("SayPhonetic", say::phonetic),
    later!("SayUnixTime", say::unix_time),
    later!("SendDTMF", tones::send_dtmf),
    now("Set", set::set),
    unnoticed!("SetAMAFlags"),
    unnoticed!("SIPAddHeader"),
    unnoticed!("SIPRemoveHeader"),
    now("SoftHangup", soft_hang_up::run),
    now("StackPop", gosub::stack_pop),
    now("StartMusicOnHold", music::start),
    unnoticed!("StopMixMonitor"),
    unnoticed!("StopMonitor"),
    now("StopMusicOnHold", music::stop),
    now("StopPlayTones", tones::stop),
    later!("TryExec", exec::try_exec),
    unnoticed!("UnpauseMonitor"),
    now("UserEvent", user_event::run),
    now("Verbose", verbose::verbose),
    later!("Wait", wait::wait),
    later!("WaitDigit", wait::wait_digit),
    later!("WaitExten", wait_exten::run),
    later!("WaitUntil", wait::wait_until),
    now("While", while_loop::begin),
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
    let version = line.pbx.version;
    let modelled = BY_NAME.find(name).and_then(|found| found.first());
    let (entry, is_there, body) = if let Some(known) = modelled {
        (Some(known.entry), known.versions.contains(&version), Some(known.body))
    } else {
        let entry = catalogue::application(name);
        (entry, entry.is_some_and(|one| one.presence(version) == Presence::There), None)
    };
    // What is scripted may come from a module that the catalogue does not know.
    (is_there || is_scripted).then(|| Application {
        name: match entry {
            Some(entry) => Cow::Borrowed(entry.name()),
            None => Cow::Owned(String::from_utf8_lossy(name).into_owned()),
        },
        body: body.filter(|_| is_there),
        is_scripted,
    })
}

impl Application {
    /// The name as Asterisk spells it.
    pub(super) fn name(&self) -> &Cow<'static, str> {
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
        line.not_modelled(application.name());
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
