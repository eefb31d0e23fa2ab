//! `Answer(delay,options)`, and what is told to a caller before the answer: `Ringing`, `Progress`,
//! `Proceeding`.

use super::{
    super::{
        exchange::{Signal, What},
        line::Line,
    },
    Outcome,
    given::Given,
};
use crate::{application::Version, number::parsed};

/// Answers, and waits so many milliseconds if the call was not answered before. Without a delay
/// Asterisk waits half a second for the caller's voice, which is taken to come at once.
pub(super) async fn answer(line: &Line, data: &[u8]) -> Outcome {
    let given = Given::new(data, 2);
    let is_at_once = line.pbx.version >= Version::V18 && &given.text(1)[..] == b"i";
    let was_answered = line.with(|channel| channel.is_answered);
    let delay_ms = if was_answered || is_at_once || given.text(0).is_empty() {
        0
    } else {
        u64::try_from(parsed(data)).unwrap_or(0)
    };
    if line.answer(delay_ms).await { Outcome::Next } else { Outcome::HangUp }
}

/// Tells the caller something, and goes on.
pub(super) fn tell(line: &Line, signal: Signal) -> Outcome {
    line.tell(What::Signal(signal));
    Outcome::Next
}

#[cfg(test)]
mod tests {
    use super::super::trial::Trial;

    #[test]
    fn a_delay_counts_only_for_a_call_that_is_not_answered() {
        let dialplan = "[m]\nexten => s,1,Ringing()\nsame => n,Answer(1500)\nsame => n,Answer(1500)\n\
                        same => n,Progress()\nsame => n,Proceeding()\nsame => n,WaitExten(1)\n\
                        exten => 1,1,NoOp(one)\n";
        Trial::unanswered(dialplan).heard().check(
            "",
            &[
                "0.00 m,s,1 Ringing()",
                "0.00 ringing",
                "0.00 m,s,2 Answer(1500)",
                "0.00 answered",
                "1.50 m,s,3 Answer(1500)",
                "1.50 m,s,4 Progress()",
                "1.50 progress",
                "1.50 m,s,5 Proceeding()",
                "1.50 proceeding",
                "1.50 m,s,6 WaitExten(1)",
                "2.50 end, cause 0, at m,s,6",
            ],
        );
    }

    #[test]
    fn keys_are_kept_while_a_call_is_answered() {
        let dialplan = "[m]\nexten => s,1,Answer(1000)\nsame => n,WaitExten(5)\n\
                        exten => 1,1,NoOp(one)\n";
        Trial::unanswered(dialplan).check(
            "wait 0.3 1",
            &[
                "0.00 m,s,1 Answer(1000)",
                "0.40 digit 1",
                "1.00 m,s,2 WaitExten(5)",
                "1.00 m,1,1 NoOp(one)",
                "1.00 end, cause 0, at m,1,2",
            ],
        );
    }

    #[test]
    fn option_i_answers_at_once() {
        let dialplan = "[m]\nexten => s,1,Answer(1000,i)\n";
        let expected = ["0.00 m,s,1 Answer(1000,i)", "0.00 end, cause 0, at m,s,2"];
        Trial::unanswered(dialplan).check("", &expected);
        let later = ["0.00 m,s,1 Answer(1000,i)", "1.00 end, cause 0, at m,s,2"];
        Trial::unanswered(dialplan).on_asterisk_16().check("", &later);
    }
}
