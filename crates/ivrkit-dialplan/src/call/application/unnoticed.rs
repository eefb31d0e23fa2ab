//! Applications that the caller does not notice and that change nothing in the call: recordings of
//! both ends, headers for the next call, records of calls.

use super::{
    super::{
        exchange::{Signal, What},
        line::Line,
    },
    Outcome,
    given::Given,
};

/// Where Asterisk keeps recordings that are named without a folder.
const RECORDINGS: &[u8] = b"/var/spool/asterisk/monitor/";

/// Tells that it was asked for, and goes on.
pub(super) fn tell(line: &Line, application: &str) -> Outcome {
    line.tell(What::Signal(Signal::Unnoticed { application: application.to_owned() }));
    Outcome::Next
}

/// `MixMonitor(file,options,command)`.
pub(super) fn mix_monitor(line: &Line, data: &[u8]) -> Outcome {
    let given = Given::new(data, 3);
    let file = given.text(0);
    if file.is_empty() && !given.flags(1).has(b'r') && !given.flags(1).has(b't') {
        line.complain(None, "MixMonitor is given no file".to_owned());
        return Outcome::HangUp;
    }
    let folder = if file.is_empty() || file.starts_with(b"/") { &b""[..] } else { RECORDINGS };
    line.set(b"MIXMONITOR_FILENAME", &[folder, &file].concat());
    tell(line, "MixMonitor")
}

#[cfg(test)]
mod tests {
    use super::super::trial::Trial;

    #[test]
    fn a_recording_changes_nothing() {
        let dialplan = "[m]\nexten => s,1,MixMonitor(a.wav,b)\nsame => n,NoOp(${MIXMONITOR_FILENAME})\n\
                        same => n,StopMixMonitor()\n";
        Trial::of(dialplan).heard().check(
            "",
            &[
                "0.00 m,s,1 MixMonitor(a.wav,b)",
                "0.00 unnoticed MixMonitor",
                "0.00 m,s,2 NoOp(/var/spool/asterisk/monitor/a.wav)",
                "0.00 m,s,3 StopMixMonitor()",
                "0.00 unnoticed StopMixMonitor",
                "0.00 end, cause 0, at m,s,4",
            ],
        );
    }
}
