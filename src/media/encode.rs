//! Floats to the WAV that a PBX plays to its last sample.
//!
//! The file is what Asterisk's reader wants: a header of 44 bytes, 8 kHz, 16 bit, mono. Must not
//! shape the sound: no dither (a line in A-law has no code for zero, so one bit of dither on silence
//! becomes hiss at -76 dBFS), no gain, no limiter.

use super::resample::RATE_HZ;
use hound::{SampleFormat, WavSpec, WavWriter};
use std::{io::Cursor, iter};

/// Bytes before the first sample.
pub const HEADER_BYTES: usize = 44;
/// Samples of silence at the end. Asterisk's reader takes the data size for an offset in the file
/// and so drops as many bytes as the header has: 22 samples.
pub const TAIL_SAMPLES: usize = HEADER_BYTES / 2;

/// Writes samples at 8 kHz, full scale at 1.0, as a whole WAV file that ends in silence.
///
/// Louder samples saturate. Silence is added only as far as the sound does not end in it.
///
/// # Panics
/// With more than 2^31 samples, three days of sound.
pub fn wav(samples: &[f32]) -> Vec<u8> {
    let silent = samples.iter().rev().take_while(|sample| quantize(**sample) == 0).count();
    let whole = samples.len() + TAIL_SAMPLES.saturating_sub(silent);
    // Of nothing but a little silence, something must be left to play.
    let count = whole.max(TAIL_SAMPLES + 1);
    let pcm = samples.iter().map(|sample| quantize(*sample)).chain(iter::repeat(0)).take(count);
    write(pcm, count).expect("a vector takes what it is given")
}

#[expect(clippy::cast_possible_truncation, reason = "the cast saturates, which is what is wanted")]
fn quantize(sample: f32) -> i16 {
    (sample * 32_768.0).round() as i16
}

/// Writes block by block, so that a long sound is in memory once.
fn write(mut pcm: impl Iterator<Item = i16>, count: usize) -> Result<Vec<u8>, hound::Error> {
    const BLOCK_SAMPLES: u32 = 1 << 14;
    let spec = WavSpec {
        channels: 1,
        sample_rate: RATE_HZ,
        bits_per_sample: 16,
        sample_format: SampleFormat::Int,
    };
    let mut bytes = Cursor::new(Vec::with_capacity(HEADER_BYTES + 2 * count));
    let mut writer = WavWriter::new(&mut bytes, spec)?;
    let mut left = u32::try_from(count).map_err(|_| hound::Error::TooWide)?;
    while left > 0 {
        let now = left.min(BLOCK_SAMPLES);
        let mut block = writer.get_i16_writer(now);
        for sample in pcm.by_ref().take(now as usize) {
            block.write_sample(sample);
        }
        block.flush()?;
        left -= now;
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
}
