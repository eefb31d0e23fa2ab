//! `Incomplete(options)`: what is dialled so far is not all of the extension.

use super::{
    super::{exchange::What, line::Line},
    Outcome,
};

/// Answers, unless told not to by `n`, and lets the caller dial on.
pub(super) fn run(line: &Line, options: &[u8]) -> Outcome {
    let answers = !options.contains(&b'n');
    line.with(|channel| {
        if channel.hangup.is_asked() {
            return Outcome::HangUp;
        }
        if answers && !channel.is_answered {
            channel.is_answered = true;
            channel.tell(What::Answered);
        }
        Outcome::Incomplete
    })
}

#[cfg(test)]
mod tests {
    use crate::{application::Version, call::application::testing::check_on};

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
