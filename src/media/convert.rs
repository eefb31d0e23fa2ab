//! One recording to one prompt: the line of decode, mix down, resample, filter, trim, level, encode.
//!
//! Must not touch files.

use super::{decode, downmix, encode, high_pass, level, resample, trim, wav};
use ivrkit_dialplan::scenario::Sound;
use std::time::Duration;

/// Peaks stay below this when the level is changed, in dBFS.
pub const MAX_PEAK_DBFS: f64 = -1.0;

/// Why a WAV cannot become a prompt.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum ConvertError {
    /// The file is no WAV that can be decoded.
    #[error(transparent)]
    Wav(#[from] wav::Error),
    /// Its samples are no sound.
    #[error(transparent)]
    Samples(#[from] decode::Error),
}

/// A prompt that the PBX plays whole.
#[derive(Debug, Clone, PartialEq)]
pub struct Converted {
    /// The whole file.
    pub bytes: Vec<u8>,
    /// How long it is, with the silence at its end.
    pub duration: Duration,
    /// The samples are those of the source, bit for bit.
    pub exact: bool,
    /// Active speech level of the source in dBov; `None` if it was not asked for, or there is no
    /// speech.
    pub level_dbov: Option<f64>,
    /// By how much the level was changed, in dB. Less than asked for if peaks would be too high.
    pub gain_db: f64,
    /// Silence that was cut off at both ends together.
    pub trimmed: Duration,
}

/// Converts a whole WAV file to one that the PBX plays to the last sample: 8 kHz, 16 bit, mono, a
/// header of 44 bytes and at least 22 samples of silence at the end.
///
/// Samples at 8 kHz, 16 bit, mono are kept bit for bit, and a file that is as described already
/// comes back as it is.
///
/// # Errors
/// A file that is no WAV, damaged, or holds what is no sound.
pub fn convert(bytes: &[u8]) -> Result<Vec<u8>, ConvertError> {
    Ok(convert_to(bytes, &Sound::default())?.bytes)
}

/// Converts a whole WAV file to a prompt whose sound is made as asked for.
///
/// # Errors
/// As [`convert`].
pub fn convert_to(bytes: &[u8], sound: &Sound) -> Result<Converted, ConvertError> {
    let wave = wav::Wave::parse(bytes)?;
    let format = wave.format;
    let exact = format.encoding == wav::Encoding::Pcm16 && format.channels == 1;
    let mono = downmix::mono(decode::samples(&wave)?, format.channels);
    Ok(finish(mono, format.rate_hz, exact, sound))
}

/// Makes a prompt of one channel, full scale at 1.0. `exact` says that the samples are those of a
/// source with 16 bits.
fn finish(mono: Vec<f32>, rate_hz: u32, exact: bool, sound: &Sound) -> Converted {
    let target_hz = sound.format.rate_hz();
    let mut samples = resample::resample(mono, rate_hz, target_hz);
    if sound.high_pass_hz > 0 {
        high_pass::filter(&mut samples, target_hz, sound.high_pass_hz);
    }
    let whole = samples.len();
    if sound.trim {
        let kept = trim::kept(&samples, target_hz);
        samples.truncate(kept.end);
        samples.drain(..kept.start);
    }
    let (level_dbov, gain_db) = bring_to_level(&mut samples, sound);
    let trimmed = whole - samples.len();
    let encoded = encode::file(&samples, sound.format);
    let is_companded = encoded.bytes.len() == encoded.samples;
    Converted {
        bytes: encoded.bytes,
        duration: duration(encoded.samples, target_hz),
        exact: exact
            && rate_hz == target_hz
            && !is_companded
            && sound.high_pass_hz == 0
            && gain_db == 0.0
            && trimmed == 0,
        level_dbov,
        gain_db,
        trimmed: duration(trimmed, target_hz),
    }
}

/// Changes the level if that is asked for; the level before, and by how much it was changed, in dB.
fn bring_to_level(samples: &mut [f32], sound: &Sound) -> (Option<f64>, f64) {
    let Some(target_dbov) = sound.level.target_dbov() else { return (None, 0.0) };
    let measured = level::measure(samples, sound.format.rate_hz());
    let Some(active_dbov) = measured.active_dbov else { return (None, 0.0) };
    let headroom_db = MAX_PEAK_DBFS - level::decibels(measured.peak);
    let gain_db = (target_dbov - active_dbov).min(headroom_db);
    #[expect(clippy::cast_possible_truncation, reason = "samples have 32 bits")]
    let gain = 10.0_f64.powf(gain_db / 20.0) as f32;
    samples.iter_mut().for_each(|sample| *sample *= gain);
    (Some(active_dbov), gain_db)
}

/// How long so many samples are.
fn duration(samples: usize, rate_hz: u32) -> Duration {
    Duration::from_micros(samples as u64 * 1_000_000 / u64::from(rate_hz))
}
