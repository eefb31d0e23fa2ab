//! A simulated call, line by line for people and as JSON for machines.
//!
//! Must not decide what is told: everything is, in its order.

mod json;

pub use json::{Events, write_json};

use super::Look;
use ivrkit_dialplan::{
    call::{Signal, SoundEnd, What, Why},
    rehearsal::{Happened, Happening},
    verification::{IgnoredBecause, Outcome, Step, Verdict},
};
use std::io;

/// Widest place that others are aligned with.
const MAX_PLACE_WIDTH: usize = 36;

/// One line of a transcript.
struct Line {
    time: String,
    /// Where the call is; empty for what is no step.
    place: String,
    text: String,
    mood: Mood,
}

/// What kind of line it is, for its colour.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Mood {
    Step,
    /// What the caller hears or does.
    Caller,
    /// What the dialplan tells others, and what the server makes of it.
    Told,
    Bad,
    End,
}

/// Writes a transcript.
///
/// # Errors
/// Those of `out`.
pub fn write_transcript(
    out: &mut impl io::Write,
    happenings: &[Happening],
    look: Look,
) -> io::Result<()> {
    for line in lines(happenings, None) {
        writeln!(out, "{}", line.shown(look))?;
    }
    Ok(())
}

/// The lines around one happening, which is marked.
pub(super) fn excerpt(happenings: &[Happening], at: usize, around: usize) -> Vec<String> {
    let from = at.saturating_sub(around);
    let to = happenings.len().min(at + around / 2 + 1);
    let lines = lines(&happenings[from..to], happenings.get(at));
    lines.iter().map(|line| line.shown(Look::Plain)).collect()
}

fn lines(happenings: &[Happening], marked: Option<&Happening>) -> Vec<Line> {
    let mut lines: Vec<Line> = happenings
        .iter()
        .map(|happening| {
            let mut line = Line::of(happening);
            if let Some(marked) = marked {
                let mark = if std::ptr::eq(marked, happening) { "> " } else { "  " };
                line.time.insert_str(0, mark);
            }
            line
        })
        .collect();
    let width = lines.iter().map(|line| line.place.chars().count());
    let width = width.filter(|&width| width <= MAX_PLACE_WIDTH).max().unwrap_or(0);
    for line in &mut lines {
        let missing = width.saturating_sub(line.place.chars().count());
        line.place.push_str(&" ".repeat(missing));
    }
    lines
}

impl Line {
    fn of(happening: &Happening) -> Self {
        let time = format!("{:>5}.{:02}", happening.at_ms / 1000, happening.at_ms % 1000 / 10);
        let (place, text, mood) = match &happening.what {
            Happened::Call(What::Step { context, exten, priority, application, data, .. }) => {
                let place = place(context, exten, *priority);
                (place, format!("{application}({})", shown(data)), Mood::Step)
            }
            Happened::Call(what) => {
                let (text, mood) = said(what);
                (String::new(), text, mood)
            }
            Happened::Server(step) => {
                (String::new(), format!("server: {}", server_said(step)), Mood::Told)
            }
        };
        Self { time, place, text, mood }
    }

    fn shown(&self, look: Look) -> String {
        let Self { time, place, text, mood } = self;
        let colour = match (look, mood) {
            (Look::Plain, _) => return format!("{time}  {place}  {text}").trim_end().to_owned(),
            (_, Mood::Step) => "",
            (_, Mood::Caller) => "\x1b[36m",
            (_, Mood::Told) => "\x1b[34m",
            (_, Mood::Bad) => "\x1b[33m",
            (_, Mood::End) => "\x1b[1m",
        };
        format!("\x1b[2m{time}\x1b[0m  \x1b[32m{place}\x1b[0m  {colour}{text}\x1b[0m")
    }
}

fn said(what: &What) -> (String, Mood) {
    match what {
        What::Step { .. } => (String::new(), Mood::Step),
        What::Answered => ("is answered".to_owned(), Mood::Caller),
        What::SoundBegins { name } => (format!("hears {}", shown(name)), Mood::Caller),
        What::SoundEnds { name, end } => match end {
            SoundEnd::Whole => (format!("has heard {}", shown(name)), Mood::Caller),
            SoundEnd::CutShort => (format!("hears no more of {}", shown(name)), Mood::Caller),
            SoundEnd::Missing => (format!("there is no sound {}", shown(name)), Mood::Bad),
        },
        What::Key { key, is_heard } => {
            let lost = if *is_heard { "" } else { ", which nothing takes" };
            (format!("presses {}{lost}", char::from(*key)), Mood::Caller)
        }
        What::Signal(signal) => (signal_said(signal), Mood::Caller),
        What::Redirected(to) => {
            let to = place(&to.context, &to.exten, to.priority);
            (format!("is sent to {to}"), Mood::Told)
        }
        What::UserEvent { name, fields } => {
            let fields: Vec<String> = fields
                .iter()
                .map(|(field, value)| format!("{}: {}", shown(field), shown(value)))
                .collect();
            (
                format!("event {} {}", shown(name), fields.join(", ")).trim_end().to_owned(),
                Mood::Told,
            )
        }
        What::Logged { level, text } => (format!("log {level}: {}", shown(text)), Mood::Told),
        What::Complaint { text, .. } => (format!("complaint: {}", one_line(text)), Mood::Bad),
        What::Ended { cause, context, exten, priority, why } => {
            let at = place(context, exten, *priority);
            (format!("ends at {at}, cause {cause}: {}", why_said(why)), Mood::End)
        }
    }
}

