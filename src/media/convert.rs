//! One recording to one prompt: the line of source, resample, filter, trim, level, encode.
//!
//! Must not touch files.

use super::{
    encode, high_pass, level, resample,
    source::{self, Source},
    trim,
};
use ivrkit_dialplan::scenario::Sound;
use std::{
    panic,
    sync::{Mutex, MutexGuard, PoisonError},
    thread,
    time::Duration,
};

/// Peaks stay below this when the level is changed, in dBFS.
pub const MAX_PEAK_DBFS: f64 = -1.0;
/// Sound of more than this is long.
const LONG: Duration = Duration::from_mins(1);
static LONG_ONE: Mutex<()> = Mutex::new(());

/// Why a file cannot become a prompt.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum ConvertError {
    /// The file's sound cannot be read.
    #[error(transparent)]
    Source(#[from] source::Error),
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

/// The right to have long sound in memory, until this is dropped: one has it at a time, whatever the
/// number of threads. Short sound needs none.
#[must_use = "the next long sound may come as soon as it is dropped"]
pub(super) struct Turn(Option<MutexGuard<'static, ()>>);

/// Converts a whole sound file to one that the PBX plays to the last sample: 8 kHz, 16 bit, mono, a
/// header of 44 bytes and at least 22 samples of silence at the end.
///
/// Samples at 8 kHz, 16 bit, mono are kept bit for bit, and a file that is as described already
/// comes back as it is.
///
/// # Errors
/// A file that is not read, damaged, too long, or holds what is no sound.
pub fn convert(bytes: &[u8]) -> Result<Vec<u8>, ConvertError> {
    Ok(convert_to(bytes, &Sound::default())?.bytes)
}

/// Converts a whole sound file to a prompt whose sound is made as asked for.
///
/// # Errors
/// As [`convert`].
pub fn convert_to(bytes: &[u8], sound: &Sound) -> Result<Converted, ConvertError> {
    let source = Source::of(bytes)?;
    Turn::wait(&source).convert(source, *sound)
}

impl Turn {
    /// Waits until nobody else has long sound; sound of unknown length may be long.
    pub(super) fn wait(source: &Source<'_>) -> Self {
        let short = LONG.as_secs() * u64::from(source.rate_hz());
        let is_long = source.frames().is_none_or(|frames| frames > short);
        Self(is_long.then(|| LONG_ONE.lock().unwrap_or_else(PoisonError::into_inner)))
    }

    /// Needed by nobody.
    pub(super) fn none() -> Self {
        Self(None)
    }

    /// Converts what a source says to a prompt whose sound is made as asked for.
    ///
    /// Long sound gets a thread of its own. Allocators keep memory for the thread that freed it: so
    /// they keep it for the next long sound, and not once for every thread that had one.
    ///
    /// # Errors
    /// As [`convert`].
    pub(super) fn convert(
        &self,
        source: Source<'_>,
        sound: Sound,
    ) -> Result<Converted, ConvertError> {
        if self.0.is_none() {
            return converted(source, sound);
        }
        thread::scope(|scope| {
            let worker = scope.spawn(|| converted(source, sound));
            worker.join().unwrap_or_else(|panic| panic::resume_unwind(panic))
        })
    }
}

fn converted(mut source: Source<'_>, sound: Sound) -> Result<Converted, ConvertError> {
    let rate_hz = sound.format.rate_hz();
    let exact = source.is_mono_pcm16() && source.rate_hz() == rate_hz;
    let samples = at_rate(&mut source, rate_hz)?;
    Ok(finish(samples, exact, sound))
}

/// Reads the whole sound, piece by piece, and converts its rate.
fn at_rate(source: &mut Source<'_>, rate_hz: u32) -> Result<Vec<f32>, source::Error> {
    let from_hz = source.rate_hz();
    let frames = source.frames().and_then(|frames| usize::try_from(frames).ok()).unwrap_or(0);
    let mut samples = encode::roomy(resample::output_frames(frames, from_hz, rate_hz));
    if from_hz == rate_hz {
        while source.read(&mut samples)? {}
        return Ok(samples);
    }
    resample::with_resampler(from_hz, rate_hz, |resampler| {
        let mut piece = Vec::new();
        while source.read(&mut piece)? {
            resampler.feed(&piece, &mut samples);
            piece.clear();
        }
        resampler.finish(&mut samples);
        Ok(samples)
    })
}

/// Makes a prompt of one channel at the rate of the format, full scale at 1.0. `exact` says that the
/// samples are those of a source with 16 bits.
fn finish(mut samples: Vec<f32>, exact: bool, sound: Sound) -> Converted {
    let target_hz = sound.format.rate_hz();
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
    let encoded = encode::file(samples, sound.format);
    let is_companded = encoded.bytes.len() == encoded.samples;
    Converted {
        bytes: encoded.bytes,
        duration: duration(encoded.samples, target_hz),
        exact: exact && !is_companded && sound.high_pass_hz == 0 && gain_db == 0.0 && trimmed == 0,
        level_dbov,
        gain_db,
        trimmed: duration(trimmed, target_hz),
    }
}

/// Changes the level if that is asked for; the level before, and by how much it was changed, in dB.
fn bring_to_level(samples: &mut [f32], sound: Sound) -> (Option<f64>, f64) {
    let Some(target_dbov) = sound.level.target_dbov() else { return (None, 0.0) };
    let measured = level::measure(samples, sound.format.rate_hz());
    let Some(active_dbov) = measured.active_dbov else { return (None, 0.0) };
    let headroom_db = MAX_PEAK_DBFS - level::decibels(measured.peak);
    let gain_db = (target_dbov - active_dbov).min(headroom_db);
    #[expect(clippy::cast_possible_truncation, reason = "samples have 32 bits")]
    let gain = 10.0_f64.powf(gain_db / 20.0) as f32;
    for sample in samples {
        *sample *= gain;
    }
    (Some(active_dbov), gain_db)
}

/// How long so many samples are.
fn duration(samples: usize, rate_hz: u32) -> Duration {
    Duration::from_micros(samples as u64 * 1_000_000 / u64::from(rate_hz))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::media::{decode, encode, wav};
    use ivrkit_dialplan::scenario::{Level, SoundFormat};

    /// Half a second of silence, a second of tone at this level, a second of silence.
    fn recording(level: f32) -> Vec<u8> {
        let sample = |i: usize| {
            let loud = if (4_000..12_000).contains(&i) { level } else { 0.0 };
            if i % 8 < 4 { loud } else { -loud }
        };
        encode::wav(&(0..20_000).map(sample).collect::<Vec<_>>())
    }

    fn check(sound: Sound, level: f32) -> Converted {
        convert_to(&recording(level), &sound).expect("a good recording")
    }

    #[test]
    fn what_is_not_asked_for_is_not_done() {
        let found = check(Sound::default(), 0.1);
        assert_eq!(found.bytes, recording(0.1));
        assert_eq!((found.exact, found.level_dbov, found.gain_db), (true, None, 0.0));
        assert_eq!(found.duration, Duration::from_millis(2_500));
        let sln = check(Sound { format: SoundFormat::Sln, ..Sound::default() }, 0.1);
        assert_eq!((sln.bytes.as_slice(), sln.exact), (&recording(0.1)[44..], true));
    }

    #[test]
    fn levels_are_reached_or_the_peak_is() {
        for (level, expected_dbov) in [(Level::Stock, -19.0), (Level::Itu, -26.0)] {
            let sound = Sound { level, ..Sound::default() };
            for loud in [0.01, 0.1, 0.9] {
                let found = check(sound, loud);
                let samples = decode::samples(&wav::Wave::parse(&found.bytes).unwrap()).unwrap();
                let measured = level::active_dbov(&samples, 8_000).unwrap();
                assert!((measured - expected_dbov).abs() < 0.05, "{loud}: {measured}");
                assert!(!found.exact);
            }
        }
    }

    #[test]
    fn peaks_are_kept_below_their_limit() {
        // Bursts far above the rest: the level asked for would take them beyond full scale.
        let sample = |i: usize| if i.is_multiple_of(1_000) { 0.5 } else { [0.01, -0.01][i % 2] };
        let bytes = encode::wav(&(0..20_000).map(sample).collect::<Vec<_>>());
        let found = convert_to(&bytes, &Sound { level: Level::Stock, ..Sound::default() }).unwrap();
        let samples = decode::samples(&wav::Wave::parse(&found.bytes).unwrap()).unwrap();
        let peak_dbfs = level::decibels(level::measure(&samples, 8_000).peak);
        assert!((peak_dbfs - MAX_PEAK_DBFS).abs() < 0.01, "{peak_dbfs}");
        assert!(found.gain_db < -19.0 - found.level_dbov.unwrap());
    }

    #[test]
    fn silence_stays_silent() {
        let sound =
            Sound { level: Level::Stock, trim: true, high_pass_hz: 100, ..Sound::default() };
        let found = check(sound, 0.0);
        assert_eq!((found.bytes, found.level_dbov), (recording(0.0), None));
    }

    #[test]
    fn silence_is_cut_off_and_the_rest_is_exact() {
        let found = check(Sound { trim: true, ..Sound::default() }, 0.3);
        assert_eq!(found.trimmed, Duration::from_millis(400 + 850));
        assert_eq!(found.bytes[44..], recording(0.3)[44 + 2 * 3_200..44 + 2 * 13_200]);
        assert!(!found.exact, "something was left out");
    }
}
