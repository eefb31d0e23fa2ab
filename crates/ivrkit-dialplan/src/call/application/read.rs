//! `Read(variable,sounds,digits,options,attempts,timeout)`: reads digits into a variable.

use super::{
    super::{
        duration::seconds,
        exchange::{Signal, What},
        line::{Line, Woken},
    },
    Outcome,
    entry::{self, End, Wanted},
    given::{Flags, Given},
};
use crate::{application::Version, number::parsed};

/// Most digits.
const MOST_DIGITS: usize = 255;

/// The tones that `indications.conf` names for every country.
pub(super) const TONES: &[&[u8]] = &[
    b"dial",
    b"busy",
    b"ring",
    b"congestion",
    b"callwaiting",
    b"dialrecall",
    b"record",
    b"info",
    b"stutter",
];

/// What is to be read.
struct Request<'a> {
    variable: &'a [u8],
    prompts: &'a [u8],
    most: usize,
    flags: &'a Flags,
    timeout_ms: Option<u64>,
}

/// Reads, and sets the variable and `READSTATUS`. The call goes on whatever comes.
pub(super) async fn run(line: &Line, data: &[u8]) -> Outcome {
    line.set(b"READSTATUS", b"ERROR");
    let given = Given::new(data, 6);
    let variable = given.text(0);
    if variable.is_empty() {
        line.complain(None, "Read is given no variable".to_owned());
        return Outcome::Next;
    }
    let flags = given.flags(3);
    let is_answered = line.with(|channel| channel.is_answered);
    if !is_answered && flags.has(b's') {
        line.set(&variable, b"");
        line.set(b"READSTATUS", b"SKIPPED");
        return Outcome::Next;
    }
    let most = usize::try_from(parsed(&given.text(2))).unwrap_or(0);
    let request = Request {
        variable: &variable,
        prompts: &given.text(1),
        most: if (1..=MOST_DIGITS).contains(&most) { most } else { MOST_DIGITS },
        flags: &flags,
        timeout_ms: seconds(&given.text(5))
            .and_then(|ms| u64::try_from(ms).ok())
            .filter(|&ms| ms > 0),
    };
    let mut status = "ERROR";
    if is_answered || flags.has(b'n') || line.answer(0).await {
        let attempts = u32::try_from(parsed(&given.text(4))).unwrap_or(0).max(1);
        status = attempt(line, &request, attempts).await;
    }
    if line.with(|channel| channel.hangup.is_asked()) {
        status = "HANGUP";
    }
    line.set(b"READSTATUS", status.as_bytes());
    Outcome::Next
}

