//! `SoftHangup(channel,options)`: asks a channel to hang up. There is none but this one.

use super::{super::line::Line, Outcome};
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
        channel.hangup.is_over |= own.eq_ignore_ascii_case(&name);
    });
    Outcome::Next
}

#[cfg(test)]
mod tests {
    use crate::call::application::testing::check;

    #[test]
    fn the_channel_that_is_named_goes() {
        let dialplan = "[m]\nexten => s,1,SoftHangup()\nsame => n,SoftHangup(Nope/1)\n\
            same => n,SoftHangup(${CHANNEL})\nsame => n,NoOp(never)\n";
        let expected = [
            "m,s,1 SoftHangup()",
            "m,s,2 SoftHangup(Nope/1)",
            "m,s,3 SoftHangup(Simulated/1)",
            "end m,s,3",
        ];
        check(dialplan, "s", &expected);
    }
}
