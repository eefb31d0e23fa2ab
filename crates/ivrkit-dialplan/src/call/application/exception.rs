//! `RaiseException(reason)`: on at the extension `e`, where `EXCEPTION(reason)` tells why.

use super::{super::line::Line, Outcome};

/// Goes there, whether there is such an extension or not.
pub(super) fn raise(line: &Line, reason: &[u8]) -> Outcome {
    line.with(|channel| channel.raise(reason, 0));
    Outcome::Next
}

#[cfg(test)]
mod tests {
    use crate::call::application::testing::check;

    #[test]
    fn the_call_goes_on_at_e() {
        let dialplan = "[m]\nexten => s,1,RaiseException(mine)\nexten => e,1,NoOp(e)\n";
        check(dialplan, "s", &["m,s,1 RaiseException(mine)", "m,e,1 NoOp(e)", "end m,e,2"]);
        let dialplan = "[m]\nexten => s,1,RaiseException(mine)\n";
        check(dialplan, "s", &["m,s,1 RaiseException(mine)", "end m,e,1"]);
    }
}
