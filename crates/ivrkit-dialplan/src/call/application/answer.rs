//! `Answer(delay,options)`, and what is told to a caller before the answer: `Ringing`, `Progress`,
//! `Proceeding`; and `Incomplete`.

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

/// `Incomplete(n)`: what is dialled so far may become more.
pub(super) async fn incomplete(line: &Line, data: &[u8]) -> Outcome {
    if line.with(|channel| channel.hangup.is_asked()) {
        return Outcome::HangUp;
    }
    if !data.contains(&b'n') {
        line.answer(0).await;
    }
    Outcome::Incomplete
}

/// Tells the caller something, and goes on.
pub(super) fn tell(line: &Line, signal: Signal) -> Outcome {
    line.tell(What::Signal(signal));
    Outcome::Next
}

#[cfg(test)]
mod tests {
    use super::super::{testing::check_on, trial::Trial};
    use crate::application::Version;

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

    #[test]
    fn the_caller_may_dial_on() {
        let dialplan = "[m]\nexten => s,1,WaitExten(9)\nexten => 1,1,Incomplete(n)\n\
            exten => 12,1,NoOp(12)\nexten => i,1,NoOp(i ${INVALID_EXTEN})\nexten => t,1,NoOp(t)\n";
        let check = |keys: &str, expected: &[&str]| {
            for version in [Version::V16, Version::V22] {
                check_on(version, dialplan, "1", keys, expected);
            }
        };
        let begins = "m,1,1 Incomplete(n)";
        check("wait 1 2", &[begins, "1.100 m,12,1 NoOp(12)", "1.100 end m,12,2"]);
        check("wait 1 3", &[begins, "1.100 m,i,1 NoOp(i 13)", "1.100 end m,i,2"]);
        check("", &[begins, "5.000 m,t,1 NoOp(t)", "5.000 end m,t,2"]);
    }

    #[test]
    fn where_nothing_longer_is_the_extension_is_wrong() {
        let dialplan = "[m]\nexten => 1,1,Incomplete()\nexten => i,1,NoOp(i ${INVALID_EXTEN})\n";
        let expected = ["m,1,1 Incomplete()", "m,i,1 NoOp(i 1)", "end m,i,2"];
        check_on(Version::V22, dialplan, "1", "", &expected);
    }
}
