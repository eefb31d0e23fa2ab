//! `Queue(name,options,url,announcement,seconds,...)` with a scripted outcome.
//!
//! Follows `queue_exec` of Asterisk's `apps/app_queue.c`. Announcements and exit keys come from
//! `queues.conf`, which is not read.

use super::{
    super::{
        ScriptedOutcome,
        exchange::{Signal, What},
        line::Line,
    },
    Outcome,
    conversation::{self, Talked},
    given::Given,
    scripted::finish,
};
use crate::number::parsed;

/// Waits for somebody, and talks, as the outcome says.
pub(super) async fn run(line: &Line, data: &[u8], outcome: &ScriptedOutcome) -> Outcome {
    let given = Given::new(data, 9);
    if given.text(0).is_empty() {
        line.complain(None, "Queue is given no name".to_owned());
        return Outcome::HangUp;
    }
    let flags = given.flags(1);
    let status = outcome.status.as_deref().unwrap_or("ANSWER");
    let timeout_ms = u64::try_from(parsed(&given.text(4))).ok().filter(|&seconds| seconds > 0);
    let timeout_ms = timeout_ms.map(|seconds| seconds * 1000);
    let rings = flags.has(b'r');
    let begins = if rings { Signal::Ringing } else { Signal::Music { class: Vec::new() } };
    let default_ms = (status != "TIMEOUT").then_some(0);
    let scripted_ms = outcome.takes_ms.or(default_ms);
    let most_ms = [timeout_ms, scripted_ms].into_iter().flatten().min();
    if most_ms != Some(0) {
        line.tell(What::Signal(begins));
        let may_go_on = if let Some(ms) = most_ms {
            line.sleep(ms).await
        } else {
            line.sleep_for_ever().await;
            false
        };
        if !rings {
            line.tell(What::Signal(Signal::MusicEnds));
        }
        if !may_go_on {
            return Outcome::HangUp;
        }
    }
    if scripted_ms.is_none_or(|ms| Some(ms) != most_ms) {
        line.set(b"QUEUESTATUS", b"TIMEOUT");
        return Outcome::Next;
    }
    if status != "ANSWER" {
        line.set(b"QUEUESTATUS", status.as_bytes());
        return finish(line, outcome, Outcome::Next);
    }
    let talked = conversation::talk(line, &flags, None, outcome).await;
    if talked == Talked::NotModelled {
        line.not_modelled("the transfer of Queue with option T");
        return Outcome::HangUp;
    }
    conversation::set_durations(line);
    let goes_on = flags.has(b'c') && talked == Talked::Ended;
    if goes_on {
        line.set(b"QUEUESTATUS", b"CONTINUE");
    }
    finish(line, outcome, if goes_on { Outcome::Next } else { Outcome::HangUp })
}

#[cfg(test)]
mod tests {
    use super::super::{
        super::ScriptedOutcome,
        trial::{Trial, outcome},
    };

    #[track_caller]
    fn check(data: &str, outcome: ScriptedOutcome, expected: &[&str]) {
        let dialplan =
            format!("[m]\nexten => s,1,Queue({data})\nsame => n,NoOp(${{QUEUESTATUS}})\n");
        let step = format!("0.00 m,s,1 Queue({data})");
        let mut all = vec![step.as_str()];
        all.extend(expected);
        Trial::of(&dialplan).with(outcome).check("", &all);
    }

    #[test]
    fn who_leaves_unanswered_goes_on() {
        let timeout = ["5.00 m,s,2 NoOp(TIMEOUT)", "5.00 end, cause 0, at m,s,3"];
        check("q,,,,5", outcome("Queue", "TIMEOUT"), &timeout);
        let late = ScriptedOutcome { takes_ms: Some(6000), ..ScriptedOutcome::of("Queue") };
        check("q,,,,5", late, &timeout);
        let full = ["0.00 m,s,2 NoOp(FULL)", "0.00 end, cause 0, at m,s,3"];
        check("q", outcome("Queue", "FULL"), &full);
    }

    #[test]
    fn a_conversation_ends_the_call_unless_option_c_is_given() {
        let answer = || ScriptedOutcome {
            takes_ms: Some(1000),
            talk_ms: Some(2000),
            ..ScriptedOutcome::of("Queue")
        };
        check("q", answer(), &["3.00 end, cause 16, at m,s,1"]);
        check("q,c", answer(), &["3.00 m,s,2 NoOp(CONTINUE)", "3.00 end, cause 16, at m,s,3"]);
    }
}
