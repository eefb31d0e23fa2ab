//! Any rate to the telephone's 8 or 16 kHz: a linear-phase filter, applied by FFT.
//!
//! Blocks of the input are transformed, what lies above half the lower rate is filtered out and left
//! out, and the rest is transformed back with as many samples as the output has (overlap-save). Delay
//! 0, exact length, no dither: the output depends on the input alone, however it is cut into pieces.
//! Must not know about files or encodings.

use realfft::{ComplexToReal, RealFftPlanner, RealToComplex, num_complex::Complex};
use std::{cell::RefCell, f64::consts::PI, sync::Arc};

/// Half the filter's length in samples of the lower rate, at least. With this window what is above
/// half the lower rate is gone, and what is below 95 % of that is untouched.
const HALF_FILTER: usize = 160;
/// Samples of one transform at the lower rate, at least: most of it is to be output, not overlap.
const MIN_TRANSFORM: usize = 2_048;
/// Shape of the Kaiser window, for images below -120 dB.
const KAISER_BETA: f64 = 12.3;
/// How far below half the lower rate the middle of the filter's edge lies, in units of that rate over
/// the filter's length: half the width of the edge with this window (Kaiser's formula).
const EDGE: f64 = 3.91;

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
    let mut output = Vec::with_capacity(output_frames(input.len(), from_hz, to_hz));
    with_resampler(from_hz, to_hz, |resampler| {
        resampler.feed(&input, &mut output);
        resampler.finish(&mut output);
    });
    output
}

