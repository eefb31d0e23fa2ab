//! Samples to the bytes of a prompt's file, in each format that is written.
//!
//! A WAV is what Asterisk's reader wants: a header of 44 bytes, 16 bit, mono. Must not shape the
//! sound: no dither (a line in A-law has no code for zero, so one bit of dither on silence becomes
//! hiss at -76 dBFS), no gain, no limiter.

use super::g711;
use hound::{SampleFormat, WavSpec};
use ivrkit_dialplan::scenario::SoundFormat;

/// Bytes of a WAV before the first sample.
pub const HEADER_BYTES: usize = 44;
/// Samples of silence at the end of a WAV. Asterisk's reader takes the data size for an offset in
/// the file and so drops as many bytes as the header has: 22 samples.
pub const TAIL_SAMPLES: usize = HEADER_BYTES / 2;

/// Samples that are written at a time, and released then.
const BLOCK_SAMPLES: usize = 1 << 16;

/// Writes samples at 8 kHz, full scale at 1.0, as a whole WAV file that ends in silence.
///
/// As [`file()`] with the format `wav`.
///
/// # Panics
/// With more than 2^31 samples, three days of sound.
pub fn wav(samples: &[f32]) -> Vec<u8> {
    file(samples.to_vec(), SoundFormat::Wav).bytes
}

/// The bytes of a prompt's file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Encoded {
    /// The whole file.
    pub bytes: Vec<u8>,
    /// Samples in it, with the silence that was added.
    pub samples: usize,
}

/// Writes samples at the rate of the format, full scale at 1.0, as a whole file.
///
/// Louder samples saturate. A WAV ends in [`TAIL_SAMPLES`] of silence; silence is added only as far
/// as the sound does not end in it. Of long sound the samples are released while the bytes are made,
/// so that both are never in memory together.
///
/// # Panics
/// With more than 2^31 samples, a day of sound.
pub fn file(samples: Vec<f32>, format: SoundFormat) -> Encoded {
    let count = samples.len();
    match format {
        SoundFormat::Wav | SoundFormat::Wav16 => riff(samples, format.rate_hz()),
        SoundFormat::Sln | SoundFormat::Sln16 => {
            Encoded { bytes: linear(&[], samples, count), samples: count }
        }
        SoundFormat::Ulaw => companded(&samples, g711::to_u_law),
        SoundFormat::Alaw => companded(&samples, g711::to_a_law),
    }
}

/// Room for so many items of long sound. What is larger than 32 MiB an allocator has the system map,
/// and gives back when it is freed; of the rest each thread keeps some. What is not used of it is no
/// memory yet.
pub(super) fn roomy<T>(count: usize) -> Vec<T> {
    const LONG: usize = 1 << 20;
    const MAPPED_BYTES: usize = 36 << 20;
    let least = if count > LONG { MAPPED_BYTES / size_of::<T>() } else { 0 };
    Vec::with_capacity(count.max(least))
}

fn companded(samples: &[f32], code: fn(i16) -> u8) -> Encoded {
    let mut bytes = roomy(samples.len());
    bytes.extend(samples.iter().map(|sample| code(quantize(*sample))));
    Encoded { samples: bytes.len(), bytes }
}

fn riff(samples: Vec<f32>, rate_hz: u32) -> Encoded {
    let silent = samples.iter().rev().take_while(|sample| quantize(**sample) == 0).count();
    let whole = samples.len() + TAIL_SAMPLES.saturating_sub(silent);
    // Of nothing but a little silence, something must be left to play.
    let whole = whole.max(TAIL_SAMPLES + 1);
    Encoded { bytes: linear(&header(rate_hz, 2 * whole), samples, whole), samples: whole }
}

/// The header for so many bytes of sound: hound's, whose sizes are those of a stream, with ours.
fn header(sample_rate: u32, sound_bytes: usize) -> Vec<u8> {
    let spec =
        WavSpec { channels: 1, sample_rate, bits_per_sample: 16, sample_format: SampleFormat::Int };
    let mut header = spec.into_header_for_infinite_file();
    let sound_bytes = u32::try_from(sound_bytes).expect("less than a day of sound");
    header[4..8].copy_from_slice(&(sound_bytes + 36).to_le_bytes());
    header[40..44].copy_from_slice(&sound_bytes.to_le_bytes());
    header
}

