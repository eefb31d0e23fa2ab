//! Any rate to the telephone's 8 kHz, by rubato's FFT resampler.
//!
//! Of rubato's resamplers only this one keeps images below -110 dB. Delay 0, exact length, no
//! dither: the output depends on the input alone. Must not know about files or encodings.

use rubato::{
    Fft, FixedSync, Resampler as _, WindowFunction, audioadapter_buffers::direct::InterleavedSlice,
};
use std::cell::RefCell;

/// The rate of a prompt on the PBX, in Hz.
pub const RATE_HZ: u32 = 8_000;

/// Fewest input frames of one transform. A longer one moves the cut-off closer to 4 kHz.
const MIN_BLOCK_IN: usize = 3_072;
/// Fewest output frames of one transform: keeps the cut-off above 3.9 kHz for high input rates.
const MIN_BLOCK_OUT: usize = 512;

thread_local! {
    /// The last resampler of this thread: prompts of one engine share a rate, and the filter costs
    /// more than a short prompt.
    static LAST: RefCell<Option<Resampler>> = const { RefCell::new(None) };
}

/// Converts one channel from `rate_hz` to [`RATE_HZ`].
///
/// The output has `input.len() * 8000 / rate_hz` samples, rounded, and is not delayed. Sound at
/// 8 kHz is passed on as it is.
pub fn to_telephone_rate(input: Vec<f32>, rate_hz: u32) -> Vec<f32> {
    if rate_hz == RATE_HZ {
        return input;
    }
    LAST.with_borrow_mut(|last| {
        let resampler = match last {
            Some(resampler) if resampler.rate_hz == rate_hz => resampler,
            _ => last.insert(Resampler::new(rate_hz)),
        };
        resampler.run(&input)
    })
}

/// Samples at 8 kHz that a sound of `frames` frames at `rate_hz` becomes.
pub fn output_frames(frames: usize, rate_hz: u32) -> usize {
    let (frames, rate) = (frames as u64, u64::from(rate_hz));
    let rounded = (frames * u64::from(RATE_HZ) + rate / 2) / rate;
    usize::try_from(rounded).expect("not more than twice what is in memory")
}

struct Resampler {
    rate_hz: u32,
    fft: Fft<f32>,
}

impl Resampler {
    fn new(rate_hz: u32) -> Self {
        let rate = rate_hz as usize;
        let block = block_in(rate);
        let window = WindowFunction::BlackmanHarris2;
        let fft = Fft::new_custom(rate, RATE_HZ as usize, block, 1, 1, window, FixedSync::Both)
            .expect("both rates and the block are positive");
        Self { rate_hz, fft }
    }

    fn run(&mut self, input: &[f32]) -> Vec<f32> {
        let channel = InterleavedSlice::new(input, 1, input.len()).expect("one channel");
        let mut output = self
            .fft
            .process_all(&channel, input.len(), None)
            .expect("the buffers have the sizes that the resampler asked for")
            .take_data();
        output.resize(output_frames(input.len(), self.rate_hz), 0.0);
        output
    }
}

/// Input frames of one transform: an even multiple of the smallest block, so that half a block, the
/// filter's delay, is a whole number of frames on both sides.
fn block_in(rate: usize) -> usize {
    let smallest = rate / gcd(rate, RATE_HZ as usize);
    let wanted = MIN_BLOCK_IN.max(MIN_BLOCK_OUT * rate / RATE_HZ as usize);
    wanted.div_ceil(smallest).next_multiple_of(2) * smallest
}

fn gcd(a: usize, b: usize) -> usize {
    if b == 0 { a } else { gcd(b, a % b) }
}
