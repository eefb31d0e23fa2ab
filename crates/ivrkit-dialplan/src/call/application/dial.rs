//! `Dial(places,seconds,options,url)` with a scripted outcome: what it means for the caller.
//!
//! Follows `dial_exec_full` and `wait_for_answer` of Asterisk's `apps/app_dial.c`, and
//! `ast_bridge_call` for what is after the answer. What happens on the channels that are called is
//! not simulated, nor what an announcement or a subroutine there (options `A`, `b`, `U`) takes of
//! the time: that is part of the outcome.

use super::{
    super::{
        ScriptedOutcome, cause,
        channel::Channel,
        duration::seconds,
        exchange::{Signal, What},
        line::{Line, Woken},
    },
    Outcome,
    conversation::{self, DISCONNECT_KEY, Talked},
    given::{Flags, Given},
    scripted::finish,
};
use crate::number::parsed;

/// Variables that are emptied at first.
const EMPTIED: [&str; 11] = [
    "DIALSTATUS",
    "DIALEDPEERNUMBER",
    "DIALEDPEERNAME",
    "ANSWEREDTIME",
    "ANSWEREDTIME_MS",
    "DIALEDTIME",
    "DIALEDTIME_MS",
    "RINGTIME",
    "RINGTIME_MS",
    "PROGRESSTIME",
    "PROGRESSTIME_MS",
];

/// What ended the ringing.
enum Rung {
    /// It came to what is scripted.
    Scripted,
    /// Nobody answered in time.
    NobodyInTime,
    /// The caller pressed a key that is an extension (option `d`).
    Exit(u8),
    /// The caller pressed the key that gives up (option `H`).
    GivenUp,
    Gone,
}

/// Rings, and talks, as the outcome says.
pub(super) async fn run(line: &Line, data: &[u8], outcome: &ScriptedOutcome) -> Outcome {
    for name in EMPTIED {
        line.set(name.as_bytes(), b"");
    }
    let given = Given::new(data, 4);
    let flags = given.flags(2);
    let Ok(limit) = limit_ms(&flags) else {
        line.complain(None, "Dial is given a time limit of none".to_owned());
        return end(line, "INVALIDARGS", Outcome::HangUp);
    };
    if let Some(option) = not_modelled(&flags) {
        line.not_modelled(&format!("Dial with option {}", char::from(option)));
        return Outcome::HangUp;
    }
    let number = match first_number(&given.text(0)) {
        Ok(Some(number)) => number,
        Ok(None) => return end(line, "CHANUNAVAIL", Outcome::Next),
        Err(()) => {
            line.complain(None, "Dial takes a technology and a resource".to_owned());
            return end(line, "INVALIDARGS", Outcome::HangUp);
        }
    };
    let entertains = entertain(line, &flags);
    let rung = ring(line, &given.text(1), &flags, outcome).await;
    if let Some(ends) = entertains {
        line.tell(What::Signal(ends));
    }
    let status = outcome.status.as_deref().unwrap_or("ANSWER");
    match rung {
        Rung::NobodyInTime => end(line, "NOANSWER", Outcome::Next),
        Rung::Exit(key) => end(line, "CANCEL", Outcome::Key(key)),
        Rung::GivenUp => end(line, "CANCEL", Outcome::Next),
        Rung::Gone => end(line, "CANCEL", Outcome::HangUp),
        Rung::Scripted if status == "ANSWER" => {
            line.set(b"DIALSTATUS", b"ANSWER");
            line.set(b"DIALEDPEERNUMBER", &number);
            answered(line, &flags, limit, outcome).await
        }
        Rung::Scripted => unanswered(line, status, outcome),
    }
}

/// The status, and what then comes of the call.
fn end(line: &Line, status: &str, then: Outcome) -> Outcome {
    line.set(b"DIALSTATUS", status.as_bytes());
    then
}

/// An option that does something on the caller's channel that is not modelled: screening, a
/// subroutine, keys that are pressed for the caller.
fn not_modelled(flags: &Flags) -> Option<u8> {
    let for_caller = flags.argument(b'D').split(|&byte| byte == b':').nth(1);
    let presses_keys = for_caller.is_some_and(|keys| !keys.is_empty());
    let given = [b'p', b'P', b'B'].into_iter().find(|&option| flags.has(option));
    given.or(presses_keys.then_some(b'D'))
}

/// The longest conversation that options `L` and `S` allow.
fn limit_ms(flags: &Flags) -> Result<Option<u64>, ()> {
    let given = |letter: u8| {
        let text = flags.argument(letter);
        (!text.is_empty()).then(|| u64::try_from(parsed(text)).unwrap_or(0))
    };
    let (total, stop) = (given(b'L'), given(b'S'));
    if total == Some(0) || stop == Some(0) {
        return Err(());
    }
    Ok([total, stop.map(|seconds| seconds * 1000)].into_iter().flatten().min())
}

