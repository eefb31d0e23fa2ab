//! `ReadExten(variable,sound,context,options,timeout)`: reads an extension that there is.

use super::{
    super::{
        exchange::{Signal, SoundEnd, What},
        line::{Line, Woken},
    },
    Outcome,
    given::Given,
    read::TONES,
};
use crate::number::parsed;

/// Most digits.
const MOST_DIGITS: usize = 255;

/// What the caller hears while the first digit is waited for.
enum Prompt {
    Nothing,
    Tone,
    Sound { name: Vec<u8>, length_ms: u64 },
}

/// What came of waiting for digits.
enum Read {
    Digits(Vec<u8>),
    Nothing,
    Gone,
}

/// Reads, and sets the variable and `READEXTENSTATUS`.
pub(super) async fn run(line: &Line, data: &[u8]) -> Outcome {
    let status = |text: &str| line.set(b"READEXTENSTATUS", text.as_bytes());
    let given = Given::new(data, 5);
    let variable = given.text(0);
    if variable.is_empty() {
        line.complain(None, "ReadExten is given no variable".to_owned());
        status("ERROR");
        return Outcome::Next;
    }
    let flags = given.flags(3);
    let (is_answered, own) = line.with(|channel| (channel.is_answered, channel.context.clone()));
    if !is_answered && flags.has(b's') {
        line.set(&variable, b"");
        status("SKIP");
        return Outcome::Next;
    }
    if !is_answered && !flags.has(b'n') && !line.answer(0).await {
        status("HANGUP");
        return Outcome::HangUp;
    }
    let context = if given.text(2).is_empty() { own } else { (*given.text(2)).into() };
    let prompt = begin(line, &given.text(1), flags.has(b'i'));
    let first_ms = match u64::try_from(parsed(&given.text(4))).unwrap_or(0) {
        0 => line.with(|channel| channel.response_timeout_ms),
        seconds => seconds * 1000,
    };
    let digits = match digits(line, prompt, &context, first_ms, flags.has(b'p')).await {
        Read::Digits(digits) => digits,
        Read::Nothing => {
            line.set(&variable, b"t");
            status("TIMEOUT");
            return Outcome::Next;
        }
        Read::Gone => {
            status("HANGUP");
            return Outcome::HangUp;
        }
    };
    if line.exists(&context, &digits, 1) {
        line.set(&variable, &digits);
        status("OK");
    } else {
        line.set(&variable, b"i");
        line.set(b"INVALID_EXTEN", &digits);
        status("INVALID");
    }
    Outcome::Next
}

/// Begins a tone or a sound.
fn begin(line: &Line, name: &[u8], is_tone: bool) -> Prompt {
    if name.is_empty() {
        return Prompt::Nothing;
    }
    let language = line.with(|channel| channel.setup.language.clone());
    let length_ms = line.pbx.sounds.length_ms(name, &language);
    if is_tone && (TONES.contains(&name) || length_ms.is_none()) {
        line.tell(What::Signal(Signal::Tone { tone: name.to_vec() }));
        return Prompt::Tone;
    }
    let Some(length_ms) = length_ms else {
        line.tell(What::SoundEnds { name: name.to_vec(), end: SoundEnd::Missing });
        return Prompt::Nothing;
    };
    line.tell(What::SoundBegins { name: name.to_vec() });
    Prompt::Sound { name: name.to_vec(), length_ms }
}

/// Takes digits until no longer extension is possible. The time for the first one begins with
/// the prompt.
async fn digits(
    line: &Line,
    prompt: Prompt,
    context: &[u8],
    first_ms: u64,
    ends_with_hash: bool,
) -> Read {
    let mut digits = Vec::new();
    let mut woken = first(line, prompt, first_ms).await;
    loop {
        match woken {
            Woken::Gone => return Read::Gone,
            Woken::Time if digits.is_empty() => return Read::Nothing,
            Woken::Time => return Read::Digits(digits),
            Woken::Key(b'#') if ends_with_hash => return Read::Digits(digits),
            Woken::Key(key) => digits.push(key),
        }
        if !line.match_more(context, &digits) {
            if digits.last() == Some(&b'#') && !line.exists(context, &digits, 1) {
                digits.pop();
            }
            return Read::Digits(digits);
        }
        if digits.len() >= MOST_DIGITS {
            return Read::Digits(digits);
        }
        let wait_ms = line.with(|channel| channel.digit_timeout_ms);
        woken = line.wait_for_key(Some(wait_ms)).await;
    }
}

