//! Samples to the bytes of a prompt's file, in each format that is written.
//!
//! A WAV is what Asterisk's reader wants: a header of 44 bytes, 16 bit, mono. Must not shape the
//! sound: no dither (a line in A-law has no code for zero, so one bit of dither on silence becomes
//! hiss at -76 dBFS), no gain, no limiter.

use super::g711;
use hound::{SampleFormat, WavSpec, WavWriter};
use ivrkit_dialplan::scenario::SoundFormat;
use std::io::Cursor;

/// Bytes of a WAV before the first sample.
pub const HEADER_BYTES: usize = 44;
/// Samples of silence at the end of a WAV. Asterisk's reader takes the data size for an offset in
/// the file and so drops as many bytes as the header has: 22 samples.
pub const TAIL_SAMPLES: usize = HEADER_BYTES / 2;

/// Writes samples at 8 kHz, full scale at 1.0, as a whole WAV file that ends in silence.
///
/// As [`file()`] with the format `wav`.
///
/// # Panics
/// With more than 2^31 samples, three days of sound.
pub fn wav(samples: &[f32]) -> Vec<u8> {
    file(samples, SoundFormat::Wav).bytes
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
/// as the sound does not end in it.
///
/// # Panics
/// With more than 2^31 samples, a day of sound.
pub fn file(samples: &[f32], format: SoundFormat) -> Encoded {
    let quantized = samples.iter().map(|sample| quantize(*sample));
    match format {
        SoundFormat::Wav | SoundFormat::Wav16 => riff(quantized.collect(), format.rate_hz()),
        SoundFormat::Sln | SoundFormat::Sln16 => {
            let bytes: Vec<u8> = quantized.flat_map(i16::to_le_bytes).collect();
            Encoded { samples: samples.len(), bytes }
        }
        SoundFormat::Ulaw => headerless(quantized.map(g711::to_u_law).collect()),
        SoundFormat::Alaw => headerless(quantized.map(g711::to_a_law).collect()),
    }
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

fn headerless(bytes: Vec<u8>) -> Encoded {
    Encoded { samples: bytes.len(), bytes }
}

fn riff(mut pcm: Vec<i16>, rate_hz: u32) -> Encoded {
    let silent = pcm.iter().rev().take_while(|sample| **sample == 0).count();
    let whole = pcm.len() + TAIL_SAMPLES.saturating_sub(silent);
    // Of nothing but a little silence, something must be left to play.
    pcm.resize(whole.max(TAIL_SAMPLES + 1), 0);
    let bytes = write(&pcm, rate_hz).expect("a vector takes what it is given");
    Encoded { bytes, samples: pcm.len() }
}

/// Writes block by block: hound's own buffer is of one block.
fn write(pcm: &[i16], sample_rate: u32) -> Result<Vec<u8>, hound::Error> {
    const BLOCK_SAMPLES: usize = 1 << 14;
    let spec =
        WavSpec { channels: 1, sample_rate, bits_per_sample: 16, sample_format: SampleFormat::Int };
    let mut bytes = Cursor::new(Vec::with_capacity(HEADER_BYTES + 2 * pcm.len()));
    let mut writer = WavWriter::new(&mut bytes, spec)?;
    for samples in pcm.chunks(BLOCK_SAMPLES) {
        let count = u32::try_from(samples.len()).map_err(|_| hound::Error::TooWide)?;
        let mut block = writer.get_i16_writer(count);
        for sample in samples {
            block.write_sample(*sample);
        }
        block.flush()?;
    }
    writer.finalize()?;
    Ok(bytes.into_inner())
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
            let found = file(&samples, format);
            assert_eq!((found.bytes.as_slice(), found.samples), (expected.as_slice(), 3));
        }
        assert_eq!(file(&samples, SoundFormat::Ulaw).bytes, [0xFF, 0x8F, 0x00]);
        assert_eq!(file(&samples, SoundFormat::Alaw).bytes, [0xD5, 0xA5, 0x2A]);
    }

    #[test]
    fn a_wide_wav_says_16_khz() {
        let bytes = file(&[0.5; 40], SoundFormat::Wav16).bytes;
        let spec = hound::WavReader::new(bytes.as_slice()).unwrap().spec();
        assert_eq!((spec.sample_rate, spec.channels, spec.bits_per_sample), (16_000, 1, 16));
    }
}
