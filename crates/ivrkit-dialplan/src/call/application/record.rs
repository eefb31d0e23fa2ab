//! `Record(file,silence,seconds,options)`: records what the caller says.

use super::{
    super::{
        exchange::{Signal, What},
        line::{Line, Played, Woken},
    },
    Outcome,
    given::{Flags, Given},
};
use crate::{application::Version, number::scanned};

/// Most numbers that are tried for a `%d` in the file's name.
const MOST_NUMBERS: u32 = 1000;

/// Records until a key, the time or the caller ends it, and sets `RECORDED_FILE` and
/// `RECORD_STATUS`. How long the caller speaks is not known here, so that an end by silence must be
/// scripted.
pub(super) async fn run(line: &Line, data: &[u8]) -> Outcome {
    let status = |text: &str| line.set(b"RECORD_STATUS", text.as_bytes());
    let given = Given::new(data, 4);
    let flags = given.flags(3);
    let Some(file) = without_ending(&given.text(0)).map(<[u8]>::to_vec) else {
        line.complain(None, "Record is given no file with an ending".to_owned());
        status("ERROR");
        return Outcome::HangUp;
    };
    let seconds = |at: usize| scanned(&given.text(at), 30).and_then(|s| u64::try_from(s).ok());
    let Some(file) = numbered(line, &file) else {
        line.not_modelled("Record with so many files");
        return Outcome::HangUp;
    };
    line.set(b"RECORDED_FILE", &file);
    let is_answered = line.with(|channel| channel.is_answered);
    if !is_answered && flags.has(b's') {
        status("SKIP");
        return Outcome::Next;
    }
    if !is_answered && !flags.has(b'n') && !line.answer(0).await {
        status("ERROR");
        return Outcome::HangUp;
    }
    if !flags.has(b'q') && !beep(line).await {
        status("HANGUP");
        return Outcome::Next;
    }
    if seconds(1).is_some_and(|silence_s| silence_s > 0) {
        line.not_modelled("Record that ends with silence");
        return Outcome::HangUp;
    }
    line.tell(What::Signal(Signal::Unnoticed { application: "Record".to_owned() }));
    let most_ms = seconds(2).filter(|&seconds| seconds > 0).map(|seconds| seconds * 1000);
    let end = record(line, &flags, most_ms).await;
    status(end);
    if end == "HANGUP" { Outcome::HangUp } else { Outcome::Next }
}

/// The file's name up to its ending: the last `.`, or else the first `:`.
fn without_ending(file: &[u8]) -> Option<&[u8]> {
    let dot = file.iter().rposition(|&byte| byte == b'.');
    let at = dot.or_else(|| file.iter().position(|&byte| byte == b':'))?;
    Some(&file[..at])
}

/// The name with the first number for its `%d` that no sound has; none if there are too many.
fn numbered(line: &Line, file: &[u8]) -> Option<Vec<u8>> {
    if !file.contains(&b'%') {
        return Some(file.to_vec());
    }
    let language = line.with(|channel| channel.setup.language.clone());
    (0..MOST_NUMBERS).find_map(|number| {
        let mut name = Vec::with_capacity(file.len());
        let mut rest = file;
        while let Some(at) = memchr::memmem::find(rest, b"%d") {
            name.extend_from_slice(&rest[..at]);
            name.extend_from_slice(number.to_string().as_bytes());
            rest = &rest[at + 2..];
        }
        name.extend_from_slice(rest);
        (!line.has_sound(&name, &language)).then_some(name)
    })
}

/// The tone before it; false if the caller is gone. Since Asterisk 20 a missing one counts as that.
async fn beep(line: &Line) -> bool {
    let language = line.with(|channel| channel.setup.language.clone());
    match line.play(b"beep", &language, &|_| false).await {
        Played::Whole | Played::Key(_) => true,
        // Before that the recording itself finds out that the caller is gone.
        Played::Missing | Played::Refused | Played::Gone => line.pbx.version < Version::V20,
    }
}

async fn record(line: &Line, flags: &Flags, most_ms: Option<u64>) -> &'static str {
    let ends = |key: u8| {
        let ender = match (flags.has(b'x'), flags.has(b't')) {
            (true, _) => None,
            (false, true) => Some(b'*'),
            (false, false) => Some(b'#'),
        };
        ender == Some(key) || flags.has(b'y')
    };
    let begun_ms = line.with(|channel| channel.now_ms);
    loop {
        let passed_ms = line.with(|channel| channel.now_ms) - begun_ms;
        match line.wait(most_ms.map(|most_ms| most_ms - passed_ms)).await {
            Woken::Time => return "TIMEOUT",
            Woken::Gone => return "HANGUP",
            Woken::Key(b'0') if flags.has(b'o') => {
                line.take_key();
                return "OPERATOR";
            }
            Woken::Key(key) if ends(key) => {
                line.take_key();
                return "DTMF";
            }
            Woken::Key(_) => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::trial::{Trial, outcome};

    fn records(data: &str, keys: &str, expected: &[&str]) {
        let dialplan = format!(
            "[m]\nexten => s,1,Record({data})\nsame => n,NoOp(${{RECORDED_FILE}} ${{RECORD_STATUS}})\n"
        );
        let step = format!("0.00 m,s,1 Record({data})");
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
    fn a_key_or_the_time_ends_it() {
        records(
            "/tmp/a.wav",
            "wait 1 2#",
            &["1.10 digit 2 lost", "1.30 digit #", "1.30 /tmp/a DTMF"],
        );
        records("a:gsm,,3,q", "", &["3.00 a TIMEOUT"]);
        records("a.wav,,3", "", &["3.50 a TIMEOUT"]);
        records("a.wav,,,qt", "#*", &["0.10 digit # lost", "0.30 digit *", "0.30 a DTMF"]);
        records("a.wav,,,qy", "5", &["0.10 digit 5", "0.10 a DTMF"]);
        records("a.wav,,2,qx", "#", &["0.10 digit # lost", "2.00 a TIMEOUT"]);
        records("a.wav,,,qo", "0", &["0.10 digit 0", "0.10 a OPERATOR"]);
    }

    #[test]
    fn a_number_makes_the_name_new() {
        records("new%d.wav,,1,q", "", &["1.00 new0 TIMEOUT"]);
        // Every sound of digits is there but the one of 8.
        records("digits/%d.wav,,1,q", "", &["1.00 digits/8 TIMEOUT"]);
    }

    #[test]
    fn silence_must_be_scripted() {
        let dialplan = "[m]\nexten => s,1,Record(a.wav,2)\nsame => n,NoOp(${RECORD_STATUS})\n";
        let mut silence = outcome("Record", "SILENCE");
        silence.takes_ms = Some(4000);
        Trial::of(dialplan).with(silence).check(
            "",
            &[
                "0.00 m,s,1 Record(a.wav,2)",
                "4.00 m,s,2 NoOp(SILENCE)",
                "4.00 end, cause 0, at m,s,3",
            ],
        );
    }
}
