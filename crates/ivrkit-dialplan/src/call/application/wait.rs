//! `Wait(seconds)`, `WaitUntil(epoch)` and `WaitDigit(seconds,keys)`.

use super::{
    super::{
        duration::{self, Unit},
        line::{Line, Woken},
    },
    Outcome,
    given::Given,
};
use crate::number::scanned_with_end;

/// Waits, unless the time is none, or not over 0; keys are lost.
pub(super) async fn wait(line: &Line, data: &[u8]) -> Outcome {
    let ms = duration::milliseconds(data, Unit::Seconds).and_then(|ms| u64::try_from(ms).ok());
    match ms {
        Some(ms) if ms > 0 && !line.sleep(ms).await => Outcome::HangUp,
        _ => Outcome::Next,
    }
}

/// Waits until a moment in seconds since 1970, which may have a fraction.
pub(super) async fn wait_until(line: &Line, data: &[u8]) -> Outcome {
    let status = |text: &str| line.set(b"WAITUNTILSTATUS", text.as_bytes());
    let Some((whole_s, end)) = scanned_seconds(data) else {
        line.complain(None, "WaitUntil is given no number".to_owned());
        status("FAILURE");
        return Outcome::Next;
    };
    let until_ms = whole_s * 1000 + duration::seconds(&data[end..]).unwrap_or(0);
    let now_ms = line.with(|channel| {
        let elapsed_ms = i64::try_from(channel.now_ms).unwrap_or(i64::MAX);
        channel.setup.epoch_s.saturating_mul(1000).saturating_add(elapsed_ms)
    });
    let Ok(ms) = u64::try_from(until_ms - now_ms) else {
        line.complain(None, "WaitUntil is given a moment that is over".to_owned());
        status("PAST");
        return Outcome::Next;
    };
    let may_go_on = line.sleep(ms).await;
    status(if may_go_on { "OK" } else { "HANGUP" });
    if may_go_on { Outcome::Next } else { Outcome::HangUp }
}

/// Waits for one of some keys, or any.
pub(super) async fn wait_digit(line: &Line, data: &[u8]) -> Outcome {
    let given = Given::new(data, 2);
    let keys = given.text(1);
    let status = |text: &str| line.set(b"WAITDIGITSTATUS", text.as_bytes());
    let ms = duration::milliseconds(&given.text(0), Unit::Seconds);
    let Some(ms) = ms.and_then(|ms| u64::try_from(ms).ok()) else {
        status("ERROR");
        return Outcome::Next;
    };
    let until_ms = line.with(|channel| channel.now_ms + ms);
    loop {
        let now_ms = line.with(|channel| channel.now_ms);
        match line.wait(Some(until_ms - now_ms)).await {
            Woken::Time => {
                status("TIMEOUT");
                return Outcome::Next;
            }
            Woken::Gone => {
                status("CANCEL");
                return Outcome::HangUp;
            }
            Woken::Key(key) if keys.is_empty() || keys.contains(&key) => {
                line.take_key();
                line.set(b"WAITDIGITRESULT", &[key]);
                status("DTMF");
                return Outcome::Next;
            }
            Woken::Key(_) => {}
        }
    }
}

/// Whole seconds, which are more than 32 bits hold.
fn scanned_seconds(data: &[u8]) -> Option<(i64, usize)> {
    let (_, end) = scanned_with_end(data, 30)?;
    let written = std::str::from_utf8(data[..end].trim_ascii()).ok()?;
    written.trim_start_matches('+').parse().ok().map(|seconds| (seconds, end))
}

#[cfg(test)]
mod tests {
    use super::super::trial::Trial;

    fn takes(application: &str, end: &str) {
        let dialplan = format!("[m]\nexten => s,1,{application}\n");
        let end = format!("{end} end, cause 0, at m,s,2");
        Trial::of(&dialplan).check("", &[&format!("0.00 m,s,1 {application}"), &end]);
    }

    #[test]
    fn waits_have_units() {
        takes("Wait(1.5)", "1.50");
        takes("Wait(500ms)", "0.50");
        takes("Wait(1m)", "60.00");
        takes("Wait( 2 )", "2.00");
        takes("Wait(2 s)", "2.00");
        takes("Wait()", "0.00");
        takes("Wait(-1)", "0.00");
        takes("Wait(x)", "0.00");
        takes("Wait(2,x)", "0.00");
    }

    #[test]
    fn keys_during_a_wait_are_lost() {
        let dialplan = "[m]\nexten => s,1,Wait(2)\nsame => n,WaitExten(2)\nsame => n,NoOp(none)\n\
                        exten => 1,1,NoOp(one)\n";
        Trial::of(dialplan).check(
            "wait 1 1",
            &[
                "0.00 m,s,1 Wait(2)",
                "1.10 digit 1 lost",
                "2.00 m,s,2 WaitExten(2)",
                "4.00 m,s,3 NoOp(none)",
                "4.00 end, cause 0, at m,s,4",
            ],
        );
    }

    #[test]
    fn a_moment_is_waited_for() {
        // The call begins at 1704067200.
        let dialplan = "[m]\nexten => s,1,WaitUntil(1704067202.5)\n\
                        same => n,NoOp(${WAITUNTILSTATUS})\nsame => n,WaitUntil(1704067200)\n\
                        same => n,NoOp(${WAITUNTILSTATUS})\nsame => n,WaitUntil(x)\n\
                        same => n,NoOp(${WAITUNTILSTATUS})\n";
        Trial::of(dialplan).check(
            "",
            &[
                "0.00 m,s,1 WaitUntil(1704067202.5)",
                "2.50 m,s,2 NoOp(OK)",
                "2.50 m,s,3 WaitUntil(1704067200)",
                "2.50 m,s,4 NoOp(PAST)",
                "2.50 m,s,5 WaitUntil(x)",
                "2.50 m,s,6 NoOp(FAILURE)",
                "2.50 end, cause 0, at m,s,7",
            ],
        );
    }

    #[test]
    fn a_digit_is_waited_for() {
        let dialplan = "[m]\nexten => s,1,WaitDigit(3,12)\n\
                        same => n,NoOp(${WAITDIGITSTATUS} ${WAITDIGITRESULT})\n\
                        same => n,WaitDigit(1)\nsame => n,NoOp(${WAITDIGITSTATUS})\n\
                        same => n,WaitDigit(x)\nsame => n,NoOp(${WAITDIGITSTATUS})\n";
        Trial::of(dialplan).check(
            "32",
            &[
                "0.00 m,s,1 WaitDigit(3,12)",
                "0.10 digit 3 lost",
                "0.30 digit 2",
                "0.30 m,s,2 NoOp(DTMF 2)",
                "0.30 m,s,3 WaitDigit(1)",
                "1.30 m,s,4 NoOp(TIMEOUT)",
                "1.30 m,s,5 WaitDigit(x)",
                "1.30 m,s,6 NoOp(ERROR)",
                "1.30 end, cause 0, at m,s,7",
            ],
        );
    }
}
