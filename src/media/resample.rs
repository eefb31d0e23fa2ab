//! Any rate to the telephone's 8 or 16 kHz, by rubato's FFT resampler.
//!
//! Of rubato's resamplers only this one keeps images below -110 dB. Delay 0, exact length, no
//! dither: the output depends on the input alone. Must not know about files or encodings.

use rubato::{
    Fft, FixedSync, Resampler as _, WindowFunction, audioadapter_buffers::direct::InterleavedSlice,
};
use std::cell::RefCell;

/// Fewest input frames of one transform. A longer one moves the cut-off closer to 4 kHz.
const MIN_BLOCK_IN: usize = 3_072;
/// Fewest output frames of one transform: keeps the cut-off above 3.9 kHz for high input rates.
const MIN_BLOCK_OUT: usize = 512;

thread_local! {
    /// The last resampler of this thread: prompts of one engine share a rate, and the filter costs
    /// more than a short prompt.
    static LAST: RefCell<Option<Resampler>> = const { RefCell::new(None) };
}

/// Converts one channel from `from_hz` to `to_hz`.
///
/// The output has `input.len() * to_hz / from_hz` samples, rounded, and is not delayed. Sound that
/// has the rate already is passed on as it is.
///
/// # Panics
/// With a rate of 0.
pub fn resample(input: Vec<f32>, from_hz: u32, to_hz: u32) -> Vec<f32> {
    if from_hz == to_hz {
        return input;
    }
    LAST.with_borrow_mut(|last| {
        let resampler = match last {
            Some(resampler) if resampler.rates_hz == (from_hz, to_hz) => resampler,
            _ => last.insert(Resampler::new(from_hz, to_hz)),
        };
        resampler.run(&input)
    })
}

/// Samples at `to_hz` that a sound of `frames` frames at `from_hz` becomes.
///
/// # Panics
/// With a rate of 0, or a length that no memory holds.
pub fn output_frames(frames: usize, from_hz: u32, to_hz: u32) -> usize {
    let (frames, rate) = (frames as u64, u64::from(from_hz));
    let rounded = (frames * u64::from(to_hz) + rate / 2) / rate;
    usize::try_from(rounded).expect("not more than four times what is in memory")
}

struct Resampler {
    rates_hz: (u32, u32),
    fft: Fft<f32>,
}

impl Resampler {
    fn new(from_hz: u32, to_hz: u32) -> Self {
        let (from, to) = (from_hz as usize, to_hz as usize);
        let block = block_in(from, to);
        let window = WindowFunction::BlackmanHarris2;
        let fft = Fft::new_custom(from, to, block, 1, 1, window, FixedSync::Both)
            .expect("both rates and the block are positive");
        Self { rates_hz: (from_hz, to_hz), fft }
    }

    fn run(&mut self, input: &[f32]) -> Vec<f32> {
        let channel = InterleavedSlice::new(input, 1, input.len()).expect("one channel");
        let mut output = self
            .fft
            .process_all(&channel, input.len(), None)
            .expect("the buffers have the sizes that the resampler asked for")
            .take_data();
        output.resize(output_frames(input.len(), self.rates_hz.0, self.rates_hz.1), 0.0);
        output
    }
}

/// Input frames of one transform: an even multiple of the smallest block, so that half a block, the
/// filter's delay, is a whole number of frames on both sides.
fn block_in(from: usize, to: usize) -> usize {
    let smallest = from / gcd(from, to);
    let wanted = MIN_BLOCK_IN.max(MIN_BLOCK_OUT * from / to);
    wanted.div_ceil(smallest).next_multiple_of(2) * smallest
}

fn gcd(a: usize, b: usize) -> usize {
    if b == 0 { a } else { gcd(b, a % b) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::f64::consts::TAU;

    const RATES_HZ: [u32; 8] = [6_000, 11_025, 16_000, 22_050, 24_000, 44_100, 48_000, 192_000];

    /// Two seconds of a tone with soft edges, at full scale.
    #[expect(clippy::cast_possible_truncation, reason = "the resampler takes 32 bits")]
    fn tone(rate_hz: u32, hertz: f64) -> Vec<f32> {
        let length = 2 * rate_hz;
        let sample = |i: u32| {
            let t = f64::from(i) / f64::from(rate_hz);
            let edge = (t.min(2.0 - t) / 0.25).min(1.0);
            let sample = (0.5 - 0.5 * (edge * TAU / 2.0).cos()) * (TAU * hertz * t).sin();
            sample as f32
        };
        (0..length).map(sample).collect()
    }

    /// Peak of the middle second, in dB below full scale.
    fn peak_db(samples: &[f32]) -> f64 {
        let peak = samples[4_000..12_000].iter().fold(0_f32, |peak, s| peak.max(s.abs()));
        20.0 * f64::from(peak.max(1e-12)).log10()
    }

    #[test]
    fn what_is_above_4_khz_leaves_no_image() {
        for rate_hz in RATES_HZ.into_iter().filter(|rate_hz| *rate_hz > 8_000) {
            let top = f64::from(rate_hz) / 2.0;
            for share in [0.01, 0.05, 0.2, 0.5, 0.98] {
                let hertz = 4_000.0 + share * (top - 4_000.0);
                let found = peak_db(&resample(tone(rate_hz, hertz), rate_hz, 8_000));
                assert!(found < -110.0, "{hertz} Hz at {rate_hz} Hz leaves {found} dB");
            }
        }
    }

    #[test]
    fn the_length_is_exact_and_each_run_gives_the_same() {
        for rate_hz in RATES_HZ {
            for frames in [1, 2, 100, 3_071, 3_072, 3_073, 10_007] {
                let sound = tone(rate_hz, 1_000.0)[..frames].to_vec();
                let first = resample(sound.clone(), rate_hz, 8_000);
                assert_eq!(first.len(), output_frames(frames, rate_hz, 8_000));
                // Another rate in between, so that the resampler is made anew.
                resample(vec![1.0; 50], 11_024, 8_000);
                assert_eq!(first, resample(sound, rate_hz, 8_000));
            }
        }
    }
}