/// Lends this thread's resampler for these rates, ready for a new sound.
///
/// # Panics
/// With a rate of 0, and if `work` asks for a resampler itself.
pub fn with_resampler<T>(from_hz: u32, to_hz: u32, work: impl FnOnce(&mut Resampler) -> T) -> T {
    LAST.with_borrow_mut(|last| {
        let resampler = match last {
            Some(resampler) if resampler.rates_hz == (from_hz, to_hz) => resampler,
            _ => last.insert(Resampler::new(from_hz, to_hz)),
        };
        resampler.begin();
        work(resampler)
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

/// Converts a sound piece by piece.
pub struct Resampler {
    rates_hz: (u32, u32),
    forward: Arc<dyn RealToComplex<f32>>,
    backward: Arc<dyn ComplexToReal<f32>>,
    /// The filter at each frequency that is kept, with the scale of the transforms.
    response: Vec<f32>,
    /// Samples at each end of a transform that overlap the next one, at both rates.
    overlap: (usize, usize),
    /// Input that waits for a whole transform, and how much of it there is.
    pending: Vec<f32>,
    filled: usize,
    /// What was fed and given since the beginning.
    fed: usize,
    given: usize,
    work: Work,
}

/// Buffers that a transform overwrites.
struct Work {
    input: Vec<f32>,
    spectrum: Vec<Complex<f32>>,
    kept: Vec<Complex<f32>>,
    output: Vec<f32>,
    scratch: Vec<Complex<f32>>,
}

impl Resampler {
    /// A resampler that is ready for a sound.
    ///
    /// # Panics
    /// With a rate of 0.
    pub fn new(from_hz: u32, to_hz: u32) -> Self {
        let (from, to) = (from_hz as usize, to_hz as usize);
        let divisor = gcd(from, to);
        let (down, up) = (from / divisor, to / divisor);
        let lower = down.min(up);
        // Whole multiples of both rates, so that every edge of a block is a sample of both.
        let overlap = HALF_FILTER.div_ceil(lower);
        let blocks = MIN_TRANSFORM.div_ceil(lower).max(4 * overlap).next_power_of_two();
        let (length_in, length_out) = (down * blocks, up * blocks);
        let mut planner = RealFftPlanner::new();
        let forward = planner.plan_fft_forward(length_in);
        let backward = planner.plan_fft_inverse(length_out);
        let response = response(forward.as_ref(), overlap * down, overlap * lower, length_out);
        let scratch = forward.get_scratch_len().max(backward.get_scratch_len());
        let work = Work {
            input: forward.make_input_vec(),
            spectrum: forward.make_output_vec(),
            kept: backward.make_input_vec(),
            output: backward.make_output_vec(),
            scratch: vec![Complex::default(); scratch],
        };
        let mut new = Self {
            rates_hz: (from_hz, to_hz),
            overlap: (overlap * down, overlap * up),
            pending: vec![0.0; length_in],
            filled: 0,
            fed: 0,
            given: 0,
            response,
            work,
            forward,
            backward,
        };
        new.begin();
        new
    }

    /// Forgets what was fed: the next sound begins after silence.
    pub fn begin(&mut self) {
        self.pending[..self.overlap.0].fill(0.0);
        (self.filled, self.fed, self.given) = (self.overlap.0, 0, 0);
    }

    /// Takes a piece of the sound, and appends what can be said of the output by now.
    pub fn feed(&mut self, mut piece: &[f32], output: &mut Vec<f32>) {
        self.fed += piece.len();
        while !piece.is_empty() {
            piece = self.fill(piece);
            if self.filled == self.pending.len() {
                self.transform(output);
            }
        }
    }

    /// Appends the rest of the output: silence follows the sound.
    pub fn finish(&mut self, output: &mut Vec<f32>) {
        let wanted = output_frames(self.fed, self.rates_hz.0, self.rates_hz.1);
        while self.given < wanted {
            self.pending[self.filled..].fill(0.0);
            self.filled = self.pending.len();
            self.transform(output);
        }
        output.truncate(output.len() - (self.given - wanted));
        self.begin();
    }

    /// Copies what there is room for; gives the rest back.
    fn fill<'a>(&mut self, piece: &'a [f32]) -> &'a [f32] {
        let room = &mut self.pending[self.filled..];
        let (now, later) = piece.split_at(room.len().min(piece.len()));
        room[..now.len()].copy_from_slice(now);
        self.filled += now.len();
        later
    }

    fn transform(&mut self, output: &mut Vec<f32>) {
        const SIZES: &str = "the buffers have the sizes that the transform asked for";
        let Work { input, spectrum, kept, output: block, scratch } = &mut self.work;
        input.copy_from_slice(&self.pending);
        self.forward.process_with_scratch(input, spectrum, scratch).expect(SIZES);
        for ((kept, bin), response) in kept.iter_mut().zip(&*spectrum).zip(&self.response) {
            *kept = bin * response;
        }
        // At half a rate there is no phase. With a higher output rate, nothing is above the input's.
        let top = self.response.len();
        kept[0].im = 0.0;
        kept[top - 1].im = 0.0;
        kept[top..].fill(Complex::default());
        self.backward.process_with_scratch(kept, block, scratch).expect(SIZES);
        let valid = &block[self.overlap.1..block.len() - self.overlap.1];
        output.extend_from_slice(valid);
        self.given += valid.len();
        let rest = self.pending.len() - 2 * self.overlap.0;
        self.pending.copy_within(rest.., 0);
        self.filled = 2 * self.overlap.0;
    }
}

/// The filter at the frequencies of a transform of the input, up to half the lower rate. It is a
/// sinc in a Kaiser window, `half` samples of the input and `half_lower` of the lower rate to each
/// side.
fn response(
    forward: &dyn RealToComplex<f32>,
    half: usize,
    half_lower: usize,
    length_out: usize,
) -> Vec<f32> {
    let length = forward.len();
    // Periods of the edge's frequency in one sample of the input.
    let edge = (0.5 - EDGE / as_float(2 * half_lower)) * as_float(half_lower) / as_float(half);
    let tap = |distance: usize| {
        let x = as_float(distance);
        let sinc = if distance == 0 { 2.0 * edge } else { (2.0 * PI * edge * x).sin() / (PI * x) };
        sinc * kaiser(x / as_float(half))
    };
    let taps: Vec<f64> = (0..half).map(tap).collect();
    let sum = taps[0] + 2.0 * taps[1..].iter().sum::<f64>();
    let mut filter = forward.make_input_vec();
    for (distance, tap) in taps.iter().enumerate() {
        let scaled = narrow(tap / sum / as_float(length));
        filter[distance] = scaled;
        // Zero phase: what lies before the middle stands at the end.
        filter[(length - distance) % length] = scaled;
    }
    let mut spectrum = forward.make_output_vec();
    forward.process(&mut filter, &mut spectrum).expect("the buffers are the transform's own");
    spectrum.truncate(length_out / 2 + 1);
    spectrum.iter().map(|bin| bin.re).collect()
}

/// The Kaiser window at `x`, -1 to 1.
fn kaiser(x: f64) -> f64 {
    bessel(KAISER_BETA * (1.0 - x * x).max(0.0).sqrt()) / bessel(KAISER_BETA)
}

/// The modified Bessel function of the first kind and order 0, by its series.
fn bessel(x: f64) -> f64 {
    let (mut sum, mut term, mut k) = (1.0, 1.0, 1.0);
    while term > sum * f64::EPSILON {
        term *= (x / 2.0 / k).powi(2);
        sum += term;
        k += 1.0;
    }
    sum
}

#[expect(clippy::cast_precision_loss, reason = "lengths of filters are small")]
fn as_float(count: usize) -> f64 {
    count as f64
}

#[expect(clippy::cast_possible_truncation, reason = "transforms have 32 bits")]
fn narrow(tap: f64) -> f32 {
    tap as f32
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

    #[test]
    fn pieces_of_any_size_give_the_same() {
        for (from_hz, to_hz) in
            [(24_000, 8_000), (44_100, 8_000), (8_000, 16_000), (11_025, 16_000)]
        {
            let sound = tone(from_hz, 700.0)[..15_011].to_vec();
            let whole = resample(sound.clone(), from_hz, to_hz);
            for piece in [1, 100, 4_096, 15_000] {
                let mut output = Vec::new();
                let mut resampler = Resampler::new(from_hz, to_hz);
                sound.chunks(piece).for_each(|piece| resampler.feed(piece, &mut output));
                resampler.finish(&mut output);
                assert!(output == whole, "{from_hz} to {to_hz} in pieces of {piece}");
            }
        }
    }

    #[test]
    fn a_higher_rate_adds_nothing() {
        for from_hz in [8_000, 11_025] {
            let low = tone(from_hz, 1_000.0);
            let high = resample(low, from_hz, 16_000);
            let expected = tone(16_000, 1_000.0);
            let error = high.iter().zip(&expected).map(|(a, b)| (a - b).abs()).fold(0.0, f32::max);
            assert!(high.len() == expected.len() && error < 1e-5, "{from_hz} Hz: {error}");
        }
    }

    #[test]
    fn rates_without_a_common_measure_are_converted() {
        for rate_hz in [4_001, 11_024, 47_999, 191_999] {
            let found = peak_db(&resample(tone(rate_hz, 1_000.0), rate_hz, 8_000));
            assert!(found.abs() < 0.01, "{rate_hz} Hz: {found} dB");
        }
    }
}
