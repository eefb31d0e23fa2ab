//! `Dial(places,seconds,options,url)` with a scripted outcome: what it means for the caller.
//!
//! Follows `dial_exec_full` and `wait_for_answer` of Asterisk's `apps/app_dial.c`, and
//! `ast_bridge_call` for what is after the answer. What happens on the channels that are called is
//! not simulated, nor what an announcement or a subroutine there (options `A`, `b`, `U`) takes of
//! the time: that is part of the outcome.

use super::{
    super::{
        EndedBy, ScriptedOutcome, cause,
        channel::Channel,
        duration::seconds,
        exchange::{Signal, What},
        line::{Line, Woken},
    },
    Outcome,
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

/// The keys of `features.conf` as they are without one.
const TRANSFER_KEY: u8 = b'#';
const DISCONNECT_KEY: u8 = b'*';

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

/// What ended a conversation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Talked {
    /// The peer hung up, or the time was over.
    Ended,
    /// The caller is gone, or the call is sent elsewhere.
    Gone,
    /// A key that does something that is not modelled.
    NotModelled,
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

/// Talks for as long as is scripted; `limit_ms` is the longest. What the caller does meanwhile is
/// for the peer.
pub(super) async fn talk(
    line: &Line,
    flags: &Flags,
    limit_ms: Option<u64>,
    outcome: &ScriptedOutcome,
) -> Talked {
    if !line.answer(0).await {
        return Talked::Gone;
    }
    line.tell(What::Signal(Signal::PeerAnswers));
    let most_ms = [limit_ms, outcome.talk_ms].into_iter().flatten().min();
    let until_ms = line.with(|channel| most_ms.map(|ms| channel.now_ms.saturating_add(ms)));
    let talked = loop {
        let now_ms = line.with(|channel| channel.now_ms);
        match line.wait(until_ms.map(|until_ms| until_ms - now_ms)).await {
            Woken::Time => break Talked::Ended,
            Woken::Gone => break Talked::Gone,
            Woken::Key(TRANSFER_KEY) if flags.has(b'T') => break Talked::NotModelled,
            Woken::Key(DISCONNECT_KEY) if flags.has(b'H') => {
                line.take_key();
                break Talked::Ended;
            }
            Woken::Key(_) => {}
        }
    };
    line.tell(What::Signal(Signal::PeerLeaves));
    if talked == Talked::Ended {
        line.with(|channel| channel.cause = cause::NORMAL_CLEARING);
    }
    if talked == Talked::Ended && outcome.ended_by == EndedBy::Caller {
        line.with(Channel::leave);
        return Talked::Gone;
    }
    talked
}

/// `ANSWEREDTIME` and `DIALEDTIME`: how long the caller's own channel is answered, and there.
pub(super) fn set_durations(line: &Line) {
    let (up_ms, all_ms) = line.with(|channel| {
        let answered_ms = channel.answered_ms.unwrap_or(channel.now_ms);
        (channel.now_ms - answered_ms, channel.now_ms)
    });
    for (name, ms) in [("ANSWEREDTIME", up_ms), ("DIALEDTIME", all_ms)] {
        line.set(name.as_bytes(), (ms / 1000).to_string().as_bytes());
        line.set(format!("{name}_MS").as_bytes(), ms.to_string().as_bytes());
    }
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
    let context = exit.unwrap_or_else(|| line.with(|channel| channel.context.clone()));
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
    let talked = talk(line, flags, limit_ms, outcome).await;
    if talked == Talked::NotModelled {
        line.not_modelled("the transfer of Dial with option T");
        return Outcome::HangUp;
    }
    if !line.with(|channel| channel.hangup.is_redirected) {
        set_durations(line);
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
mod tests {
    use super::super::{
        super::{EndedBy, ScriptedOutcome},
        trial::{Trial, outcome},
    };

    const SHOWN: &str = "${DIALSTATUS} ${ANSWEREDTIME} ${DIALEDTIME} ${HANGUPCAUSE}";

    fn dials(data: &str) -> String {
        format!(
            "[m]\nexten => s,1,Dial({data})\nsame => n,NoOp({SHOWN})\n\
             exten => h,1,NoOp(h {SHOWN})\nexten => 9,1,NoOp(nine ${{DIALSTATUS}})\n"
        )
    }

    fn answer(takes_ms: u64, talk_ms: Option<u64>) -> ScriptedOutcome {
        ScriptedOutcome { takes_ms: Some(takes_ms), talk_ms, ..ScriptedOutcome::of("Dial") }
    }

    #[track_caller]
    fn check(data: &str, outcome: ScriptedOutcome, keys: &str, expected: &[&str]) {
        let step = format!("0.00 m,s,1 Dial({data})");
        let mut all = vec![step.as_str()];
        all.extend(expected);
        Trial::of(&dials(data)).with(outcome).check(keys, &all);
    }

    #[test]
    fn the_call_ends_after_the_conversation_unless_option_g_is_given() {
        check(
            "SIP/1",
            answer(2000, Some(5000)),
            "",
            &["7.00 m,h,1 NoOp(h ANSWER 7 7 16)", "7.00 end, cause 16, at m,h,2"],
        );
        check(
            "SIP/1,,g",
            answer(2000, Some(5000)),
            "",
            &[
                "7.00 m,s,2 NoOp(ANSWER 7 7 16)",
                "7.00 m,h,1 NoOp(h ANSWER 7 7 16)",
                "7.00 end, cause 16, at m,h,2",
            ],
        );
    }

    #[test]
    fn the_caller_may_hang_up_first() {
        check(
            "SIP/1,,g",
            answer(2000, None),
            "wait 5 hangup",
            &["5.00 m,h,1 NoOp(h ANSWER 5 5 16)", "5.00 end, cause 16, at m,h,2"],
        );
        check(
            "SIP/1,,g",
            answer(2000, None),
            "wait 1 hangup",
            &["1.00 m,h,1 NoOp(h CANCEL   16)", "1.00 end, cause 16, at m,h,2"],
        );
        let mut caller = answer(2000, Some(1000));
        caller.ended_by = EndedBy::Caller;
        check(
            "SIP/1,,g",
            caller,
            "",
            &["3.00 m,h,1 NoOp(h ANSWER 3 3 16)", "3.00 end, cause 16, at m,h,2"],
        );
    }

    #[test]
    fn nobody_answers_in_time() {
        let then = ["3.00 m,s,2 NoOp(NOANSWER   0)", "3.00 m,h,1 NoOp(h NOANSWER   0)"];
        let all = [&then[..], &["3.00 end, cause 0, at m,h,2"]].concat();
        check("SIP/1,3", outcome("Dial", "NOANSWER"), "", &all);
        check("SIP/1,3", answer(4000, None), "", &all);
        check("SIP/1,3^1", answer(4000, None), "5", &[&["0.10 digit 5 lost"], &all[..]].concat());
    }

    #[test]
    fn a_refused_call_leaves_its_cause() {
        let refused = |status: &str, cause: u32| {
            let next = format!("0.00 m,s,2 NoOp({status}   {cause})");
            let h = format!("0.00 m,h,1 NoOp(h {status}   {cause})");
            let end = format!("0.00 end, cause {cause}, at m,h,2");
            check("SIP/1,3", outcome("Dial", status), "", &[&next, &h, &end]);
        };
        refused("BUSY", 17);
        refused("CONGESTION", 34);
        refused("CHANUNAVAIL", 0);
    }

    #[test]
    fn limits_end_the_conversation() {
        for options in ["gS(3)", "gL(3000:1000)"] {
            check(
                &format!("SIP/1,,{options}"),
                answer(1000, None),
                "",
                &[
                    "4.00 m,s,2 NoOp(ANSWER 4 4 16)",
                    "4.00 m,h,1 NoOp(h ANSWER 4 4 16)",
                    "4.00 end, cause 16, at m,h,2",
                ],
            );
        }
        check(
            "SIP/1,,gS(x)",
            answer(1000, None),
            "",
            &["0.00 m,h,1 NoOp(h INVALIDARGS   0)", "0.00 end, cause 0, at m,h,2"],
        );
    }

    #[test]
    fn keys_leave_the_ringing_if_options_say_so() {
        check(
            "SIP/1,,d",
            answer(9000, None),
            "89",
            &[
                "0.10 digit 8 lost",
                "0.30 digit 9",
                "0.30 m,9,1 NoOp(nine CANCEL)",
                "0.30 m,h,1 NoOp(h CANCEL   0)",
                "0.30 end, cause 0, at m,h,2",
            ],
        );
        check(
            "SIP/1,,H",
            answer(9000, None),
            "*",
            &[
                "0.10 digit *",
                "0.10 m,s,2 NoOp(CANCEL   0)",
                "0.10 m,h,1 NoOp(h CANCEL   0)",
                "0.10 end, cause 0, at m,h,2",
            ],
        );
    }

    #[test]
    fn option_g_with_a_place_sends_the_caller_there() {
        check(
            "SIP/1,,G(m^9^1)",
            answer(1000, None),
            "",
            &[
                "1.00 m,9,1 NoOp(nine ANSWER)",
                "1.00 m,h,1 NoOp(h ANSWER   16)",
                "1.00 end, cause 16, at m,h,2",
            ],
        );
    }

    #[test]
    fn what_is_no_place_is_not_dialled() {
        check(
            "",
            answer(1000, None),
            "",
            &[
                "0.00 m,s,2 NoOp(CHANUNAVAIL   0)",
                "0.00 m,h,1 NoOp(h CHANUNAVAIL   0)",
                "0.00 end, cause 0, at m,h,2",
            ],
        );
        check(
            "SIP",
            answer(1000, None),
            "",
            &["0.00 m,h,1 NoOp(h INVALIDARGS   0)", "0.00 end, cause 0, at m,h,2"],
        );
    }

    #[test]
    fn options_that_are_not_modelled_are_said() {
        for (options, shown) in [("p", "p"), ("B(m^s^1)", "B"), ("D(1:2)", "D")] {
            let end =
                format!("0.00 end, cause 0, at m,s,1, not modelled: Dial with option {shown}");
            check(&format!("SIP/1,,{options}"), answer(1000, None), "", &[&end]);
        }
        check(
            "SIP/1,,TD(1)",
            answer(0, None),
            "#",
            &[
                "0.10 digit # lost",
                "0.10 end, cause 0, at m,s,1, not modelled: the transfer of Dial with option T",
            ],
        );
    }

    #[test]
    fn the_caller_hears_ringing_or_music() {
        let dialplan = "[m]\nexten => s,1,Dial(SIP/1,,gm(jazz))\n";
        Trial::unanswered(dialplan).with(answer(1000, Some(500))).heard().check(
            "",
            &[
                "0.00 m,s,1 Dial(SIP/1,,gm(jazz))",
                "0.00 music jazz",
                "1.00 music ends",
                "1.00 answered",
                "1.00 peer answers",
                "1.50 peer leaves",
                "1.50 end, cause 16, at m,s,2",
            ],
        );
    }
}
