//! Tones: `PlayTones`, `StopPlayTones`, `Milliwatt`, `SendDTMF`; and `Echo` and `Flash`.

use super::{
    super::{
        duration::{self, Unit},
        exchange::{Signal, What},
        line::{Line, Woken},
    },
    Outcome,
    given::Given,
    read::TONES,
};

/// Shortest key that Asterisk sends, and the pause before the first one.
const KEY_MS: u64 = 100;
/// Pause after each key.
const PAUSE_MS: u64 = 250;

/// Begins a tone, by its name or by its frequencies, and goes on.
pub(super) fn play(line: &Line, data: &[u8]) -> Outcome {
    if data.is_empty() {
        line.complain(None, "PlayTones is given nothing to play".to_owned());
        return Outcome::HangUp;
    }
    // The tones that a PBX has of its own are not known here.
    if !TONES.contains(&data) && !has_frequency(data) {
        let shown = data.escape_ascii();
        line.complain(None, format!("{shown} is neither a tone nor frequencies"));
        return Outcome::HangUp;
    }
    line.tell(What::Signal(Signal::Tone { tone: data.to_vec() }));
    Outcome::Next
}

/// Ends a tone, and goes on.
pub(super) fn stop(line: &Line, _: &[u8]) -> Outcome {
    line.tell(What::Signal(Signal::ToneEnds));
    Outcome::Next
}

/// Plays a test tone until the caller hangs up. Only the older one answers.
pub(super) async fn milliwatt(line: &Line, data: &[u8]) -> Outcome {
    if data.contains(&b'o') && !line.answer(0).await {
        return Outcome::HangUp;
    }
    line.tell(What::Signal(Signal::Tone { tone: b"1004/1000".to_vec() }));
    line.sleep_for_ever().await;
    Outcome::HangUp
}

/// Lets the caller hear himself until he presses `#`; other keys come back, too.
pub(super) async fn echo(line: &Line, _: &[u8]) -> Outcome {
    loop {
        match line.wait_for_key(None).await {
            Woken::Key(b'#') => return Outcome::Next,
            Woken::Key(key) => line.tell(What::Signal(Signal::Key(key))),
            Woken::Time => {}
            Woken::Gone => return Outcome::HangUp,
        }
    }
}

/// Works with lines of one kind of card only; on others the call ends.
pub(super) fn flash(line: &Line, _: &[u8]) -> Outcome {
    line.complain(None, "this channel cannot Flash".to_owned());
    Outcome::HangUp
}

/// `SendDTMF(keys,pause,duration,channel,options)`: presses keys for the caller to hear.
pub(super) async fn send_dtmf(line: &Line, data: &[u8]) -> Outcome {
    let given = Given::new(data, 5);
    let keys = given.text(0);
    if keys.is_empty() {
        line.complain(None, "SendDTMF is given no keys".to_owned());
        return Outcome::Next;
    }
    let other = given.text(3);
    if !other.is_empty() && line.with(|channel| channel.setup.channel != *other) {
        line.not_modelled("SendDTMF on another channel");
        return Outcome::HangUp;
    }
    if given.flags(4).has(b'a') && !line.answer(0).await {
        return Outcome::HangUp;
    }
    let ms = |at: usize| {
        let ms = duration::milliseconds(&given.text(at), Unit::Milliseconds);
        ms.and_then(|ms| u64::try_from(ms).ok()).filter(|&ms| ms > 0)
    };
    let (pause_ms, key_ms) = (ms(1).unwrap_or(PAUSE_MS), ms(2).unwrap_or(0).max(KEY_MS));
    if !line.sleep(KEY_MS).await {
        return Outcome::HangUp;
    }
    for &key in keys.iter() {
        let may_go_on = match key {
            b'w' => line.sleep(500).await,
            b'W' => line.sleep(1000).await,
            b'f' | b'F' => line.sleep(pause_ms).await,
            b'0'..=b'9' | b'*' | b'#' | b'a'..=b'd' | b'A'..=b'D' => {
                line.tell(What::Signal(Signal::Key(key.to_ascii_uppercase())));
                line.sleep(key_ms).await && line.sleep(pause_ms).await
            }
            _ => {
                let shown = key.escape_ascii();
                line.complain(None, format!("SendDTMF cannot press {shown}"));
                true
            }
        };
        if !may_go_on {
            return Outcome::HangUp;
        }
    }
    Outcome::Next
}

/// Whether any part of a list such as `!950/330,440+480/2000,0/4000` begins with a frequency, or a
/// note as in `M69/500`; Asterisk leaves out the others.
fn has_frequency(tones: &[u8]) -> bool {
    tones.split(|byte| matches!(byte, b',' | b'|')).any(|part| {
        let part = part.trim_ascii();
        let part = part.strip_prefix(b"!").unwrap_or(part);
        let part = part.strip_prefix(b"M").unwrap_or(part);
        part.first().is_some_and(u8::is_ascii_digit)
    })
}

#[cfg(test)]
mod tests {
    use super::super::trial::Trial;

    #[test]
    fn keys_take_their_time() {
        let dialplan = "[m]\nexten => s,1,SendDTMF(1w2)\nsame => n,SendDTMF(34,100,200)\n\
                        same => n,SendDTMF()\n";
        Trial::of(dialplan).heard().check(
            "",
            &[
                "0.00 m,s,1 SendDTMF(1w2)",
                "0.10 hears key 1",
                "0.95 hears key 2",
                "1.30 m,s,2 SendDTMF(34,100,200)",
                "1.40 hears key 3",
                "1.70 hears key 4",
                "2.00 m,s,3 SendDTMF()",
                "2.00 end, cause 0, at m,s,4",
            ],
        );
    }

    #[test]
    fn an_echo_ends_with_a_hash() {
        Trial::of("[m]\nexten => s,1,Echo()\n").heard().check(
            "1#",
            &[
                "0.00 m,s,1 Echo()",
                "0.10 digit 1",
                "0.10 hears key 1",
                "0.30 digit #",
                "0.30 end, cause 0, at m,s,2",
            ],
        );
    }

    #[test]
    fn only_one_kind_of_card_can_flash() {
        let expected = ["0.00 m,s,1 Flash()", "0.00 end, cause 0, at m,s,1"];
        Trial::of("[m]\nexten => s,1,Flash()\nsame => n,NoOp(never)\n").check("", &expected);
    }

    #[test]
    fn tones_begin_and_end() {
        let dialplan = "[m]\nexten => s,1,Playtones(busy)\nsame => n,PlayTones(!950/330,0/100)\n\
                        same => n,StopPlayTones()\nsame => n,PlayTones(440/a,x)\n\
                        same => n,PlayTones(none)\nsame => n,NoOp(never)\n";
        Trial::of(dialplan).heard().check(
            "",
            &[
                "0.00 m,s,1 PlayTones(busy)",
                "0.00 tone busy",
                "0.00 m,s,2 PlayTones(!950/330,0/100)",
                "0.00 tone !950/330,0/100",
                "0.00 m,s,3 StopPlayTones()",
                "0.00 tone ends",
                "0.00 m,s,4 PlayTones(440/a,x)",
                "0.00 tone 440/a,x",
                "0.00 m,s,5 PlayTones(none)",
                "0.00 end, cause 0, at m,s,5",
            ],
        );
    }
}
