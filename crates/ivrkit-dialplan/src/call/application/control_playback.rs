//! `ControlPlayback(sound,skip,forward,rewind,stop,pause,restart,options)`: plays a sound that keys
//! move through.

use super::{
    super::{
        exchange::{SoundEnd, What},
        line::{Line, Woken},
    },
    Outcome,
    given::Given,
};
use crate::number::parsed;

/// How far a key moves without a number, in milliseconds.
const DEFAULT_SKIP_MS: u64 = 3000;
/// `CPLAYBACKOFFSET` after the whole sound.
const AT_END: i64 = -1;

/// What the keys do.
struct Keys<'a> {
    skip_ms: u64,
    forward: &'a [u8],
    rewind: &'a [u8],
    stop: &'a [u8],
    pause: &'a [u8],
    restart: &'a [u8],
}

/// What came of it.
enum End {
    Whole,
    /// A key stopped it, at so many milliseconds.
    Stopped(u8, u64),
    Gone(u64),
}

/// Plays, and sets `CPLAYBACKSTATUS`, `CPLAYBACKOFFSET` and `CPLAYBACKSTOPKEY`. It does not answer.
pub(super) async fn run(line: &Line, data: &[u8]) -> Outcome {
    if data.is_empty() {
        line.complain(None, "ControlPlayback is given no sound".to_owned());
        return Outcome::HangUp;
    }
    let given = Given::new(data, 8);
    let arguments: Vec<_> = (0..7).map(|at| given.text(at)).collect();
    let arguments: Vec<&[u8]> = arguments.iter().map(AsRef::as_ref).collect();
    let keys = Keys::of(&arguments);
    let name = arguments[0];
    let from_end = name.len().checked_sub(4).filter(|&at| name[at..].eq_ignore_ascii_case(b":end"));
    let name = &name[..from_end.unwrap_or(name.len())];
    let offset_ms = i64::from(parsed(given.flags(7).argument(b'o')));
    let language = line.with(|channel| channel.setup.language.clone());
    let Some(length_ms) = line.pbx.sounds.length_ms(name, &language) else {
        line.tell(What::SoundEnds { name: name.to_vec(), end: SoundEnd::Missing });
        return finish(line, "ERROR", AT_END);
    };
    let begin_ms = if from_end.is_some() || offset_ms < 0 {
        length_ms.saturating_add_signed(offset_ms)
    } else {
        offset_ms.unsigned_abs()
    };
    line.tell(What::SoundBegins { name: name.to_vec() });
    let end = keys.play(line, length_ms, begin_ms.min(length_ms)).await;
    let is_whole = matches!(end, End::Whole);
    let sound_end = if is_whole { SoundEnd::Whole } else { SoundEnd::CutShort };
    line.tell(What::SoundEnds { name: name.to_vec(), end: sound_end });
    match end {
        End::Whole => finish(line, "SUCCESS", AT_END),
        End::Gone(at_ms) => finish(line, "ERROR", signed(at_ms)),
        End::Stopped(key, at_ms) => {
            line.set(b"CPLAYBACKSTOPKEY", &[key]);
            finish(line, "USERSTOPPED", signed(at_ms))
        }
    }
}

impl<'a> Keys<'a> {
    fn of(arguments: &[&'a [u8]]) -> Self {
        let on_pad = |at: usize| {
            let keys = arguments[at];
            let is_key = |key: &u8| key.is_ascii_digit() || matches!(key, b'*' | b'#');
            if keys.first().is_some_and(is_key) { keys } else { b"" }
        };
        // A key that is asked for elsewhere is not taken by default.
        let default = |others: [&[u8]; 4], key: &'static [u8]| {
            if others.iter().any(|keys| keys.contains(&key[0])) { b"" } else { key }
        };
        let others = [arguments[4], arguments[5], arguments[6]];
        let mut forward = on_pad(2);
        if forward.is_empty() {
            forward = default([arguments[3], others[0], others[1], others[2]], b"#");
        }
        let mut rewind = on_pad(3);
        if rewind.is_empty() {
            rewind = default([forward, others[0], others[1], others[2]], b"*");
        }
        let skip_ms = u64::try_from(parsed(arguments[1])).ok().filter(|&ms| ms > 0);
        let skip_ms = skip_ms.unwrap_or(DEFAULT_SKIP_MS);
        let (stop, pause, restart) = (on_pad(4), on_pad(5), on_pad(6));
        Self { skip_ms, forward, rewind, stop, pause, restart }
    }

