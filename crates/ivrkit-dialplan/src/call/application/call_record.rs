//! `ResetCDR(options)` and `ForkCDR(options)`: what the call's record holds afterwards is not
//! modelled, so that only a dialplan that asks for it cannot go on.

use super::{super::line::Line, Outcome};

/// Goes on; `CDR` is not known from here on.
pub(super) fn run(line: &Line, _: &[u8]) -> Outcome {
    line.with(|channel| channel.facts.forget_record());
    Outcome::Next
}

#[cfg(test)]
mod tests {
    use crate::call::application::testing::check;

    #[test]
    fn only_the_record_is_not_known_afterwards() {
        let dialplan = "[m]\nexten => s,1,ResetCDR()\nsame => n,ForkCDR(v)\nsame => n,NoOp(on)\n\
            same => n,NoOp(${CDR(start)})\nexten => a,1,ResetCDR()\nsame => n,Set(CDR(x)=1)\n";
        let expected =
            ["m,s,1 ResetCDR()", "m,s,2 ForkCDR(v)", "m,s,3 NoOp(on)", "not modelled CDR"];
        check(dialplan, "s", &expected);
        check(dialplan, "a", &["m,a,1 ResetCDR()", "m,a,2 Set(CDR(x)=1)", "not modelled CDR"]);
    }
}