/// Waits for the first digit; the prompt stops then, or at the time-out.
async fn first(line: &Line, prompt: Prompt, wait_ms: u64) -> Woken {
    let (name, length_ms) = match prompt {
        Prompt::Nothing => return line.wait_for_key(Some(wait_ms)).await,
        Prompt::Tone => {
            let woken = line.wait_for_key(Some(wait_ms)).await;
            line.tell(What::Signal(Signal::ToneEnds));
            return woken;
        }
        Prompt::Sound { name, length_ms } => (name, length_ms),
    };
    let woken = line.wait_for_key(Some(wait_ms.min(length_ms))).await;
    let is_whole = woken == Woken::Time && length_ms <= wait_ms;
    let end = if is_whole { SoundEnd::Whole } else { SoundEnd::CutShort };
    line.tell(What::SoundEnds { name, end });
    if is_whole && length_ms < wait_ms {
        return line.wait_for_key(Some(wait_ms - length_ms)).await;
    }
    woken
}

#[cfg(test)]
mod tests {
    use super::super::trial::Trial;

    fn reads(data: &str, keys: &str, expected: &[&str]) {
        let dialplan = format!(
            "[m]\nexten => s,1,ReadExten({data})\nsame => n,NoOp(${{X}} ${{READEXTENSTATUS}})\n\
             exten => 1,1,NoOp()\nexten => 12,1,NoOp()\nexten => 3,1,NoOp()\n\
             [n]\nexten => 7,1,NoOp()\n"
        );
        let step = format!("0.00 m,s,1 ReadExten({data})");
        let (last, rest) = expected.split_last().expect("an end");
        let (at, read) = last.split_once(' ').expect("a time");
        let shown = format!("{at} m,s,2 NoOp({read})");
        let end = format!("{at} end, cause 0, at m,s,3");
        let mut all = vec![step.as_str()];
        all.extend(rest);
        all.extend([shown.as_str(), &end]);
        Trial::of(&dialplan).heard().check(keys, &all);
    }

    #[test]
    fn an_extension_is_read_until_it_cannot_be_longer() {
        reads("X", "3", &["0.10 digit 3", "0.10 3 OK"]);
        reads("X", "12", &["0.10 digit 1", "0.30 digit 2", "0.30 12 OK"]);
        reads("X", "1", &["0.10 digit 1", "5.10 1 OK"]);
        reads("X", "9", &["0.10 digit 9", "0.10 i INVALID"]);
        reads("X,,n", "7", &["0.10 digit 7", "0.10 7 OK"]);
        reads("X,,,,2", "", &["2.00 t TIMEOUT"]);
    }

    #[test]
    fn a_hash_ends_it() {
        reads("X", "1#", &["0.10 digit 1", "0.30 digit #", "0.30 1 OK"]);
        reads("X,,,p", "1#", &["0.10 digit 1", "0.30 digit #", "0.30 1 OK"]);
    }

    #[test]
    fn the_time_begins_with_the_prompt() {
        reads("X,/snd/1,,,2", "", &["0.00 hears /snd/1", "2.00 t TIMEOUT"]);
        reads("X,/snd/3,,,2", "", &["0.00 hears /snd/3", "2.00 stops /snd/3", "2.00 t TIMEOUT"]);
        reads(
            "X,/snd/3",
            "wait 1 3",
            &["0.00 hears /snd/3", "1.10 digit 3", "1.10 stops /snd/3", "1.10 3 OK"],
        );
        reads("X,dial,,i,2", "", &["0.00 tone dial", "2.00 tone ends", "2.00 t TIMEOUT"]);
    }
}
