//! `MusicOnHold(class,seconds)`, `StartMusicOnHold(class)` and `StopMusicOnHold`.
//!
//! Every class is taken to be there.

use super::{
    super::{
        exchange::{Signal, What},
        line::Line,
    },
    Outcome,
    given::Given,
};
use crate::number::scanned;

/// Plays music for so long, or until the caller hangs up; keys are lost.
pub(super) async fn music_on_hold(line: &Line, data: &[u8]) -> Outcome {
    let given = Given::new(data, 2);
    line.tell(What::Signal(Signal::Music { class: given.text(0).into_owned() }));
    let duration = given.text(1);
    let seconds = scanned(&duration, 30);
    if seconds.is_none() && !duration.is_empty() {
        line.complain(None, format!("{} is no duration of music", duration.escape_ascii()));
    }
    let may_go_on = match seconds.and_then(|seconds| u64::try_from(seconds).ok()) {
        Some(seconds) if seconds > 0 => line.sleep(seconds * 1000).await,
        _ => {
            line.sleep_for_ever().await;
            false
        }
    };
    line.tell(What::Signal(Signal::MusicEnds));
    if may_go_on { Outcome::Next } else { Outcome::HangUp }
}

/// Begins music, and goes on.
pub(super) fn start(line: &Line, data: &[u8]) -> Outcome {
    let class = Given::new(data, 1).text(0).into_owned();
    line.tell(What::Signal(Signal::Music { class }));
    Outcome::Next
}

/// Ends music, and goes on.
pub(super) fn stop(line: &Line, _: &[u8]) -> Outcome {
    line.tell(What::Signal(Signal::MusicEnds));
    Outcome::Next
}

#[cfg(test)]
mod tests {
    use super::super::trial::Trial;

    #[test]
    fn music_lasts_as_long_as_it_says() {
        let dialplan = "[m]\nexten => s,1,MusicOnHold(jazz,2)\nsame => n,StartMusicOnHold()\n\
                        same => n,Wait(1)\nsame => n,StopMusicOnHold()\nsame => n,MusicOnHold()\n\
                        same => n,NoOp(never)\n";
        Trial::of(dialplan).heard().check(
            "1 wait 9 hangup",
            &[
                "0.00 m,s,1 MusicOnHold(jazz,2)",
                "0.00 music jazz",
                "0.10 digit 1 lost",
                "2.00 music ends",
                "2.00 m,s,2 StartMusicOnHold()",
                "2.00 music",
                "2.00 m,s,3 Wait(1)",
                "3.00 m,s,4 StopMusicOnHold()",
                "3.00 music ends",
                "3.00 m,s,5 MusicOnHold()",
                "3.00 music",
                "9.20 music ends",
                "9.20 end, cause 16, at m,s,5",
            ],
        );
    }
}