/// The header, the samples, and silence up to `whole` samples. It is made from its end to its
/// beginning and turned round: so each block of samples is given back as soon as it is written.
fn linear(header: &[u8], mut samples: Vec<f32>, whole: usize) -> Vec<u8> {
    let mut bytes = roomy(header.len() + 2 * whole);
    bytes.resize(2 * (whole - samples.len()), 0);
    while !samples.is_empty() {
        let begin = (samples.len() - 1) / BLOCK_SAMPLES * BLOCK_SAMPLES;
        let at = bytes.len();
        bytes.resize(at + 2 * (samples.len() - begin), 0);
        let places = bytes[at..].as_chunks_mut().0;
        for (place, sample) in places.iter_mut().zip(samples[begin..].iter().rev()) {
            *place = quantize(*sample).to_be_bytes();
        }
        samples.truncate(begin);
        samples.shrink_to_fit();
    }
    bytes.extend(header.iter().rev());
    bytes.reverse();
    bytes
}

/// The nearest number of 16 bits. Added to 1.5 * 2^23, a sample's last bits are that number: the
/// compiler makes eight at a time of this, where rounding would be a call for each.
#[expect(clippy::cast_possible_truncation, reason = "the last 16 bits are what is wanted")]
#[expect(clippy::cast_possible_wrap, reason = "they are signed")]
fn quantize(sample: f32) -> i16 {
    const WHOLE_NUMBERS: f32 = 12_582_912.0;
    let limited = (sample * 32_768.0).clamp(-32_768.0, 32_767.0);
    (limited + WHOLE_NUMBERS).to_bits() as u16 as i16
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(samples: &[f32], expected: &[i16]) {
        let bytes = wav(samples);
        let mut reader = hound::WavReader::new(bytes.as_slice()).unwrap();
        let found: Vec<i16> = reader.samples().map(Result::unwrap).collect();
        let tail = found.len() - expected.len();
        assert_eq!(&found[..expected.len()], expected);
        assert!(found[found.len() - TAIL_SAMPLES..].iter().all(|sample| *sample == 0));
        assert!(tail <= TAIL_SAMPLES);
        assert_eq!(bytes.len(), HEADER_BYTES + 2 * found.len());
    }

    #[test]
    fn samples_are_rounded_and_saturate() {
        check(
            &[1.0, 1.5, -1.0, -7.0, 0.4 / 32_768.0, -0.6 / 32_768.0],
            &[32_767, 32_767, -32_768, -32_768, 0, -1],
        );
    }

    #[test]
    fn silence_at_the_end_is_completed_not_doubled() {
        let mut samples = vec![0.5];
        samples.resize(11, 0.0);
        assert_eq!(wav(&samples).len(), HEADER_BYTES + 2 * 23);
        samples.resize(80, 0.0);
        assert_eq!(wav(&samples).len(), HEADER_BYTES + 2 * 80);
        assert_eq!(wav(&[0.0; 3]).len(), HEADER_BYTES + 2 * 23);
    }

    #[test]
    fn what_has_no_header_is_the_samples_alone() {
        let samples = [0.0, 0.5, -1.0];
        let expected = [0, 0, 0, 0x40, 0, 0x80];
        for format in [SoundFormat::Sln, SoundFormat::Sln16] {
            let found = file(samples.to_vec(), format);
            assert_eq!((found.bytes.as_slice(), found.samples), (expected.as_slice(), 3));
        }
        assert_eq!(file(samples.to_vec(), SoundFormat::Ulaw).bytes, [0xFF, 0x8F, 0x00]);
        assert_eq!(file(samples.to_vec(), SoundFormat::Alaw).bytes, [0xD5, 0xA5, 0x2A]);
    }

    #[test]
    fn a_wide_wav_says_16_khz() {
        let bytes = file(vec![0.5; 40], SoundFormat::Wav16).bytes;
        let spec = hound::WavReader::new(bytes.as_slice()).unwrap().spec();
        assert_eq!((spec.sample_rate, spec.channels, spec.bits_per_sample), (16_000, 1, 16));
    }

    #[test]
    fn blocks_do_not_show() {
        for count in [1, BLOCK_SAMPLES - 1, BLOCK_SAMPLES, BLOCK_SAMPLES + 1, 3 * BLOCK_SAMPLES + 7]
        {
            let number = |at: usize| i16::try_from(at * 31 % 30_000 + 1).unwrap();
            let samples: Vec<f32> = (0..count).map(|at| f32::from(number(at)) / 32_768.0).collect();
            let expected: Vec<u8> = (0..count).flat_map(|at| number(at).to_le_bytes()).collect();
            assert!(wav(&samples)[HEADER_BYTES..][..2 * count] == expected, "{count}");
            assert!(file(samples, SoundFormat::Sln).bytes == expected, "{count}");
        }
    }
}
