//! One file to one prompt: the line of decode, mix down, resample, encode.
//!
//! Must not touch files.

use super::{
    encode, resample,
    source::{self, Source},
};
use std::{
    sync::{Mutex, MutexGuard, PoisonError},
    time::Duration,
};

/// Why a file cannot become a prompt.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum ConvertError {
    /// The file's sound cannot be read.
    #[error(transparent)]
    Source(#[from] source::Error),
}

/// A prompt that the PBX plays whole.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Converted {
    /// The whole file.
    pub(super) bytes: Vec<u8>,
    /// The samples are those of the source, bit for bit.
    pub(super) exact: bool,
}

/// Converts a whole sound file to one that the PBX plays to the last sample: 8 kHz, 16 bit, mono, a
/// header of 44 bytes and at least 22 samples of silence at the end.
///
/// Samples at 8 kHz, 16 bit, mono are kept bit for bit, and a file that is as described already
/// comes back as it is.
///
/// # Errors
/// A file that is not read, damaged, too long, or holds what is no sound.
pub fn convert(bytes: &[u8]) -> Result<Vec<u8>, ConvertError> {
    Ok(converted(Source::of(bytes)?)?.bytes)
}

pub(super) fn converted(source: Source<'_>) -> Result<Converted, ConvertError> {
    let exact = source.is_mono_pcm16() && source.rate_hz() == resample::RATE_HZ;
    let (samples, _alone) = at_telephone_rate(source)?;
    let bytes = encode::wav(&samples);
    Ok(Converted { bytes, exact })
}

/// How long a prompt written by [`convert`] is.
pub(super) fn duration(bytes: &[u8]) -> Duration {
    let samples = (bytes.len().saturating_sub(encode::HEADER_BYTES) / 2) as u64;
    Duration::from_micros(samples * 1_000_000 / u64::from(resample::RATE_HZ))
}

/// Frames of a part of a long sound, at least.
const PART_FRAMES: usize = 1 << 18;
/// How far a part is resampled beyond both of its ends, in seconds: further than any filter reaches.
const MARGIN_SECONDS: usize = 1;

/// One long sound is in memory at a time, whatever the number of threads.
static LONG: Mutex<()> = Mutex::new(());

/// Reads the whole sound and converts its rate. A long one is resampled in parts, so that most of
/// what is in memory is the result; the guard that comes with it keeps others waiting.
fn at_telephone_rate(
    mut source: Source<'_>,
) -> Result<(Vec<f32>, Option<MutexGuard<'static, ()>>), source::Error> {
    let rate_hz = source.rate_hz();
    let rate = rate_hz as usize;
    // Whole seconds of the source are whole seconds of the prompt.
    let (margin, part) = (MARGIN_SECONDS * rate, PART_FRAMES.next_multiple_of(rate));
    let frames = source.frames().and_then(|frames| usize::try_from(frames).ok());
    let mut pending = Vec::with_capacity(frames.unwrap_or_default().min(part + 2 * margin));
    let mut done = Vec::new();
    let mut alone = None;
    // How many of the pending frames are there for the sake of those behind them.
    let mut before = 0;
    while source.read(&mut pending)? {
        if pending.len() < before + part + 2 * margin {
            continue;
        }
        if alone.is_none() {
            alone = Some(LONG.lock().unwrap_or_else(PoisonError::into_inner));
            done.reserve_exact(frames.map_or(0, |frames| resample::output_frames(frames, rate_hz)));
        }
        let context = pending[..before + part + margin].to_vec();
        let resampled = resample::to_telephone_rate(context, rate_hz);
        let (skipped, kept) = (outputs(before, rate_hz), outputs(part, rate_hz));
        done.extend_from_slice(&resampled[skipped..skipped + kept]);
        pending.drain(..before + part - margin);
        before = margin;
    }
    let last = resample::to_telephone_rate(pending, rate_hz);
    if alone.is_none() {
        return Ok((last, None));
    }
    done.extend_from_slice(&last[outputs(before, rate_hz)..]);
    Ok((done, alone))
}

/// Samples that whole seconds become.
fn outputs(frames: usize, rate_hz: u32) -> usize {
    resample::output_frames(frames, rate_hz)
}