/// Reads until something is typed or the attempts are used up; the status.
async fn attempt(line: &Line, request: &Request<'_>, attempts: u32) -> &'static str {
    let has_tone = request.flags.has(b'i') && TONES.contains(&request.prompts);
    let mut status = "ERROR";
    for _ in 0..attempts {
        let enders = match request.flags.argument(b't') {
            b"" if request.flags.has(b't') => &b""[..],
            b"" => b"#",
            keys => keys,
        };
        let wanted = Wanted {
            prompts: request.prompts,
            most: request.most,
            timeout_ms: request.timeout_ms,
            enders,
        };
        let mut entry = if has_tone {
            after_tone(line, &wanted).await
        } else {
            entry::read(line, &wanted).await
        };
        status = match entry.end {
            End::Complete | End::EmptyEnded => "OK",
            End::Timeout => "TIMEOUT",
            End::Gone | End::NoPrompt => status,
        };
        let keeps = line.pbx.version >= Version::V18 && request.flags.has(b'e') && !has_tone;
        if entry.end == End::EmptyEnded && keeps {
            entry.digits = enders.to_vec();
        }
        line.set(request.variable, &entry.digits);
        if !entry.digits.is_empty() || matches!(entry.end, End::Gone | End::NoPrompt) {
            break;
        }
    }
    status
}

/// Reads digits while a tone is heard, which the first one ends.
async fn after_tone(line: &Line, wanted: &Wanted<'_>) -> entry::Entry {
    let response_ms = line.with(|channel| channel.response_timeout_ms);
    let wait_ms = wanted.timeout_ms.unwrap_or(response_ms);
    line.tell(What::Signal(Signal::Tone { tone: wanted.prompts.to_vec() }));
    let mut digits = Vec::new();
    let end = loop {
        let woken = line.wait_for_key(Some(wait_ms)).await;
        if digits.is_empty() {
            line.tell(What::Signal(Signal::ToneEnds));
        }
        match woken {
            Woken::Time => break End::Timeout,
            Woken::Gone => break End::Gone,
            Woken::Key(key) if wanted.enders.contains(&key) => break End::Complete,
            Woken::Key(key) => digits.push(key),
        }
        if digits.len() >= wanted.most {
            break End::Complete;
        }
    };
    entry::Entry { digits, end }
}

#[cfg(test)]
mod tests {
    use super::super::trial::Trial;

    fn reads(data: &str, keys: &str, expected: &[&str]) {
        check(Trial::of(&dialplan(data)), data, keys, expected);
    }

    fn dialplan(data: &str) -> String {
        format!("[m]\nexten => s,1,Read({data})\nsame => n,NoOp(${{X}} ${{READSTATUS}})\n")
    }

    /// The outcome is the time and what is read, such as `1.60 12 OK`.
    fn check(trial: Trial, data: &str, keys: &str, expected: &[&str]) {
        let step = format!("0.00 m,s,1 Read({data})");
        let (last, rest) = expected.split_last().expect("an end");
        let (at, read) = last.split_once(' ').expect("a time");
        let shown = format!("{at} m,s,2 NoOp({read})");
        let end = format!("{at} end, cause 0, at m,s,3");
        let mut all = vec![step.as_str()];
        all.extend(rest);
        all.extend([shown.as_str(), &end]);
        trial.check(keys, &all);
    }

    #[test]
    fn a_hash_or_enough_digits_end_it() {
        let data = "X,/snd/1,4,,1,3";
        reads(data, "", &["4.00  TIMEOUT"]);
        reads(
            data,
            "wait 0.5 12#",
            &["0.60 digit 1", "0.80 digit 2", "1.00 digit #", "1.00 12 OK"],
        );
        reads(
            data,
            "wait 1.5 1234",
            &["1.60 digit 1", "1.80 digit 2", "2.00 digit 3", "2.20 digit 4", "2.20 1234 OK"],
        );
        reads(data, "wait 1.5 12", &["1.60 digit 1", "1.80 digit 2", "4.80 12 TIMEOUT"]);
        reads(data, "wait 0.5 #", &["0.60 digit #", "0.60  OK"]);
    }

    #[test]
    fn the_channels_timeouts_count_without_one() {
        reads("X", "", &["10.00  TIMEOUT"]);
        reads("X", "1", &["0.10 digit 1", "5.10 1 TIMEOUT"]);
        reads("X,/snd/1", "", &["11.00  TIMEOUT"]);
        reads("X,,,,,2.5", "1", &["0.10 digit 1", "2.60 1 TIMEOUT"]);
    }

    #[test]
    fn attempts_repeat_the_prompt_until_something_is_typed() {
        reads("X,/snd/1,,,3,2", "", &["9.00  TIMEOUT"]);
        reads("X,/snd/1,1,,3,2", "wait 4 7", &["4.10 digit 7", "4.10 7 OK"]);
        reads("X,/snd/1,,,2,2", "wait 1 # wait 2 #", &["1.10 digit #", "3.30 digit #", "3.30  OK"]);
    }

    #[test]
    fn between_two_prompts_there_is_a_short_wait() {
        reads("X,/snd/1&/snd/1,1,,1,2", "", &["4.05  TIMEOUT"]);
        reads("X,/snd/1&/snd/1,2,,1,2", "wait 0.5 1", &["0.60 digit 1", "5.60 1 TIMEOUT"]);
        reads("X,/snd/none&/snd/1,1,,1,2", "", &["3.00  TIMEOUT"]);
    }

    #[test]
    fn a_missing_prompt_is_an_error() {
        reads("X,/snd/none,1,,3,2", "", &["0.00  ERROR"]);
        reads("X,/snd/1&/snd/none,1,,3,2", "", &["1.05  ERROR"]);
    }

    #[test]
    fn option_t_takes_other_keys_to_end_it() {
        reads(
            "X,,5,t(*),1,2",
            "1#*",
            &["0.10 digit 1", "0.30 digit #", "0.50 digit *", "0.50 1# OK"],
        );
        reads(
            "X,,3,t,1,2",
            "1#*",
            &["0.10 digit 1", "0.30 digit #", "0.50 digit *", "0.50 1#* OK"],
        );
    }

    #[test]
    fn option_e_keeps_the_key_that_ends_nothing() {
        reads("X,,5,e,1,2", "#", &["0.10 digit #", "0.10 # OK"]);
        let old = Trial::of(&dialplan("X,,5,e,1,2")).on_asterisk_16();
        check(old, "X,,5,e,1,2", "#", &["0.10 digit #", "0.10  OK"]);
    }

    #[test]
    fn option_i_plays_a_tone() {
        let trial = Trial::of(&dialplan("X,dial,2,i,1,2")).heard();
        let heard = ["0.00 tone dial", "0.10 digit 1", "0.10 tone ends", "2.10 1 TIMEOUT"];
        check(trial, "X,dial,2,i,1,2", "1", &heard);
    }

    #[test]
    fn a_call_that_is_not_answered_is_answered_or_skipped() {
        let trial = |data: &str| Trial::unanswered(&dialplan(data)).heard();
        check(trial("X,,1,,1,2"), "X,,1,,1,2", "", &["0.00 answered", "2.00  TIMEOUT"]);
        check(trial("X,,1,n,1,2"), "X,,1,n,1,2", "", &["2.00  TIMEOUT"]);
        check(trial("X,,1,s,1,2"), "X,,1,s,1,2", "", &["0.00  SKIPPED"]);
    }

    #[test]
    fn a_hangup_keeps_what_was_typed() {
        let dialplan = "[m]\nexten => s,1,Read(X,/snd/1)\nexten => h,1,NoOp(${X} ${READSTATUS})\n";
        Trial::of(dialplan).check(
            "12 wait 1 hangup",
            &[
                "0.00 m,s,1 Read(X,/snd/1)",
                "0.10 digit 1",
                "0.30 digit 2",
                "1.40 m,h,1 NoOp(12 HANGUP)",
                "1.40 end, cause 16, at m,h,2",
            ],
        );
    }
}