fn signal_said(signal: &Signal) -> String {
    match signal {
        Signal::Ringing => "hears it ring".to_owned(),
        Signal::Progress => "may hear something before the answer".to_owned(),
        Signal::Proceeding => "is told that the number is complete".to_owned(),
        Signal::Busy => "hears the busy tone".to_owned(),
        Signal::Congestion => "hears the congestion tone".to_owned(),
        Signal::Music { class } if class.is_empty() => "hears music on hold".to_owned(),
        Signal::Music { class } => format!("hears music on hold, {}", shown(class)),
        Signal::MusicEnds => "hears no more music".to_owned(),
        Signal::Tone { tone } => format!("hears the tone {}", shown(tone)),
        Signal::ToneEnds => "hears no more of the tone".to_owned(),
        Signal::Key(key) => format!("hears the key {}", char::from(*key)),
        Signal::PeerAnswers => "talks to somebody".to_owned(),
        Signal::PeerLeaves => "talks to nobody any more".to_owned(),
        Signal::Unnoticed { application } => format!("notices nothing of {application}"),
    }
}

fn why_said(why: &Why) -> String {
    match why {
        Why::Application => "an application ended it".to_owned(),
        Why::FellOff => "there is no further priority".to_owned(),
        Why::NoExtension => "it came to where nothing is".to_owned(),
        Why::NoTimeout => "no key came, and nothing says what then".to_owned(),
        Why::Caller => "the caller hung up".to_owned(),
        Why::AbsoluteTimeout => "its longest time was over".to_owned(),
        Why::NotModelled(name) => {
            format!("{name} is not simulated, so nobody knows what comes then")
        }
        Why::TooManySteps => "it goes on for ever".to_owned(),
        Why::TooLong => "it lasts too long".to_owned(),
    }
}

fn server_said(step: &Step) -> String {
    match step {
        Step::Dialled => "the PBX dials".to_owned(),
        Step::DialUnsure => "whether the PBX dialled is not known".to_owned(),
        Step::Ringing => "it rings".to_owned(),
        Step::Answered => "the callee has answered".to_owned(),
        Step::InIvr { ivr } => format!("the call is in IVR {ivr}"),
        Step::Entered { attempt, digits } => format!("entry {attempt} has {digits} digits"),
        Step::EntryIgnored { reason } => format!("an entry is ignored: {}", ignored(*reason)),
        Step::Judged { attempt, verdict } => format!("entry {attempt} is {}", judged(*verdict)),
        Step::Transferring { to, .. } => format!("asks for a transfer to IVR {to}"),
        Step::Transferred { to } => format!("the call was transferred to IVR {to}"),
        Step::HangingUp => "asks for a hang-up".to_owned(),
        Step::SteeringFailed { .. } => "the PBX refused".to_owned(),
        Step::Ended { outcome } => format!("the call ended: {}", outcome_said(*outcome)),
    }
}

fn ignored(reason: IgnoredBecause) -> &'static str {
    match reason {
        IgnoredBecause::Repeat => "it was judged already",
        IgnoredBecause::NotAnswered => "the callee has not answered",
        IgnoredBecause::NotAsked => "nothing is asked for",
        IgnoredBecause::KeysMissing => "some of its keys are missing",
        IgnoredBecause::Malformed => "the IVR takes no such entry",
    }
}

fn judged(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::Match => "right",
        Verdict::Mismatch => "wrong",
        Verdict::Unavailable => "not judged: the look-up could not be done",
    }
}

/// The outcome as JSON and tests name it.
pub(super) fn outcome_said(outcome: Outcome) -> &'static str {
    match outcome {
        Outcome::Verified => "verified",
        Outcome::Exhausted => "exhausted",
        Outcome::Unverified => "unverified",
        Outcome::Unavailable => "unavailable",
        Outcome::NotReached => "not-reached",
        Outcome::Refused => "refused",
        Outcome::Lost => "lost",
    }
}

fn place(context: &[u8], exten: &[u8], priority: i32) -> String {
    format!("{},{},{priority}", shown(context), shown(exten))
}

/// Bytes as text on one line; what could turn a terminal upside down is spelled out.
fn shown(bytes: &[u8]) -> String {
    one_line(&String::from_utf8_lossy(bytes))
}

fn one_line(text: &str) -> String {
    let spelled = |c: char| {
        let is_plain =
            !c.is_control() && !matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
        if is_plain { c.to_string() } else { c.escape_default().to_string() }
    };
    text.chars().map(spelled).collect()
}