    async fn play(&self, line: &Line, length_ms: u64, begin_ms: u64) -> End {
        let now_ms = || line.with(|channel| channel.now_ms);
        let (mut at_ms, mut since_ms) = (begin_ms, now_ms());
        loop {
            let woken = line.wait(Some(length_ms - at_ms)).await;
            at_ms = (at_ms + now_ms() - since_ms).min(length_ms);
            since_ms = now_ms();
            let key = match woken {
                Woken::Time => return End::Whole,
                Woken::Gone => return End::Gone(at_ms),
                Woken::Key(key) => key,
            };
            if self.forward.contains(&key) {
                let forward_ms = at_ms + self.skip_ms;
                // Beyond the end it stands as far before it.
                let is_beyond = forward_ms >= length_ms;
                let before_end_ms = length_ms.saturating_sub(self.skip_ms);
                at_ms = if is_beyond { before_end_ms } else { forward_ms };
            } else if self.rewind.contains(&key) {
                at_ms = at_ms.saturating_sub(self.skip_ms);
            } else if self.restart.contains(&key) {
                at_ms = 0;
            } else if self.pause.contains(&key) {
                line.take_key();
                match self.paused(line, at_ms).await {
                    Some(end) => return end,
                    None => since_ms = now_ms(),
                }
                continue;
            } else if self.stop.contains(&key) {
                line.take_key();
                return End::Stopped(key, at_ms);
            } else {
                continue;
            }
            line.take_key();
        }
    }

    /// Waits until it goes on; the end if it does not.
    async fn paused(&self, line: &Line, at_ms: u64) -> Option<End> {
        loop {
            match line.wait(None).await {
                Woken::Gone => return Some(End::Gone(at_ms)),
                Woken::Key(key) if self.pause.first() == Some(&key) => {
                    line.take_key();
                    return None;
                }
                Woken::Key(key) if self.stop.contains(&key) => {
                    line.take_key();
                    return Some(End::Stopped(key, at_ms));
                }
                Woken::Key(_) | Woken::Time => {}
            }
        }
    }
}

fn finish(line: &Line, status: &str, offset_ms: i64) -> Outcome {
    line.set(b"CPLAYBACKSTATUS", status.as_bytes());
    line.set(b"CPLAYBACKOFFSET", offset_ms.to_string().as_bytes());
    Outcome::Next
}

fn signed(ms: u64) -> i64 {
    i64::try_from(ms).unwrap_or(i64::MAX)
}

#[cfg(test)]
mod tests {
    use super::super::trial::Trial;

    fn plays(data: &str, keys: &str, expected: &[&str]) {
        let dialplan = format!(
            "[m]\nexten => s,1,ControlPlayback({data})\n\
             same => n,NoOp(${{CPLAYBACKSTATUS}} ${{CPLAYBACKOFFSET}} ${{CPLAYBACKSTOPKEY}})\n"
        );
        let step = format!("0.00 m,s,1 ControlPlayback({data})");
        let (last, rest) = expected.split_last().expect("an end");
        let (at, status) = last.split_once(' ').expect("a time");
        let shown = format!("{at} m,s,2 NoOp({status})");
        let end = format!("{at} end, cause 0, at m,s,3");
        let mut all = vec![step.as_str()];
        all.extend(rest);
        all.extend([shown.as_str(), &end]);
        Trial::of(&dialplan).check(keys, &all);
    }

    #[test]
    fn without_keys_it_is_played_whole() {
        plays("/snd/3", "wait 1 5", &["1.10 digit 5 lost", "3.00 SUCCESS -1 "]);
        plays("/snd/none", "", &["0.00 ERROR -1 "]);
        plays("/snd/3,,,,,,,o(1000)", "", &["2.00 SUCCESS -1 "]);
    }

    #[test]
    fn a_key_stops_it() {
        plays("/snd/3,,,,12", "wait 1 2", &["1.10 digit 2", "1.10 USERSTOPPED 1100 2"]);
    }

    #[test]
    fn keys_move_through_it() {
        // At 1.1 s two seconds forward, so that it ends two seconds early.
        plays("/snd/5,2000", "wait 1 #", &["1.10 digit #", "3.00 SUCCESS -1 "]);
        plays("/snd/5,2000", "wait 1 *", &["1.10 digit *", "6.10 SUCCESS -1 "]);
        // Beyond the end it goes to two seconds before it.
        plays("/snd/5,2000", "wait 4 #", &["4.10 digit #", "6.10 SUCCESS -1 "]);
        plays("/snd/5,,,,,,3", "wait 1 3", &["1.10 digit 3", "6.10 SUCCESS -1 "]);
    }

    #[test]
    fn it_can_be_paused() {
        plays(
            "/snd/3,,,,1,8",
            "wait 1 8 wait 9 28",
            &["1.10 digit 8", "10.30 digit 2 lost", "10.50 digit 8", "12.40 SUCCESS -1 "],
        );
        plays(
            "/snd/3,,,,1,8",
            "wait 1 8 wait 1 1",
            &["1.10 digit 8", "2.30 digit 1", "2.30 USERSTOPPED 1100 1"],
        );
    }
}
