//! `Hangup(cause)`, `Busy(seconds)` and `Congestion(seconds)`.

use super::{
    super::{
        cause,
        duration::seconds,
        exchange::{Signal, What},
        line::Line,
    },
    Outcome,
};
use crate::number::scanned;

/// Ends the call with the cause that is given as a number or name, or had, or the normal one.
pub(super) fn hang_up(line: &Line, data: &[u8]) -> Outcome {
    let number = || scanned(data, 30).and_then(|cause| u32::try_from(cause).ok());
    let given = cause::named(data).or_else(number).filter(|&cause| cause > 0);
    if given.is_none() && !data.is_empty() {
        line.complain(None, format!("{} is no hang-up cause", data.escape_ascii()));
    }
    line.with(|channel| {
        let causes = [given.unwrap_or(0), channel.cause];
        channel.cause = causes.into_iter().find(|&one| one > 0).unwrap_or(cause::NORMAL_CLEARING);
        channel.hangup.is_over = true;
    });
    Outcome::HangUp
}

/// Lets the caller hear that the other end is busy.
pub(super) async fn busy(line: &Line, data: &[u8]) -> Outcome {
    refuse(line, data, Signal::Busy, cause::USER_BUSY).await
}

/// Lets the caller hear that there is no way through.
pub(super) async fn congestion(line: &Line, data: &[u8]) -> Outcome {
    refuse(line, data, Signal::Congestion, cause::CONGESTION).await
}

/// Plays a tone for so long, or until the caller hangs up, and ends the call. One that is not
/// answered is refused instead: its caller is gone at once.
async fn refuse(line: &Line, data: &[u8], signal: Signal, cause: u32) -> Outcome {
    line.tell(What::Signal(signal));
    let is_answered = line.with(|channel| channel.is_answered);
    if !is_answered {
        line.with(|channel| {
            channel.cause = cause;
            channel.hangup.is_over = true;
        });
        return Outcome::HangUp;
    }
    match seconds(data).and_then(|ms| u64::try_from(ms).ok()) {
        Some(ms) => {
            line.sleep(ms).await;
        }
        None => line.sleep_for_ever().await,
    }
    Outcome::HangUp
}

#[cfg(test)]
mod tests {
    use super::super::trial::Trial;

    fn ends_with(application: &str, cause: u32) {
        let dialplan = format!("[m]\nexten => s,1,{application}\nsame => n,NoOp(never)\n");
        let step = format!("0.00 m,s,1 {application}");
        let end = format!("0.00 end, cause {cause}, at m,s,1");
        Trial::of(&dialplan).check("", &[&step, &end]);
    }

    #[test]
    fn causes_are_numbers_or_names() {
        ends_with("Hangup()", 16);
        ends_with("Hangup(17)", 17);
        ends_with("Hangup(USER_BUSY)", 17);
        ends_with("Hangup(no_answer)", 19);
        ends_with("Hangup(busy)", 16);
        ends_with("Hangup(x)", 16);
        ends_with("Hangup(-3)", 16);
        ends_with("Hangup(0)", 16);
        ends_with("Hangup(200)", 200);
        ends_with("Hangup(21 and more)", 21);
    }

    #[test]
    fn an_answered_call_hears_the_tone() {
        let dialplan = "[m]\nexten => s,1,Busy(3)\nexten => a,1,Congestion()\n\
                        exten => h,1,NoOp(h ${HANGUPCAUSE})\n";
        Trial::of(dialplan).check(
            "wait 1 5",
            &[
                "0.00 m,s,1 Busy(3)",
                "1.10 digit 5 lost",
                "3.00 m,h,1 NoOp(h 0)",
                "3.00 end, cause 0, at m,h,2",
            ],
        );
        Trial::of(dialplan).at("a").check(
            "wait 30 hangup",
            &["0.00 m,a,1 Congestion()", "30.00 m,h,1 NoOp(h 16)", "30.00 end, cause 16, at m,h,2"],
        );
    }

    #[test]
    fn a_call_that_is_not_answered_is_refused() {
        let dialplan = "[m]\nexten => s,1,Busy(3)\nexten => a,1,Congestion()\n";
        let refused = |exten, step, cause: u32| {
            let end = format!("0.00 end, cause {cause}, at m,{exten},1");
            Trial::unanswered(dialplan).at(exten).check("", &[step, &end]);
        };
        refused("s", "0.00 m,s,1 Busy(3)", 17);
        refused("a", "0.00 m,a,1 Congestion()", 34);
    }
}
