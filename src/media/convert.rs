//! One WAV to one prompt: the line of decode, mix down, resample, encode.
//!
//! Must not touch files.

use super::{decode, downmix, encode, resample, wav};
use std::time::Duration;

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
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Converted {
    /// The whole file.
    pub(super) bytes: Vec<u8>,
    /// The samples are those of the source, bit for bit.
    pub(super) exact: bool,
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
    Ok(converted(bytes)?.bytes)
}

pub(super) fn converted(bytes: &[u8]) -> Result<Converted, ConvertError> {
    let wave = wav::Wave::parse(bytes)?;
    let format = wave.format;
    let exact = format.encoding == wav::Encoding::Pcm16
        && format.channels == 1
        && format.rate_hz == resample::RATE_HZ;
    let mono = downmix::mono(decode::samples(&wave)?, format.channels);
    let bytes = encode::wav(&resample::to_telephone_rate(mono, format.rate_hz));
    Ok(Converted { bytes, exact })
}

/// How long a prompt written by [`convert`] is.
pub(super) fn duration(bytes: &[u8]) -> Duration {
    let samples = (bytes.len().saturating_sub(encode::HEADER_BYTES) / 2) as u64;
    Duration::from_micros(samples * 1_000_000 / u64::from(resample::RATE_HZ))
}
