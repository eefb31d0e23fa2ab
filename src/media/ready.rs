//! One file of a folder as the PBX needs it: as it is if it plays, converted if that helps.
//!
//! Must not write, nor judge names: a name is its owner's choice.

use super::{
    convert::Turn,
    playable::{self, Code},
    source::Source,
};
use crate::files;
use ivrkit_dialplan::scenario::{Profile, Sound};
use std::path::Path;

/// Endings of files with sound, in lower case.
const AUDIO_ENDINGS: [&str; 36] = [
    "wav", "wav16", "wav49", "sln", "raw", "sln12", "sln16", "sln24", "sln32", "sln44", "sln48",
    "sln96", "sln192", "pcm", "ulaw", "ul", "mu", "ulw", "alaw", "al", "alw", "g722", "gsm", "mp3",
    "ogg", "opus", "flac", "m4a", "aac", "aif", "aiff", "au", "amr", "wma", "webm", "w64",
];

/// Bytes of the header of a plain WAV.
const HEADER_BYTES: u64 = 44;
/// A plain WAV of so many bytes plays: it is longer than what the PBX drops at its end, and less
/// than what a Yeastar S-series takes.
const PLAIN_BYTES: std::ops::Range<u64> = 1024..8 << 20;

/// What is to be done with a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Ready {
    /// The PBX plays it, or it is no sound.
    AsItIs,
    /// The PBX plays this instead: a whole file.
    Converted(Vec<u8>),
    /// The PBX does not play it, and it cannot be converted: why, and what to do.
    Unplayable(String),
}

/// Whether a file name has the ending of a file with sound.
pub fn is_audio(path: &Path) -> bool {
    let ending = path.extension().and_then(|ending| ending.to_str()).map(str::to_ascii_lowercase);
    ending.is_some_and(|ending| AUDIO_ENDINGS.contains(&ending.as_str()))
}

/// Judges a file, and converts it if it is a WAV that does not play as it is.
///
/// # Errors
/// When it cannot be read.
pub fn ready(path: &Path, profile: Profile) -> Result<Ready, files::Error> {
    if !is_audio(path) {
        return Ok(Ready::AsItIs);
    }
    let is_wav = path.extension().is_some_and(|ending| ending == "wav");
    if is_wav {
        let start = files::read_start(path, HEADER_BYTES)?;
        let size = std::fs::metadata(path).map_or(0, |metadata| metadata.len());
        if is_plain(&start, size) {
            return Ok(Ready::AsItIs);
        }
        if !start.starts_with(b"RIFF") {
            return Ok(judged(&start, profile).unwrap_or(Ready::AsItIs));
        }
    }
    let report = playable::examine_file(path, profile)?;
    let Some(finding) = report.refusals.iter().find(|finding| finding.code != Code::Name) else {
        return Ok(Ready::AsItIs);
    };
    if is_wav && let Ok(source) = Source::open(path)? {
        let turn = Turn::wait(&source);
        if let Ok(converted) = turn.convert(source, Sound::default()) {
            return Ok(Ready::Converted(converted.bytes));
        }
    }
    Ok(Ready::Unplayable(format!("{}; {}", finding.reason, finding.cure)))
}

/// What is no WAV is told by its first bytes.
fn judged(start: &[u8], profile: Profile) -> Option<Ready> {
    let report = playable::examine(start, "prompt.wav", profile);
    let finding = report.refusals.first()?;
    Some(Ready::Unplayable(format!("{}; {}", finding.reason, finding.cure)))
}

/// Whether these are the first bytes of a WAV that every PBX plays: 8 kHz, 16 bit, mono, and nothing
/// but the sound. It need not be read whole.
fn is_plain(start: &[u8], size_bytes: u64) -> bool {
    const FORMAT: &[u8] = b"WAVEfmt \x10\0\0\0\x01\0\x01\0\x40\x1f\0\0\x80\x3e\0\0\x02\0\x10\0data";
    let number = |at: usize| {
        let bytes = start.get(at..at + 4)?.try_into().ok()?;
        Some(u64::from(u32::from_le_bytes(bytes)))
    };
    PLAIN_BYTES.contains(&size_bytes)
        && size_bytes.is_multiple_of(2)
        && start.starts_with(b"RIFF")
        && start.get(8..40) == Some(FORMAT)
        && number(4) == Some(size_bytes - 8)
        && number(40) == Some(size_bytes - HEADER_BYTES)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::media::encode;

    fn check(name: &str, bytes: &[u8], expected: &str) {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join(name);
        std::fs::write(&path, bytes).unwrap();
        let found = match ready(&path, Profile::Asterisk).unwrap() {
            Ready::AsItIs => "as it is".to_owned(),
            Ready::Converted(bytes) => {
                assert!(playable::examine(&bytes, name, Profile::Asterisk).is_playable());
                "converted".to_owned()
            }
            Ready::Unplayable(reason) => reason,
        };
        assert!(found.starts_with(expected), "{name}: {found}");
    }

    /// A WAV of that rate, 16 bits, one channel.
    fn wav(rate_hz: u32) -> Vec<u8> {
        let mut bytes = encode::wav(&[0.25; 4000]);
        bytes[24..28].copy_from_slice(&rate_hz.to_le_bytes());
        bytes[28..32].copy_from_slice(&(rate_hz * 2).to_le_bytes());
        bytes
    }

    #[test]
    fn a_file_is_converted_only_if_that_helps() {
        check("a.wav", &wav(8000), "as it is");
        check("a b.wav", &wav(8000), "as it is");
        check("a.wav", &wav(16000), "converted");
        check("a.wav", &wav(44100), "converted");
        check("a.wav", b"no sound at all", "found ");
        check("a.wav", b"", "the file is empty");
        check("a.mp3", &wav(8000), "asterisk has no reader for this ending");
        check("a.gsm", &[0; 330], "as it is");
        check("note.txt", b"no sound", "as it is");
    }

    #[test]
    fn the_short_way_agrees_with_the_long_one() {
        for samples in [490_u32, 491, 600, 4000] {
            let bytes = encode::wav(&vec![0.5; samples as usize]);
            let size = bytes.len() as u64;
            let report = playable::examine(&bytes, "a.wav", Profile::YeastarS);
            if is_plain(&bytes[..44], size) {
                assert!(report.is_playable(), "{samples}: {report:?}");
            }
            assert!(!is_plain(&bytes[..44], size + 2), "bytes behind the sound");
        }
        assert!(is_plain(&wav(8000)[..44], wav(8000).len() as u64));
        assert!(!is_plain(&wav(16000)[..44], wav(16000).len() as u64));
    }
}