/// The number of the first place that is dialled; none if there is no place, an error if one is
/// none.
fn first_number(places: &[u8]) -> Result<Option<Vec<u8>>, ()> {
    let mut first = None;
    for place in places.split(|&byte| byte == b'&').map(<[u8]>::trim_ascii) {
        if place.is_empty() {
            continue;
        }
        let slash = place.iter().position(|&byte| byte == b'/').ok_or(())?;
        if slash + 1 == place.len() {
            return Err(());
        }
        first.get_or_insert_with(|| place[slash + 1..].to_vec());
    }
    Ok(first)
}

/// Lets the caller hear ringing or music; the signal that ends it.
fn entertain(line: &Line, flags: &Flags) -> Option<Signal> {
    if flags.has(b'm') {
        let class = flags.argument(b'm').to_vec();
        line.tell(What::Signal(Signal::Music { class }));
        return Some(Signal::MusicEnds);
    }
    line.tell(What::Signal(Signal::Ringing));
    None
}

/// Rings until it comes to what is scripted, or something else comes first.
async fn ring(line: &Line, timeout: &[u8], flags: &Flags, outcome: &ScriptedOutcome) -> Rung {
    let answer_timeout = timeout.split(|&byte| byte == b'^').next().unwrap_or_default();
    let timeout_ms =
        seconds(answer_timeout).and_then(|ms| u64::try_from(ms).ok()).filter(|&ms| ms > 0);
    let is_silent = outcome.status.as_deref() == Some("NOANSWER");
    let scripted_ms = outcome.takes_ms.or((!is_silent).then_some(0));
    let most_ms = [timeout_ms, scripted_ms].into_iter().flatten().min();
    let is_scripted = scripted_ms.is_some() && most_ms == scripted_ms;
    let begun_ms = line.with(|channel| channel.now_ms);
    if scripted_ms == Some(0) {
        return Rung::Scripted;
    }
    loop {
        let passed_ms = line.with(|channel| channel.now_ms) - begun_ms;
        let key = match line.wait(most_ms.map(|most_ms| most_ms - passed_ms)).await {
            Woken::Time if is_scripted => return Rung::Scripted,
            Woken::Time => return Rung::NobodyInTime,
            Woken::Gone => return Rung::Gone,
            Woken::Key(key) => key,
        };
        if flags.has(b'd') && goes_to(line, key) {
            line.take_key();
            return Rung::Exit(key);
        }
        if flags.has(b'H') && key == DISCONNECT_KEY {
            line.take_key();
            return Rung::GivenUp;
        }
    }
}

/// Whether a key is an extension of the exit context, which the call then is sent to.
fn goes_to(line: &Line, key: u8) -> bool {
    let exit = line.plain_variable(b"EXITCONTEXT");
    let context = exit.unwrap_or_else(|| line.with(|channel| channel.context.to_vec()));
    let exists = line.exists(&context, &[key], 1);
    if exists {
        line.with(|channel| channel.go(&context, &[key], 1));
    }
    exists
}

async fn answered(
    line: &Line,
    flags: &Flags,
    limit_ms: Option<u64>,
    outcome: &ScriptedOutcome,
) -> Outcome {
    let goes_to = flags.argument(b'G');
    if !goes_to.is_empty() {
        let place: Vec<u8> =
            goes_to.iter().map(|&byte| if byte == b'^' { b',' } else { byte }).collect();
        let _ = line.go(&place);
        // Real calls have this cause from here on.
        line.with(|channel| channel.cause = cause::NORMAL_CLEARING);
        return finish(line, outcome, Outcome::Next);
    }
    let talked = conversation::talk(line, flags, limit_ms, outcome).await;
    if talked == Talked::NotModelled {
        line.not_modelled("the transfer of Dial with option T");
        return Outcome::HangUp;
    }
    if !line.with(|channel| channel.hangup.is_redirected) {
        conversation::set_durations(line);
    }
    let goes_on = flags.has(b'g') && talked == Talked::Ended;
    finish(line, outcome, if goes_on { Outcome::Next } else { Outcome::HangUp })
}

/// A call that comes to nothing leaves the cause of it.
fn unanswered(line: &Line, status: &str, outcome: &ScriptedOutcome) -> Outcome {
    let cause = match status {
        "BUSY" => Some(cause::USER_BUSY),
        "CONGESTION" => Some(cause::CONGESTION),
        _ => None,
    };
    if let Some(cause) = cause {
        line.with(|channel| channel.cause = cause);
    }
    let ends = matches!(status, "INVALIDARGS" | "CANCEL");
    if status == "CANCEL" {
        line.with(Channel::leave);
    }
    line.set(b"DIALSTATUS", status.as_bytes());
    finish(line, outcome, if ends { Outcome::HangUp } else { Outcome::Next })
}

#[cfg(test)]
mod tests;
