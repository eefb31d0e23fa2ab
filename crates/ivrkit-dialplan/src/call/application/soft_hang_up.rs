//! `SoftHangup(channel,options)`: asks a channel to hang up. Others than this one are not modelled.

use super::{
    super::{exchange::Why, line::Line},
    Outcome,
};
use crate::application::arguments::{Text, split_at, unquoted};

/// Asks this channel, if it is meant; the call ends before its next step then.
pub(super) fn run(line: &Line, data: &[u8]) -> Outcome {
    let arguments = split_at(data, b',', 2, Text::Expanded);
    let Some(name) = arguments.first().map(|range| unquoted(&data[range.clone()])) else {
        line.complain(None, "SoftHangup is given no channel".to_owned());
        return Outcome::Next;
    };
    let options = arguments.get(1).map_or(&b""[..], |range| &data[range.clone()]);
    line.with(|channel| {
        let own = &channel.setup.channel;
        let dash = own.iter().rposition(|&byte| byte == b'-').filter(|_| options.contains(&b'a'));
        let own = &own[..dash.unwrap_or(own.len())];
        if own.eq_ignore_ascii_case(&name) {
            channel.hangup.is_over = true;
            return Outcome::Next;
        }
        channel.stop(Why::NotModelled("SoftHangup".to_owned()));
        Outcome::HangUp
    })
}

#[cfg(test)]
mod tests {
    use crate::call::application::testing::check;

    #[test]
    fn the_channel_that_is_named_goes() {
        let dialplan = "[m]\nexten => s,1,SoftHangup()\nsame => n,SoftHangup(${CHANNEL})\n\
            same => n,NoOp(never)\nexten => a,1,SoftHangup(Other/1)\n";
        let expected = ["m,s,1 SoftHangup()", "m,s,2 SoftHangup(Simulated/1)", "end m,s,2"];
        check(dialplan, "s", &expected);
        check(dialplan, "a", &["m,a,1 SoftHangup(Other/1)", "not modelled SoftHangup"]);
    }
}
