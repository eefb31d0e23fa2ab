//! Silence at both ends: where the sound begins and ends.
//!
//! Must not change a sample, only leave some out.

use super::level;
use std::ops::Range;

/// Silence that is kept before the sound, in milliseconds. Asterisk's own prompts have 91 in the
/// median.
pub const LEAD_MS: u32 = 100;
/// Silence that is kept behind the sound, in milliseconds. Asterisk's own prompts have 130.
pub const TAIL_MS: u32 = 150;

/// How far below the active speech level sound counts as silence, in dB. Soft consonants lie 25 to
/// 35 dB below, the noise of a recording 45 and more; a TTS engine's silence is digital.
const SILENCE_BELOW_DB: f64 = 40.0;
/// Length of the pieces that are judged, in milliseconds.
const PIECE_MS: u32 = 10;

/// The part of a sound that is kept, in samples. A sound without speech is kept whole.
pub fn kept(samples: &[f32], rate_hz: u32) -> Range<usize> {
    let Some(active_dbov) = level::active_dbov(samples, rate_hz) else { return 0..samples.len() };
    let silence = 10.0_f64.powf((active_dbov - SILENCE_BELOW_DB) / 10.0);
    let piece = samples_of(PIECE_MS, rate_hz);
    let is_sound = |piece: &[f32]| power(piece) > silence;
    let pieces = samples.chunks(piece);
    let Some(first) = pieces.clone().position(is_sound) else { return 0..samples.len() };
    let last = pieces.len() - 1 - pieces.rev().position(is_sound).unwrap_or_default();
    let begin = (first * piece).saturating_sub(samples_of(LEAD_MS, rate_hz));
    let end = ((last + 1) * piece).saturating_add(samples_of(TAIL_MS, rate_hz));
    begin..end.min(samples.len())
}

/// Mean of the squares; 1.0 is a square wave at full scale.
fn power(piece: &[f32]) -> f64 {
    let sum: f64 = piece.iter().map(|sample| f64::from(*sample).powi(2)).sum();
    #[expect(clippy::cast_precision_loss, reason = "a piece is short")]
    let length = piece.len() as f64;
    sum / length
}

fn samples_of(milliseconds: u32, rate_hz: u32) -> usize {
    (milliseconds * rate_hz / 1_000) as usize
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A second of tone between silences of these lengths, with noise of this level everywhere.
    fn check(before_ms: u32, after_ms: u32, noise: f32, expected: Range<usize>) {
        for rate_hz in [8_000, 16_000] {
            let (begin, sound) = (samples_of(before_ms, rate_hz), rate_hz as usize);
            let total = begin + sound + samples_of(after_ms, rate_hz);
            let sample = |at: usize| {
                let loud = (begin..begin + sound).contains(&at);
                let tone = [0.3, 0.3, -0.3, -0.3][at % 4] * f32::from(u8::from(loud));
                tone + if at.is_multiple_of(3) { noise } else { -noise }
            };
            let samples: Vec<f32> = (0..total).map(sample).collect();
            let scale = rate_hz as usize / 8_000;
            let expected = expected.start * scale..expected.end * scale;
            assert_eq!(kept(&samples, rate_hz), expected, "{before_ms} {after_ms} {noise}");
        }
    }

    #[test]
    fn at_most_100_ms_stay_before_the_sound_and_150_behind_it() {
        check(500, 800, 0.0, 3_200..13_200);
        check(500, 800, 0.001, 3_200..13_200);
        check(100, 150, 0.0, 0..10_000);
        check(40, 60, 0.0, 0..8_800);
        check(0, 0, 0.0, 0..8_000);
    }

    #[test]
    fn noise_that_is_nearly_as_loud_as_the_sound_is_kept() {
        check(500, 800, 0.05, 0..18_400);
    }

    #[test]
    fn what_has_no_speech_is_kept_whole() {
        assert_eq!(kept(&vec![0.0; 5_000], 8_000), 0..5_000);
        assert_eq!(kept(&[], 8_000), 0..0);
    }
}
